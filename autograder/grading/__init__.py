"""Grading: a submission goes in, a report comes out."""

from autograder.grading.finding import Found, find_submissions, submission_in
from autograder.grading.folder import Graded, Progress, Stands, grade_folder
from autograder.grading.grade import GradedSubmission, language_of, without_run
from autograder.grading.isolation import choose_isolation
from autograder.grading.local import LocalWorkers
from autograder.grading.pool import Begun, Done, Lost, Tick, usable_cores
from autograder.grading.recognise import GivenOut, given_out, given_out_by
from autograder.grading.restore import Restored, restore
from autograder.grading.scheme import Scheme, load_graders
from autograder.grading.server import main as serve_program
from autograder.grading.session import GradingSession, Keep, StartWarm
from autograder.grading.single import grade_notebook, notebook_of
from autograder.grading.submission import (
    GradingError,
    Submission,
    UnreadableNotebook,
    load_notebook,
)
from autograder.grading.workers import Answer, Crew, Workers, unwritable

__all__ = [
    "Answer",
    "Begun",
    "Crew",
    "Done",
    "Found",
    "GivenOut",
    "Graded",
    "GradedSubmission",
    "GradingError",
    "GradingSession",
    "Keep",
    "LocalWorkers",
    "Lost",
    "Progress",
    "Restored",
    "Scheme",
    "Stands",
    "StartWarm",
    "Submission",
    "Tick",
    "UnreadableNotebook",
    "Workers",
    "choose_isolation",
    "find_submissions",
    "given_out",
    "given_out_by",
    "grade_folder",
    "grade_notebook",
    "language_of",
    "load_graders",
    "load_notebook",
    "notebook_of",
    "restore",
    "serve_program",
    "submission_in",
    "unwritable",
    "usable_cores",
    "without_run",
]
