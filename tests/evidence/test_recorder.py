"""While a submission is graded, `check(...)` leaves evidence with whoever records."""

from __future__ import annotations

import pytest

import autograder
from autograder.evidence import recorder


class Kept:
    def __init__(self):
        self.documents = []

    def record(self, document):
        self.documents.append(document)


@pytest.fixture
def kept():
    supervisor = Kept()
    recorder.install(supervisor, {"module": [[{"shape": [4]}]]})
    yield supervisor
    recorder.install(None)


def test_a_check_leaves_its_evidence(kept):
    assert autograder.check("count", 3, "three") is None
    assert [document["task"] for document in kept.documents] == ["count"]
    assert [argument["kind"] for argument in kept.documents[0]["arguments"]] == ["number", "text"]


def test_a_function_is_probed_with_the_inputs_of_its_task(kept):
    autograder.check("module", lambda x: x * 2)
    autograder.check("other", lambda x: x * 2)

    assert [len(document["probes"]) for document in kept.documents] == [1, 0]


def test_a_task_that_is_no_text_names_no_task(kept):
    autograder.check([3])

    assert kept.documents[0]["task"] == ""


@pytest.mark.usefixtures("kept")
def test_a_hint_says_nothing_while_a_submission_is_graded():
    assert autograder.hint("module") is None


def test_nothing_is_recorded_when_nobody_records():
    assert recorder.current() is None
