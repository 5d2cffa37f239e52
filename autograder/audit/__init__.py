"""Proving the course: its linter, and wrong and right answers that its graders are tried on."""

from autograder.audit.linting.finding import Finding
from autograder.audit.linting.linter import lint, load_findings, written_findings

__all__ = ["Finding", "lint", "load_findings", "written_findings"]
