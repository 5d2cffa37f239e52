from __future__ import annotations

import ast
import base64
import json
import os
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.course import Course, CourseError
from autograder.course.raster import png
from autograder.course.release import (
    Targets,
    checksum,
    out_of_step,
    release_files,
    release_text,
    write_release,
)

from .conftest import source_notebook, write_source


def release(course: Course, drawing: Targets) -> list[Path]:
    """Release the small course; the files that changed."""
    return write_release(course, lambda assignment: release_files(course, assignment, drawing))


def released(course: Course, language: str, drawing: Targets) -> nbformat.NotebookNode:
    """The small course's notebook as students get it."""
    text = release_text(course, course.assignments[0], language, drawing)  # type: ignore[arg-type]
    return nbformat.reads(text, as_version=4)


def test_a_release_has_one_language(course: Course, drawing: Targets) -> None:
    """Cells of the other language are left out, and the notebook says which one it is."""
    korean = released(course, "ko", drawing)

    assert [cell.id for cell in korean.cells if cell.cell_type == "markdown"] == ["intro-ko", "picture-ko"]
    assert korean.metadata.autograder == {"assignment": "adding", "language": "ko"}
    assert all("lang" not in cell.metadata for cell in korean.cells)


def test_a_release_has_the_stub_and_not_the_solution(course: Course, drawing: Targets) -> None:
    """Solution regions are gone with their markers."""
    code = {cell.id: cell.source for cell in released(course, "en", drawing).cells}

    assert code["one-sum-answer"] == "total = 11"
    assert code["sum-block-answer"] == "def block(x):\n    if x is None:\n        pass\n\n    return x"


def test_what_is_for_full_marks_is_in_no_release(course: Course, drawing: Targets) -> None:
    """The alternative would be a solution given out."""
    before = [release_text(course, course.assignments[0], language, drawing) for language in ("en", "ko")]
    notebook = source_notebook()
    notebook.cells += [
        new_markdown_cell("Because.", id="afterwards-en", metadata={"lang": "en", "afterwards": True}),
        new_markdown_cell("왜냐하면.", id="afterwards-ko", metadata={"lang": "ko", "afterwards": True}),
        new_code_cell("total = 2", id="alternative", metadata={"afterwards": "one-sum-answer"}),
    ]
    write_source(course.root, notebook)

    after = [release_text(course, course.assignments[0], language, drawing) for language in ("en", "ko")]

    assert after == before


def test_answers_stay_and_grade_cells_stay_as_they_are(course: Course, drawing: Targets) -> None:
    """A learner can edit an answer and delete neither it nor the grade cell."""
    locks = {
        cell.id: (cell.metadata.get("deletable"), cell.metadata.get("editable"))
        for cell in released(course, "en", drawing).cells
    }

    assert locks["one-sum-answer"] == (False, None)
    assert locks["one-sum"] == (False, False)
    assert locks["experiment"] == (None, None)


def test_a_release_has_no_outputs(course: Course, drawing: Targets) -> None:
    """What the author's last run left does not travel."""
    cells = [cell for cell in released(course, "en", drawing).cells if cell.cell_type == "code"]

    assert all(cell.outputs == [] and cell.execution_count is None for cell in cells)


def test_a_picture_is_drawn_into_its_cell(course: Course, drawing: Targets) -> None:
    """It is a PNG in the text, in the reader's language, in a cell that does not open by accident."""
    cell = next(cell for cell in released(course, "ko", drawing).cells if cell.id == "picture-ko")
    pixels, width = png(drawing(course.assignments[0], "sum-block", "ko"))
    data = base64.b64encode(pixels).decode()

    assert cell.source == f'<img alt="합" width="{width}" src="data:image/png;base64,{data}">'
    assert cell.metadata.editable is False


def test_a_pictures_description_ends_where_it_ends(course: Course, drawing: Targets) -> None:
    """Its quotation marks and brackets are text."""
    notebook = source_notebook()
    cell = next(cell for cell in notebook.cells if cell.id == "picture-en")
    cell.source = '![A "sum" <of two>](target:sum-block)'
    write_source(course.root, notebook)
    cell = next(cell for cell in released(course, "en", drawing).cells if cell.id == "picture-en")

    assert cell.source.startswith('<img alt="A &quot;sum&quot; &lt;of two&gt;" width="')


def test_checksums_are_nbgrader_s(course: Course, drawing: Targets) -> None:
    """nbgrader would compute the same ones, so it sees at once whether a grade cell was changed."""
    utils = pytest.importorskip("nbgrader.utils")
    cells = [cell for cell in released(course, "en", drawing).cells if "nbgrader" in cell.metadata]

    assert len(cells) == 4
    assert [cell.metadata.nbgrader.checksum for cell in cells] == [
        utils.compute_checksum(cell) for cell in cells
    ]
    assert [cell.metadata.nbgrader.cell_type for cell in cells] == ["code"] * 4


def test_a_checksum_sees_the_points(course: Course, drawing: Targets) -> None:
    """Points are part of what a learner must not change."""
    cell = next(cell for cell in released(course, "en", drawing).cells if cell.id == "one-sum")
    before = checksum(cell)
    cell.metadata.nbgrader["points"] = 40

    assert checksum(cell) != before


