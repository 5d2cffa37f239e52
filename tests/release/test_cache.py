"""What has not changed since it was released is not built again; what has is, whatever it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.course import Assignment, Course, load_course
from autograder.course.fingerprint import release_fingerprint
from autograder.messages import Language
from autograder.release import cache as release_cache
from autograder.release.cache import built_release, folder, kept_release
from tests.course.conftest import COURSE_YML, answer, graded, source_notebook

OTHER = """\
  - id: doubling
    topic: 두 배
    title: {en: Doubling, ko: 두 배}
    points: 1
    minutes: 5
    tasks:
      - id: one-double
        title: {en: A double, ko: 두 배}
        points: 1
        expects: value
        hints: [{en: Count., ko: 세어 보자.}]
"""


class Drawing:
    """Draws nothing much, and knows which assignments it was asked for."""

    def __init__(self) -> None:
        self.built: list[str] = []

    def __call__(self, assignment: Assignment, task: str, language: Language) -> str:
        return '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'

    def tasks(self, assignment: Assignment) -> dict[str, Any]:
        self.built.append(assignment.id)
        return {}


@pytest.fixture
def drawing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Drawing:
    made = Drawing()
    monkeypatch.setattr("autograder.release.targets.targets", lambda _course: made)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return made


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Two assignments of one notebook."""
    (tmp_path / "course.yml").write_text(COURSE_YML + OTHER, encoding="utf-8")
    (tmp_path / "graders" / "public").mkdir(parents=True)
    for name in ("adding", "doubling"):
        write(tmp_path, name)
        (tmp_path / "graders" / "public" / f"test_{name}.py").write_text("", encoding="utf-8")
    return load_course(tmp_path / "course.yml")


def write(root: Path, name: str, more: str = "") -> None:
    notebook = source_notebook()
    if name == "doubling":
        doubled = "### BEGIN SOLUTION\ntwo = 2 * 1\n### BEGIN STUB\n# two = 1\n### END STUB\n### END SOLUTION"
        notebook.cells[2:] = [answer("one-double", doubled), graded("one-double", "two", 1)]
    notebook.cells[0].source += more
    path = root / "solutions" / name / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


def build(course: Course) -> list[dict[Path, str]]:
    return [built_release(course, assignment) for assignment in course.assignments]


def test_of_two_assignments_only_the_changed_one_is_built_again(course: Course, drawing: Drawing) -> None:
    """And what comes from the cache is what building gives."""
    first = build(course)
    assert build(course) == first
    assert drawing.built == ["adding", "doubling"]

    write(course.root, "doubling", " once more")
    changed = build(course)

    assert drawing.built == ["adding", "doubling", "doubling"]
    assert changed[0] == first[0]
    assert changed[1] != first[1]
    assert "once more" in changed[1][course.released(course.assignments[1], "en")]


def test_going_back_to_what_was_released_before_builds_nothing(course: Course, drawing: Drawing) -> None:
    first = build(course)
    write(course.root, "doubling", " once more")
    build(course)
    write(course.root, "doubling")

    assert build(course) == first
    assert drawing.built == ["adding", "doubling", "doubling"]


def test_what_course_yml_says_of_it_counts(course: Course, drawing: Drawing) -> None:
    build(course)
    text = (COURSE_YML + OTHER).replace("title: {en: Doubling,", "title: {en: Twice,")
    (course.root / "course.yml").write_text(text, encoding="utf-8")

    build(load_course(course.root / "course.yml"))

    assert drawing.built == ["adding", "doubling", "doubling"]


def test_the_courses_languages_count(course: Course) -> None:
    korean = course.model_copy(update={"languages": ("ko",)})
    first = course.assignments[0]

    assert release_fingerprint(korean, first) != release_fingerprint(course, first)


def test_another_engine_builds_everything_again(
    course: Course, drawing: Drawing, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(course)
    monkeypatch.setattr("autograder.course.fingerprint._engine", lambda: "another")

    build(course)

    assert drawing.built == ["adding", "doubling"] * 2


@pytest.mark.parametrize("damaged", ["", "{", "[]", '{"files": 3}', "\0"])
def test_a_damaged_entry_is_built_again(course: Course, drawing: Drawing, damaged: str) -> None:
    first = build(course)
    for path in folder().iterdir():
        path.write_text(damaged, encoding="utf-8")

    assert build(course) == first
    assert drawing.built == ["adding", "doubling"] * 2
    assert kept_release(course, course.assignments[0]) == first[0]


def test_a_source_that_is_saved_while_it_is_built_is_built_again(course: Course, drawing: Drawing) -> None:
    """What was built is kept as what it was built from, and not as what is there when it is done."""
    tasks = drawing.tasks

    def saved_meanwhile(assignment: Assignment) -> dict[str, Any]:
        write(course.root, assignment.id, " once more")
        return tasks(assignment)

    drawing.tasks = saved_meanwhile  # type: ignore[method-assign]
    built_release(course, course.assignments[1])

    assert kept_release(course, course.assignments[1]) is None


def test_a_cache_that_cannot_be_written_keeps_nobody_from_releasing(
    course: Course, drawing: Drawing, tmp_path: Path
) -> None:
    (tmp_path / "cache").write_text("in the way")

    first = build(course)

    assert build(course) == first
    assert drawing.built == ["adding", "doubling"] * 2


def test_the_oldest_entries_go(course: Course, drawing: Drawing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_cache, "KEPT", 2)
    for number in range(4):
        write(course.root, "doubling", f" {number}")
        build(course)

    assert len(list(folder().iterdir())) == 2
    assert kept_release(course, course.assignments[0]) is not None
    assert kept_release(course, course.assignments[1]) is not None
