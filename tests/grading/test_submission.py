"""Submissions are found in nbgrader's layout, and whatever lies there is read or refused in a sentence."""

from __future__ import annotations

import json
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import nbformat.v4
import pytest

from autograder.course import load_course
from autograder.grading.finding import find_submissions
from autograder.grading.submission import (
    NOTEBOOK_BYTES,
    GradingError,
    UnreadableNotebook,
    load_notebook,
    notebook_bytes,
)
from autograder.messages import render

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def course():
    return load_course(ROOT / "course.yml")


def put(folder: Path, student: str, assignment: str = "inception", name: str | None = None) -> Path:
    path = folder / "submitted" / student / assignment / f"{name or assignment}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(nbformat.v4.new_notebook(), path)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(UnreadableNotebook) as caught:
        load_notebook(path)
    return render(caught.value.message, "en")


def test_submissions_come_in_the_order_of_students(course, tmp_path: Path) -> None:
    for student in ("park", "ada", "kim"):
        put(tmp_path, student)

    found = find_submissions(tmp_path, course)

    assert [entry.student for entry in found.submissions] == ["ada", "kim", "park"]
    assert found == find_submissions(tmp_path / "submitted", course)


def test_a_renamed_notebook_is_taken_and_that_is_said(course, tmp_path: Path) -> None:
    path = put(tmp_path, "ada", name="inception (1)")

    (entry,) = find_submissions(tmp_path, course).submissions

    assert entry.path == path
    assert [render(said, "en") for said in entry.notes] == [
        "The notebook is called inception (1).ipynb, not inception.ipynb; it was graded anyway."
    ]


def test_a_folder_of_no_assignment_is_left_out_and_named(course, tmp_path: Path) -> None:
    put(tmp_path, "ada")
    put(tmp_path, "ada", "homework")

    found = find_submissions(tmp_path, course)

    assert len(found.submissions) == 1
    known = ", ".join(f"`{assignment.id}`" for assignment in sorted(course.assignments, key=lambda a: a.id))
    assert [render(said, "en") for said in found.left_out] == [
        f"ada: the course has no assignment `homework`; it has {known}."
    ]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.mkdir(), "{folder} holds no submission"),
        (lambda path: None, "{folder} does not exist"),
        (lambda path: path.write_text(""), "{folder} is a file"),
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


def test_a_missing_notebook_says_which_name_is_wanted(tmp_path: Path) -> None:
    assert refusal(tmp_path / "inception.ipynb").startswith("There is no inception.ipynb in the submission.")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"not json {", "is not a notebook: its JSON breaks off or goes wrong at line 1."),
        (b'{"cells": [\n{"source": ', "goes wrong at line 2."),
        (b"\xff\xfe\x00", "is not text that JSON allows."),
        (b"[" * 100_000, "is not text that JSON allows."),
        (b'{"a": 1}', "is JSON but not a notebook"),
        (b"[]", "is JSON but not a notebook"),
        (b'{"nbformat": 9, "cells": []}', "is not a notebook that Jupyter can read"),
    ],
)
def test_what_is_no_notebook_is_refused_in_a_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "inception.ipynb"
    path.write_bytes(content)

    assert said in refusal(path)


def test_a_file_that_has_grown_since_it_was_measured_is_read_whole() -> None:
    """As the kernel's own files are: it says that they hold nothing."""
    place = Path("/proc/self/mountinfo")

    assert place.stat().st_size == 0
    assert notebook_bytes(place) == place.read_bytes()


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "large.ipynb"
    with place.open("wb") as file:
        file.truncate(NOTEBOOK_BYTES + 1)

    assert refusal(place).startswith("large.ipynb is larger than 32 MiB.")


def test_a_link_is_refused_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(json.dumps({"nbformat": 4, "cells": []}))
    (tmp_path / "inception.ipynb").symlink_to(tmp_path / "secret")

    assert refusal(tmp_path / "inception.ipynb").startswith("inception.ipynb is a link")


def test_a_pipe_in_place_of_a_notebook_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "inception.ipynb")

    assert "is not a regular file" in refusal(tmp_path / "inception.ipynb")


def test_a_folder_in_place_of_a_notebook_is_no_notebook(tmp_path: Path) -> None:
    (tmp_path / "inception.ipynb").mkdir()

    assert "is not a regular file" in refusal(tmp_path / "inception.ipynb")


def test_a_socket_in_place_of_a_notebook_is_no_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The whole path may be longer than a socket's name.
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("inception.ipynb")

        assert "is not a regular file" in refusal(tmp_path / "inception.ipynb")


def test_an_older_notebook_is_converted_and_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "inception.ipynb"
    old = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [
            {
                "metadata": {},
                "cells": [{"cell_type": "code", "input": ["a = 1"], "metadata": {}, "outputs": []}],
            }
        ],
    }
    path.write_text(json.dumps(old))

    loaded = load_notebook(path)

    assert [cell.source for cell in loaded.notebook.cells] == ["a = 1"]
    assert [render(said, "en") for said in loaded.notes] == [
        "The notebook was in the older format 3 and has been converted."
    ]
