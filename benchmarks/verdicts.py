"""Beside the others: what a comparator of layer rows, plain asserts and our checks make of the same answers.

The answers are the audit's, wrong and right ones, to the tasks that ask for a model or for a function that
builds one: which of the wrong ones does each notice, and which of the right ones does each refuse?

python -m benchmarks.verdicts [--seed 1] [--most 300] [--dry-run] [ASSIGNMENT ...]
"""

from __future__ import annotations

import ast
import dataclasses
import gc
import inspect
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.audit.equivalence import Equivalent, equivalents
from autograder.audit.examiner import Examined, Examiner
from autograder.audit.mutation.killing import judged, mutants_of, verdicts
from autograder.audit.mutation.mutants import Mutant, sample
from autograder.audit.mutation.source.mutants import SourceMutant, source_mutants
from autograder.audit.proving import RIGHT, WRONG
from autograder.checks import Subject
from autograder.course import load_course
from autograder.grading import GradingSession, Scheme, choose_isolation, usable_cores
from autograder.grading.judge import judge, subjects_of
from autograder.grading.pool import Done, Lost, Pool
from autograder.grading.restore import RestoredCell
from autograder.graph import compare
from autograder.importing import import_quietly
from autograder.sandbox import WarmInterpreter
from benchmarks.options import at_least_one, benchmark_options
from benchmarks.peers import rows
from benchmarks.peers.checks import CHECKS, FUNCTIONS
from benchmarks.results import record

ROOT = Path(__file__).parents[1]
COMMAND = "make bench-verdicts"
SIDES = ("rows", "asserts", "ours")
Answer = Mutant | SourceMutant | Equivalent
Seen = Mapping[str, Mapping[str, Any]]
"""By task id, what `rows.seen` returned."""

_TOGETHER = 20
_MARK = "seen: "


@dataclass(frozen=True)
class Judged:
    """One answer: what each side finds wrong with it, None where a side has no check for it.

    `operator` is the kind of slip, or the rules by which a right answer was written; `compiling` says that
    what was built is right, and `compile` was told something wrong; `table` that there were models.
    """

    assignment: str
    right: bool
    operator: str
    what: str
    compiling: bool
    table: bool
    rows: bool
    asserts: bool | None
    ours: bool


@dataclass(frozen=True)
class Tally:
    """How many answers a side has judged, and with how many it found something wrong."""

    judged: int = 0
    objected: int = 0

    @property
    def share(self) -> float:
        """The share that it found something wrong with; 0 where there was none."""
        return self.objected / self.judged if self.judged else 0.0


@dataclass(frozen=True)
class _Batch:
    assignment: str
    begin: int
    end: int


@dataclass(frozen=True)
class _Answered:
    found: list[Judged] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    trouble: str = ""


@dataclass(frozen=True)
class _Trial:
    scheme: Scheme
    answers: Sequence[Answer]
    reference: Seen


def tally(found: Iterable[Judged], side: str, *, right: bool) -> Tally:
    """Return how many right, or wrong, answers a side has judged, and with how many it found fault."""
    verdicts = [getattr(one, side) for one in found if one.right == right]
    given = [verdict for verdict in verdicts if verdict is not None]
    return Tally(len(given), sum(given))


def differs(found: Seen, wanted: Seen, tasks: Iterable[str]) -> bool:
    """Return whether the rows of one of those tasks are not the reference's, or there are none."""
    return any(task not in found or found[task]["rows"] != wanted[task]["rows"] for task in tasks)


def fails(found: Seen, tasks: Iterable[str]) -> bool:
    """Return whether the asserts of one of those tasks fail, or have nothing to look at."""
    return any(task not in found or not found[task]["passes"] for task in tasks)


def checks_of(assignment: str) -> dict[str, Callable[[Any], None]]:
    """Return the plain asserts of an assignment, by task id; none where nobody has written any."""
    functions = FUNCTIONS.get(assignment, ())
    return {check.task: one for check, one in zip(CHECKS.get(assignment, ()), functions, strict=True)}


def model_tasks(scheme: Scheme) -> list[str]:
    """Return the tasks whose reference solution is a model, or a function that builds one."""
    return [task for task, subject in scheme.references.items() if subject.models and subject.graphs]


def built_alike(subject: Subject) -> bool:
    """Return whether a task's models are the reference's, names included, whatever `compile` was told."""
    wanted = subject.reference
    if wanted is None or subject.absence is not None or len(subject.models) != len(wanted.models):
        return False
    return all(
        one.graph is not None and other.graph is not None and not compare(one.graph, other.graph, names=True)
        for one, other in zip(subject.models, wanted.models, strict=True)
    )


