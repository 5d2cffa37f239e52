"""Reads a source notebook, which must have all that release, nbgrader and the graders need."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

import nbformat
from nbformat import NotebookNode
from nbformat.reader import NotJSONError

from autograder.course.afterwards import afterwards_faults
from autograder.course.model import Assignment, Course, CourseError
from autograder.course.starter import MARKERS
from autograder.course.tags import nbgrader
from autograder.messages import Message, message
from autograder.regular import read_text

_GRADE = {"schema_version": 3, "grade": True, "solution": False, "locked": True, "task": False}
_ANSWER = {"schema_version": 3, "grade": False, "solution": True, "locked": False, "task": False}
_BY_HAND = {"schema_version": 3, "grade": True, "solution": True, "locked": False, "task": False}
_HIDDEN = ("BEGIN HIDDEN TESTS", "BEGIN MARK SCHEME", "AUTOTEST")


def read_source(course: Course, assignment: Assignment) -> NotebookNode:
    """Return the source notebook of an assignment.

    Raises:
        CourseError: it cannot be read, or it and `course.yml` disagree; one message for each fault.
    """
    path = course.source(assignment)
    place = path.relative_to(course.root).as_posix()
    try:
        notebook = nbformat.reads(read_text(path), as_version=nbformat.NO_CONVERT)
        version = (notebook["nbformat"], notebook.get("nbformat_minor", 0))
        nbformat.validate(notebook)
    except FileNotFoundError:
        raise CourseError(
            message(
                "{file} does not exist; `{assignment}` in course.yml needs it.",
                file=place,
                assignment=assignment.id,
            )
        ) from None
    except OSError as error:
        raise CourseError(
            message("{file} cannot be read: {reason}.", file=place, reason=error.strerror or str(error))
        ) from None
    except NotJSONError as error:
        raise CourseError(_no_json(place, error)) from None
    except (TypeError, AttributeError, KeyError):
        raise CourseError(
            message("{file} is not a notebook: it should be as JupyterLab saves one.", file=place)
        ) from None
    except (ValueError, nbformat.ValidationError) as error:
        raise CourseError(
            message(
                "{file} is not a notebook: {reason}.",
                file=place,
                reason=str(error).strip().split("\n")[0].rstrip("."),
            )
        ) from None
    if version < (4, 5):
        raise CourseError(
            message(
                "{file} is in notebook format {found}; `autograder tidy` brings it to 4.5.",
                file=place,
                found=".".join(str(part) for part in version),
            )
        )
    faults = [
        message("{file}: {fault}", file=place, fault=fault)
        for fault in (
            *_metadata(course, assignment, notebook),
            *_languages(course, notebook),
            *afterwards_faults(course, notebook),
        )
    ]
    if faults:
        raise CourseError(*faults)
    return notebook


def _marker_in(source: str) -> str | None:
    """Return the first line that is a marker of a solution or of starter code."""
    return next((line.strip() for line in source.splitlines() if line.strip() in MARKERS), None)


def _no_json(place: str, error: NotJSONError) -> Message:
    """Return where a file stops being a notebook: it was half saved, or merged with conflict marks in it."""
    cause = error.__context__
    if not isinstance(cause, json.JSONDecodeError):
        return message("{file} is not a notebook: it should be as JupyterLab saves one.", file=place)
    return message(
        "{file}, line {line}: this is not JSON ({reason}); save the notebook anew from JupyterLab, or take "
        "back its last good version.",
        file=place,
        line=cause.lineno,
        reason=cause.msg,
    )


def _metadata(course: Course, assignment: Assignment, notebook: NotebookNode) -> Iterator[Message]:
    """Yield the disagreements between the cells' nbgrader metadata and `course.yml`."""
    points = {task.id: task.points for task in assignment.tasks}
    by_hand = {task.id for task in assignment.by_hand}
    ids = Counter(nbgrader(cell).get("grade_id") for cell in notebook.cells if nbgrader(cell))
    graded = [nbgrader(cell)["grade_id"] for cell in notebook.cells if nbgrader(cell).get("grade")]
    for task in points:
        if task not in graded and task in by_hand:
            yield message(
                "there is no cell for the text of the task `{task}`; it should be a text (Markdown) cell "
                "with the prompt for learners, and your own answer between `### BEGIN SOLUTION` and "
                "`### END SOLUTION`.",
                task=task,
            )
        elif task not in graded:
            yield message(
                "there is no grade cell for the task `{task}`; it should be one line, "
                '`check("{task}", ...)`.',
                task=task,
            )
    if sorted(graded) == sorted(points) and graded != list(points):
        yield message("the grade cells are not in the order of the tasks in course.yml.")
    for grade_id, count in ids.items():
        if count > 1:
            yield message(
                "{count} cells have the grade_id `{id}`; it is used once.", count=count, id=str(grade_id)
            )
    for cell in notebook.cells:
        if any(marker in cell.source for marker in _HIDDEN):
            yield message(
                "cell `{cell}` contains hidden tests; they belong in {file}.",
                cell=cell.id,
                file=course.hidden_grader(assignment).relative_to(course.root).as_posix(),
            )
        data = nbgrader(cell)
        # Without `solution` in its metadata it would be given out as it is, the solution in it.
        marker = None if data.get("solution") else _marker_in(cell.source)
        if marker is not None and cell.cell_type == "markdown" and by_hand:
            yield message(
                "cell `{cell}` has the line `{marker}` and is the answer to no task; a task with "
                "`expects: text` has one such cell, in which each language has its lines below one such as "
                "`<!-- en -->`.",
                cell=cell.id,
                marker=marker,
            )
        elif marker is not None and cell.cell_type == "markdown":
            yield message(
                "cell `{cell}` has the line `{marker}` and is a text; only a task with `expects: text` is "
                "answered in one.",
                cell=cell.id,
                marker=marker,
            )
        if marker is not None and cell.cell_type == "code":
            yield message(
                "cell `{cell}` has the line `{marker}` and is no answer; an answer begins its solution with "
                "`### BEGIN SOLUTION`, and the check of its task comes next.",
                cell=cell.id,
                marker=marker,
            )
        if not data:
            continue
        grade_id = data.get("grade_id", "")
        wanted = _ANSWER
        if data.get("grade"):
            wanted = _BY_HAND if grade_id in by_hand else _GRADE
        wrong = [name for name, value in wanted.items() if data.get(name, False) != value]
        if wrong:
            yield message(
                "cell `{cell}`: `{key}` in its nbgrader metadata should be {wanted}.",
                cell=cell.id,
                key=wrong[0],
                wanted=json.dumps(wanted[wrong[0]]),
            )
        elif data["grade"] and grade_id not in points:
            yield message("the grade cell `{id}` belongs to no task of course.yml.", id=grade_id)
        elif data["grade"] and data.get("points") != points[grade_id]:
            yield message(
                "the grade cell `{id}` is worth {found} points, and course.yml says {wanted}.",
                id=grade_id,
                found=str(data.get("points")),
                wanted=f"{points[grade_id]:g}",
            )
        elif grade_id in by_hand and cell.cell_type != "markdown":
            yield message(
                "the cell `{id}` is of the kind `{kind}`; the answer to a task with `expects: text` is "
                "written in a text (Markdown) cell.",
                id=grade_id,
                kind=cell.cell_type,
            )
        elif (
            data["grade"]
            and grade_id not in by_hand
            and not (cell.source.startswith(f'check("{grade_id}", ') and "\n" not in cell.source)
        ):
            yield message('the grade cell `{id}` should be one line, `check("{id}", ...)`.', id=grade_id)


