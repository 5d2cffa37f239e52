"""Grades one submission: restore, run, read, check, report."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from autograder.checks import Subject
from autograder.course import Assignment, Task
from autograder.course.tags import nbgrader
from autograder.feedback import Afterwards, CellRun, Isolation, Report, TaskReport, Timings
from autograder.feedback.words import BROKEN
from autograder.grading.carried import better, second_run
from autograder.grading.judge import Judged, error_text, judge, subjects_of
from autograder.grading.restore import Restored, RestoredCell, restore, untouched
from autograder.grading.scheme import RunCells, Scheme
from autograder.grading.submission import Submission, UnreadableNotebook, loaded
from autograder.grading.written import shown, written
from autograder.messages import LANGUAGE_TAG, Language, Message, message, name_in_text, unbroken
from autograder.sandbox import Run

_NO_MODULE = re.compile(r"No module named '([\w.]{1,80})'")
_MOST_NAMED = 5


@dataclass(frozen=True)
class GradedSubmission:
    """A submission's report and what it was made from.

    `troubles` are broken checks' tracebacks, for the author. A notebook that could not be read has only a
    report. `kept` is what the session's `Keep` made of the submission.
    """

    report: Report
    troubles: list[str] = field(default_factory=list)
    restored: Restored | None = None
    run: Run | None = None
    kept: Any = None


@dataclass(frozen=True)
class Ran:
    """A notebook's first run, what its checks looked at, what they found, and how long all runs took."""

    run: Run
    subjects: Mapping[str, Subject]
    judged: Judged
    seconds: float


def grade_submission(
    submission: Submission,
    scheme: Scheme,
    run_cells: RunCells,
    isolation: Isolation,
    content: bytes | None = None,
) -> GradedSubmission:
    """Return a submission's report; `content` is its file's content, where that lies on another machine.

    The report says what is wrong with the submission; an exception is the grader's own fault.
    """
    started = time.perf_counter()
    try:
        read = submission.content() if content is None else content
        notebook = loaded(read, submission.path)
    except UnreadableNotebook as problem:
        notes = [*submission.notes, problem.message]
        return GradedSubmission(without_run(submission, scheme.assignment, "unreadable", notes, isolation))
    restored = restore(notebook.notebook, scheme.source, [task.id for task in scheme.assignment.tasks])
    ran = run_and_judge(scheme, restored.cells, run_cells, untouched(restored.cells, scheme.source))
    run, judged = ran.run, ran.judged
    texts = written(restored.cells, scheme.lines)
    checked = {task.id: task.model_copy(update={"written": texts.get(task.id, "")}) for task in judged.tasks}
    by_hand = {task.id: text_report(task, restored) for task in scheme.assignment.by_hand}
    tasks = [{**checked, **by_hand}[task.id] for task in scheme.assignment.tasks]
    finished = time.perf_counter()
    report = Report(
        assignment=scheme.assignment.id,
        assignment_title=scheme.assignment.title,
        student=submission.student,
        notebook=name_in_text(submission.path.name),
        digest=notebook.digest,
        language=language_of(notebook.notebook.metadata),
        grader=scheme.fingerprint,
        # A broken check is the grader's fault, and the score is not final until it is repaired.
        outcome="broken" if judged.troubles else "graded",
        score=sum(task.score for task in tasks),
        pending=sum(task.points for task in tasks if task.pending),
        max_score=scheme.assignment.points,
        tasks=tasks,
        notes=[
            *submission.notes,
            *notebook.notes,
            *restored.notes,
            *_lacking(run),
            *([run.ended] if run.ended else []),
        ],
        cells=_cells(restored, run),
        afterwards=_afterwards(scheme, tasks, judged),
        isolation=isolation,
        timings=_timings(finished - started, ran.seconds, judged, run, restored),
    )
    return GradedSubmission(report, judged.troubles, restored, run)


def run_and_judge(
    scheme: Scheme, cells: Sequence[RestoredCell], run_cells: RunCells, starters: Collection[str] = ()
) -> Ran:
    """Run a notebook's cells and judge what they left; where an error is carried forward, do so twice.

    Args:
        scheme: the marking scheme.
        cells: the notebook's code cells.
        run_cells: runs them.
        starters: the tasks whose answers are still the starter code.
    """
    first = run_once(scheme, cells, run_cells, starters)
    judged = first.judged
    second = second_run(cells, judged.tasks, scheme.parts, starters)
    # A run that was ended would take as long again, and be ended again.
    if second is None or first.run.ended is not None:
        return first
    some = [task for task in scheme.assignment.tasks if task.id in second.tasks]
    assignment = scheme.assignment.model_copy(update={"tasks": tuple(some)})
    probes = {task: asked for task, asked in scheme.probes.items() if task in second.tasks}
    parts = {task: scheme.parts[task].graphs for task in second.stand_ins}
    started = time.perf_counter()
    again = run_cells(second.cells, probes, second.stand_ins)
    seconds = first.seconds + time.perf_counter() - started
    with_stand_ins = subjects_of(assignment, second.cells, again, probes, scheme.references, parts)
    judged_again = judge(assignment, scheme.grader, with_stand_ins, starters)
    numbers = {task.id: number for number, task in enumerate(scheme.assignment.tasks, start=1)}
    tasks = better(judged.tasks, judged_again.tasks, with_stand_ins, numbers)
    checked = {task: took + judged_again.seconds.get(task, 0) for task, took in judged.seconds.items()}
    troubles = [*judged.troubles, *judged_again.troubles]
    return replace(first, judged=Judged(tasks, checked, troubles), seconds=seconds)


