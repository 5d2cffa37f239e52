"""Which notebook of a learner's repository counts on GitHub, and on which line each of its cells begins."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from autograder.course import load_course
from autograder.messages import render
from autograder.study.actions.finding import Found, cells_of, find_notebook
from tests.examples import EXAMPLES
from tests.gradebook.courses import ROOT

ASSIGNMENT = load_course(ROOT / "course.yml").assignment("inception")
NOTEBOOK = (EXAMPLES / "class/submitted/jung-haeun/inception/inception.ipynb").read_text(encoding="utf-8")
ANOTHER = (ROOT / "assignments/en/functional-api/functional-api.ipynb").read_text(encoding="utf-8")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found() -> Found:
    return find_notebook(Path("inception.ipynb"), ASSIGNMENT)


def refusal() -> str:
    reason = found().refused
    assert reason is not None
    return render(reason, "en")


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_the_one_that_was_given_out_counts_whatever_lies_beside_it(repository: Path) -> None:
    write(repository / "inception.ipynb", NOTEBOOK)
    write(repository / "Untitled.ipynb", NOTEBOOK)

    assert (found().path, found().refused, found().notes) == (Path("inception.ipynb"), None, ())
    assert "inception-module" in {cell.task for cell in found().cells}


def test_one_that_was_renamed_or_moved_counts_and_is_named(repository: Path) -> None:
    write(repository / "week 3" / "mine.ipynb", NOTEBOOK)
    write(repository / "other.ipynb", ANOTHER)
    write(repository / ".ipynb_checkpoints" / "mine.ipynb", NOTEBOOK)

    assert found().path == Path("week 3/mine.ipynb")
    assert [render(note, "en") for note in found().notes] == [
        "The notebook is called week 3/mine.ipynb, not inception.ipynb; it was graded anyway."
    ]


def test_of_several_none_is_guessed(repository: Path) -> None:
    write(repository / "a.ipynb", NOTEBOOK)
    write(repository / "b.ipynb", NOTEBOOK)

    assert refusal() == (
        "There are 2 notebooks of this assignment: a.ipynb, b.ipynb. Keep the one that counts, at the top of "
        "the repository, called inception.ipynb."
    )


def test_the_notebook_of_another_assignment_gets_nothing(repository: Path) -> None:
    write(repository / "inception.ipynb", ANOTHER)
    assert refusal() == (
        "No cell of inception.ipynb belongs to this assignment. Put its notebook there, called "
        "inception.ipynb."
    )
    (repository / "inception.ipynb").rename(repository / "functional-api.ipynb")
    assert refusal().startswith("There is no inception.ipynb in the repository, and none of its notebooks")


def test_an_archive_and_nothing_are_no_notebook(repository: Path) -> None:
    with zipfile.ZipFile(repository / "homework.zip", "w") as archive:
        archive.writestr("inception.ipynb", NOTEBOOK)

    assert "under that name and not in an archive" in refusal()


@pytest.mark.parametrize("text", ["", "no notebook", "[]", '{"cells": [{}]}', '{"cells": 3}', "[" * 100_000])
def test_what_is_no_notebook_is_said_and_harms_nothing(repository: Path, text: str) -> None:
    write(repository / "inception.ipynb", text)

    assert "is not a notebook that can be run" in refusal()


@pytest.mark.parametrize("layout", ["jupyter", "colab", "vs-code", "source-first", "text"])
def test_a_cells_line_is_that_of_its_first_line_in_the_file(layout: str) -> None:
    """Whatever wrote the file: ids or none, any order of the keys, outputs that look like cells."""
    content = json.loads(NOTEBOOK)
    for number, cell in enumerate(content["cells"]):
        if layout in ("colab", "source-first"):
            cell["metadata"]["id"] = cell.pop("id", str(number))
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"data": {"application/json": {"source": ["x"], "id": "x"}}}]
        if layout == "text":
            cell["source"] = "".join(cell["source"])
        if layout == "source-first":
            cell["source"] = cell.pop("source")
            content["cells"][number] = dict(reversed(list(cell.items())))
    text = json.dumps(content, indent=2 if layout == "vs-code" else 1, ensure_ascii=False)
    lines = text.split("\n")
    cells = list(cells_of(text))

    assert len(cells) == len(content["cells"])
    for cell in cells:
        first = json.dumps(cell.source.split("\n")[0], ensure_ascii=False)[1:-1]
        assert first in lines[cell.line - 1]


def test_a_file_of_one_line_has_one_line() -> None:
    assert {cell.line for cell in cells_of(json.dumps(json.loads(NOTEBOOK)))} == {1}
