"""Pinned answers: what learners hand in, and what they must get, read and kept by an author.

They lie in `graders/pinned/ASSIGNMENT.yml`, which the audit proposes and the linter checks. An answer names
the solution cells that it replaces; every other cell keeps the reference solution. `STUB` for a cell keeps
the starter code that is given out, and `cells: STUB` keeps that of every cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal

from nbformat import NotebookNode
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from autograder.audit.linting.finding import Finding, Place
from autograder.audit.linting.trials import Trial, graded, with_answers
from autograder.audit.messages import first_failed, spoken
from autograder.course import Assignment, CourseError
from autograder.course.starter import solution, starter
from autograder.course.tags import nbgrader
from autograder.feedback import Report
from autograder.grading import GradingSession
from autograder.messages import Language, Localized, Message, message
from autograder.regular import read_text

STUB = "STUB"


class Entry(BaseModel):
    """A part of the file: unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Failing(Entry):
    """The first check of a task that fails, and a phrase of what it says in each language."""

    check: str
    says: Localized


class Submitted(Entry):
    """One answer: its name, what it is about, and its cells by the id of the solution's cell."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    about: Annotated[str, Field(pattern=r"^\S.*[.?!]$")]
    cells: dict[str, str] | Literal["STUB"]


class Wrong(Submitted):
    """A wrong answer: `scores` are those of exactly the tasks below full marks; `failures` says why."""

    scores: Annotated[dict[str, float], Field(min_length=1)]
    failures: dict[str, Failing]


class Pinned(Entry):
    """Everything that an assignment's file pins."""

    wrong: list[Wrong] = []
    right: list[Submitted] = []


def read_pinned(path: Path) -> Pinned | None:
    """Return what a file pins; None where there is no file.

    Raises:
        CourseError: it cannot be read, or is not in this format.
    """
    try:
        content = YAML(typ="safe", pure=True).load(read_text(path))
        return Pinned.model_validate(content)
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = error.strerror or type(error).__name__
    except ValidationError as error:
        # An unknown key explains the one that is missing.
        faults = error.errors(include_url=False, include_input=False)
        first = next((fault for fault in faults if fault["type"] == "extra_forbidden"), faults[0])
        place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"])
        said = "not a valid key here" if first["type"] == "extra_forbidden" else first["msg"]
        reason = f"{place.removeprefix('.')}: {said}".removeprefix(": ")
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = f"line {mark.line + 1 if mark else 1}: {error.problem or error.context}"
    except (YAMLError, ValueError) as error:
        reason = " ".join(str(error).split()).rstrip(".")
    raise CourseError(message("{file} cannot be read: {reason}.", file=str(path), reason=reason))


def pinned_findings(
    session: GradingSession, assignment: Assignment, source: NotebookNode
) -> Iterator[Finding]:
    """Yield where a pinned answer does not get what its file says."""
    path = session.course.pinned(assignment)
    place = Place(path.relative_to(session.course.root).as_posix())
    try:
        pinned = read_pinned(path)
    except CourseError as error:
        # The linter names files relative to the course, not by where the course lies.
        yield from (
            Finding(
                "pinned", place.file, said.model_copy(update={"values": {**said.values, "file": place.file}})
            )
            for said in error.messages
        )
        return
    if pinned is None:
        return
    entries: list[Submitted] = [*pinned.wrong, *pinned.right]
    known = set(answers_of(source))
    for entry in entries:
        unknown = [] if entry.cells == STUB else sorted(entry.cells.keys() - known)  # type: ignore[union-attr]
        if unknown:
            fault = message(
                "`{name}` answers `{cell}`; the solution's cells are {known}.",
                name=entry.name,
                cell=unknown[0],
                known=", ".join(f"`{name}`" for name in sorted(known)),
            )
            yield place.finding("pinned", fault)
            return
        tasks = [task.id for task in assignment.checked]
        named = [*entry.scores, *entry.failures] if isinstance(entry, Wrong) else []
        strange = next((name for name in named if name not in tasks), None)
        if strange is not None:
            fault = message(
                "`{name}` pins something of `{task}`; the assignment's tasks are {known}.",
                name=entry.name,
                task=strange,
                known=", ".join(f"`{task}`" for task in tasks),
            )
            yield place.finding("pinned", fault)
            return
    for entry, report in zip(entries, reports_of(session, assignment, source, entries), strict=True):
        for fault in differences(entry, report, session.course.languages):
            yield place.finding("pinned", message("`{name}`: {fault}", name=entry.name, fault=fault))


def answers_of(source: NotebookNode) -> dict[str, str]:
    """Return the cells of a source notebook that hold a solution, by their `grade_id`."""
    return {
        nbgrader(cell)["grade_id"]: cell.source
        for cell in source.cells
        if nbgrader(cell).get("solution") and cell.cell_type == "code"
    }


def reports_of(
    session: GradingSession, assignment: Assignment, source: NotebookNode, entries: Iterable[Submitted]
) -> Iterator[Report]:
    code = answers_of(source)
    solved = {name: solution(text) for name, text in code.items()}

    def trial(entry: Submitted) -> Trial:
        cells = dict.fromkeys(code, STUB) if isinstance(entry.cells, str) else entry.cells
        written = {name: starter(code[name]) if text == STUB else text for name, text in cells.items()}
        return Trial(entry.name, with_answers(source, {**solved, **written}))

    for _, done in graded(session, assignment, map(trial, entries)):
        yield done.report


def differences(entry: Submitted, report: Report, languages: Sequence[Language]) -> Iterator[Message]:
    """Yield what an answer gets that its file does not pin."""
    checked = [task for task in report.tasks if not task.by_hand]
    below = {task.id: task for task in checked if task.score < task.points}
    scores = entry.scores if isinstance(entry, Wrong) else {}
    for task in checked:
        wanted = scores.get(task.id, task.points)
        if task.score != wanted:
            yield message(
                "it gets {found} points for `{task}`, and {wanted} are pinned.",
                found=f"{task.score:g}",
                task=task.id,
                wanted=f"{wanted:g}",
            )
    for name, failing in entry.failures.items() if isinstance(entry, Wrong) else ():
        failed = first_failed(below[name]) if name in below else None
        if failed is None or failed.failure is None:
            continue
        if failed.id != failing.check:
            yield message(
                "`{task}` fails `{found}`, and `{wanted}` is pinned.",
                task=name,
                found=failed.id,
                wanted=failing.check,
            )
            continue
        for language in languages:
            phrase = failing.says.root.get(language)
            said = spoken(failed.failure, language)
            if phrase is not None and phrase not in said:
                yield message(
                    "`{check}` says “{found}”, and “{wanted}” is pinned ({language}).",
                    check=failed.id,
                    found=said,
                    wanted=phrase,
                    language=language,
                )
