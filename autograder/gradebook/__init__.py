"""Connects nbgrader with the course: its configuration, its steps, its gradebook."""

from autograder.gradebook.configuration import configure

__all__ = ["configure"]
