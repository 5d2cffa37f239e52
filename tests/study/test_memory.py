"""What a machine remembers of a learner: hints and best scores, in a small file of the user's own."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from autograder.course import Course, load_course
from autograder.feedback import files
from autograder.messages import Localized
from autograder.study import memory
from autograder.study.memory import (
    Memory,
    is_damaged,
    is_done,
    memory_file,
    next_hint,
    points_here,
    remember,
    remembered,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(memory, "_unwritten", {})
    return load_course(ROOT / "course.yml")


def report(**scores: float) -> Any:
    return SimpleNamespace(tasks=[checked(name, score) for name, score in scores.items()])


def checked(name: str, score: float) -> Any:
    return SimpleNamespace(id=name, score=score, by_hand=False, attempted=True)


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


def test_a_text_is_done_once_something_was_written(course: Course) -> None:
    """A person grades it later: until then its points are nobody's to have."""
    assignment = course.assignments[0]
    why = assignment.tasks[0].model_copy(update={"id": "why", "expects": "text"})
    both = assignment.model_copy(update={"tasks": (assignment.tasks[0], why)})
    full = checked(assignment.tasks[0].id, assignment.tasks[0].points)

    def after(*, attempted: bool) -> Memory:
        text = SimpleNamespace(id="why", score=0.0, by_hand=True, attempted=attempted)
        seen: Any = SimpleNamespace(tasks=[full, text])
        return Memory().with_report(seen)

    assert points_here(both) == full.score
    assert not is_done(both, after(attempted=False))
    assert is_done(both, after(attempted=True))
    alone = both.model_copy(update={"tasks": (why,)})
    assert not is_done(alone, Memory())


@pytest.mark.parametrize("damaged", [b"", b"{", b'{"hints": 3}', b"\xff"])
def test_a_damaged_file_is_nothing_remembered(course: Course, damaged: bytes) -> None:
    memory_file(course).parent.mkdir(parents=True)
    memory_file(course).write_bytes(damaged)

    assert remembered(course) == Memory()
    assert next_hint(course, "branch-sizes").number == 1


DAMAGED = {
    b"{": Memory(),
    b"\xff\xfe": Memory(),
    b"[" * 100_000: Memory(),
    b'{"hints": 3, "best": {"one": 2}}': Memory(best={"one": 2}),
    b'{"hints": {"one": -1, "two": 2}}': Memory(hints={"two": 2}),
    b'{"hints": {"one": 1e999, "two": true, "three": 1}}': Memory(hints={"three": 1}),
    b'{"best": {"one": NaN, "two": Infinity, "three": "3", "four": 4.5}}': Memory(best={"four": 4.5}),
    b'{"best": {"one": 1%s}}' % (b"0" * 400): Memory(),
}


@pytest.mark.parametrize("damaged", DAMAGED)
def test_a_damaged_file_is_put_aside_and_what_can_be_read_of_it_goes_on(
    course: Course, damaged: bytes
) -> None:
    memory_file(course).parent.mkdir(parents=True)
    memory_file(course).write_bytes(damaged)

    assert remembered(course) == DAMAGED[damaged]
    assert is_damaged(course)
    remember(course, Memory(best={"new": 1.0}))

    assert remembered(course) == DAMAGED[damaged].joined(Memory(best={"new": 1.0}))
    assert not is_damaged(course)
    assert [path.read_bytes() for path in memory_file(course).parent.glob("*-damaged-*")] == [damaged]


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["pipe", "folder"])
def test_what_is_no_file_keeps_nobody_waiting(course: Course, make: Any) -> None:
    memory_file(course).parent.mkdir(parents=True)
    make(memory_file(course))

    assert remembered(course) == Memory()
    remember(course, Memory(best={"new": 1.0}))
    assert memory_file(course).is_file()
    assert remembered(course).best == {"new": 1.0}


def test_a_file_behind_a_link_is_written_and_the_link_stays(course: Course, tmp_path: Path) -> None:
    memory_file(course).parent.mkdir(parents=True)
    memory_file(course).symlink_to(tmp_path / "synchronised.json")
    remember(course, Memory(best={"new": 1.0}))

    assert memory_file(course).is_symlink()
    assert remembered(course).best == {"new": 1.0}


def test_a_file_that_may_not_be_read_is_not_written_over(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Said by the system here, as root may read everything."""
    remember(course, Memory(best={"one": 1.0}))

    def refused(path: Path, *_: object, **__: object) -> bytes:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    with monkeypatch.context() as patched:
        patched.setattr(memory, "read_bytes", refused)
        remember(course, Memory(best={"two": 2.0}))

    assert Memory.model_validate_json(memory_file(course).read_bytes()).best == {"one": 1.0}


def test_what_several_write_at_once_is_all_there(course: Course) -> None:
    """Each of four processes shows its own task's hints and scores, and all the same task's."""
    children = []
    for number in range(4):
        child = os.fork()
        if child == 0:
            for step in range(10):
                remember(course, Memory(best={f"own-{number}": float(step)}))
                memory._change(course, lambda known: known.with_hint("shared"))
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4

    assert remembered(course).best == {f"own-{number}": 9.0 for number in range(4)}
    assert remembered(course).hints == {"shared": 40}


def test_a_writer_that_has_stopped_holds_nobody_up_for_ever(course: Course) -> None:
    lock = memory_file(course).with_suffix(".lock")
    with files.alone(lock), files.alone(lock, patience=0.05):
        pass


@pytest.mark.parametrize("answer", ["~/.local/share/beyond-sequential", None])
def test_where_nobody_knows_the_home_folder_hints_go_on_in_this_process(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str | None
) -> None:
    """Whether platformdirs gives the tilde back or refuses: no folder of that name is made here."""

    def homeless(_name: str) -> str:
        if answer is None:
            raise RuntimeError("could not determine the home directory")
        return answer

    monkeypatch.setattr(memory, "user_data_path", homeless)
    monkeypatch.chdir(tmp_path)

    assert [next_hint(course, "branch-sizes").number for _ in range(2)] == [1, 2]
    assert not memory.is_kept(course)
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_written_hints_go_on_in_this_process(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))

    assert [next_hint(course, "branch-sizes").number for _ in range(4)] == [1, 2, 3, 3]


def test_what_presupposes_an_assignment_that_is_not_done_comes_later(course: Course) -> None:
    done = Memory(
        best={
            task.id: task.points
            for name in ("functional-api", "multi-output", "loss-weights")
            for task in course.assignment(name).tasks
        }
    )
    left = course.assignment("loss-weights")

    assert course.assignments[course.assignments.index(left) + 1].id == "inception"
    assert memory.next_after(course, done, left).id == "multi-input"
