"""Gives a source notebook from JupyterLab the metadata that release and nbgrader need.

An author writes no metadata: `check("task-id", ...)` is the graded cell of that task, the code between
`### BEGIN SOLUTION` and `### END SOLUTION` belongs to the answer before it, and a text has its language as a
tag (`en`) or as its first line (`<!-- en -->`). A text that has such a region is the answer to a task that
expects a text: the first such text answers the first such task. Points are those of `course.yml`.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from autograder.cells import changed_by
from autograder.course import Assignment, Course, CourseError
from autograder.course.starter import BEGIN_SOLUTION, solution
from autograder.course.tags import answer_of, is_afterwards, is_by_hand, nbgrader
from autograder.feedback.files import written_whole
from autograder.messages import Language, message
from autograder.regular import read_text

if TYPE_CHECKING:
    from nbformat import NotebookNode

_CHECK = re.compile(r'check\("([^"\\]+)",')
_LANGUAGE = re.compile(r"<!--[ \t]*([A-Za-z-]+)[ \t]*-->[ \t]*\n?")
_AFTERWARDS = "afterwards"
"""The tag of cells that are shown after full marks."""
_ID = re.compile(r"^[a-zA-Z0-9-_]{1,64}$")
_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def tidy(course: Course, assignment: Assignment) -> bool:
    """Put an assignment's source notebook in order, and return whether anything in it has changed.

    Raises:
        CourseError: it cannot be written.
    """
    import nbformat

    path = course.source(assignment)
    place = path.relative_to(course.root).as_posix()
    try:
        before = read_text(path)
        notebook = nbformat.reads(before, as_version=4)
    except (OSError, ValueError, TypeError, AttributeError, KeyError):
        # Whatever reads it next says what is wrong with it, in its own words.
        return False
    after = nbformat.writes(tidied(course, assignment, notebook)) + "\n"
    if nbformat.reads(after, as_version=4) == nbformat.reads(before, as_version=nbformat.NO_CONVERT):
        return False
    try:
        with written_whole(path) as file:
            file.write(after)
    except OSError as error:
        raise CourseError(
            message("{file} cannot be written: {reason}.", file=place, reason=error.strerror or str(error))
        ) from None
    return True


def tidied(course: Course, assignment: Assignment, notebook: NotebookNode) -> NotebookNode:
    """Return a source notebook with the metadata and the ids that its cells' texts ask for.

    What is in order stays as it is. What cannot be known, such as the language of a text without a mark,
    stays, too: the linter reports it.
    """
    made = copy.deepcopy(notebook)
    made.nbformat_minor = max(made.nbformat_minor, 5)
    made.metadata.setdefault("kernelspec", copy.deepcopy(_KERNEL))
    for number, cell in enumerate(made.cells, start=1):
        cell.setdefault("id", f"cell-{number}")
        _mark_afterwards(cell)
    texts = _text_answers(made.cells, assignment)
    for number, cell in enumerate(made.cells):
        if number in texts:
            # It has lines in every language; nbgrader knows one cell of a task.
            cell.metadata.pop("lang", None)
        else:
            _mark_language(cell, course.languages)
    _mark_graded(made.cells, assignment, texts)
    _mark_alternative(made.cells)
    _name(made.cells, assignment, course.languages)
    return made


def _mark_afterwards(cell: NotebookNode) -> None:
    if _take_tag(cell, _AFTERWARDS):
        cell.metadata.setdefault("afterwards", True)


def _mark_language(cell: NotebookNode, languages: Sequence[Language]) -> None:
    """Mark the language of a text, or of code that draws in one: by its tag, or by a text's first line."""
    text = cell.cell_type == "markdown"
    written = _LANGUAGE.match(cell.source) if text else None
    if written and written[1] in languages:
        cell.source = cell.source[written.end() :]
        cell.metadata["lang"] = written[1]
    for language in languages:
        if _take_tag(cell, language):
            cell.metadata["lang"] = language
    if text and len(languages) == 1:
        cell.metadata.setdefault("lang", languages[0])


def _take_tag(cell: NotebookNode, tag: str) -> bool:
    """Take a tag from a cell, for metadata replaces it; return whether the cell had it."""
    tags = cell.metadata.get("tags")
    if not isinstance(tags, list) or tag not in tags:
        return False
    cell.metadata["tags"] = [other for other in tags if other != tag]
    if not cell.metadata["tags"]:
        del cell.metadata["tags"]
    return True


def _text_answers(cells: Sequence[NotebookNode], assignment: Assignment) -> dict[int, str]:
    """Return the positions of the texts that answer a task, each with the task's id.

    A text that nbgrader knows as an answer stays one even where its solution region has been removed;
    otherwise it would be given out as prose.
    """
    wanted = [task.id for task in assignment.by_hand]
    found: dict[int, str] = {}
    unnamed: list[int] = []
    for number, cell in enumerate(cells):
        if cell.cell_type != "markdown" or is_afterwards(cell):
            continue
        name = nbgrader(cell).get("grade_id")
        if name in wanted and name not in found.values():
            found[number] = name
        elif any(line.strip() == BEGIN_SOLUTION for line in cell.source.splitlines()):
            unnamed.append(number)
    left = [name for name in wanted if name not in found.values()]
    return {**found, **dict(zip(unnamed, left, strict=False))}


