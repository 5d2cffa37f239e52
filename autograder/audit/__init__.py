"""Proves the course: its linter, and wrong and right answers that its graders are tried on."""

from autograder.audit.linting.finding import Finding
from autograder.audit.linting.linter import lint, lint_in, load_findings, written_findings

__all__ = ["Finding", "lint", "lint_in", "load_findings", "written_findings"]
