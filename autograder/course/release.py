"""Builds `assignments/` from `solutions/`: one language, starter code, locked grade cells, no outputs.

The steps and their order are those of `nbgrader generate_assignment`, and so are the bytes: both write the
notebook that nbformat writes.
"""

from __future__ import annotations

import base64
import copy
import difflib
import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Literal, Protocol

import nbformat
from nbformat import NotebookNode

from autograder.course.first_cell import first_cell
from autograder.course.model import Assignment, Course, CourseError
from autograder.course.pictures import png
from autograder.course.released import ENDING, released_checks, written
from autograder.course.source import read_source
from autograder.course.starter import MarkerError, placeholder, starter
from autograder.course.tags import is_afterwards, is_by_hand, nbgrader
from autograder.messages import Language, message
from autograder.regular import read_bytes

Files = Mapping[Path, str]
"""The files of an assignment's release, each with its text."""

Draw = Callable[[Assignment, str, Language], str]
"""What draws the target graph of a task (its id) in a language, as SVG in plain colours (see `raster`)."""


class Targets(Protocol):
    """What a release says of solutions (`release.targets`): pictures in its texts, and a file beside them."""

    def __call__(self, assignment: Assignment, task_id: str, language: Language, /) -> str:
        """Return the target graph of a task, as SVG in plain colours."""
        ...

    def tasks(self, assignment: Assignment) -> Mapping[str, Any]:
        """Return what `check` may know of each task's solution and starter code, by task id, for JSON."""
        ...


KEPT = "-kept-"
"""The part of a file's name that marks a learner's notebook kept by `autograder reset`."""

_PICTURE = re.compile(r"!\[([^\]]*)\]\(target:([a-z0-9-]+)\)")


@dataclass(frozen=True)
class OutOfStep:
    """A file of `assignments/` that is not what its source makes; `diff` leads from the file to that."""

    path: Path
    fault: Literal["missing", "differs", "left over"]
    diff: tuple[str, ...] = ()


def release_text(course: Course, assignment: Assignment, language: Language, draw: Draw) -> str:
    """Return the notebook that students get in `language`, as the text of its file.

    Raises:
        CourseError: the source notebook is not in order.
    """
    return notebook_text(released(course, assignment, language, draw))


def notebook_text(notebook: NotebookNode) -> str:
    """Return a notebook as the text of its file, as nbformat and nbgrader write it."""
    text: str = nbformat.writes(notebook, version=4)
    return text if text.endswith("\n") else text + "\n"


def released(
    course: Course, assignment: Assignment, language: Language, draw: Draw | None = None
) -> NotebookNode:
    """Return the notebook that students get in `language`; without `draw`, its texts lack their pictures.

    Raises:
        CourseError: the source notebook is not in order.
    """
    notebook = copy.deepcopy(read_source(course, assignment))
    place = course.source(assignment).relative_to(course.root).as_posix()
    notebook.cells = [
        cell
        for cell in notebook.cells
        if not is_afterwards(cell) and cell.metadata.pop("lang", language) == language
    ]
    for cell in notebook.cells:
        _lock(cell)
        try:
            _clear(cell, language, course.languages)
        except MarkerError as error:
            raise CourseError(
                message(
                    "{file}: cell `{cell}`, line {line}: `{marker}` should be here.",
                    file=place,
                    cell=cell.id,
                    line=error.line,
                    marker=error.wanted,
                )
            ) from None
        # A cell with a picture cannot be edited, and a text answer must stay editable.
        if cell.cell_type == "markdown" and draw is not None and not is_by_hand(cell):
            _picture(place, assignment, cell, language, draw)
        if nbgrader(cell):
            cell.metadata.nbgrader["checksum"] = checksum(cell)
            cell.metadata.nbgrader["cell_type"] = cell.cell_type
    code = (place for place, cell in enumerate(notebook.cells) if cell.cell_type == "code")
    # A notebook opens with its title, but runs this cell first.
    notebook.cells.insert(next(code, 0), first_cell(course, language))
    notebook.metadata.pop("celltoolbar", None)
    notebook.metadata["autograder"] = {"assignment": assignment.id, "language": language}
    nbformat.validate(notebook)
    return notebook


def checksum(cell: NotebookNode) -> str:
    """Return nbgrader's checksum of a cell: of its source, type, role, id and points."""
    data = nbgrader(cell)
    grade, answer = bool(data.get("grade")), bool(data.get("solution"))
    locked = not answer and (grade or bool(data.get("locked")))
    parts = [cell.source, cell.cell_type, str(grade), str(answer), str(locked), data["grade_id"]]
    if grade:
        parts.append(str(float(data["points"])))
    return hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest()


def release_files(course: Course, assignment: Assignment, targets: Targets) -> dict[Path, str]:
    """Build an assignment's release: a notebook in each language, and the file that `check` reads.

    Raises:
        CourseError: the source notebook is not in order, or its solution does not run.
    """
    built = {
        course.released(assignment, language): release_text(course, assignment, language, targets)
        for language in course.languages
    }
    checks = written(released_checks(course, assignment, targets.tasks(assignment)))
    beside = {course.released_checks(assignment, language): checks for language in course.languages}
    return {**built, **beside}


