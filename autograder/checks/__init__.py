"""Holds the vocabulary that graders are written in, and the checks that a learner may see."""

from autograder.checks.errors import Meaning, meaning_of
from autograder.checks.expectations import expect
from autograder.checks.grader import Grader, GraderFile, grader_of, load_grader
from autograder.checks.marking import CheckDefinition, GraderError, Marking, task
from autograder.checks.runner import Result, run_checks
from autograder.checks.subject import Model, Subject, error_failure, read_subject, subject_of
from autograder.checks.trace import trace
from autograder.checks.values import plain_value
from autograder.checks.verdict import CheckFailure, CheckReport, Failure, Verdict

__all__ = [
    "CheckDefinition",
    "CheckFailure",
    "CheckReport",
    "Failure",
    "Grader",
    "GraderError",
    "GraderFile",
    "Marking",
    "Meaning",
    "Model",
    "Result",
    "Subject",
    "Verdict",
    "error_failure",
    "expect",
    "grader_of",
    "load_grader",
    "meaning_of",
    "plain_value",
    "read_subject",
    "run_checks",
    "subject_of",
    "task",
    "trace",
]
