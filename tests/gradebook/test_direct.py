"""Whatever happens to one submission's entry is said with its name, and the others' scores are entered."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from autograder.course import load_course
from autograder.gradebook import direct
from autograder.gradebook.engine import GradebookLocked, locked
from autograder.gradebook.writer import Entry
from autograder.grading import Done, Graded, LocalWorkers, Submission
from autograder.messages import Message, render
from tests.gradebook.courses import ROOT

COURSE = load_course(ROOT / "course.yml")


class Writer:
    """A gradebook that fails on some students, each in another way."""

    def __init__(self, fails: dict[str, Exception]) -> None:
        self._fails = fails
        self.entries: list[Entry] = []

    def unprepared(self, _assignment: Any) -> None:
        return None

    def write(self, entry: Entry) -> None:
        if entry.student in self._fails:
            raise self._fails[entry.student]
        self.entries.append(entry)

    def stale(self, _pages: Any) -> list[Message]:
        return []

    def close(self) -> None:
        pass


def entered(
    folder: Path, monkeypatch: pytest.MonkeyPatch, students: list[str], fails: dict[str, Exception]
) -> tuple[list[Entry], list[str]]:
    """What is written of a class, each graded with full marks, and what is said of the others."""
    writer = Writer(fails)

    def grade_folder(*_: Any, listen: Any, **__: Any) -> Graded:
        for student in students:
            place = folder / "submitted" / student / "inception"
            place.mkdir(parents=True, exist_ok=True)
            job = Submission(student, "inception", place / "inception.ipynb")
            kept = asdict(direct.Kept("{}", "sha256:0", {"branch-sizes": 2.0}, {}))
            listen(Done(job, SimpleNamespace(kept=kept)), None)
        return Graded(None)  # type: ignore[arg-type]

    monkeypatch.setattr(direct, "GradebookWriter", lambda *_: writer)
    monkeypatch.setattr(direct, "grade_folder", grade_folder)
    graded = direct.grade_into_gradebook(COURSE, folder, folder / "out", workers=LocalWorkers(1))
    return writer.entries, [render(said, "en") for said in graded.left_out]


def test_one_submission_s_failure_is_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fails: dict[str, Exception] = {
        "deep": RecursionError("maximum recursion depth exceeded"),
        "odd": ValueError("not {text}"),
        "locked": GradebookLocked(locked(30)),
    }
    entries, said = entered(tmp_path, monkeypatch, ["deep", "good", "locked", "odd", "well"], fails)

    assert [entry.student for entry in entries] == ["good", "well"]
    assert said == [
        "deep, inception: the scores could not be written to the gradebook (RecursionError maximum recursion "
        "depth exceeded)",
        "locked, inception: another program has been writing to the gradebook for more than 30 seconds (the "
        "database is locked). End that program, or wait for it, and grade again.",
        "odd, inception: the scores could not be written to the gradebook (ValueError not {text})",
    ]


def test_a_time_that_nobody_understands_leaves_the_scores_pending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And takes an old autograded notebook away, as nbgrader's own command does."""
    place = tmp_path / "submitted" / "unclear" / "inception"
    place.mkdir(parents=True)
    (place / "timestamp.txt").write_text("soon")
    old = tmp_path / "autograded" / "unclear" / "inception"
    old.mkdir(parents=True)
    entries, said = entered(tmp_path, monkeypatch, ["good", "unclear"], {})

    assert [(entry.student, entry.scores) for entry in entries] == [
        ("good", {"branch-sizes": 2.0}),
        ("unclear", None),
    ]
    assert said == [
        'unclear, inception: timestamp.txt says "soon", which is no time that can be understood: write it '
        "like 2026-11-20 23:00:00 +0900"
    ]
    assert not old.exists()
    assert (tmp_path / "autograded" / "good" / "inception" / "inception.ipynb").is_file()