def with_looks(scheme: Scheme, changed: Mapping[str, str], last: str | None = None) -> list[RestoredCell]:
    """Return the reference's cells with other code in some, and with cells that print what the others see.

    What each task hands over is kept where it is handed over, and looked at behind all of them: looking calls
    the learner's functions, which must not change what a later task leaves as evidence.

    Args:
        scheme: the assignment's.
        changed: the code of some cells, by cell id.
        last: the task behind which the notebook ends; else its last one.
    """
    checks = checks_of(scheme.assignment.id)
    tasks = {*model_tasks(scheme), *checks}
    cells, looks = [], []
    for cell in scheme.solution.cells:
        cells.append(dataclasses.replace(cell, source=changed.get(cell.id, cell.source)))
        if cell.task in tasks and (last is None or cell.task == last):
            name = f"_kept_{len(looks)}"
            kept = f"{name} = {_handed_over(cell.source)}"
            cells.append(RestoredCell(f"kept-{cell.task}", kept, cell.position))
            look = _look(cell.task, name, scheme, checks.get(cell.task))
            looks.append(RestoredCell(f"look-{cell.task}", look, cell.position))
        if last is not None and cell.task == last:
            break
    return [*cells, *looks]


def _handed_over(check: str) -> str:
    statement = ast.parse(check).body[-1]
    assert isinstance(statement, ast.Expr)
    assert isinstance(statement.value, ast.Call)
    return ast.unparse(statement.value.args[1])


def _look(task: str, name: str, scheme: Scheme, check: Callable[[Any], None] | None) -> str:
    source = inspect.getsource(rows)
    if check is not None:
        source += f"\n\n{inspect.getsource(check)}"
    called = f"seen({name}, {list(scheme.probes.get(task, []))!r}, {check.__name__ if check else None})"
    return (
        f"import json as _json\n_looking = {{'{name}': {name}}}\nexec({source!r}, _looking)\n"
        f"print({_MARK!r} + _json.dumps([{task!r}, eval({called!r}, _looking)]))"
    )


def looks_in(run: Any) -> Seen:
    """Return what the cells of `with_looks` have printed."""
    found = {}
    for cell in run.cells:
        if cell.id.startswith("look-"):
            text = "".join("".join(output.get("text", "")) for output in cell.outputs)
            for line in text.splitlines():
                if line.startswith(_MARK):
                    task, told = json.loads(line.removeprefix(_MARK))
                    found[task] = told
    return found


def _of_sources(
    examiner: Examiner, session: GradingSession, changed: Mapping[str, str], last: str | None = None
) -> tuple[Examined, Seen]:
    """Return what ours and the others see of one run of the reference's notebook with other code."""
    scheme = examiner.scheme
    cells = with_looks(scheme, changed, last)
    # Looking takes as long as the notebook may, in limits of its own.
    run = session.run_cells(cells, scheme.probes, notebooks=2)
    subjects = subjects_of(scheme.assignment, cells, run, scheme.probes, scheme.references)
    examined = Examined(cells, run, subjects, judge(scheme.assignment, scheme.grader, subjects))
    return examined, looks_in(run)


def of_evidence(documents: Mapping[str, bytes], scheme: Scheme) -> Seen:
    """Return what the others see of evidence, in the models that Keras builds anew of it."""
    from autograder.graph.construction import without_weights
    from benchmarks.rebuilt import function_of, models_in, rebuild

    checks = checks_of(scheme.assignment.id)
    found = {}
    for task, text in documents.items():
        document = json.loads(text)
        with without_weights():
            try:
                models = [rebuild(one) for one in models_in(document)]
                # As it came out of a learner's process, where JSON has no tuples.
                told = json.loads(json.dumps([rows.rows_of(model) for model in models]))
            except Exception:
                models, told = [], None
            check, passed = checks.get(task), None
            if check is not None:
                answer = function_of(document) if task in scheme.probes else next(iter(models), None)
                passed = rows.passes(check, answer)
        found[task] = {"rows": told, "passes": passed}
    return found


def _batch(
    examiner: Examiner, session: GradingSession, trial: _Trial, answers: Sequence[Answer]
) -> _Answered:
    answered = _Answered()
    for answer in answers:
        if isinstance(answer, Equivalent):
            answered.found.append(_right(examiner, session, trial, answer))
        else:
            fate, found = _wrong(examiner, session, trial, answer)
            if found is None:
                answered.left_out[fate] += 1
            else:
                answered.found.append(found)
    return answered


