"""Whatever lies in a notebook's place is read as what it can be meant to be, or refused in a sentence."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from autograder.grading.submission import (
    NOTEBOOK_BYTES,
    UnreadableNotebook,
    load_notebook,
    notebook_bytes,
)
from autograder.messages import render

CELLS = [{"cell_type": "code", "id": "a", "metadata": {}, "source": "x = '가'", "outputs": []}]
NOTEBOOK = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": CELLS}


def refusal(path: Path) -> str:
    with pytest.raises(UnreadableNotebook) as caught:
        load_notebook(path)
    return render(caught.value.message, "en")


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


def said_of(path: Path, content: bytes) -> list[str]:
    """What is said of a notebook that is read all the same."""
    path.write_bytes(content)
    loaded = load_notebook(path)

    assert [cell.source for cell in loaded.notebook.cells] == ["x = '가'"]
    return [render(said, "en") for said in loaded.notes]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_notebook_in_any_unicode_is_read(tmp_path: Path, encoding: str) -> None:
    """With a byte order mark or without, as editors on Windows save it."""
    content = json.dumps(NOTEBOOK, ensure_ascii=False).encode(encoding)

    assert said_of(tmp_path / "inception.ipynb", content) == []


def test_a_notebook_in_cp949_is_read_and_that_is_said(tmp_path: Path) -> None:
    content = json.dumps(NOTEBOOK, ensure_ascii=False).encode("cp949")

    assert said_of(tmp_path / "inception.ipynb", content) == [
        "The notebook was not written in UTF-8; it was read as CP949."
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"metadata": None},
        {"nbformat_minor": None},
        {"nbformat": "4"},
        {"nbformat": 4.0, "nbformat_minor": "five"},
        {"nbformat_minor": 4},
        {"nbformat_minor": 4, "cells": [{**CELLS[0], "id": 7}]},
        {"cells": [{"cell_type": "code", "source": ["x = ", "'가'"]}]},
        {"cells": [{**CELLS[0], "outputs": 7}]},
        {"cells": [{**CELLS[0], "outputs": [None, {"output_type": []}]}]},
    ],
    ids=str,
)
def test_what_a_notebook_does_not_say_of_itself_is_filled_in(tmp_path: Path, change: dict) -> None:
    """Older formats with ids of cells, and what other programs leave out or write otherwise."""
    changed = {**NOTEBOOK, **change}
    content = {key: value for key, value in changed.items() if value is not None}

    assert said_of(tmp_path / "inception.ipynb", json.dumps(content).encode()) == []


@pytest.mark.parametrize("odd", [{}, {"a": 1}, [], 7, None, ""])
def test_an_id_that_is_no_text_names_no_cell(tmp_path: Path, odd: Any) -> None:
    """It is looked up in sets further on, where some of these cannot be."""
    cells = [{"cell_type": "code", "source": "a = 1", "metadata": {}, "outputs": [], "id": odd}]
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(content), encoding="utf-8")

    assert [cell.id for cell in load_notebook(path).notebook.cells] == ["cell-1"]


def test_a_notebook_without_a_format_is_read_and_that_is_said(tmp_path: Path) -> None:
    assert said_of(tmp_path / "inception.ipynb", json.dumps({"cells": CELLS}).encode()) == [
        "The notebook does not say which format it has; it was read as format 4."
    ]
