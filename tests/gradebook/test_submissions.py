"""What nbgrader logs of a submission that it could not process."""

from __future__ import annotations

import logging
import traceback

import pytest

from autograder.gradebook.client import NotGraded
from autograder.gradebook.engine import GradebookLocked, locked
from autograder.gradebook.submissions import sentences_alone
from autograder.messages import message


@pytest.mark.parametrize(
    ("error", "logged"),
    [
        (GradebookLocked(locked(30)), "another program has been writing to the gradebook"),
        (NotGraded(message("It has been said.")), ""),
        (ValueError("a fault of the program's"), "Traceback (most recent call last)"),
    ],
)
def test_what_is_a_sentence_is_logged_without_a_traceback(
    error: Exception, logged: str, caplog: pytest.LogCaptureFixture
) -> None:
    """And once; a fault of the program's own keeps its traceback."""
    log = logging.getLogger("nbgrader's converter")
    log.addFilter(sentences_alone)
    try:
        raise error
    except Exception:
        log.error(traceback.format_exc())
    log.error("There was an error processing it.")

    said = [record.getMessage() for record in caplog.records]
    assert said[-1] == "There was an error processing it."
    assert [line[: len(logged)] for line in said[:-1]] == ([logged] if logged else [])
