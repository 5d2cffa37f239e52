"""Rules for the notebooks that students get."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import nbformat
from nbformat import NotebookNode

from autograder.audit.linting.finding import Finding, Place
from autograder.audit.linting.prose import foreign_paragraphs
from autograder.course import Assignment, Course
from autograder.course.starter import MarkerError, placeholder, solution, starter
from autograder.course.tags import is_afterwards, is_by_hand, nbgrader
from autograder.messages import Language, message
from autograder.regular import read_text

_NOT_FOR_STUDENTS = ("### BEGIN", "### END", "graders/hidden", "def test_")
_DATA = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=]+")
_ABSOLUTE = re.compile(
    r"(?<![\w/.:~-])/(?:home|Users|root|tmp|mnt|media|opt|srv|usr|var|work|workspace|content)/[\w./-]*"
    r"|(?<!\w)[A-Za-z]:\\{1,2}\w[\w\\.-]*"
)
_PICTURE = re.compile(r'<img alt="([^"]*)" width="\d+" src="data:image/png;base64,')
_DESCRIBED = 10


def release_findings(
    course: Course, assignment: Assignment, source: NotebookNode, language: Language
) -> Iterator[Finding]:
    """Yield what is wrong with the notebook that students get in a language; nothing if there is none."""
    path = course.released(assignment, language)
    place = Place(path.relative_to(course.root).as_posix())
    try:
        text = read_text(path)
        notebook = nbformat.reads(text, as_version=4)
        nbformat.validate(notebook)
    except FileNotFoundError:
        # The comparison with what its source makes reports that it is missing.
        return
    except (OSError, ValueError, TypeError, AttributeError, KeyError, nbformat.ValidationError) as error:
        reason = str(error).strip().split("\n")[0].rstrip(".")
        yield place.finding("release", message("this is not a notebook: {reason}.", reason=reason))
        return
    yield from _secrets(course, place, source, notebook, _DATA.sub("", text))
    for cell in notebook.cells:
        yield from _cell(place, assignment, cell, language)
    yield from _picture(course, place, notebook)


def _secrets(
    course: Course, place: Place, source: NotebookNode, notebook: NotebookNode, text: str
) -> Iterator[Finding]:
    for word in _NOT_FOR_STUDENTS:
        if word in text:
            fault = message("`{found}` is in what students get; it should not be.", found=word)
            yield place.finding("solution text", fault)
    for match in sorted({match[0] for match in _ABSOLUTE.finditer(text)}):
        fault = message(
            "the absolute path `{found}` is one of the author's machine; it should be relative.", found=match
        )
        yield place.finding("absolute path", fault)
    lines = _only_in_solutions(source, course.languages)
    for cell in notebook.cells:
        for line in cell.source.split("\n"):
            if line.strip() in lines:
                fault = message(
                    "the line `{line}` is part of the solution; it should not be given out.",
                    line=line.strip(),
                )
                yield place.finding("solution text", fault, cell.id)


def _only_in_solutions(source: NotebookNode, languages: Sequence[Language]) -> set[str]:
    """Return the lines of solutions and alternatives that are in nothing that is given out."""
    secret: set[str] = set()
    given: set[str] = set()
    for cell in source.cells:
        if is_by_hand(cell):
            try:
                for language in languages:
                    given |= _lines(placeholder(cell.source, language, languages))
            except MarkerError:
                return set()
            secret |= _lines(solution(cell.source))
        if cell.cell_type != "code":
            continue
        if is_afterwards(cell):
            secret |= _lines(cell.source)
        elif nbgrader(cell).get("solution"):
            try:
                given |= _lines(starter(cell.source))
            except MarkerError:
                return set()
            secret |= _lines(solution(cell.source))
        else:
            given |= _lines(cell.source)
    return secret - given


def _lines(source: str) -> set[str]:
    # A bracket alone gives nothing away.
    return {line.strip() for line in source.split("\n") if re.search(r"\w{3}", line)}


def _cell(place: Place, assignment: Assignment, cell: NotebookNode, language: Language) -> Iterator[Finding]:
    if cell.cell_type == "markdown":
        for paragraph in foreign_paragraphs(cell.source, language):
            fault = message(
                "“{found}” is not in `{language}`.", found=_beginning(paragraph), language=language
            )
            yield place.finding("languages", fault, cell.id)
    if cell.cell_type == "code" and (cell.outputs or cell.execution_count is not None):
        yield place.finding("outputs", message("the cell has outputs; it should have none."), cell.id)
    data = nbgrader(cell)
    if not data:
        return
    by_hand = is_by_hand(cell)
    fixed = bool(data.get("grade")) and not by_hand
    wanted = {"deletable": False, "editable": False} if fixed else {"deletable": False}
    for key, value in wanted.items():
        if cell.metadata.get(key) != value:
            fault = message("`{key}` in its metadata should be false, so that it is kept as it is.", key=key)
            yield place.finding("locked", fault, cell.id)
    if fixed and not data.get("locked"):
        fault = message("`{key}` in its nbgrader metadata should be true.", key="locked")
        yield place.finding("locked", fault, cell.id)
    points = {task.id: task.points for task in assignment.tasks}.get(str(data.get("grade_id")))
    if data.get("grade") and data.get("points") != points:
        fault = message(
            "the cell is worth {found} points, and course.yml says {wanted}.",
            found=str(data.get("points")),
            wanted=f"{points:g}" if points is not None else "–",
        )
        yield place.finding("points", fault, cell.id)


def _picture(course: Course, place: Place, notebook: NotebookNode) -> Iterator[Finding]:
    found = [(cell.id, alt) for cell in notebook.cells for alt in _PICTURE.findall(cell.source)]
    if course.rules.picture and len(found) != 1:
        fault = message("there are {found} pictures of the target; there should be one.", found=len(found))
        yield place.finding("picture", fault)
    for cell_id, alt in found:
        if len(alt) < _DESCRIBED:
            fault = message(
                "the picture is described as “{found}”; a reader who cannot see it needs more.", found=alt
            )
            yield place.finding("picture", fault, cell_id)


def _beginning(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:59] + "…"
