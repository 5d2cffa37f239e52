"""Studying alone: `check` in a notebook, and what stands beside it."""

from autograder.study.notebook import Card, check, hint

__all__ = ["Card", "check", "hint"]
