"""Whatever lies in `submitted/`, under whatever name, costs that submission at most, by either command."""

from __future__ import annotations

import os
import shutil
import unicodedata
from pathlib import Path

import pytest

from autograder.gradebook.submissions import recognise_renamed
from tests.gradebook.courses import ROOT, grade, hand_in, nbgrader, scores, url_of

pytestmark = pytest.mark.slow

NFC, NFD = (unicodedata.normalize(form, "김") for form in ("NFC", "NFD"))
CP949 = os.fsdecode("김서연".encode("cp949"))
TEXT = ("DOMAIN\\kim", NFC, NFD, "k" * 255)
NO_TEXT = (CP949, "kim\nlee", os.fsdecode(b"\xff"))


MEANT = ("utf-16", "text", "twice")
NEXT = ("linked", "pipe", "none", "several")


def totals(course: Path) -> dict[str, float | None]:
    """Each student's points; None where they are pending."""
    found: dict[str, list[float | None]] = {}
    for (_, student, _), score in scores(url_of(course)).items():
        found.setdefault(student, []).append(score)
    return {
        student: None if None in given else sum(score or 0 for score in given)
        for student, given in found.items()
    }


def by_name(course: Path) -> Path:
    """A class of odd names."""
    for student in (*TEXT, *NO_TEXT):
        hand_in(course, "kim-seoyeon", "inception", as_student=student)
    return course


def by_content(course: Path) -> Path:
    """A class of odd folders: the first three have work in them that can be meant."""
    notebook = hand_in(course, "kim-seoyeon", "inception", as_student="utf-16")
    notebook.write_bytes(notebook.read_text(encoding="utf-8").encode("utf-16"))
    notebook = hand_in(course, "kim-seoyeon", "inception", as_student="text")
    notebook.rename(notebook.with_name("inception.ipynb.txt"))
    notebook = hand_in(course, "kim-seoyeon", "inception", as_student="twice")
    notebook.rename(notebook.with_name("final.ipynb"))
    shutil.copy(ROOT / "assignments" / "en" / "inception" / "inception.ipynb", notebook)
    os.mkfifo(notebook.with_name("a.ipynb"))
    for student in NEXT:
        hand_in(course, "kim-seoyeon", "inception", as_student=student)
    return course


def test_students_of_any_name_are_graded_or_refused_one_by_one(course: Path) -> None:
    """What no gradebook could keep is refused with a sentence, by both; everybody else has full marks."""
    by_name(course)

    by_command = nbgrader(course, "autograde", "inception")
    first = totals(course)
    directly = grade(course, "--output", course / "out")

    assert first == dict.fromkeys(TEXT, 10) == totals(course)
    for done in (by_command, directly):
        assert done.returncode == 1
        assert done.stderr.count("this folder's name is not text that it could keep") == len(NO_TEXT)
        assert "Traceback" not in done.stderr
    reports = {path.parent.name for path in (course / "out").glob("reports/*/*.json")}
    assert reports == {*TEXT, "김서연", "kim%0Alee", "%FF"}


def test_what_can_be_meant_is_graded_and_a_link_is_pending(course: Path) -> None:
    """Also where there was a score before: it was not given for what a link leads to."""
    by_content(course)
    first = grade(course, "--output", course / "out")
    assert first.returncode == 0, first.stderr
    assert totals(course) == dict.fromkeys((*MEANT, *NEXT), 10)
    place = course / "submitted" / "linked" / "inception"
    place.rename(course / "elsewhere")
    place.symlink_to(course / "elsewhere")
    os.mkfifo(course / "submitted" / "pipe" / "inception" / "data.csv")
    (course / "submitted" / "none" / "inception" / "inception.ipynb").unlink()
    notebook = course / "submitted" / "several" / "inception" / "inception.ipynb"
    notebook.with_name("a.ipynb").write_bytes(notebook.read_bytes() + b" ")
    notebook.rename(notebook.with_name("b.ipynb"))

    by_command = nbgrader(course, "autograde", "inception", "--force")
    pending = totals(course)
    (course / "autograded" / "text").rename(course / "moved")
    (course / "autograded" / "text").symlink_to(course / "moved")
    directly = grade(course, "--output", course / "out")

    assert by_command.returncode == 1
    assert f"{place} is a link" in by_command.stderr
    assert "data.csv is not a regular file" in by_command.stderr
    assert "none, inception: There is no inception.ipynb" in by_command.stderr
    assert "several, inception: The folder holds 2 notebooks" in by_command.stderr
    assert pending == dict.fromkeys(MEANT, 10) | dict.fromkeys(NEXT)
    assert not (course / "autograded" / "linked" / "inception").exists()
    assert "Traceback" not in directly.stderr
    said = f"text, inception: {Path('autograded', 'text')} is a link, and nothing is written through links."
    assert said in directly.stderr
    # A pipe is left where it lies; only nbgrader would read it.
    by_us = {"linked": None, "pipe": 10, "none": 0, "several": None}
    assert totals(course) == dict.fromkeys(MEANT, 10) | by_us


def test_of_a_renamed_notebook_no_more_is_copied_than_any_notebook_holds(course: Path) -> None:
    """A sparse file of a terabyte takes its owner no room, and a copy takes the instructor's."""
    notebook = hand_in(course, "kim-seoyeon", "inception")
    renamed = notebook.rename(notebook.with_name("inception (1).ipynb"))
    with renamed.open("r+b") as file:
        file.truncate(2**40)
    notebooks = [str(renamed)]

    recognise_renamed(notebooks=notebooks)

    assert notebooks == [str(notebook)]
    assert notebook.stat().st_size == 0
