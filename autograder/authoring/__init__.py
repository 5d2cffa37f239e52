"""Writes assignments: new ones, new courses, and source notebooks whose metadata nobody has to edit."""

from autograder.authoring.scaffold import Draft, DraftTask, new_assignment, new_course
from autograder.authoring.tidy import tidied, tidy

__all__ = ["Draft", "DraftTask", "new_assignment", "new_course", "tidied", "tidy"]
