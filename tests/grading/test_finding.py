"""Submissions are found whatever lies in a class's folder; what is found and not graded is said."""

from __future__ import annotations

import os
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import nbformat
import nbformat.v4
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.course import load_course
from autograder.feedback import file_name
from autograder.grading.finding import Found, find_submissions, submission_in
from autograder.grading.submission import GradingError, UnreadableNotebook, loaded
from autograder.messages import render
from tests.grading.odd import STARTER, answered, fill_class, folder_with, names, things

ROOT = Path(__file__).parents[2]
COURSE = load_course(ROOT / "course.yml")


@pytest.fixture(scope="module")
def course():
    return COURSE


def put(folder: Path, student: str | bytes, assignment: str = "inception", name: str | None = None) -> Path:
    path = folder / "submitted" / os.fsdecode(student) / assignment / f"{name or assignment}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(nbformat.v4.new_notebook(), path)
    return path


def chosen(place: Path) -> tuple[str, list[str]]:
    """The name of the notebook that is taken from a folder, and what is said of it."""
    found = submission_in("kim", COURSE.assignment("inception"), place)
    said = [*found.notes, *([found.refused] if found.refused is not None else [])]
    return found.path.name, [render(note, "en") for note in said]


def left_out(found: Found) -> list[str]:
    return [render(said, "en") for said in found.left_out]


def refused(found: Found) -> dict[tuple[str, str], str]:
    return {
        (one.student, one.assignment): render(one.refused, "en")
        for one in found.submissions
        if one.refused is not None
    }


def test_submissions_come_in_the_order_of_students(course, tmp_path: Path) -> None:
    for student in ("park", "ada", "kim"):
        put(tmp_path, student)

    found = find_submissions(tmp_path, course)

    assert [entry.student for entry in found.submissions] == ["ada", "kim", "park"]
    assert found == find_submissions(tmp_path / "submitted", course)


@pytest.mark.parametrize(
    "name", ["inception (1).ipynb", "inception.ipynb.txt", "inception.ipynb.json", "inception.IPYNB"]
)
def test_a_renamed_notebook_is_taken_and_that_is_said(course, tmp_path: Path, name: str) -> None:
    path = put(tmp_path, "ada")
    path.rename(path.with_name(name))

    (entry,) = find_submissions(tmp_path, course).submissions

    assert entry.path == path.with_name(name)
    assert [render(said, "en") for said in entry.notes] == [
        f"The notebook is called {name}, not inception.ipynb; it was graded anyway."
    ]


def test_a_folder_of_no_assignment_is_left_out_and_named(course, tmp_path: Path) -> None:
    put(tmp_path, "ada")
    put(tmp_path, "ada", "homework")

    found = find_submissions(tmp_path, course)

    assert len(found.submissions) == 1
    known = ", ".join(f"`{assignment.id}`" for assignment in sorted(course.assignments, key=lambda a: a.id))
    assert left_out(found) == [f"ada: the course has no assignment `homework`; it has {known}."]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.mkdir(), "{folder} holds no submission"),
        (lambda path: None, "{folder} does not exist"),
        (lambda path: path.write_text(""), "{folder} is a file"),
        (lambda path: path.symlink_to(path), "{folder} cannot be read: Too many levels of symbolic links."),
    ],
)
def test_a_folder_without_submissions_is_refused_in_a_sentence(
    course, tmp_path: Path, make, said: str
) -> None:
    folder = tmp_path / "class"
    make(folder)

    with pytest.raises(GradingError) as caught:
        find_submissions(folder, course)

    assert render(caught.value.message, "en").startswith(said.format(folder=folder))


def test_a_folder_without_permission_is_refused_in_a_sentence(course, tmp_path: Path) -> None:
    folder = tmp_path / "class"
    folder.mkdir(mode=0)

    with as_ordinary_user(folder), pytest.raises(GradingError) as caught:
        find_submissions(folder, course)

    assert "cannot be read" in render(caught.value.message, "en")


def test_a_students_folder_without_permission_costs_that_student_only(course, tmp_path: Path) -> None:
    put(tmp_path, "ada")
    place = put(tmp_path, "kim").parents[1]
    place.chmod(0)
    try:
        with as_ordinary_user(tmp_path / "submitted" / "kim"):
            found = find_submissions(tmp_path, course)
    finally:
        place.chmod(0o755)

    assert [one.student for one in found.submissions] == ["ada"]
    assert left_out(found)[0].startswith(f"kim: the folder {place} cannot be read")
    assert [student for student, _, _ in found.withheld] == ["kim"]


