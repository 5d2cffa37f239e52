"""Finds right programs that a grader refuses, and the smallest of them."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from autograder.audit.equivalence.cell import Cell
from autograder.audit.equivalence.choices import Drawn, Seeded
from autograder.audit.equivalence.programs import Equivalent, cell_of, written
from autograder.audit.examiner import Examiner
from autograder.course.tags import answer_of
from autograder.feedback import TaskReport
from autograder.grading.restore import RestoredCell
from autograder.sandbox import CellResult

_TOGETHER = 20
_EXAMPLES = 300
_TRIES = 4


@dataclass(frozen=True)
class Refusal:
    """A right program without full marks: its task's report, or what else went wrong with it."""

    equivalent: Equivalent
    report: TaskReport | None
    trouble: str = ""


def refusals(examiner: Examiner, made: Sequence[Equivalent]) -> Iterator[Refusal]:
    """Run right programs, many of a task in one run, and yield those whose evidence is refused."""
    for task, group in groupby(made, key=lambda one: one.task):
        programs = list(group)
        for start in range(0, len(programs), _TOGETHER):
            yield from _refused(examiner, task, programs[start : start + _TOGETHER])


def _refused(examiner: Examiner, task: str, programs: Sequence[Equivalent]) -> Iterator[Refusal]:
    cells = examiner.scheme.solution.cells
    place = next(number for number, cell in enumerate(cells) if cell.id == answer_of(task))
    check = next(cell for cell in cells if cell.task == task)
    between = list(cells[place + 1 : cells.index(check)])
    before = list(cells[:place])
    tried: list[RestoredCell] = []
    for program in programs:
        source = program.sources[answer_of(task)]
        tried += [dataclasses.replace(cells[place], source=source), *between, check]
    run = examiner.session.run_cells(before + tried, examiner.scheme.probes, notebooks=1 + len(programs))
    results = {result.index: result for result in run.cells}
    for number, program in enumerate(programs):
        first = len(before) + number * (len(between) + 2)
        answer, checked = results.get(first), results.get(first + len(between) + 1)
        refusal = _judged(examiner, program, answer, checked)
        if refusal is not None:
            yield refusal


def _judged(
    examiner: Examiner, program: Equivalent, answer: CellResult | None, checked: CellResult | None
) -> Refusal | None:
    for result in (answer, checked):
        if result is None:
            return Refusal(program, None, "not run")
        if result.state != "ok":
            said = f"{result.error.name}: {result.error.value}" if result.error is not None else ""
            return Refusal(program, None, f"{result.state} {said}".strip())
    if checked is None or not checked.evidence:
        return Refusal(program, None, "no evidence")
    examined = examiner.of_evidence({program.task: checked.evidence[-1]})
    if examined.judged.troubles:
        return Refusal(program, None, examined.judged.troubles[0])
    report = next(task for task in examined.judged.tasks if task.id == program.task)
    return Refusal(program, report) if report.score < report.points else None


def shrunk(examiner: Examiner, refusal: Refusal, seed: int) -> Equivalent:
    """Return a smallest refused program of the same task: with as few choices as hypothesis can find."""
    from hypothesis import HealthCheck, Phase, find, settings, strategies
    from hypothesis.errors import NoSuchExample

    answer = cell_of(examiner.scheme, refusal.equivalent.task)
    known = _by_one_rule(examiner, answer, refusal.equivalent, random.Random(seed))
    refused: dict[str, bool] = {}

    @strategies.composite
    def programs(draw: strategies.DrawFn) -> Equivalent:
        choices = Drawn(lambda most: draw(strategies.integers(0, most)), known.rules)
        return written(answer, known.task, choices)

    def is_refused(program: Equivalent) -> bool:
        if program.text not in refused:
            refused[program.text] = any(True for _ in refusals(examiner, [program]))
        return refused[program.text]

    try:
        return find(
            programs(),
            is_refused,
            settings=settings(
                max_examples=_EXAMPLES,
                database=None,
                deadline=None,
                phases=(Phase.generate, Phase.shrink),
                suppress_health_check=list(HealthCheck),
            ),
            random=random.Random(seed),
        )
    except NoSuchExample:
        return known


def _by_one_rule(
    examiner: Examiner, answer: Cell, program: Equivalent, generator: random.Random
) -> Equivalent:
    """Return a refused program that one of the rules makes by itself, or else the program as it is.

    A rule that changes steps shifts all later choices, which shrinking cannot always undo.
    """
    tried = [
        written(answer, program.task, Seeded(generator, 1, (rule,)))
        for rule in program.rules
        for _ in range(_TRIES)
    ]
    different = {one.text: one for one in tried if one.rules}
    return next((one.equivalent for one in refusals(examiner, list(different.values()))), program)