def run_once(
    scheme: Scheme, cells: Sequence[RestoredCell], run_cells: RunCells, starters: Collection[str] = ()
) -> Ran:
    """Run a notebook's cells and judge what they left, like `run_and_judge` but without stand-ins."""
    started = time.perf_counter()
    run = run_cells(cells, scheme.probes)
    seconds = time.perf_counter() - started
    subjects = subjects_of(scheme.assignment, cells, run, scheme.probes, scheme.references)
    return Ran(run, subjects, judge(scheme.assignment, scheme.grader, subjects, starters), seconds)


def language_of(metadata: Mapping[str, Any]) -> Language | None:
    """Return the language that a notebook's metadata names, as a release has written it there."""
    said = metadata.get("autograder")
    named = said.get("language") if isinstance(said, dict) else None
    return named if isinstance(named, str) and re.match(LANGUAGE_TAG, named) else None


def text_report(task: Task, restored: Restored) -> TaskReport:
    """Return the report of a task that a person grades: pending, unless nothing was written.

    Whether something was written is decided by the cell's checksum, as in nbgrader (`determine_grade`).
    """
    # nbformat takes a second to import, so only grading imports it.
    from autograder.course.release import checksum

    cell = restored.texts[task.id]
    answered = nbgrader(cell).get("checksum") != checksum(cell)
    return TaskReport(
        id=task.id,
        title=task.title,
        points=task.points,
        score=0.0,
        checks=[],
        attempted=answered,
        by_hand=True,
        pending=answered,
        written=shown(cell.source) if answered else "",
    )


def without_run(
    submission: Submission, assignment: Assignment, outcome: str, notes: list[Message], isolation: Isolation
) -> Report:
    """Return the report of a submission that could not be run, with every task and no score."""
    return Report.model_validate(
        {
            "assignment": assignment.id,
            "assignment_title": assignment.title,
            "student": submission.student,
            "notebook": name_in_text(submission.path.name),
            "digest": "",
            "outcome": outcome,
            "score": 0.0,
            "max_score": assignment.points,
            "tasks": [
                TaskReport(
                    id=task.id,
                    title=task.title,
                    points=task.points,
                    score=0.0,
                    checks=[],
                    by_hand=task.by_hand,
                )
                for task in assignment.tasks
            ],
            "notes": notes,
            "isolation": isolation,
        }
    )


def broken(
    submission: Submission, assignment: Assignment, isolation: Isolation, said: Iterable[Message] = ()
) -> Report:
    """Return the report of a submission on which the grader itself failed; `said` is why, if known."""
    return without_run(submission, assignment, "broken", [*submission.notes, BROKEN, *said], isolation)


def _afterwards(scheme: Scheme, tasks: Sequence[TaskReport], judged: Judged) -> Afterwards | None:
    """Return the explanation of the solution for full marks, ignoring pending tasks; otherwise None."""
    full = all(task.pending or task.score >= task.points for task in tasks)
    if scheme.afterwards is None or judged.troubles or not full:
        return None
    return Afterwards(text=scheme.afterwards.text, alternative=scheme.afterwards.alternative)


def _cells(restored: Restored, run: Run) -> list[CellRun]:
    results = {result.index: result for result in run.cells}
    cells = []
    for number, cell in enumerate(restored.cells):
        result = results.get(number)
        cells.append(
            CellRun(
                index=number,
                id=unbroken(cell.id),
                task=cell.task,
                state=result.state if result is not None else "not_run",
                error=error_text(result) if result is not None else None,
                traceback=unbroken("\n".join(result.error.traceback)) if result and result.error else "",
            )
        )
    return cells


def _lacking(run: Run) -> Iterator[Message]:
    """Yield messages about packages that the notebook imports and the grader lacks."""
    named: set[str] = set()
    for cell in run.cells:
        match = _NO_MODULE.match(cell.error.value) if cell.error else None
        if cell.error is None or match is None or cell.error.name != "ModuleNotFoundError":
            continue
        if match[1] not in named and len(named) < _MOST_NAMED:
            named.add(match[1])
            yield message(
                "The grader has no package `{package}`: what needs it does not run here. It has Python's own "
                "modules, Keras, TensorFlow, NumPy and Matplotlib.",
                package=match[1],
            )


def _timings(total: float, run_seconds: float, judged: Judged, run: Run, restored: Restored) -> Timings:
    return Timings(
        total=total,
        run=run_seconds,
        checks=total - run_seconds,
        cells={restored.cells[result.index].id: result.seconds for result in run.cells},
        tasks=judged.seconds,
    )
