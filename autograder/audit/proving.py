"""Audits graders: wrong and right answers are made, judged side by side, and counted."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from autograder.audit.equivalence.programs import Equivalent, equivalents
from autograder.audit.equivalence.refusing import Refusal, refusals, shrunk
from autograder.audit.examiner import Examiner
from autograder.audit.messages import first_failed, secrets_of, unexplained, unteachable, untold, why
from autograder.audit.mutation.killing import Verdict, mutants_of, source_verdicts, verdicts
from autograder.audit.mutation.mutants import Mutant, sample
from autograder.audit.mutation.source.mutants import SourceMutant, source_mutants
from autograder.audit.mutation.source.non_answers import OPERATOR as NO_ANSWER
from autograder.audit.places import Place, place_of
from autograder.audit.proof import Outcome, Proof, Refused
from autograder.course import Assignment, Course
from autograder.course.source import read_source
from autograder.course.starter import BEGIN_SOLUTION
from autograder.course.tags import answer_of, nbgrader
from autograder.grading import GradingError, GradingSession, Scheme, choose_isolation
from autograder.grading.pool import Begun, Done, Lost, Pool, Tick
from autograder.importing import import_quietly
from autograder.messages import Language, Message, message
from autograder.sandbox import WarmInterpreter

WRONG, RIGHT = 300, 200
"""How many wrong and how many right answers to an assignment are tried, unless told otherwise."""
_TOGETHER = 20
"""How many answers a worker judges at a time."""
_SHRUNK_AT_MOST = 3
"""How many refused programs of a batch are made small: each takes many tries."""


@dataclass(frozen=True)
class Batch:
    """Answers to one assignment, from one place to another in its list of answers."""

    assignment: str
    begin: int
    end: int


@dataclass(frozen=True)
class _Judged:
    """A worker's result for a batch."""

    outcomes: list[Outcome] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    right: int = 0
    fatal: Message | None = None


Event = Begun[Batch] | Done[Batch, _Judged] | Lost[Batch] | Tick
Listen = Callable[[Event, int], None]
Wrong = Mutant | SourceMutant


@dataclass(frozen=True)
class _Trial:
    """An assignment's scheme, with every answer that its grader is tried on."""

    scheme: Scheme
    answers: Sequence[Wrong | Equivalent]
    secrets: frozenset[str]
    languages: tuple[Language, ...]
    seed: int


def audit(
    course: Course,
    assignments: Sequence[Assignment],
    *,
    most: int | None,
    seed: int,
    jobs: int,
    unsafe: bool = False,
    listen: Listen = lambda _event, _total: None,
) -> list[Proof]:
    """Try each assignment's grader on wrong and right answers made from its reference solution.

    Args:
        course: the course; its `isolation` and `limits` hold for every run.
        assignments: those of its assignments whose graders are tried.
        most: the most wrong and the most right answers to an assignment; if None, `WRONG` and `RIGHT`.
        seed: decides which they are.
        jobs: how many answers are judged at once.
        unsafe: run answers even where the system offers no isolation.
        listen: is told what happens, and how many answers there are in all.

    Raises:
        CourseError: a source notebook is missing or not in order.
        GradingError: a solution is missing, does not run, does not get full marks, or makes a check break; or
            there is no way to run answers safely.
    """
    with opened(course, unsafe=unsafe) as session:
        return proofs(session, assignments, most=most, seed=seed, jobs=jobs, listen=listen)


def opened(course: Course, *, unsafe: bool) -> GradingSession:
    """Return a session that answers are tried in.

    Raises:
        GradingError: there is no way to run them safely.
    """
    import_quietly(["keras"])
    isolation = choose_isolation(course, unsafe=unsafe)
    # This process may have loaded hidden checks: the warm interpreter must not be a fork of it.
    return GradingSession.open(course, isolation, start=WarmInterpreter.spawn)


def proofs(
    session: GradingSession,
    assignments: Sequence[Assignment],
    *,
    most: int | None,
    seed: int,
    jobs: int,
    listen: Listen = lambda _event, _total: None,
) -> list[Proof]:
    """Return what `audit` finds out, in a session that is open already."""
    course = session.course
    for assignment in assignments:
        _must_be_solved(course, assignment)
    session.prepare(assignments)
    found = {assignment.id: Proof(assignment) for assignment in assignments}
    trials = {}
    for name in found:
        scheme = session.scheme(name)
        wrong: list[Wrong] = [*mutants_of(scheme.solution.run), *source_mutants(scheme)]
        found[name].possible = len(wrong)
        answers = [*sample(wrong, most or WRONG, seed), *equivalents(scheme, most or RIGHT, seed)]
        trials[name] = _Trial(scheme, answers, secrets_of(course, scheme), course.languages, seed)
    total = sum(len(trial.answers) for trial in trials.values())
    # The workers are forks of this process, and need not search what exists now for garbage.
    gc.freeze()
    for event in Pool[Batch, _Judged](_serving(session, trials), jobs).run(_batches(trials)):
        listen(event, total)
        if isinstance(event, Lost):
            raise GradingError(
                message("The process that audited `{name}` was ended twice.", name=event.job.assignment)
            )
        if isinstance(event, Done):
            if event.answer.fatal is not None:
                raise GradingError(event.answer.fatal)
            proof = found[event.job.assignment]
            proof.outcomes += event.answer.outcomes
            proof.refused += event.answer.refused
            proof.equivalents += event.answer.right
    return list(found.values())