def _wrong(
    examiner: Examiner, session: GradingSession, trial: _Trial, answer: Mutant | SourceMutant
) -> tuple[str, Judged | None]:
    scheme = trial.scheme
    looked_at, asserted = model_tasks(scheme), list(checks_of(scheme.assignment.id))
    seen: Seen = {}
    if isinstance(answer, Mutant):
        (verdict,) = verdicts(examiner, [answer])
    else:
        examined, seen = _of_sources(examiner, session, {answer.cell: answer.source})
        verdict = judged(answer, examined, scheme.assignment)
    if verdict.fate not in ("killed", "survived") or verdict.examined is None:
        return verdict.fate, None
    if isinstance(answer, Mutant):
        documents = answer.evidence() or {}
        seen = of_evidence(documents, scheme)
        looked_at = [task for task in looked_at if task in documents]
        asserted = [task for task in asserted if task in documents]
    return verdict.fate, Judged(
        scheme.assignment.id,
        False,
        answer.operator,
        f"{answer.task}: {answer.what}",
        all(built_alike(verdict.examined.subjects[task]) for task in model_tasks(scheme)),
        all(task in seen and seen[task]["rows"] is not None for task in looked_at),
        differs(seen, trial.reference, looked_at),
        fails(seen, asserted) if asserted else None,
        verdict.fate == "killed",
    )


def _right(examiner: Examiner, session: GradingSession, trial: _Trial, answer: Equivalent) -> Judged:
    scheme = trial.scheme
    examined, seen = _of_sources(examiner, session, answer.sources, answer.task)
    report = next(task for task in examined.judged.tasks if task.id == answer.task)
    return Judged(
        scheme.assignment.id,
        True,
        ", ".join(answer.rules),
        f"{answer.task}:\n{answer.text}",
        False,
        answer.task in seen and seen[answer.task]["rows"] is not None,
        differs(seen, trial.reference, [answer.task]),
        fails(seen, [answer.task]) if answer.task in checks_of(scheme.assignment.id) else None,
        report.score < report.points,
    )


def _trouble(trial: _Trial) -> str:
    """Why no figure would mean anything: the reference is refused, or its rebuilt models have other rows."""
    scheme = trial.scheme
    if any(trial.reference.get(task, {}).get("rows") is None for task in model_tasks(scheme)):
        return "the reference solution has no rows"
    if fails(trial.reference, checks_of(scheme.assignment.id)):
        return "plain asserts refuse the reference solution"
    cells = {cell.task: number for number, cell in enumerate(scheme.solution.cells) if cell.task}
    documents = {
        task: result.evidence[-1]
        for task, number in cells.items()
        for result in scheme.solution.run.cells
        if result.index == number and task in model_tasks(scheme)
    }
    again = of_evidence(documents, scheme)
    if differs(again, trial.reference, documents):
        return "the reference's models have other rows once they are rebuilt"
    if fails(again, [task for task in checks_of(scheme.assignment.id) if task in documents]):
        return "plain asserts refuse the reference's rebuilt models"
    return ""


def judge_all(chosen: Sequence[str], *, most: int | None, seed: int) -> tuple[list[Judged], Counter[str]]:
    """Return what the three make of each answer, and how many wrong ones were left out, by their fates.

    Args:
        chosen: assignments, by id; all of them if there are none.
        most: the most wrong and the most right answers to an assignment; else those of the audit.
        seed: decides which they are.

    Raises:
        SystemExit: a comparison would be meaningless, since a reference solution is refused.
    """
    import_quietly(["keras"])
    course = load_course(ROOT / "course.yml")
    assignments = [one for one in course.assignments if one.id in chosen or not chosen]
    found: list[Judged] = []
    left_out: Counter[str] = Counter()
    # This process may have loaded hidden checks: the warm interpreter must not be a fork of it.
    isolation = choose_isolation(course, unsafe=False)
    with GradingSession.open(course, isolation, start=WarmInterpreter.spawn) as session:
        session.prepare(assignments)
        trials = {one.id: _trial(session, one.id, most, seed) for one in assignments}
        batches = [
            _Batch(name, begin, min(begin + _TOGETHER, len(trial.answers)))
            for name, trial in trials.items()
            for begin in range(0, len(trial.answers), _TOGETHER)
        ]
        total, done, said = sum(len(trial.answers) for trial in trials.values()), 0, time.perf_counter()
        gc.freeze()
        for event in Pool[_Batch, _Answered](_serving(session, trials), usable_cores()).run(batches):
            if isinstance(event, Lost):
                raise SystemExit(f"the process that judged {event.job} was ended twice")
            if isinstance(event, Done):
                if event.answer.trouble:
                    raise SystemExit(f"{event.job.assignment}: {event.answer.trouble}")
                found += event.answer.found
                left_out += event.answer.left_out
                done += event.job.end - event.job.begin
                if time.perf_counter() - said > 30:
                    said = time.perf_counter()
                    print(f"{done} of {total} answers", flush=True)
    return found, left_out


