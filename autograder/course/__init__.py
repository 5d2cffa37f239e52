"""The course: what `course.yml` says, and the notebooks that students get from the source notebooks."""

from autograder.course.afterwards import Afterwards, afterwards_of
from autograder.course.load import find_course, learners_course_file, load_course, shipped_course
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
    "learners_course_file",
    "load_course",
    "probe_inputs",
    "shipped_course",
]
