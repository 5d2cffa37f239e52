"""A report explains a mistake where it says the place, what was found, and what is wanted."""

from __future__ import annotations

import pytest

from autograder.audit.mutation.source.explained import Lack, explained, lack
from autograder.checks.verdict import CheckReport, Failure
from autograder.course import Task
from autograder.feedback import TaskReport
from autograder.messages import Localized, message, verbatim

TITLE = Localized(en="A task", ko="과제")
MODEL = Task(id="a-model", title=TITLE, points=2, expects="model", hints=(TITLE,))
VALUE = Task(id="a-value", title=TITLE, points=2, expects="value", hints=(TITLE,))
EXCEPTION = message("{name}: {text}", name="NameError", text="name 'y' is not defined")


def report(failure: Failure | None) -> TaskReport:
    """A task's report whose first check has passed, and whose second one may have failed."""
    checks = [
        CheckReport(
            id=f"test_{number}",
            title=message("A check"),
            public=True,
            verdict="failed" if said else "passed",
            points=1,
            score=0 if said else 1,
            failure=said,
        )
        for number, said in enumerate((None, failure))
    ]
    return TaskReport(id="a-task", title=TITLE, points=2, score=1, checks=checks)


@pytest.mark.parametrize(
    ("task", "failure", "wanted"),
    [
        (MODEL, None, "failure"),
        (
            MODEL,
            Failure(
                rationale=message("{layer} is another layer.", layer="Add"),
                found=verbatim("Add"),
                wanted=verbatim("Concatenate"),
            ),
            None,
        ),
        (
            MODEL,
            Failure(
                rationale=message("Two shapes differ."),
                found=verbatim("(3,)"),
                wanted=verbatim("(4,)"),
                where=message("at {layer}", layer="Add"),
            ),
            None,
        ),
        (
            MODEL,
            Failure(
                rationale=message("The number of parameters is not the expected one."),
                found=verbatim("3"),
                wanted=verbatim("4"),
                where=message("when called with {arguments}", arguments="7"),
            ),
            "place",
        ),
        (MODEL, Failure(rationale=message("The loss is another."), wanted=verbatim("mse")), "found"),
        (MODEL, Failure(rationale=message("The loss is another."), found=verbatim("mae")), "wanted"),
        (
            MODEL,
            Failure(
                rationale=message(
                    "{first} (And more.)", first=message("A call of {kind} is missing.", kind="Add")
                ),
                wanted=verbatim("Add"),
            ),
            None,
        ),
        (
            MODEL,
            Failure(
                rationale=message("Your code stopped with an error."),
                found=EXCEPTION,
                where=message("code cell {number}, line {line}", number=3, line=2),
            ),
            None,
        ),
        (
            MODEL,
            Failure(
                rationale=message("Your code stopped with an error."),
                found=EXCEPTION,
                where=message("code cell {number}", number=3),
            ),
            "place",
        ),
        (VALUE, Failure(rationale=message("Entry {key} is not right.", key="a"), found=verbatim("3")), None),
        (VALUE, Failure(rationale=message("The value is not right."), found=verbatim("3")), "place"),
        (VALUE, Failure(rationale=message("Entry {key} is not right.", key="a")), "found"),
    ],
)  # fmt: skip
def test_what_a_report_does_not_say(task: Task, failure: Failure | None, wanted: Lack | None) -> None:
    assert lack(report(failure), task) == wanted
    assert explained(report(failure), task) == (wanted is None)
