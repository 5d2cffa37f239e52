"""What a learner reads after full marks: why it works, and another solution.

It stands at the end of the source notebook and is in no release: a text in each language, and one code cell
that says in its metadata whose place it takes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograder.course.model import Course
from autograder.course.tags import is_afterwards, is_by_hand, nbgrader
from autograder.messages import Localized, Message, message

if TYPE_CHECKING:
    from nbformat import NotebookNode


@dataclass(frozen=True)
class Afterwards:
    """Why the solution works, and `alternative`, which can replace the source of the cell `replaces`."""

    text: Localized
    alternative: str
    replaces: str


def afterwards_of(notebook: NotebookNode) -> Afterwards | None:
    """Return what a valid source notebook (`read_source`) has for those with full marks; None if nothing.

    >>> import nbformat
    >>> from autograder.course import afterwards_of
    >>> source = nbformat.read("solutions/u-net/u-net.ipynb", as_version=4)
    >>> afterwards_of(source).text.languages
    ('en', 'ko')
    """
    cells = [cell for cell in notebook.cells if is_afterwards(cell)]
    if not cells:
        return None
    texts = {cell.metadata["lang"]: cell.source for cell in cells if cell.cell_type == "markdown"}
    code = next(cell for cell in cells if cell.cell_type == "code")
    return Afterwards(Localized(**texts), code.source, code.metadata["afterwards"])


def afterwards_faults(course: Course, notebook: NotebookNode) -> Iterator[Message]:
    """Yield what is wrong with the cells for those with full marks; nothing where there are none."""
    cells = [cell for cell in notebook.cells if is_afterwards(cell)]
    if not cells:
        return
    if list(notebook.cells[-len(cells) :]) != cells:
        yield message(
            "cell `{cell}` is shown after full marks (`afterwards`) and should be at the end.",
            cell=cells[0].id,
        )
    yield from _texts(course, [cell for cell in cells if cell.cell_type == "markdown"])
    yield from _code(notebook, [cell for cell in cells if cell.cell_type == "code"])
    for cell in cells:
        if nbgrader(cell):
            yield message("cell `{cell}` is `afterwards` and so cannot be nbgrader's as well.", cell=cell.id)
        if cell.cell_type not in ("markdown", "code"):
            yield message("cell `{cell}` is `afterwards` and should be text or code.", cell=cell.id)


def _texts(course: Course, cells: list[NotebookNode]) -> Iterator[Message]:
    counts = Counter(cell.metadata.get("lang") for cell in cells)
    for language in course.languages:
        if counts[language] != 1:
            yield message(
                "there should be one `afterwards` text in `{language}`, and there are {count}.",
                language=language,
                count=counts[language],
            )
    for cell in cells:
        if cell.metadata["afterwards"] is not True:
            yield message(
                "the text cell `{cell}`: `afterwards` in its metadata should be true.", cell=cell.id
            )


def _code(notebook: NotebookNode, cells: list[NotebookNode]) -> Iterator[Message]:
    if len(cells) != 1:
        yield message(
            "there should be one `afterwards` code cell, the alternative solution, and there are {count}.",
            count=len(cells),
        )
    answers = [
        nbgrader(cell).get("grade_id")
        for cell in notebook.cells
        if nbgrader(cell).get("solution") and not is_by_hand(cell)
    ]
    for cell in cells:
        if cell.metadata["afterwards"] not in answers:
            yield message(
                "cell `{cell}`: `afterwards` in its metadata should be the grade_id of a solution cell, "
                "one of {known}.",
                cell=cell.id,
                known=", ".join(f"`{answer}`" for answer in answers),
            )
        if "lang" in cell.metadata:
            yield message("the code cell `{cell}` is `afterwards` and so has no language.", cell=cell.id)