@contextmanager
def as_ordinary_user(folder: Path) -> Iterator[None]:
    """Root may read every folder, unless it stops being root."""
    if not os.access(folder, os.R_OK, effective_ids=True):
        yield
        return
    for parent in folder.parents:
        if parent.is_relative_to(Path(tempfile.gettempdir())) and parent != Path(tempfile.gettempdir()):
            parent.chmod(0o755)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


# --- links, pipes and what lies in the wrong place


def test_what_is_a_link_is_refused_by_name_and_not_followed(course, tmp_path: Path) -> None:
    """A student's folder, and an assignment's: neither vanishes without a word."""
    put(tmp_path, "ada")
    top = tmp_path / "submitted"
    (top / "kim").mkdir()
    (top / "kim" / "inception").symlink_to(top / "ada" / "inception")
    (top / "lee").symlink_to(top / "ada")

    found = find_submissions(tmp_path, course)

    assert refused(found) == {
        ("kim", "inception"): f"{top / 'kim' / 'inception'} is a link, and links are not followed. "
        "Put the folder itself there.",
        ("lee", "inception"): f"{top / 'lee'} is a link, and links are not followed. "
        "Put the folder itself there.",
    }
    for one in found.submissions[1:]:
        with pytest.raises(UnreadableNotebook):
            one.content()


def test_a_link_that_leads_to_no_student_is_left_out_and_named(course, tmp_path: Path) -> None:
    put(tmp_path, "ada")
    (tmp_path / "submitted" / "zero").symlink_to("/dev/zero")

    found = find_submissions(tmp_path, course)

    assert len(found.submissions) == 1
    assert "zero is a link" in left_out(found)[0]


@pytest.mark.parametrize(
    "make", [os.mkfifo, lambda path: os.symlink("/dev/zero", path)], ids=["pipe", "link to a device"]
)
@pytest.mark.parametrize("content", [b"", STARTER], ids=["empty", "starter"])
def test_a_pipe_or_device_beside_a_notebook_is_not_read(tmp_path: Path, make, content: bytes) -> None:
    """Reading it would never end."""
    place = folder_with(tmp_path / "inception", inception_ipynb=content)
    make(place / "a.ipynb")

    assert chosen(place) == ("inception.ipynb", [])


def test_a_pipe_of_the_right_name_does_not_hide_the_notebook_beside_it(tmp_path: Path) -> None:
    place = folder_with(tmp_path / "inception", a_ipynb=answered())
    os.mkfifo(place / "inception.ipynb")

    assert chosen(place)[0] == "a.ipynb"


def test_notebooks_in_the_wrong_place_are_refused_or_named(course, tmp_path: Path) -> None:
    """A notebook called after an assignment is that submission, refused; other files belong to nobody."""
    notebook = put(tmp_path, "ada")
    top = tmp_path / "submitted"
    (top / "kim").mkdir()
    shutil.copy(notebook, top / "kim" / "inception.ipynb")
    shutil.copy(notebook, top / "kim" / "scratch.ipynb")
    shutil.copy(notebook, top / "lee.ipynb")
    (top / "park").mkdir()
    (top / "park" / "inception").write_bytes(b"")
    os.mkfifo(top / "pipe")
    (top / "roster.csv").write_text("")
    (top / ".DS_Store").write_text("")

    found = find_submissions(tmp_path, course)

    assert sorted(refused(found)) == [("kim", "inception"), ("park", "inception")]
    assert [said.split()[0] for said in left_out(found)] == [
        "kim:",
        str(top / "lee.ipynb"),
        str(top / "pipe"),
    ]


def test_a_class_in_which_all_is_left_out_says_of_each_why(course, tmp_path: Path) -> None:
    top = tmp_path / "submitted"
    top.mkdir()
    (top / "kim.ipynb").write_bytes(STARTER)

    with pytest.raises(GradingError) as caught:
        find_submissions(tmp_path, course)

    assert len(caught.value.messages) == 2
    assert "kim.ipynb lies beside" in render(caught.value.messages[1], "en")


def test_a_hidden_folder_with_a_submission_in_it_is_named(course, tmp_path: Path) -> None:
    put(tmp_path, "ada")
    put(tmp_path, ".kim")
    (tmp_path / "submitted" / ".cache").mkdir()

    assert [said.split()[0] for said in left_out(find_submissions(tmp_path, course))] == [
        str(tmp_path / "submitted" / ".kim")
    ]


