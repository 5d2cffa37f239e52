"""Proving the course: the linter, which says of every assignment what is not as it should be."""

from autograder.audit.finding import Finding
from autograder.audit.linter import lint, load_findings, written_findings

__all__ = ["Finding", "lint", "load_findings", "written_findings"]
