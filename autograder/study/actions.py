"""Runs public checks on GitHub: `python -m autograder.study.actions NOTEBOOK`, a step of a workflow.

It runs the notebook as a learner would, in this process: the repository is the learner's own, and holds
nothing that is hidden. What the cards say becomes annotations at the learner's cells, a summary of the job,
and the result that GitHub Classroom's reporter reads (`education/autograding-grading-reporter`): base64 of
JSON, in the step's output `result`.
"""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.checks import Grader, GraderFile, grader_of
from autograder.course import Assignment, Task, learners_course
from autograder.course.learners import place_of_task
from autograder.feedback import TaskReport, card_text
from autograder.feedback.summary import first_failed, in_short
from autograder.messages import AutograderError, Language, Message, clean, message, render
from autograder.regular import read_text
from autograder.study.language import notebook_language

CELL_SECONDS = 60
"""How long a cell may run, where the system can interrupt it."""

_SUMMARY_BYTES = 900_000
"""GitHub takes a summary of at most 1024 KiB, and nothing of a longer one."""
_LONGEST = 2_000
_ID = re.compile(r'^\s*"id":\s*"([\w-]{1,64})"', re.MULTILINE)
_SOURCE = re.compile(r'^\s*"source":', re.MULTILINE)


@dataclass(frozen=True)
class _Cell:
    """A code cell: its text, the task that it checks, the line of the file that it begins in.

    `answers` says whether it is an answer.
    """

    source: str
    task: str | None
    line: int
    answers: bool


@dataclass(frozen=True)
class _Row:
    """A task's points by its public checks, and why they have not passed; None where they have."""

    task: str
    title: str
    score: float
    points: float
    why: str | None


@dataclass
class _Ran:
    """What running a notebook has left: the tasks' reports, and the errors that cells stopped with."""

    cards: dict[str, Any] = field(default_factory=dict)
    errors: list[tuple[_Cell, str]] = field(default_factory=list)


class _TooLong(KeyboardInterrupt):
    """A cell has run for too long: an interrupt, which no `except Exception` of a learner's catches."""


def main(path: Path) -> int:
    """Run a notebook's public checks, and tell GitHub; return 0 where there was a notebook to run.

    Raises:
        AutograderError: what was given out beside the notebook is missing or damaged.
    """
    shown = path.as_posix()
    cells, ran, unreadable = [], _Ran(), None
    try:
        cells = _cells(read_text(path))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as fault:
        reason = type(fault).__name__
        unreadable = message(
            "{file} is not a notebook that can be run ({reason}).", file=path.name, reason=reason
        )
    os.chdir(path.resolve().parent)
    if unreadable is None:
        ran = _run(cells)
    language = notebook_language()
    rows = [_row(name, ran, unreadable, language) for name in _tasks(path, cells)]
    for row in rows:
        if row.why is not None:
            _annotate(shown, _line_of(row.task, cells), row.title, row.why)
    for cell, error in ran.errors:
        # A cell that only checks is left out: it has been said already that its task was not checked.
        if cell.task is None:
            _annotate(shown, cell.line, path.name, error)
    _append("GITHUB_OUTPUT", f"result={_result(rows)}\n")
    _append("GITHUB_STEP_SUMMARY", _summary(path, rows, ran, language))
    return 0 if unreadable is None else 1


def _tasks(path: Path, cells: Sequence[_Cell]) -> list[str]:
    """Return the tasks of the notebook's assignment: the one with most of its cells, or else of its name."""
    named = {cell.task for cell in cells}
    assignments = learners_course(Path.cwd()).assignments

    def claim(assignment: Assignment) -> tuple[int, bool]:
        return sum(task.id in named for task in assignment.tasks), assignment.id == path.stem

    # A text has no checks: a person grades it.
    return [task.id for task in max(assignments, key=claim).checked]


def _row(name: str, ran: _Ran, unreadable: Message | None, language: Language) -> _Row:
    """Return what became of a task."""
    task, grader = _known(name, language)
    card = ran.cards.get(name)
    why = _why(card, language) if unreadable is None else render(unreadable, language)
    return _Row(
        task=name,
        title=clean(task.title.in_language(language)),
        score=sum(check.score for check in card.report.checks) if card is not None else 0.0,
        points=sum(check.marking.points for check in grader.of_task(name) if check.public),
        why=why,
    )


def _known(name: str, language: Language) -> tuple[Task, Grader]:
    """Return a task and its public checks, as they were given out beside the notebook."""
    place = place_of_task(name)
    assignment, task = place.course.find_task(name)
    checks, folder = place.checks(assignment, language)
    file = GraderFile(folder / f"test_{assignment.module}.py", checks.grader, public=True)
    return task, grader_of(assignment.id, [file], checks.translations)


def _cells(text: str) -> list[_Cell]:
    """Return the code cells of a notebook's file, each with its line there."""
    notebook = json.loads(text)
    lines: dict[str, int] = {}
    for found in _ID.finditer(text):
        key = _SOURCE.search(text, found.end())
        begins = key.start() if key is not None else found.start()
        # The text itself begins on the line after the key.
        lines[found[1]] = text.count("\n", 0, begins + 1) + 2
    cells = []
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        source = "".join(cell["source"])
        data = cell.get("metadata", {}).get("nbgrader", {})
        task = re.match(r"""\s*check\(\s*["']([a-z0-9-]+)["']""", source)
        last = text.count("\n") + 1
        line = min(lines.get(cell.get("id", ""), 1), last)
        cells.append(_Cell(source, task[1] if task else None, line, bool(data.get("solution"))))
    return cells