def _trial(session: GradingSession, name: str, most: int | None, seed: int) -> _Trial:
    """Return an assignment with the audit's own answers to it, without those to tasks that want no model."""
    scheme = session.scheme(name)
    wanted = model_tasks(scheme)
    wrong = sample([*mutants_of(scheme.solution.run), *source_mutants(scheme)], most or WRONG, seed)
    answers = [
        answer for answer in (*wrong, *equivalents(scheme, most or RIGHT, seed)) if answer.task in wanted
    ]
    cells = with_looks(scheme, {})
    return _Trial(scheme, answers, looks_in(session.run_cells(cells, scheme.probes, notebooks=2)))


def _serving(
    session: GradingSession, trials: Mapping[str, _Trial]
) -> Callable[[Callable[[], _Batch | None], Callable[[_Answered], None]], None]:
    def serve(next_job: Callable[[], _Batch | None], answer: Callable[[_Answered], None]) -> None:
        examiners = {name: Examiner(trial.scheme, session) for name, trial in trials.items()}
        for batch in iter(next_job, None):
            trial, examiner = trials[batch.assignment], examiners[batch.assignment]
            trouble = _trouble(trial) if batch.begin == 0 else ""
            if trouble:
                answer(_Answered(trouble=trouble))
            else:
                answer(_batch(examiner, session, trial, trial.answers[batch.begin : batch.end]))

    return serve


def main() -> None:
    """Judge all answers, print what each side made of them, and write the figures."""
    options = benchmark_options(__doc__)
    options.add_argument("--seed", type=int, default=1, help="decides which answers are made")
    options.add_argument("--most", type=at_least_one, help="answers of either kind (else those of the audit)")
    options.add_argument(
        "assignments", nargs="*", metavar="ASSIGNMENT", help="else all; of some, nothing is written"
    )
    chosen = options.parse_args()
    started = time.perf_counter()
    found, left_out = judge_all(chosen.assignments, most=chosen.most, seed=chosen.seed)
    print_tables(found)
    print(f"left out of the wrong ones: {dict(left_out)}; {time.perf_counter() - started:.0f} s")
    if not (chosen.dry_run or chosen.assignments or chosen.most):
        write_figures(found)


def parts(found: Sequence[Judged]) -> dict[str, list[Judged]]:
    """Return the answers that figures are given for, by the figures' prefix.

    All of them; the wrong ones that are models, where others raise an error or hand over something else; of
    these the ones in which something wrong was built, and not only compiled; and those to each assignment.
    """
    models = [one for one in found if not one.right and one.table]
    built = [one for one in models if not one.compiling]
    made = {"verdicts": list(found), "verdicts.models": models, "verdicts.built": built}
    for one in found:
        made.setdefault(f"verdicts.{one.assignment}", []).append(one)
    return made


def print_tables(found: Sequence[Judged]) -> None:
    """Print shares with their counts, and what slips the rows miss and what spellings they refuse."""
    for right, word in ((False, "wrong answers noticed"), (True, "right answers refused")):
        print(f"\n{word:<30}" + "".join(f"{side:>26}" for side in SIDES))
        for name, answers in parts(found).items():
            tallies = [tally(answers, side, right=right) for side in SIDES]
            print(f"{name:<30}" + "".join(f"{_cell(one):>26}" for one in tallies))
    for side in SIDES:
        for right, word in ((False, "misses"), (True, "refuses")):
            told = [one for one in found if one.right == right and getattr(one, side) is right]
            print(f"\n{side} {word}: {len(told)}")
            kinds = ("several rules" if right and ", " in one.operator else one.operator for one in told)
            for operator, count in Counter(kinds).most_common(12):
                print(f"{count:>6} {operator}")
    for one in found:
        if one.ours is one.right:
            print(
                f"\nours {'refuses' if one.right else 'misses'}: {one.assignment}, {one.operator}: {one.what}"
            )


def _cell(counted: Tally) -> str:
    if not counted.judged:
        return "none to judge"
    return f"{counted.objected} of {counted.judged} ({counted.share:.1%})"


def write_figures(found: Sequence[Judged]) -> None:
    """Write each part's shares and how many answers they are of; nothing for a side without a check."""
    for name, answers in parts(found).items():
        for right, kind, verdict in ((False, "wrong", "noticed"), (True, "right", "refused")):
            judged_by_ours = tally(answers, "ours", right=right).judged
            if judged_by_ours:
                record(f"{name}.{kind}", judged_by_ours, "answers", "none", COMMAND)
            for side in SIDES:
                counted = tally(answers, side, right=right)
                aim = "none" if side != "ours" else ("0" if right else "1")
                if side == "asserts" and counted.judged:
                    record(f"{name}.{kind}.asserts", counted.judged, "answers", "none", COMMAND)
                if counted.judged:
                    record(f"{name}.{verdict}.{side}", round(counted.share, 4), "share", aim, COMMAND)


if __name__ == "__main__":
    main()
