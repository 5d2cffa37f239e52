"""Grading a class's folder: submissions in, reports out, one after the other as they are done."""

from __future__ import annotations

import gc
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.checks import Checker, serve_checks
from autograder.course import Assignment, Course
from autograder.feedback import (
    Entry,
    Isolation,
    Ledger,
    Report,
    Summary,
    report_path,
    summarise,
    sweep,
    write_report,
)
from autograder.grading.fingerprint import fingerprint
from autograder.grading.grade import GradedSubmission, grade_submission, without_run
from autograder.grading.isolation import choose_isolation
from autograder.grading.pool import Begun, Done, Lost, Pool, Tick
from autograder.grading.scheme import Scheme, limits_of, load_graders, prepare
from autograder.grading.standing import key_of, standing_summary
from autograder.grading.submission import Found, GradingError, Submission, find_submissions
from autograder.messages import Message, message
from autograder.sandbox import Limits, WarmInterpreter, WarmInterpreterGone

Keep = Callable[[Submission, Scheme, GradedSubmission], Any]

_NOTED_AT_ONCE = 200


@dataclass(frozen=True)
class Stands:
    """The report of an earlier run still stands: the submission is not graded again."""

    job: Submission


Progress = Begun[Submission] | Done[Submission, "Answer"] | Lost[Submission] | Stands | Tick


@dataclass(frozen=True)
class Answer:
    """What a worker says of a submission: its line in the table, or why nothing more can be written.

    `key` says what the report was graded from and by (`standing.key_of`).
    """

    summary: Summary | None
    key: str = ""
    trouble: str = ""
    fatal: Message | None = None
    kept: Any = None


@dataclass
class Graded:
    """What grading a folder gave: a line for each submission that has a report, and what was left out.

    `standing` are those, by student and assignment, whose report is of an earlier run.
    """

    isolation: Isolation
    summaries: list[Summary] = field(default_factory=list)
    standing: set[tuple[str, str]] = field(default_factory=set)
    left_out: tuple[Message, ...] = ()
    troubles: list[str] = field(default_factory=list)
    interrupted: bool = False


def grade_folder(
    course: Course,
    folder: Path,
    output: Path,
    *,
    jobs: int,
    unsafe: bool = False,
    fresh: bool = False,
    listen: Callable[[Progress, Found], None] = lambda _event, _found: None,
    keep: Keep | None = None,
) -> Graded:
    """Grade every submission below `folder` and write its report below `output`.

    A submission whose report is there already, from the same notebook, grader and isolation, is not graded
    again: a run that was ended, however it was, goes on where it was.

    Args:
        course: the course; its `isolation` and `limits` hold for every run.
        folder: a class in nbgrader's layout.
        output: where `reports/<student>/<assignment>.json` is written, each as soon as it is done.
        jobs: how many submissions are graded at once.
        unsafe: grade even where the system offers no isolation at all.
        fresh: grade every submission again, also where its report stands.
        listen: is told what happens, and at least five times a second that nothing did.
        keep: is called in the worker that graded a submission; what it returns reaches `listen` as the
            answer's `kept`, where the grader itself has not failed. A report alone does not hold what it
            is given, so no report of an earlier run stands then.

    Raises:
        GradingError: there is nothing to grade, no way to grade it safely, or no room for the reports;
            the reports written so far stay.
    """
    found = find_submissions(folder, course)
    isolation = choose_isolation(course, unsafe=unsafe)
    graded = Graded(isolation, left_out=found.left_out)
    _make(output)
    try:
        if not fresh and keep is None:
            for submission, summary in _standing(found, course, isolation, output):
                graded.summaries.append(summary)
                graded.standing.add(summary.order)
                listen(Stands(submission), found)
        left = [one for one in found.submissions if (one.student, one.assignment) not in graded.standing]
        if left:
            _grade(left, graded, course, output, keep, jobs, lambda event: listen(event, found))
    except KeyboardInterrupt:
        graded.interrupted = True
    return graded


def _standing(
    found: Found, course: Course, isolation: Isolation, output: Path
) -> Iterator[tuple[Submission, Summary]]:
    """The submissions whose report of an earlier run stands, each with its line."""
    fingerprints: dict[str, str] = {}
    with Ledger(output) as ledger:
        for submission in found.submissions:
            name = submission.assignment
            if name not in fingerprints:
                fingerprints[name] = fingerprint(course, course.assignment(name))
            path = report_path(output, submission.student, name)
            summary = standing_summary(submission, fingerprints[name], isolation, path, ledger)
            if summary is not None:
                yield submission, summary