def _run(cells: Sequence[_Cell]) -> _Ran:
    """Run the cells one after the other, as Jupyter would, and return what that has left."""
    os.environ.setdefault("MPLBACKEND", "agg")
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    from autograder.study.error_explanations import accompany
    from autograder.study.notebook import Card

    # No history file is written, and what cells print is kept from GitHub: it could be commands to it.
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"hist_file": ":memory:"}}))
    accompany(shell)
    ran = _Ran()
    with open(os.devnull, "w", encoding="utf-8") as nothing, redirect_stdout(nothing):
        for cell in cells:
            result: Any = None
            # IPython handles what stopped a cell, unless it came between two of IPython's own steps.
            with _at_most(CELL_SECONDS), suppress(_TooLong):
                result = shell.run_cell(cell.source, store_history=True)
            error = _TooLong() if result is None else result.error_in_exec or result.error_before_exec
            if isinstance(error, _TooLong):
                said = message("The cell ran longer than {seconds} seconds.", seconds=CELL_SECONDS)
                ran.errors.append((cell, render(said, notebook_language())))
            elif error is not None:
                ran.errors.append((cell, clean(f"{type(error).__name__}: {error}", _LONGEST)))
            elif cell.task is not None and isinstance(result.result, Card):
                ran.cards[cell.task] = result.result
    return ran


@contextmanager
def _at_most(seconds: int) -> Iterator[None]:
    """Interrupt the block after so many seconds, where the system can."""
    if sys.platform == "win32":
        yield
    else:

        def interrupt(*_: object) -> None:
            raise _TooLong

        before = signal.signal(signal.SIGALRM, interrupt)
        signal.alarm(seconds)
        try:
            yield
        finally:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, before)


def _why(card: Any, language: Language) -> str | None:
    """Return why a task's public checks have not passed, in short; None where they have."""
    if card is None:
        return render(message("This task was not checked: its cell did not run to its end."), language)
    report: TaskReport = card.report
    if not report.attempted:
        return render(message("Not attempted yet"), language)
    failed = first_failed(report.checks)
    if failed is None:
        return None
    said: Message = in_short(failed.failure) if failed.failure is not None else failed.title
    return clean(render(said, language), _LONGEST)


def _line_of(name: str, cells: Sequence[_Cell]) -> int:
    """Return the line of the answer to a task: the nearest answer's cell before its check."""
    place = next((number for number, cell in enumerate(cells) if cell.task == name), None)
    if place is None:
        return 1
    answers = (cell.line for cell in reversed(cells[:place]) if cell.answers)
    return next(answers, cells[place].line)


def _annotate(file: str, line: int, title: str, said: str) -> None:
    """Print a workflow command that shows an error at a line of a file."""
    place = f"file={_property(file)},line={line},title={_property(title)}"
    print(f"::error {place}::{_data(said)}", flush=True)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _result(rows: Sequence[_Row]) -> str:
    """Return what GitHub Classroom's reporter reads: a test for each task, with its points."""
    document = {
        "version": 1,
        "status": "pass" if all(row.why is None for row in rows) else "fail",
        "max_score": round(sum(row.points for row in rows), 4),
        "tests": [
            {
                "name": row.title,
                "status": "pass" if row.why is None else "fail",
                "score": round(row.score, 4),
                "message": row.why,
                "line_no": 0,
                "test_code": "",
            }
            for row in rows
        ],
    }
    return base64.b64encode(json.dumps(document).encode()).decode()


def _summary(path: Path, rows: Sequence[_Row], ran: _Ran, language: Language) -> str:
    """Return the job's summary in Markdown: points in a table, then each card as text, models included."""
    head = [render(one, language) for one in (message("Task"), message("Public checks"))]
    table = f"## {_plain(path.name)}\n\n| {head[0]} | {head[1]} |\n|---|---|\n"
    table += "".join(f"| {_plain(row.title)} | {row.score:g} / {row.points:g} |\n" for row in rows)
    parts = [table]
    for row in rows:
        card = ran.cards.get(row.task)
        if card is not None:
            parts.append(_fenced(card_text(card.report, language, remarks=card.remarks)))
        else:
            parts.append(_fenced(f"{row.title}\n{row.why}"))
    parts += [_fenced(error) for _, error in ran.errors]
    return "".join(parts).encode()[:_SUMMARY_BYTES].decode(errors="ignore")


def _fenced(text: str) -> str:
    """Return a text as it is, in a fence that nothing in it can end."""
    longest = max((len(found) for found in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"\n{fence}text\n{text.rstrip()}\n{fence}\n"


def _plain(text: str) -> str:
    return re.sub(r"([\\|<>`*_\[\]#])", r"\\\1", clean(text))


def _append(variable: str, text: str) -> None:
    place = os.environ.get(variable)
    if place:
        with open(place, "a", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    try:
        sys.exit(main(Path(sys.argv[1])))
    except AutograderError as error:
        print("::error::" + _data(" ".join(render(said, "en") for said in error.messages)))
        sys.exit(1)
