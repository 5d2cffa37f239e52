"""Rules for a source notebook, beyond what reading it demands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence

from nbformat import NotebookNode

from autograder.audit.linting.finding import Finding, Place, source_of
from autograder.audit.linting.prose import outline
from autograder.course import Assignment, Course, afterwards_of
from autograder.course.starter import MarkerError, placeholder, solution, starter
from autograder.course.tags import answer_of, is_afterwards, is_by_hand, nbgrader
from autograder.messages import Language, Message, clean, message

_HEADINGS: dict[Language, str] = {
    "en": r"^## Task (\d+): (.*) \(([\d.]+) points?\)$",
    "ko": r"^## 과제 (\d+): (.*) \(([\d.]+)점\)$",
}
# In a language that is not known here: a word, the number, the title, and the points with a word.
_HEADING = r"^## \S+ (\d+): (.*) \(([\d.]+)\s?\S*\)$"
_FORMULA = re.compile(r"\$[^$\n]+\$")
_WORD = re.compile(r"[^\W\d_]{2}")
_SAYING = ("label", "title", "suptitle", "xlabel", "ylabel", "xticklabels", "yticklabels")
"""What puts words into a plot: as an argument (`ax.set(xlabel=...)`), as a function (`plt.xlabel(...)`), or
as a method (`ax.set_xlabel(...)`)."""
_PLACEHOLDERS = ("...", "NotImplementedError", "TODO")


def source_findings(course: Course, assignment: Assignment, source: NotebookNode) -> Iterator[Finding]:
    """Yield what is wrong with an assignment's source notebook."""
    place = source_of(course, assignment)
    yield from _order(place, assignment, source)
    for language in course.languages if course.rules.headings else ():
        yield from _headings(place, assignment, source, language)
    for cell in source.cells:
        if is_by_hand(cell):
            yield from _prompt(place, cell, course.languages)
        elif nbgrader(cell).get("solution"):
            yield from _stub(place, cell)
            if course.rules.no_placeholders:
                yield from _placeholders(place, cell)
    if len(course.languages) > 1:
        yield from _pairs(place, source, course.languages)
        yield from _code_pairs(place, source, course.languages)
    yield from _ending(course, place, source)


def id_findings(course: Course, sources: Sequence[tuple[Assignment, NotebookNode]]) -> Iterator[Finding]:
    """Yield cells that nbgrader knows by an id that another assignment uses, too."""
    owners: dict[str, Assignment] = {}
    for assignment, source in sources:
        for cell in source.cells:
            grade_id = nbgrader(cell).get("grade_id")
            if grade_id is None:
                continue
            owner = owners.setdefault(grade_id, assignment)
            if owner is not assignment:
                fault = message(
                    "the grade_id `{id}` is used in `{other}`, too; it should be unique in the course.",
                    id=grade_id,
                    other=owner.id,
                )
                yield source_of(course, assignment).finding("ids", fault, cell.id)


def _order(place: Place, assignment: Assignment, source: NotebookNode) -> Iterator[Finding]:
    found = [nbgrader(cell)["grade_id"] for cell in source.cells if nbgrader(cell)]
    wanted = [
        name
        for task in assignment.tasks
        for name in ((task.id,) if task.by_hand else (answer_of(task.id), task.id))
    ]
    if found != wanted:
        fault = message(
            "the graded cells are {found}; they should be {wanted}, each answer right before its check.",
            found=_listed(found),
            wanted=_listed(wanted),
        )
        yield place.finding("order", fault)


def _headings(
    place: Place, assignment: Assignment, source: NotebookNode, language: Language
) -> Iterator[Finding]:
    prose = "\n".join(cell.source for cell in source.cells if cell.metadata.get("lang") == language)
    found = [
        f"{number}: {_begun_small(title)} ({points})"
        for number, title, points in re.findall(_HEADINGS.get(language, _HEADING), prose, flags=re.M)
    ]
    wanted = [
        f"{number}: {_begun_small(clean(task.title.in_language(language)))} ({task.points:g})"
        for number, task in enumerate(assignment.tasks, start=1)
    ]
    if found != wanted:
        fault = message(
            "the headings in `{language}` give the tasks' numbers, names and points as "
            "{found}; they should be {wanted}, because a card shows the same title.",
            language=language,
            found=_listed(found),
            wanted=_listed(wanted),
        )
        yield place.finding("headings", fault)


