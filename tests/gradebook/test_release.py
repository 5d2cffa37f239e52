"""`nbgrader generate_assignment` gives what `autograder release` gives, and fills the gradebook."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.course import load_course
from autograder.gradebook.releasing import release_in_a_process
from tests.gradebook.courses import ROOT, make_course, nbgrader, url_of

pytestmark = pytest.mark.slow


def test_byte_for_byte_what_release_gives(generated: Path) -> None:
    """The notebook, and what is given out beside it: nothing else, and nothing is missing."""
    made = [path for path in (generated / "assignments").rglob("*") if path.is_file()]

    assert {path.suffixes[-1] for path in made} == {".ipynb", ".json"}
    for path in made:
        assert path.read_bytes() == (ROOT / path.relative_to(generated)).read_bytes()


def test_points_come_from_the_course(generated: Path) -> None:
    assignment = load_course(ROOT / "course.yml").assignment("inception")

    with Gradebook(url_of(generated)) as gradebook:
        cells = gradebook.find_notebook("inception", "inception").grade_cells
        assert {cell.name: cell.max_score for cell in cells} == {
            task.id: task.points for task in assignment.tasks
        }


def test_what_was_built_before_takes_no_process(generated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In either language, as a release builds both."""
    course = load_course(generated / "course.yml")
    assignment = course.assignment("inception")
    monkeypatch.delattr("autograder.gradebook.releasing.subprocess.run")

    for language in course.languages:
        folder = ROOT / "assignments" / language / "inception"
        written = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
        assert release_in_a_process(course, assignment, language) == written


def test_a_source_that_is_not_in_order_is_a_sentence(tmp_path: Path) -> None:
    course = make_course(tmp_path / "course")
    source = course / "solutions/inception/inception.ipynb"
    source.write_text(
        source.read_text(encoding="utf-8").replace('"points": 2', '"points": 3', 1), encoding="utf-8"
    )

    done = nbgrader(course, "generate_assignment", "inception")

    assert done.returncode == 1
    assert "is worth 3 points, and course.yml says 2" in done.stderr