def _must_be_solved(course: Course, assignment: Assignment) -> None:
    cells = {nbgrader(cell).get("grade_id"): cell for cell in read_source(course, assignment).cells}
    for task in assignment.checked:
        answer = cells.get(answer_of(task.id))
        if answer is None or BEGIN_SOLUTION not in answer.source:
            raise GradingError(
                message(
                    "There is no solution of `{task}` in the source notebook of `{assignment}`: its cell "
                    "`{cell}` should hold one between `### BEGIN SOLUTION` and `### END SOLUTION`.",
                    task=task.id,
                    assignment=assignment.id,
                    cell=answer_of(task.id),
                )
            )


def _batches(trials: Mapping[str, _Trial]) -> list[Batch]:
    return [
        Batch(name, begin, min(begin + _TOGETHER, len(trial.answers)))
        for name, trial in trials.items()
        for begin in range(0, len(trial.answers), _TOGETHER)
    ]


def _serving(
    session: GradingSession, trials: Mapping[str, _Trial]
) -> Callable[[Callable[[], Batch | None], Callable[[_Judged], None]], None]:
    def serve(next_job: Callable[[], Batch | None], answer: Callable[[_Judged], None]) -> None:
        examiners = {name: Examiner(trial.scheme, session) for name, trial in trials.items()}
        for batch in iter(next_job, None):
            trial, examiner = trials[batch.assignment], examiners[batch.assignment]
            fault = _fault(examiner) if batch.begin == 0 else None
            if fault is not None:
                answer(_Judged(fatal=fault))
            else:
                answer(_judged(examiner, trial, trial.answers[batch.begin : batch.end]))

    return serve


def _fault(examiner: Examiner) -> Message | None:
    """Return what the grader has against the reference solution, from which all answers are made."""
    assignment, examined = examiner.scheme.assignment, examiner.of_evidence({})
    if examined.judged.troubles:
        return message(
            "A check of `{assignment}` breaks on the reference solution: {trouble}",
            assignment=assignment.id,
            trouble=examined.judged.troubles[0].split("\n")[0],
        )
    for task in examined.lost:
        return message(
            "The reference solution of `{assignment}` gets {found} of {points} points for `{task}`; it "
            "should get them all. {why}",
            assignment=assignment.id,
            found=f"{task.score:g}",
            points=f"{task.points:g}",
            task=task.id,
            why=why(task),
        )
    return None


def _judged(examiner: Examiner, trial: _Trial, answers: Sequence[Wrong | Equivalent]) -> _Judged:
    right = [answer for answer in answers if isinstance(answer, Equivalent)]
    outcomes = []
    for wrong in answers:
        if isinstance(wrong, Mutant):
            place = Place(wrong.touched, tuple(filter(None, [wrong.setting])))
            outcomes += [_outcome(verdict, trial, place) for verdict in verdicts(examiner, [wrong])]
        elif isinstance(wrong, SourceMutant):
            outcomes += [_outcome(verdict, trial) for verdict in source_verdicts(examiner, [wrong])]
    refused = [
        _refused(examiner, refusal, trial.seed, small=number < _SHRUNK_AT_MOST)
        for number, refusal in enumerate(refusals(examiner, right))
    ]
    return _Judged(outcomes, refused, len(right))


def _outcome(verdict: Verdict, trial: _Trial, place: Place | None = None) -> Outcome:
    """Return a mutant's outcome; if it is in doubt where its slip is, it is where its graph differs."""
    mutant, examined = verdict.mutant, verdict.examined
    source = mutant.source if isinstance(mutant, SourceMutant) else ""
    told = Outcome(mutant.task, mutant.operator, mutant.what, verdict.fate, source=source)
    if examined is None:
        return told
    report = examined.telling(mutant.task)
    subject = examined.subjects[report.id]
    failed = first_failed(report)
    unclear: list[str] = []
    faults: list[str] = []
    failure = failed.failure if failed is not None else None
    if verdict.fate == "killed":
        unclear = unexplained(failure, place or place_of(subject), subject, trial.languages)
        if mutant.operator == NO_ANSWER and failure is not None and failure.found is not None:
            # A non-answer has no place that could be named.
            unclear = []
        # What is made of evidence has no code of its own, and the solution's is not what its learner wrote.
        secrets = untold(trial.secrets, examined.cells, report.id, {answer_of(mutant.task): source})
        faults = unteachable(failure, secrets, trial.languages) if failure is not None else []
    return replace(
        told,
        check=failed.id if failed is not None else "",
        failure=failure,
        unexplained=tuple(unclear),
        faults=tuple(faults),
        drawing=report.drawing,
        trouble=verdict.trouble,
    )


def _refused(examiner: Examiner, refusal: Refusal, seed: int, *, small: bool) -> Refused:
    least = shrunk(examiner, refusal, seed) if small else refusal.equivalent
    said = next(iter(refusals(examiner, [least])), refusal)
    failed = first_failed(said.report) if said.report is not None else None
    return Refused(
        least.task,
        least.rules,
        least.text,
        failed.id if failed is not None else "",
        failed.failure if failed is not None else None,
        said.trouble,
    )