def _begun_small(title: str) -> str:
    """Return a title as it stands after a colon; no rule says whether a name keeps its capital there."""
    return title[:1].lower() + title[1:]


def _stub(place: Place, cell: NotebookNode) -> Iterator[Finding]:
    try:
        stub, right = starter(cell.source), solution(cell.source)
    except MarkerError as error:
        fault = message("line {line}: `{marker}` should be here.", line=error.line, marker=error.wanted)
        yield place.finding("stub", fault, cell.id)
        return
    stub_code, right_code = _code(stub), _code(right)
    for code, what in (
        (stub, message("the starter code")),
        (right, message("the solution")),
    ):
        if _code(code) is None:
            yield place.finding("stub", _no_python(code, what), cell.id)
    if stub_code is not None and stub_code == right_code:
        fault = message("the starter code is the solution; it should leave something to do.")
        yield place.finding("stub", fault, cell.id)


def _prompt(place: Place, cell: NotebookNode, languages: Sequence[Language]) -> Iterator[Finding]:
    """Yield faults of a text answer's cell, which needs a prompt in each language and the author's answer."""
    for language in languages:
        try:
            prompt = placeholder(cell.source, language, languages)
        except MarkerError as error:
            fault = message("line {line}: `{marker}` should be here.", line=error.line, marker=error.wanted)
            yield place.finding("stub", fault, cell.id)
            return
        if not prompt:
            fault = message(
                "there is no prompt in `{language}`; learners should find a line such as “Write your answer "
                "here.” above the solution, in a course of several languages below `<!-- {language} -->`.",
                language=language,
            )
            yield place.finding("stub", fault, cell.id)


def _placeholders(place: Place, cell: NotebookNode) -> Iterator[Finding]:
    try:
        stub = starter(cell.source)
    except MarkerError:
        return
    for word in _PLACEHOLDERS:
        if word in stub:
            fault = message(
                "the starter code has a placeholder, `{found}`; it should be code that somebody might write.",
                found=word,
            )
            yield place.finding("stub", fault, cell.id)


def _pairs(place: Place, source: NotebookNode, languages: Sequence[Language]) -> Iterator[Finding]:
    """Yield texts that a language lacks, or whose headings, lists, tables or names in code differ in one."""
    texts = {
        cell.id: cell.source for cell in source.cells if cell.cell_type == "markdown" and not is_by_hand(cell)
    }
    for name in texts:
        stem, _, language = name.rpartition("-")
        if language not in languages:
            fault = message(
                "the id of a text cell should end with its language, one of {wanted}.",
                wanted=_listed(f"-{known}" for known in languages),
            )
            yield place.finding("languages", fault, name)
            continue
        first = f"{stem}-{languages[0]}"
        if first not in texts or name == first:
            if any(f"{stem}-{other}" not in texts for other in languages):
                fault = message("the text is missing in at least one language of the course.")
                yield place.finding("languages", fault, name)
            continue
        for (part, found), (_, wanted) in zip(outline(texts[name]), outline(texts[first]), strict=True):
            if found != wanted:
                fault = message(
                    "{part}: {found}; it should be as in `{other}`: {wanted}.",
                    part=part,
                    found=found or "–",
                    other=first,
                    wanted=wanted or "–",
                )
                yield place.finding("languages", fault, name)


