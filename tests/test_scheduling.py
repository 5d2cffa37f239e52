"""Tests that share something are run by one process, and what is long begins first."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scheduling import LONG, group_of, rank

TESTS = Path(__file__).parent


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("tests/messages/test_render.py::test_a", "tests/messages/test_render.py"),
        ("tests/messages/test_render.py::test_a[en]", "tests/messages/test_render.py"),
        ("tests/attacks/test_corpus.py::test_a", "tests/attacks/test_corpus.py"),
        ("tests/grading/cluster/test_real.py::test_a", "tests/grading/cluster"),
        ("tests/graders/test_non_answers.py::test_a", "tests/graders/test_marks.py"),
        ("tests/e2e/test_readme.py::test_a[ko]", "tests/e2e/test_examples.py"),
        ("tests/sandbox/test_walls.py::test_a[full]", "tests/sandbox"),
        ("tests/assignments/test_runs.py::test_a[shared-lstm]", "tests/assignments/test_shared_lstm.py"),
    ],
)
def test_a_group_is_a_file_unless_more_is_shared(name: str, group: str) -> None:
    assert group_of(name) == group


def test_what_is_long_is_there_and_begins_first() -> None:
    assert [name for name in LONG if not (TESTS / name).exists()] == []
    assert rank(f"tests/{LONG[0]}::test_a[full]") == 0
    assert rank(f"tests/{LONG[1]}::test_a") == 1
    assert rank("tests/messages/test_render.py::test_a") == len(LONG)