def test_nbgrader_s_own_steps_find_nothing_left_to_do(course: Course, drawing: Targets) -> None:
    """Locking, clearing and checksumming a release once more changes no byte of it."""
    preprocessors = pytest.importorskip("nbgrader.preprocessors")
    text = release_text(course, course.assignments[0], "en", drawing)
    notebook = nbformat.reads(text, as_version=4)
    for name in ("LockCells", "ClearOutput", "CheckCellMetadata", "ComputeChecksums"):
        notebook, _ = getattr(preprocessors, name)().preprocess(notebook, {})

    assert nbformat.writes(notebook) + "\n" == text


def test_two_releases_are_the_same_bytes(course: Course, drawing: Targets) -> None:
    """Nothing of a release depends on the time or on the order of a dictionary."""
    texts = {release_text(course, course.assignments[0], "ko", drawing) for _ in range(3)}

    assert len(texts) == 1


def test_a_release_is_written_and_then_in_step(course: Course, drawing: Targets) -> None:
    """What was missing is written; a second release has nothing to do."""
    before = [(fault.path, fault.fault) for fault in out_of_step(course, drawing)]
    written = release(course, drawing)

    assert before == [(path, "missing") for path in written]
    assert [path.relative_to(course.root).as_posix() for path in written] == [
        "assignments/en/adding/adding.ipynb",
        "assignments/ko/adding/adding.ipynb",
        "assignments/en/adding/adding.check.json",
        "assignments/ko/adding/adding.check.json",
    ]
    assert out_of_step(course, drawing) == []
    assert release(course, drawing) == []


def test_a_changed_release_is_shown_as_a_difference(course: Course, drawing: Targets) -> None:
    """The diff leads from the edited file to what its source makes; a release mends it."""
    release(course, drawing)
    path = course.released(course.assignments[0], "en")
    path.write_text(path.read_text(encoding="utf-8").replace("total = 11", "total = 2"), encoding="utf-8")

    (fault,) = out_of_step(course, drawing)

    assert (fault.path, fault.fault) == (path, "differs")
    assert [line for line in fault.diff if "total = " in line] == ['-    "total = 2"', '+    "total = 11"']
    assert release(course, drawing) == [path]


def test_a_left_over_notebook_is_named(course: Course, drawing: Targets) -> None:
    """A renamed assignment leaves its old notebook behind; nobody hands that out by accident."""
    release(course, drawing)
    old = course.root / "assignments" / "en" / "sums" / "sums.ipynb"
    old.parent.mkdir()
    old.write_text("{}", encoding="utf-8")

    assert [(fault.path, fault.fault) for fault in out_of_step(course, drawing)] == [(old, "left over")]


def test_nothing_is_written_where_one_notebook_is_not_in_order(course: Course, drawing: Targets) -> None:
    """A release is whole or it is not made."""
    notebook = source_notebook()
    notebook.cells[4].source = "total = 2"
    write_source(course.root, notebook)

    with pytest.raises(CourseError) as raised:
        release(course, drawing)

    assert str(raised.value) == (
        "solutions/adding/adding.ipynb: cell `one-sum-answer`, line 1: `### BEGIN SOLUTION` should be here."
    )
    assert not (course.root / "assignments").exists()


def test_a_picture_of_no_task_is_refused(course: Course, drawing: Targets) -> None:
    """A mistyped target is named with its cell."""
    notebook = source_notebook()
    notebook.cells[2].source = "![sum](target:sum)"
    write_source(course.root, notebook)

    with pytest.raises(
        CourseError, match="cell `picture-en` shows the target of `sum`, but there is no such task"
    ):
        release(course, drawing)


def test_a_folder_that_cannot_be_written_is_named(course: Course, drawing: Targets) -> None:
    """The file and the system's reason are said, and no half-written file stays."""
    (course.root / "assignments").write_text("in the way", encoding="utf-8")

    with pytest.raises(CourseError, match=r"adding\.ipynb cannot be (read|written): Not a directory"):
        release(course, drawing)


def test_an_interrupted_write_leaves_the_old_file(
    course: Course, drawing: Targets, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk costs the new file, not the old one, and leaves no scraps."""
    release(course, drawing)
    path = course.released(course.assignments[0], "en")
    path.write_text("{}", encoding="utf-8")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CourseError, match="cannot be written: No space left on device"):
        release(course, drawing)

    assert path.read_text(encoding="utf-8") == "{}"
    assert sorted(found.name for found in path.parent.iterdir()) == ["adding.check.json", "adding.ipynb"]


def test_a_release_is_a_valid_notebook_of_python(course: Course, drawing: Targets) -> None:
    """nbformat accepts it, and every code cell is Python, as IPython reads it: the first cell runs pip."""
    manager = pytest.importorskip("IPython.core.inputtransformer2").TransformerManager()
    written = [path for path in release(course, drawing) if path.suffix == ".ipynb"]
    assert len(written) == 2
    for path in written:
        notebook = nbformat.from_dict(json.loads(path.read_text(encoding="utf-8")))
        nbformat.validate(nbformat.read(path, as_version=4))
        for cell in notebook.cells:
            if cell.cell_type == "code":
                ast.parse(manager.transform_cell("".join(cell.source)))