# --- several notebooks in a folder


def test_the_notebook_with_work_in_it_is_taken_where_the_other_is_the_starter(tmp_path: Path) -> None:
    place = folder_with(tmp_path, inception_ipynb=STARTER, final_ipynb=answered())

    assert chosen(place) == (
        "final.ipynb",
        [
            "final.ipynb was graded: inception.ipynb, which lies beside it, holds no answers of the "
            "learner's own."
        ],
    )


def test_the_right_name_counts_where_there_is_work_in_it(tmp_path: Path) -> None:
    """That there is another with work is said."""
    place = folder_with(tmp_path, inception_ipynb=answered("1"), final_ipynb=answered("2"), s_ipynb=STARTER)

    assert chosen(place) == (
        "inception.ipynb",
        ["final.ipynb lies beside inception.ipynb and was not graded."],
    )


def test_several_notebooks_with_work_and_none_of_the_right_name_cannot_be_told_apart(tmp_path: Path) -> None:
    place = folder_with(tmp_path, a_ipynb=answered("1"), b_ipynb=answered("2"))

    name, said = chosen(place)

    assert name == "inception.ipynb"
    assert said[0].startswith(
        "The folder holds 2 notebooks, and none of them is called inception.ipynb: a.ipynb"
    )


def test_copies_of_one_notebook_are_one(tmp_path: Path) -> None:
    place = folder_with(tmp_path, a_ipynb=answered(), b_ipynb=answered())

    assert chosen(place)[0] == "a.ipynb"


def test_a_notebook_too_large_to_look_at_may_hold_work(tmp_path: Path) -> None:
    """The right name counts where nobody knows."""
    place = folder_with(tmp_path, final_ipynb=answered())
    with (place / "inception.ipynb").open("wb") as file:
        file.truncate(17 * 1024**2)

    assert chosen(place)[0] == "inception.ipynb"


# --- names


NAMES = {
    "CP949": "김서연".encode("cp949"),
    "no text": b"\xff\xfe",
    "backslash": b"DOMAIN\\kim",
    "line break": b"kim\nlee",
    "terminal": b"\x1b[31mkim",
    "hidden character": "kim\u200b".encode(),
    "percent": b"kim%0Alee",
    "longest": b"k" * 255,
    "longest of no text": b"\xff" * 255,
    "NFC": unicodedata.normalize("NFC", "김").encode(),
    "NFD": unicodedata.normalize("NFD", "김").encode(),
    "upper case": b"KIM",
    "lower case": b"kim",
}


def test_students_of_any_name_are_found_and_told_apart(course, tmp_path: Path) -> None:
    for name in NAMES.values():
        put(tmp_path, name)

    found = find_submissions(tmp_path, course)

    students = [one.student for one in found.submissions]
    assert len(set(students)) == len(NAMES)
    assert [file_name(student) for student in students] == students
    assert all(len(student.encode()) <= 255 for student in students)
    assert {"김서연", "%FF%FE", "DOMAIN\\kim", "kim%E2%80%8B", "KIM", "kim"} <= set(students)
    renamed = [one.student for one in found.submissions if one.notes]
    assert len(renamed) == 6, renamed


def test_a_name_in_cp949_is_nobody_elses(course, tmp_path: Path) -> None:
    """Who is called so in UTF-8 keeps the name."""
    put(tmp_path, "김서연")
    put(tmp_path, "김서연".encode("cp949"))

    students = {one.student: one.path for one in find_submissions(tmp_path, course).submissions}

    assert len(students) == 2
    assert students["김서연"].parents[1].name == "김서연"


@settings(max_examples=40)
@given(st.dictionaries(names, things, max_size=3), things)
def test_any_bytes_as_name_and_content_cost_that_folder_at_most(folders, beside) -> None:
    """Whoever handed in as he should is found, and each of the others is found, refused or named."""
    with tempfile.TemporaryDirectory() as place:
        top = Path(place)
        folder_with(top / "honest" / "inception", inception_ipynb=answered())
        fill_class(top, folders, beside)

        found = find_submissions(top, COURSE)

        assert len({(one.student, one.assignment) for one in found.submissions}) == len(found.submissions)
        honest = next(one for one in found.submissions if one.student == "honest")
        assert loaded(honest.content(), honest.path).notebook.cells
        assert len(found.submissions) == 1 + len(folders)
        for one in found.submissions:
            file_name(one.student)
            one.student.encode()
            with suppress(UnreadableNotebook):
                loaded(one.content(), one.path)