def _code_pairs(place: Place, source: NotebookNode, languages: Sequence[Language]) -> Iterator[Finding]:
    """Yield code that does not do the same in each language, and plots whose labels are not in each."""
    code = {cell.id: cell for cell in source.cells if cell.cell_type == "code" and not is_afterwards(cell)}
    for name, cell in code.items():
        stem, _, _ = name.rpartition("-")
        language, first = cell.metadata.get("lang"), f"{stem}-{languages[0]}"
        if language is None:
            if not nbgrader(cell) and _labels(cell.source):
                fault = message(
                    "the labels of this plot are the same in every language; make it one cell for each "
                    "language, {wanted}, with `lang` in the metadata.",
                    wanted=_listed(f"{name}-{known}" for known in languages),
                )
                yield place.finding("languages", fault, name)
        elif any(f"{stem}-{known}" not in code for known in languages) or name != f"{stem}-{language}":
            fault = message(
                "code in several languages should be the cells {wanted}, each with its language in `lang`.",
                wanted=_listed(f"{stem if stem else name}-{known}" for known in languages),
            )
            yield place.finding("languages", fault, name)
        elif _deeds(cell.source) != _deeds(code[first].source):
            fault = message(
                "the code does something else than `{other}`; only texts and comments may differ.",
                other=first,
            )
            yield place.finding("languages", fault, name)


def _labels(source: str) -> bool:
    """Return whether code draws a plot that says something in words."""
    tree = _tree(source)
    if tree is None or ("matplotlib" not in source and "plt." not in source):
        return False
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    said = [word.value for call in calls for word in call.keywords if word.arg in _SAYING]
    said += [
        value
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr.removeprefix("set_") in _SAYING
        for value in call.args
    ]
    return any(not isinstance(value, ast.Constant) or _WORD.search(str(value.value)) for value in said)


def _deeds(source: str) -> str | None:
    """Return what code does apart from its strings, whose gaps may be in another order; None if no Python."""
    tree = _tree(source)
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.JoinedStr):
            gaps = [part for part in node.values if isinstance(part, ast.FormattedValue)]
            node.values = sorted(gaps, key=ast.dump)
    return ast.dump(tree) if tree is not None else None


def _ending(course: Course, place: Place, source: NotebookNode) -> Iterator[Finding]:
    afterwards = afterwards_of(source)
    if afterwards is None:
        if course.rules.afterwards:
            fault = message(
                "there is nothing to show after full marks; there should be a text in each "
                "language and an alternative solution (`afterwards`)."
            )
            yield place.finding("afterwards", fault)
        return
    for text in source.cells:
        formula = _FORMULA.search(text.source)
        if formula and text.cell_type == "markdown" and is_afterwards(text):
            fault = message(
                "the formula `{found}` would be shown as plain text; reports cannot show formulas.",
                found=formula[0],
            )
            yield place.finding("afterwards", fault, text.id)
    cell = next(cell for cell in source.cells if cell.cell_type == "code" and is_afterwards(cell))
    replaced = next(cell for cell in source.cells if nbgrader(cell).get("grade_id") == afterwards.replaces)
    alternative = _code(afterwards.alternative)
    if alternative is None:
        fault = _no_python(afterwards.alternative, message("the alternative"))
        yield place.finding("afterwards", fault, cell.id)
    elif alternative == _code(solution(replaced.source)):
        fault = message(
            "the alternative is the solution of `{answer}`; it should be written differently.",
            answer=afterwards.replaces,
        )
        yield place.finding("afterwards", fault, cell.id)


def _no_python(source: str, what: Message) -> Message:
    """Return a message about where code is not Python."""
    try:
        ast.parse(source)
    except SyntaxError as error:
        return message(
            "{what} is not valid Python; it should be code that can be run (line {line}: {error}).",
            what=what,
            line=error.lineno or 1,
            error=error.msg,
        )
    except ValueError:
        pass
    return message("{what} is not valid Python; it should be code that can be run.", what=what)


def _code(source: str) -> str | None:
    """Return what code says apart from comments and line breaks; None where it is not Python."""
    tree = _tree(source)
    return ast.dump(tree) if tree is not None else None


def _tree(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except SyntaxError:
        return None


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "–"
