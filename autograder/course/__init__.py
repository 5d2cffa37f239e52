"""The course: what `course.yml` says, and the notebooks that students get from the source notebooks."""

from autograder.course.afterwards import Afterwards, afterwards_of
from autograder.course.learners import learners_course
from autograder.course.load import find_course, load_course
from autograder.course.model import (
    Assignment,
    Course,
    CourseError,
    Limits,
    ProbeInput,
    Reveal,
    Task,
    probe_inputs,
)

__all__ = [
    "Afterwards",
    "Assignment",
    "Course",
    "CourseError",
    "Limits",
    "ProbeInput",
    "Reveal",
    "Task",
    "afterwards_of",
    "find_course",
    "learners_course",
    "load_course",
    "probe_inputs",
]