def _mark_graded(
    cells: Sequence[NotebookNode], assignment: Assignment, texts: Mapping[int, str] = MappingProxyType({})
) -> None:
    """Mark graded cells and answers for nbgrader, and remove its metadata from cells that are neither."""
    points = {task.id: task.points for task in assignment.tasks}
    answers: list[NotebookNode] = []
    for number, cell in enumerate(cells):
        if number in texts:
            _mark(cell, grade_id=texts[number], points=points[texts[number]], answer=True)
            continue
        called = _CHECK.match(cell.source) if cell.cell_type == "code" else None
        if is_afterwards(cell) or cell.cell_type == "raw":
            continue
        if called and called[1] in points:
            _mark(cell, grade_id=called[1], points=points[called[1]])
            if answers:
                _mark(answers.pop(), grade_id=answer_of(called[1]))
        elif cell.cell_type == "code" and BEGIN_SOLUTION in cell.source:
            answers.append(cell)
            continue
        elif nbgrader(cell) and not called:
            cell.metadata.pop("nbgrader")
        # An answer belongs to the next graded cell, whatever text stands between them.
    for cell in answers:
        cell.metadata.pop("nbgrader", None)


def _mark(
    cell: NotebookNode, *, grade_id: str, points: float | None = None, answer: bool | None = None
) -> None:
    """Mark a graded cell, an answer, or both; without `answer`, a cell that is not graded is an answer."""
    graded = points is not None
    answer = not graded if answer is None else answer
    wanted: dict[str, Any] = {
        "grade": graded,
        "grade_id": grade_id,
        "locked": not answer,
        "schema_version": 3,
        "solution": answer,
        "task": False,
    }
    if points is not None:
        wanted["points"] = int(points) if float(points).is_integer() else points
    if nbgrader(cell) != wanted:
        cell.metadata["nbgrader"] = wanted
    cell["id"] = grade_id


def _mark_alternative(cells: Sequence[NotebookNode]) -> None:
    """Mark the code after full marks as another answer to the last task that makes or compiles the same."""
    for cell in cells:
        if cell.cell_type != "code" or cell.metadata.get("afterwards") is not True:
            continue
        made = changed_by(cell.source)
        for answer in reversed(cells):
            code = answer.cell_type == "code"
            if code and nbgrader(answer).get("solution") and made & changed_by(solution(answer.source)):
                cell.metadata["afterwards"] = nbgrader(answer)["grade_id"]
                break


def _name(cells: Sequence[NotebookNode], assignment: Assignment, languages: Sequence[Language]) -> None:
    """Give cells unique ids; those of a text in several languages differ only in the language at the end."""
    taken = {cell.id for cell in cells if nbgrader(cell)}
    stems = _stems(cells, assignment)
    for (kept, stem), run in groupby(zip(cells, stems, strict=True), key=lambda pair: _run_of(*pair)):
        texts = [cell for cell, _ in run]
        if not kept:
            for cell in texts:
                _keep_or_rename(cell, taken)
            continue
        by_language = {
            language: [cell for cell in texts if cell.metadata.get("lang") == language]
            for language in languages
        }
        for number in range(max(map(len, by_language.values()), default=0)):
            _pair(
                {language: found[number] for language, found in by_language.items() if number < len(found)},
                stem,
                taken,
            )


def _run_of(cell: NotebookNode, stem: str) -> tuple[bool, str]:
    return "lang" in cell.metadata and not nbgrader(cell), stem


def _stems(cells: Sequence[NotebookNode], assignment: Assignment) -> Iterator[str]:
    """Yield a stem for each cell's id, should it be a text: `task-2` before the answer to the second task."""
    tasks = [task.id for task in assignment.tasks]
    done = 0
    for number, cell in enumerate(cells):
        grade_id = nbgrader(cell).get("grade_id")
        if nbgrader(cell).get("grade"):
            done = tasks.index(grade_id) + 1 if grade_id in tasks else done
        if is_afterwards(cell):
            yield "afterwards"
        elif done == len(tasks):
            yield "after"
        elif any(nbgrader(later).get("solution") for later in cells[number:]):
            yield f"task-{done + 1}" if done or _is_last_text(cells, number) else "intro"
        else:
            yield "text"


def _is_last_text(cells: Sequence[NotebookNode], number: int) -> bool:
    """Return whether the first task's answer comes next, with no other code before it."""
    later = (cell for cell in cells[number:] if cell.cell_type == "code" or is_by_hand(cell))
    following = next(later, None)
    return following is not None and bool(nbgrader(following).get("solution"))


def _pair(texts: dict[Language, NotebookNode], stem: str, taken: set[str]) -> None:
    """Give one text in several languages ids that differ only in the language."""
    known = [_stem_of(cell.id, language) for language, cell in texts.items()]
    wanted = next((found for found in known if found), stem)
    number, name = 1, wanted
    while any(f"{name}-{language}" in taken for language in texts):
        number += 1
        name = f"{wanted}-{number}"
    for language, cell in texts.items():
        cell["id"] = f"{name}-{language}"
        taken.add(cell.id)


def _stem_of(cell_id: str, language: Language) -> str | None:
    stem, _, ending = cell_id.rpartition("-")
    return stem if stem and ending == language else None


def _keep_or_rename(cell: NotebookNode, taken: set[str]) -> None:
    if nbgrader(cell):
        return
    wanted = cell.id if _ID.match(cell.get("id", "")) else "cell"
    number, name = 1, wanted
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    cell["id"] = name
    taken.add(name)
