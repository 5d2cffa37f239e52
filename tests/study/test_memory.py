"""What a machine remembers of a learner: hints and best scores, in a small file of the user's own."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from autograder.course import Course, load_course
from autograder.messages import Localized
from autograder.study import memory
from autograder.study.memory import Memory, memory_file, next_hint, remember, remembered

ROOT = Path(__file__).parents[2]


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(memory, "_unwritten", {})
    return load_course(ROOT / "course.yml")


def report(**scores: float) -> Any:
    return SimpleNamespace(tasks=[SimpleNamespace(id=name, score=score) for name, score in scores.items()])


def test_what_is_remembered_is_there_again(course: Course, tmp_path: Path) -> None:
    remember(course, Memory().with_hint("branch-sizes").with_report(report(one=2.5)))

    assert memory_file(course).is_relative_to(tmp_path)
    assert remembered(course) == Memory(hints={"branch-sizes": 1}, best={"one": 2.5})


def test_two_courses_without_an_id_are_told_apart_by_their_titles(course: Course) -> None:
    """Else a hint of one's task would count for the other's of the same id."""
    one, other = (
        course.model_copy(update={"id": "course", "title": Localized(en=title)}) for title in ("One", "Other")
    )
    remember(one, Memory().with_hint("first"))

    assert remembered(one).hints == {"first": 1}
    assert remembered(other) == Memory()


def test_the_best_score_of_a_task_counts() -> None:
    known = Memory().with_report(report(one=3, two=1)).with_report(report(one=2, two=4))

    assert known.best == {"one": 3, "two": 4}


@pytest.mark.parametrize("damaged", [b"", b"{", b'{"hints": 3}', b"\xff"])
def test_a_damaged_file_is_nothing_remembered(course: Course, damaged: bytes) -> None:
    memory_file(course).parent.mkdir(parents=True)
    memory_file(course).write_bytes(damaged)

    assert remembered(course) == Memory()
    assert next_hint(course, "branch-sizes").number == 1


def test_where_nothing_can_be_written_hints_go_on_in_this_process(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))

    assert [next_hint(course, "branch-sizes").number for _ in range(4)] == [1, 2, 3, 3]