def _languages(course: Course, notebook: NotebookNode) -> Iterator[Message]:
    """Yield where a text, or code that is in a language, lacks another language."""
    for cell in notebook.cells:
        lang = cell.metadata.get("lang")
        if cell.cell_type == "markdown" and lang not in course.languages and not nbgrader(cell):
            yield message(
                "the text cell `{cell}` has no language; give it one of {languages} as a tag, and run "
                "`autograder tidy`.",
                cell=cell.id,
                languages=", ".join(course.languages),
            )
        elif lang not in (None, *course.languages):
            yield message(
                "cell `{cell}` is in `{found}`, which is no language of the course; `lang` in its metadata "
                "should be one of {languages}.",
                cell=cell.id,
                found=str(lang),
                languages=", ".join(course.languages),
            )
        if lang is not None and nbgrader(cell):
            yield message("cell `{cell}` is graded and so cannot have a language.", cell=cell.id)
    for has_language, run in groupby(notebook.cells, key=lambda cell: cell.metadata.get("lang") is not None):
        cells = list(run) if has_language else []
        texts, code = (
            [cell for cell in cells if (cell.cell_type == "code") is kind] for kind in (False, True)
        )
        if (counts := _unequal(course, texts)) is not None:
            yield message(
                "from cell `{cell}` on, the languages have different numbers of text cells ({counts}).",
                cell=texts[0].id,
                counts=counts,
            )
        if (counts := _unequal(course, code)) is not None:
            yield message(
                "from cell `{cell}` on, the languages have different numbers of code cells ({counts}).",
                cell=code[0].id,
                counts=counts,
            )


def _unequal(course: Course, cells: Sequence[NotebookNode]) -> str | None:
    """Return how many of some cells each language has; None where all have equally many."""
    counts = Counter(cell.metadata.get("lang") for cell in cells)
    if len({counts[language] for language in course.languages}) == 1:
        return None
    return ", ".join(f"{language}: {counts[language]}" for language in course.languages)