def out_of_step(
    course: Course, targets: Targets, assignments: Iterable[Assignment] | None = None
) -> list[OutOfStep]:
    """Return the files of `assignments/` that are not what `solutions/` makes, and the left-over ones.

    `assignments` are those to look at; without it, the whole course is looked at.

    Raises:
        CourseError: a source notebook is not in order, or a released one cannot be read.
    """
    found: list[OutOfStep] = []
    looked_at = course.assignments if assignments is None else assignments
    for path, wanted in _texts(release_files(course, assignment, targets) for assignment in looked_at):
        there = _there(path)
        if there is None:
            found.append(OutOfStep(path, "missing"))
        elif there != wanted:
            diff = difflib.unified_diff(
                there.splitlines(), wanted.splitlines(), "assignments", "solutions", lineterm="", n=1
            )
            found.append(OutOfStep(path, "differs", tuple(diff)))
    return [*found, *left_over(course)]


def write_release(course: Course, build: Callable[[Assignment], Files]) -> list[Path]:
    """Bring `assignments/` in step with `solutions/` and return the files that changed.

    Every notebook is built before the first is written, and each is replaced in one step.

    Args:
        course: the course.
        build: builds an assignment's release, or knows what building it would give.

    Raises:
        CourseError: a source notebook is not in order, or a file cannot be written.
    """
    built = list(_texts(build(assignment) for assignment in course.assignments))
    changed = [(path, text) for path, text in built if _there(path) != text]
    for path, text in changed:
        try:
            _replace(path, text)
        except OSError as error:
            raise CourseError(
                message(
                    "{file} cannot be written: {reason}.", file=str(path), reason=error.strerror or str(error)
                )
            ) from None
    return [path for path, _ in changed]


def _texts(releases: Iterable[Files]) -> Iterator[tuple[Path, str]]:
    for files in releases:
        yield from files.items()


def left_over(course: Course) -> list[OutOfStep]:
    """Return the files under `assignments/` that no assignment makes."""
    wanted = release_paths(course)
    folder = course.root / "assignments"
    found = sorted(
        path
        for path in (*folder.rglob("*.ipynb"), *folder.rglob(f"*{ENDING}"), *folder.glob("targets/*.json"))
        if path not in wanted and ".ipynb_checkpoints" not in path.parts and KEPT not in path.name
    )
    return [OutOfStep(path, "left over") for path in found]


def release_paths(course: Course) -> set[Path]:
    """Return every file that a course's release consists of."""
    return {
        path
        for language in course.languages
        for assignment in course.assignments
        for path in (course.released(assignment, language), course.released_checks(assignment, language))
    }


def _lock(cell: NotebookNode) -> None:
    """Lock a cell: neither answers nor grade cells can be deleted, and only answers can be changed."""
    data = nbgrader(cell)
    if data:
        cell.metadata["deletable"] = False
    if data.get("grade") and not data.get("solution"):
        cell.metadata["editable"] = False


def _clear(cell: NotebookNode, language: Language, languages: Sequence[Language]) -> None:
    """Put starter code, or a text's prompt, in the place of the solution, and remove outputs.

    Raises:
        MarkerError: the markers of a solution are not in order.
    """
    if is_by_hand(cell):
        cell.source = placeholder(cell.source, language, languages)
    elif nbgrader(cell).get("solution"):
        cell.source = starter(cell.source)
    if cell.cell_type == "code":
        cell.outputs = []
        cell.execution_count = None
        for field in ("collapsed", "scrolled", "execution"):
            cell.metadata.pop(field, None)


def _picture(place: str, assignment: Assignment, cell: NotebookNode, language: Language, draw: Draw) -> None:
    """Put the drawing where a text says `![...](target:TASK)`.

    It is a PNG, for Colab and VS Code show no SVG in a text; it is in the text itself, for Colab shows
    neither attachments nor files beside the notebook; and it is HTML, for Markdown cannot set a width.
    """

    def drawn(match: re.Match[str]) -> str:
        described, task_id = match.groups()
        if task_id not in {task.id for task in assignment.tasks}:
            raise CourseError(
                message(
                    "{file}: cell `{cell}` shows the target of `{task}`, but there is no such task here.",
                    file=place,
                    cell=cell.id,
                    task=task_id,
                )
            )
        pixels, width = png(draw(assignment, task_id, language))
        data = base64.b64encode(pixels).decode()
        return f'<img alt="{escape(described)}" width="{width}" src="data:image/png;base64,{data}">'

    with_pictures, count = _PICTURE.subn(drawn, cell.source)
    if count:
        cell.source = with_pictures
        # A stray click would open thousands of letters of base64.
        cell.metadata["editable"] = False


def _there(path: Path) -> str | None:
    try:
        return read_bytes(path).decode("utf-8", errors="replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CourseError(
            message("{file} cannot be read: {reason}.", file=str(path), reason=error.strerror or str(error))
        ) from None


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
