"""Grading: a submission goes in, a report comes out."""

from autograder.grading.folder import Graded, Progress, grade_folder, unwritable
from autograder.grading.grade import grade_submission
from autograder.grading.isolation import choose_isolation
from autograder.grading.judge import task_report
from autograder.grading.pool import Begun, Done, Lost, Tick, usable_cores
from autograder.grading.scheme import Scheme, load_graders, prepare, public_probes
from autograder.grading.single import grade_notebook, notebook_of
from autograder.grading.submission import Found, GradingError, Submission, find_submissions

__all__ = [
    "Begun",
    "Done",
    "Found",
    "Graded",
    "GradingError",
    "Lost",
    "Progress",
    "Scheme",
    "Submission",
    "Tick",
    "choose_isolation",
    "find_submissions",
    "grade_folder",
    "grade_notebook",
    "grade_submission",
    "load_graders",
    "notebook_of",
    "prepare",
    "public_probes",
    "task_report",
    "unwritable",
    "usable_cores",
]
