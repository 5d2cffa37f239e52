"""Makes task reports from a run's evidence: reads it, checks it, scores it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from autograder.cells import changed_by, given_in, left_by, made_by, named_in
from autograder.checks import Failure, Grader, Subject, error_failure, read_subject, run_checks
from autograder.course import Assignment, Task
from autograder.evidence import Evidence, EvidenceError, ProbeRequest, read
from autograder.feedback import TaskReport, task_report
from autograder.grading.restore import RestoredCell
from autograder.graph import Parts
from autograder.messages import Message, message
from autograder.sandbox import CellError, CellResult, Run

Probes = Mapping[str, Sequence[ProbeRequest]]
"""The inputs that each task's function is called on, by task id."""


@dataclass
class Judged:
    """The report of every task that checks grade, and the seconds that they took."""

    tasks: list[TaskReport]
    seconds: dict[str, float]
    troubles: list[str]


def subjects_of(
    assignment: Assignment,
    cells: Sequence[RestoredCell],
    run: Run,
    probes: Probes,
    references: Mapping[str, Subject],
    parts: Parts = MappingProxyType({}),
) -> dict[str, Subject]:
    """Return what each task's checks look at; `parts` replace the stand-ins of earlier tasks.

    Evidence counts only if it was left while the task's own graded cell was running, and covers all probes.
    """
    results = {result.index: result for result in run.cells}
    subjects = {}
    places = {cell.task: number for number, cell in reversed(list(enumerate(cells))) if cell.task is not None}
    for task in assignment.checked:
        index = places.get(task.id)
        result = results.get(index) if index is not None else None
        # A learner who writes a stand-in by hand must not get this task's own graph for it, or a later one's.
        before = {name: part for name, part in parts.items() if places[name] < places.get(task.id, -1)}
        asked = probes.get(task.id, ())
        subjects[task.id] = _subject(task, cells, results, index, result, run, asked, before)
        # Where nothing was handed in, `absence` already says why.
        if index is not None and subjects[task.id].absence is None:
            subjects[task.id].stopped = _stopped(cells, results, index)
        subjects[task.id].reference = references.get(task.id)
    return subjects


def _subject(
    task: Task,
    cells: Sequence[RestoredCell],
    results: Mapping[int, CellResult],
    index: int | None,
    result: CellResult | None,
    run: Run,
    probes: Sequence[ProbeRequest],
    parts: Parts,
) -> Subject:
    documents: list[Evidence] = []
    for text in result.evidence if result is not None else ():
        try:
            evidence = read(text)
        except EvidenceError as error:
            return Subject(task.id, absence=Failure(rationale=error.message))
        if evidence.task == task.id:
            if evidence.altered:
                return Subject(task.id, absence=_altered(evidence.altered))
            documents.append(evidence)
    if documents:
        return read_subject(task.id, documents, probes, parts, partial(_names, cells))
    return Subject(task.id, absence=_absence(cells, results, index, result, run))


def _stopped(cells: Sequence[RestoredCell], results: Mapping[int, CellResult], index: int) -> Failure | None:
    """Return the error that kept a task's cells from making, or compiling, what its graded cell checks."""
    checked = named_in(cells[index].source)
    for number in reversed(range(index)):
        if cells[number].task is not None:
            break
        result = results.get(number)
        if result is None or not checked & changed_by(cells[number].source):
            continue
        # The other statements of a lenient cell have run.
        if cells[number].lenient:
            continue
        # A later cell has made it anew, without an error.
        if result.error is None:
            break
        if checked & left_by(cells[number].source, result.error.line_number):
            stopped = message("The cell that should make this has stopped with an error.")
            return _error_of(result, stopped, _names(cells))
    return None


def _names(cells: Sequence[RestoredCell]) -> set[str]:
    return set().union(*(given_in(cell.source) for cell in cells))


def _error_of(cell: CellResult, rationale: Message, names: Collection[str]) -> Failure:
    assert cell.error is not None, "only a cell that stopped with an error has one"
    return error_failure(
        rationale,
        cell.error.name,
        cell.error.value,
        line=cell.error.line or "",
        names=names,
        where=error_place(cell),
    )


