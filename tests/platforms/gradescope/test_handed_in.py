"""Which notebook is graded on Gradescope, and what is said where there is none."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Course, load_course
from autograder.grading import Submission
from autograder.messages import Localized, render
from autograder.platforms.gradescope.handed_in import Metadata, find_submission, read_metadata
from tests.gradebook.courses import ROOT
from tests.platforms.gradescope.harness import METADATA

RELEASED = ROOT / "assignments" / "en"
OTHERS = {"broken-chain": Localized({"en": "The chain"})}


@pytest.fixture(scope="module")
def course() -> Course:
    """The course with the one assignment that a zip is for."""
    whole = load_course(ROOT / "course.yml")
    return whole.model_copy(update={"assignments": (whole.assignment("inception"),)})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where Gradescope puts what was handed in."""
    (tmp_path / "submission").mkdir()
    return tmp_path / "submission"


def found(folder: Path, course: Course) -> Submission:
    place = folder.parent / "place"
    place.mkdir()
    return find_submission(folder, course, OTHERS, place)


def refusal(submission: Submission) -> str:
    assert submission.refused is not None
    return render(submission.refused, "en")


def notebook(name: str, change: str = "") -> str:
    """A notebook as it was given out, or with something changed in its first answer."""
    content = json.loads((RELEASED / name / f"{name}.ipynb").read_text(encoding="utf-8"))
    if change:
        cell = next(one for one in content["cells"] if one["metadata"].get("nbgrader", {}).get("solution"))
        cell["source"] = [*cell["source"], f"\n{change}"]
    return json.dumps(content)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_notebook_is_told_by_its_cells_wherever_it_lies(folder: Path, course: Course) -> None:
    path = write(folder / "my repository" / "week 3" / "Untitled (2).ipynb", notebook("inception"))
    write(folder / "my repository" / "README.md", "Hello")
    submission = found(folder, course)

    assert submission.path == path
    assert submission.refused is None
    assert [render(note, "en") for note in submission.notes] == [
        "The notebook is called Untitled (2).ipynb, not inception.ipynb; it was graded anyway."
    ]


def test_of_several_notebooks_it_is_the_one_with_answers(folder: Path, course: Course) -> None:
    write(folder / "inception.ipynb", notebook("inception"))
    write(folder / "old" / "mine.ipynb", notebook("inception", "answer = 1"))
    submission = found(folder, course)

    assert submission.path.name == "mine.ipynb"
    assert "holds no answers of the learner's own" in render(submission.notes[0], "en")


def test_an_archive_is_unpacked(folder: Path, course: Course) -> None:
    with zipfile.ZipFile(folder / "homework.zip", "w") as archive:
        archive.writestr("homework/inception.ipynb", notebook("inception"))
    submission = found(folder, course)

    assert submission.refused is None
    assert submission.path.name == "inception.ipynb"


def test_an_archive_that_leads_outside_is_not_unpacked(folder: Path, course: Course) -> None:
    with zipfile.ZipFile(folder / "homework.zip", "w") as archive:
        archive.writestr("../../source/inception.ipynb", notebook("inception"))
    submission = found(folder, course)

    assert "There is no notebook among what was handed in: homework.zip" in refusal(submission)
    assert "outside its folder" in render(submission.notes[0], "en")
    assert not (folder.parent / "source").exists()


def test_the_notebook_of_another_assignment_is_named(folder: Path, course: Course) -> None:
    write(folder / "inception.ipynb", notebook("functional-api"))

    assert refusal(found(folder, course)) == (
        "inception.ipynb is the notebook of another assignment, The chain: hand in inception.ipynb here."
    )


def test_nothing_and_no_notebook_are_said(folder: Path, course: Course) -> None:
    assert refusal(found(folder, course)) == "Nothing was handed in. Hand in inception.ipynb."
    (folder.parent / "place").rmdir()
    for number in range(7):
        write(folder / f"page-{number}.pdf", "")
    assert refusal(found(folder, course)) == (
        "There is no notebook among what was handed in: page-0.pdf, page-1.pdf, page-2.pdf, page-3.pdf, "
        "page-4.pdf, …. Hand in inception.ipynb."
    )


def test_several_foreign_notebooks_are_named_and_one_is_tried(folder: Path, course: Course) -> None:
    path = write(folder / "a.ipynb", "no notebook")
    alone = found(folder, course)
    assert (alone.path, alone.refused) == (path, None)

    (folder.parent / "place").rmdir()
    write(folder / "b.ipynb", "{}")
    assert "None of the 2 notebooks belongs to this assignment: a.ipynb, b.ipynb." in refusal(
        found(folder, course)
    )


def test_links_are_not_followed(folder: Path, course: Course) -> None:
    outside = write(folder.parent / "secret.ipynb", notebook("inception"))
    (folder / "inception.ipynb").symlink_to(outside)
    (folder / "more").symlink_to(folder.parent)

    assert refusal(found(folder, course)) == "Nothing was handed in. Hand in inception.ipynb."


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1, 2]", '{"users": 5, "assignment": "x", "previous_submissions": [3, {"score": "many"}]}',
     '{"users": [{"name": 3}], "assignment": {"due_date": "tomorrow"}}', "[" * 100_000],
)  # fmt: skip
def test_damaged_metadata_cost_what_they_would_have_said(tmp_path: Path, text: str) -> None:
    assert read_metadata(write(tmp_path / "submission_metadata.json", text)) == Metadata()


def test_there_may_be_no_metadata(tmp_path: Path) -> None:
    assert read_metadata(tmp_path / "none") == Metadata()


def test_metadata_tell_the_group_the_score_before_and_the_later_due_date(tmp_path: Path) -> None:
    said: dict[str, Any] = {
        **METADATA,
        "assignment": {**METADATA["assignment"], "late_due_date": "2026-12-03T23:59:00+09:00"},  # type: ignore[dict-item]
        "users": [{"name": "Kim"}, {"name": "Lee"}],
        "previous_submissions": [{"score": 2.5}, {"score": 6}, {"score": None, "autograder_error": True}],
    }
    found = read_metadata(write(tmp_path / "submission_metadata.json", json.dumps(said)))

    assert found.users == ("Kim", "Lee")
    assert found.before == 6
    assert found.due is not None
    assert found.due.isoformat() == "2026-12-03T23:59:00+09:00"