def _grade(
    submissions: Sequence[Submission],
    graded: Graded,
    course: Course,
    output: Path,
    keep: Keep | None,
    jobs: int,
    tell: Callable[[Progress], None],
) -> None:
    """Grade those submissions; each one's line goes to `graded` as soon as it is done."""
    noted: list[Entry] = []
    used = {submission.assignment for submission in submissions}
    assignments = [assignment for assignment in course.assignments if assignment.id in used]
    with WarmInterpreter.start() as warm:
        schemes = prepare(course, load_graders(assignments), warm, graded.isolation.level)
        # What is there now stays: the workers, forks of this process, need not look through it for garbage.
        gc.freeze()
        serve = _serving(course, schemes, warm, graded.isolation, output, keep)
        try:
            for event in Pool[Submission, Answer](serve, jobs).run(submissions):
                answer = _answer_of(event, course, graded.isolation, output)
                if answer is not None:
                    _take(answer, graded)
                    if answer.summary is not None:
                        noted.append(Entry(answer.key, answer.summary))
                tell(event)
                if len(noted) >= _NOTED_AT_ONCE:
                    _note(noted, output)
        finally:
            _note(noted, output)


def _make(output: Path) -> None:
    try:
        output.mkdir(parents=True, exist_ok=True)
        sweep(output)
    except OSError as error:
        raise GradingError(unwritable(output, error)) from error


def unwritable(output: Path, error: OSError) -> Message:
    """Why nothing can be written to the output folder, and the cure."""
    return message(
        "Nothing can be written to {folder} ({reason}). Make room, or name another folder with --output; "
        "the reports written so far are kept.",
        folder=str(output),
        reason=error.strerror or type(error).__name__,
    )


def _serving(
    course: Course,
    schemes: Mapping[str, Scheme],
    warm: WarmInterpreter,
    isolation: Isolation,
    output: Path,
    keep: Keep | None,
) -> Callable[[Callable[[], Submission | None], Callable[[Answer], None]], None]:
    limits = limits_of(course)

    def serve(next_job: Callable[[], Submission | None], answer: Callable[[Answer], None]) -> None:
        def work(checker: Checker) -> bool:
            with ExitStack() as replacements:
                current = warm
                for submission in iter(next_job, None):
                    scheme = schemes[submission.assignment]
                    try:
                        given = _answer(submission, scheme, current, checker, limits, isolation, output, keep)
                    except WarmInterpreterGone:
                        # This process knows the hidden checks: the new one must not be a fork of it.
                        current = replacements.enter_context(WarmInterpreter.spawn())
                        given = _answer(submission, scheme, current, checker, limits, isolation, output, keep)
                    answer(given)
            return True

        serve_checks([scheme.grader for scheme in schemes.values()], work)

    return serve


def _answer(
    submission: Submission,
    scheme: Scheme,
    warm: WarmInterpreter,
    checker: Checker,
    limits: Limits,
    isolation: Isolation,
    output: Path,
    keep: Keep | None,
) -> Answer:
    kept = None
    try:
        graded = grade_submission(submission, scheme, warm, checker, limits, isolation)
        if keep is not None and graded.report.outcome != "broken":
            kept = keep(submission, scheme, graded)
    except WarmInterpreterGone:
        raise
    except Exception:
        graded = GradedSubmission(_broken(submission, scheme.assignment, isolation), [traceback.format_exc()])
    key = key_of(graded.report, submission)
    return _written(graded.report, output, key, "\n".join(graded.troubles), kept)


def _written(report: Report, output: Path, key: str, trouble: str, kept: Any = None) -> Answer:
    path = report_path(output, report.student, report.assignment)
    try:
        write_report(report, path)
    except OSError as error:
        return Answer(None, fatal=unwritable(output, error))
    named = f"{report.student}, {report.assignment}:\n{trouble}" if trouble else ""
    return Answer(summarise(report, path), key, named, kept=kept)


def _broken(submission: Submission, assignment: Assignment, isolation: Isolation) -> Report:
    note = message("The grader itself failed here. This is not the learner's mistake.")
    return without_run(submission, assignment, "broken", [*submission.notes, note], isolation)


def _note(noted: list[Entry], output: Path) -> None:
    """Write those lines into the ledger, which is open no longer than that: workers are forked meanwhile."""
    with Ledger(output) as ledger:
        ledger.note(noted)
    noted.clear()


def _answer_of(event: Progress, course: Course, isolation: Isolation, output: Path) -> Answer | None:
    """What an event says of a submission that is done with."""
    if isinstance(event, Done):
        return event.answer
    if not isinstance(event, Lost):
        return None
    assignment = course.assignment(event.job.assignment)
    note = message("The process that graded this submission was ended from outside, twice. Grade it again.")
    report = without_run(event.job, assignment, "broken", [*event.job.notes, note], isolation)
    return _written(report, output, "", "")


def _take(answer: Answer, graded: Graded) -> None:
    if answer.fatal is not None:
        raise GradingError(answer.fatal)
    if answer.summary is not None:
        graded.summaries.append(answer.summary)
    if answer.trouble:
        graded.troubles.append(answer.trouble)