def _altered(name: str) -> Failure:
    return Failure(
        rationale=message("Your notebook redefines `{name}`, so nothing could be checked.", name=name),
        hint=message("Do not reuse names of Python, Keras or the course; choose a different name."),
    )


def _absence(
    cells: Sequence[RestoredCell],
    results: Mapping[int, CellResult],
    index: int | None,
    result: CellResult | None,
    run: Run,
) -> Failure:
    """Return why a task has left no evidence: the first thing that went wrong on the way to it."""
    if index is None or result is None or result.state == "not_run":
        return Failure(
            rationale=message("The run ended before this task's check was reached."),
            found=run.ended,
            where=_ended_where(cells, results),
        )
    if result.state == "interrupted":
        return Failure(
            rationale=message("This task's check exceeded the time limit for a cell."),
            where=message("code cell {number}", number=index + 1),
            hint=message(
                "Does your function train a model, or run a very long loop? It should only build the model."
            ),
        )
    if result.state == "ended":
        return Failure(rationale=message("The run ended during this task's check."), found=run.ended)
    culprit = result
    if result.error is not None and result.error.name == "NameError":
        # The name may be missing because an earlier cell stopped, and that is the mistake to correct.
        earlier = (results[number] for number in range(index) if number in results)
        failed = (cell for cell in earlier if cell.state in ("error", "interrupted"))
        culprit = next((cell for cell in failed if _may_lack(cells[cell.index], result.error)), result)
    if culprit.state == "interrupted":
        return Failure(
            rationale=message("A cell above this check exceeded the time limit and was stopped."),
            where=message("code cell {number}", number=culprit.index + 1),
            hint=message("Check for a loop that never ends."),
        )
    if culprit.error is None:
        return Failure(
            rationale=message("This task was not checked. Did you redefine `check`?"),
            where=message("code cell {number}", number=index + 1),
        )
    stopped = message("Your code stopped with an error before there was anything to check.")
    return _error_of(culprit, stopped, _names(cells))


def _may_lack(cell: RestoredCell, error: CellError) -> bool:
    """Return whether a failed cell may be why a name is missing; a lenient one has run all else."""
    return not cell.lenient or any(f"'{name}'" in error.value for name in made_by(cell.source))


def error_text(cell: CellResult) -> Message | None:
    """Return a cell's exception in one line."""
    if cell.error is None:
        return None
    return Message(text="{name}: {text}", values={"name": cell.error.name, "text": cell.error.value})


def error_place(cell: CellResult) -> Message:
    """Return where in the notebook a cell's exception was raised."""
    number = cell.index + 1
    if cell.error is None or not cell.error.line:
        return message("code cell {number}", number=number)
    return message(
        "code cell {number}, line {line_number}: `{line}`",
        number=number,
        line_number=cell.error.line_number or 0,
        line=cell.error.line.strip(),
    )


def _ended_where(cells: Sequence[RestoredCell], results: Mapping[int, CellResult]) -> Message | None:
    for number in range(len(cells)):
        result = results.get(number)
        if result is not None and result.state in ("ended", "interrupted"):
            return message("code cell {number}", number=number + 1)
    return None


def judge(
    assignment: Assignment,
    grader: Grader,
    subjects: Mapping[str, Subject],
    untouched: Collection[str] = (),
) -> Judged:
    """Run an assignment's checks over one submission's subjects and score the tasks that they grade.

    `untouched` are the tasks whose answers are still the starter code.
    """
    results = run_checks(grader, subjects)
    judged = Judged([], {}, [])
    for task in assignment.checked:
        attempted = task.id not in untouched
        judged.tasks.append(task_report(task, grader, results, subjects[task.id], attempted=attempted))
        judged.seconds[task.id] = sum(
            results[definition.id].seconds for definition in grader.of_task(task.id)
        )
    judged.troubles += [result.trouble for result in results.values() if result.verdict == "broken"]
    return judged
