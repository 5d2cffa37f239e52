"""Sums up a class from its reports' files, one report in memory at a time."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.class_report import figures
from autograder.class_report.alike import AlikeTally
from autograder.class_report.mistakes import Seen, mistake_in
from autograder.class_report.model import (
    AssignmentFigures,
    CheckFigures,
    ClassReport,
    Example,
    Mistake,
    Score,
    TaskFigures,
)
from autograder.class_report.same_text import TextTally
from autograder.class_report.task_map import MapTally
from autograder.feedback import (
    NOBODY_NAMED,
    CheckReport,
    ClassList,
    GivenScores,
    Report,
    ReportError,
    TaskReport,
    read_report,
    report_paths,
    with_given,
)
from autograder.feedback.summary import share
from autograder.messages import AutograderError, Localized, Message, message, unbroken

LINES_KEPT = 3
_LIMITED = ("interrupted", "ended")


class NoReports(AutograderError):  # noqa: N818 - what is the case, as `NoGradebook`
    """There is no report in a folder, or no readable one."""


def reports_below(folder: Path) -> list[Path]:
    """Return the reports of an output folder of `autograder grade`, or of the `reports` in it.

    Raises:
        NoReports: there are none.
    """
    found = report_paths(folder) or sorted(
        folder.glob("*/*.json"), key=lambda path: (path.parent.name, path.stem)
    )
    if not found:
        raise NoReports(
            message(
                "There are no reports in {folder}. Name the folder that `autograder grade` has written to "
                "(`--output`): `reports` lies in it.",
                folder=str(folder),
            )
        )
    return found


def class_report(
    paths: Iterable[Path],
    class_list: ClassList = NOBODY_NAMED,
    title: Localized | None = None,
    titles: Mapping[str, Localized] | None = None,
    given: Iterable[GivenScores] | None = None,
) -> ClassReport:
    """Return what the reports at those paths say of the class; those that cannot be read are left out.

    Args:
        paths: the reports' files.
        class_list: students' names, and the order of the assignments.
        title: the course's title.
        titles: those of the course's assignments, for assignments without a report.
        given: what the gradebook has; without it, scores are the reports'.

    Raises:
        NoReports: not one of them can be read, and nothing is given.

    >>> import tempfile
    >>> from pathlib import Path
    >>> from autograder.class_report import class_report
    >>> from autograder.feedback import Isolation, Report, report_path, write_report
    >>> report = Report(
    ...     assignment="u-net",
    ...     assignment_title={"en": "U-Net"},
    ...     student="kim",
    ...     notebook="u-net.ipynb",
    ...     digest="",
    ...     outcome="graded",
    ...     score=8,
    ...     max_score=10,
    ...     tasks=[],
    ...     isolation=Isolation(level="full"),
    ... )
    >>> with tempfile.TemporaryDirectory() as output:
    ...     path = report_path(Path(output), report.student, report.assignment)
    ...     write_report(report, path)
    ...     summed_up = class_report([path])
    >>> [(figures.id, figures.submissions, figures.mean) for figures in summed_up.assignments]
    [('u-net', 1, 0.8)]
    """
    in_gradebook = {(one.student, one.assignment): one for one in given} if given is not None else None
    without_report = dict(in_gradebook or {})
    scores: list[Score] = []
    tallies: dict[str, _AssignmentTally] = {}
    left_out: list[Message] = []
    for path in paths:
        try:
            report = read_report(path)
        except ReportError as error:
            left_out.append(error.message)
            continue
        key = (report.student, report.assignment)
        without_report.pop(key, None)
        if in_gradebook is None:
            score = _score(report, path)
        else:
            found = in_gradebook.get(key)
            report = with_given(report, found) if found is not None else report
            score = _given_score(report, path, found)
        scores.append(score)
        tally = tallies.setdefault(report.assignment, _AssignmentTally(report.assignment_title))
        tally.add(report, path, score, from_report=in_gradebook is None)
    for found in without_report.values():
        title_of = (titles or {}).get(found.assignment) or Localized({"en": found.assignment})
        scores.append(_score_alone(found))
        tallies.setdefault(found.assignment, _AssignmentTally(title_of)).add_score(scores[-1])
    if not scores:
        raise NoReports(*(left_out or [message("There are no submissions here yet.")]))
    if without_report:
        left_out.append(
            message(
                "What went wrong in {count} of {total} submissions is not known: the gradebook has their "
                "scores, and there are no reports of them.",
                count=len(without_report),
                total=len(scores),
            )
        )
    students = sorted({score.student for score in scores}, key=class_list.student_order)
    return ClassReport(
        title=title,
        scores_from="reports" if in_gradebook is None else "gradebook",
        students=students,
        names=class_list.names(students),
        scores=sorted(scores, key=lambda one: class_list.order((one.student, one.assignment))),
        assignments=[
            tallies[one].figures(one, len(students))
            for one in sorted(tallies, key=class_list.assignment_order)
        ],
        left_out=left_out,
    )


def _score(report: Report, path: Path) -> Score:
    return Score(
        student=report.student,
        assignment=report.assignment,
        outcome=report.outcome,
        score=report.score,
        max_score=report.max_score,
        # Where the grader itself failed, nobody is given 0.
        pending=report.outcome == "broken",
        pending_points=report.pending,
        report=unbroken(str(path)),
    )


def _given_score(report: Report, path: Path, given: GivenScores | None) -> Score:
    """Return the score of a submission with what the gradebook says of it, if anything."""
    pending = given is None or given.score is None
    by_hand = given is not None and bool(given.by_hand)
    return _score(report, path).model_copy(update={"pending": pending, "by_hand": by_hand})


def _score_alone(given: GivenScores) -> Score:
    """Return the score of a submission that only the gradebook knows."""
    return Score(
        student=given.student,
        assignment=given.assignment,
        outcome="graded",
        score=given.score or 0.0,
        max_score=given.max_score,
        pending=given.score is None,
        pending_points=given.pending,
        by_hand=bool(given.by_hand),
        report=None,
    )


@dataclass
class _Together:
    """What each graded submission scored at one thing, and in the rest of the assignment."""

    here: array[float] = field(default_factory=lambda: array("d"))
    rest: array[float] = field(default_factory=lambda: array("d"))

    def add(self, here: float, rest: float) -> None:
        self.here.append(here)
        self.rest.append(rest)

    @property
    def discrimination(self) -> float | None:
        return figures.discrimination(self.here, self.rest)


@dataclass
class _CheckTally:
    """A check over the class."""

    first: CheckReport
    counts: Counter[str] = field(default_factory=Counter)
    together: _Together = field(default_factory=_Together)

    def add(self, check: CheckReport, attempted: bool, total: float) -> None:
        self.counts[check.verdict if attempted else "not_tried"] += 1
        self.together.add(float(check.verdict == "passed"), total - check.score)

    def figures(self) -> CheckFigures:
        passed = self.together.here
        return CheckFigures(
            id=self.first.id,
            title=self.first.title,
            public=self.first.public,
            points=self.first.points,
            passed=self.counts["passed"],
            failed=self.counts["failed"],
            skipped=self.counts["skipped"],
            broken=self.counts["broken"],
            not_tried=self.counts["not_tried"],
            difficulty=figures.mean(passed),
            discrimination=self.together.discrimination,
        )


@dataclass
class _MistakeTally:
    """One mistake: who has made it, and in which words each was told."""

    said: Counter[str] = field(default_factory=Counter)
    first_said: dict[str, tuple[Seen, Example]] = field(default_factory=dict)
    lines: Counter[str] = field(default_factory=Counter)
    students: list[str] = field(default_factory=list)

    def add(self, seen: Seen, example: Example) -> None:
        words = seen.message.model_dump_json()
        self.said[words] += 1
        self.first_said.setdefault(words, (seen, example))
        if seen.line:
            self.lines[seen.line] += 1
        self.students.append(example.student)

    def mistake(self) -> Mistake:
        """Return the mistake in the words that most have read; of equally many, in those that came first."""
        seen, example = self.first_said[self.said.most_common(1)[0][0]]
        return Mistake(
            kind=seen.kind,
            check=seen.check,
            message=seen.message,
            found=seen.found,
            wanted=seen.wanted,
            hint=seen.hint,
            lines=[line for line, _ in self.lines.most_common(LINES_KEPT)],
            count=len(self.students),
            students=self.students,
            example=example,
        )


@dataclass
class _TaskTally:
    """A task over the class."""

    first: TaskReport
    seen: int = 0
    tried: int = 0
    full: int = 0
    waiting: int = 0
    limits: int = 0
    shares: array[float] = field(default_factory=lambda: array("d"))
    together: _Together = field(default_factory=_Together)
    checks: dict[str, _CheckTally] = field(default_factory=dict)
    mistakes: dict[Hashable, _MistakeTally] = field(default_factory=dict)
    map: MapTally = field(default_factory=MapTally)
    alike: AlikeTally = field(default_factory=AlikeTally)
    texts: TextTally = field(default_factory=TextTally)

    def add(self, task: TaskReport, total: float, limited: bool, example: Example, *, pending: bool) -> None:
        self.seen += 1
        self.tried += task.attempted
        self.limits += limited
        self.waiting += task.pending
        if not pending and not task.pending:
            self.full += task.score >= task.points
            self.shares.append(share(task.score, task.points))
            # What a person grades is no part of the total: some of the class may still wait for it.
            self.together.add(task.score, total - (0 if task.by_hand else task.score))
        for check in task.checks:
            self.checks.setdefault(check.id, _CheckTally(check)).add(check, task.attempted, total)
        seen = mistake_in(task)
        if seen is not None:
            self.mistakes.setdefault(seen.key, _MistakeTally()).add(seen, example)
        self.map.add(task)
        self.alike.add(task, example.student)
        self.texts.add(task, example.student)

    def figures(self) -> TaskFigures:
        # Python's sort is stable: equally frequent mistakes stay in the order in which they came.
        mistakes = sorted((one.mistake() for one in self.mistakes.values()), key=lambda one: -one.count)
        return TaskFigures(
            id=self.first.id,
            title=self.first.title,
            points=self.first.points,
            tried=self.tried,
            not_tried=self.seen - self.tried,
            waiting=self.waiting,
            full=self.full,
            difficulty=figures.mean(self.shares),
            discrimination=self.together.discrimination,
            limits=self.limits,
            checks=[check.figures() for check in self.checks.values()],
            map=self.map.task_map(),
            mistakes=mistakes,
            alike=self.alike.alike(),
            same_text=self.texts.same(),
        )


@dataclass
class _AssignmentTally:
    """An assignment over the class."""

    title: Localized
    points: float = 0.0
    submissions: int = 0
    not_graded: int = 0
    waiting: int = 0
    full: int = 0
    limits: int = 0
    shares: array[float] = field(default_factory=lambda: array("d"))
    seconds: array[float] = field(default_factory=lambda: array("d"))
    tasks: dict[str, _TaskTally] = field(default_factory=dict)

    def add(self, report: Report, path: Path, score: Score, *, from_report: bool) -> None:
        """Count a submission with its report."""
        # An unreadable submission has 0 points and does not show what is difficult; the gradebook counts it.
        self.add_score(score, graded=report.outcome == "graded" or not from_report)
        limited = {cell.task for cell in report.cells if cell.state in _LIMITED}
        self.limits += bool(limited)
        if report.outcome != "graded":
            return
        self.seconds.append(report.timings.run)
        example = Example(student=report.student, report=unbroken(str(path)))
        total = report.score - sum(task.score for task in report.tasks if task.by_hand)
        for task in report.tasks:
            tally = self.tasks.setdefault(task.id, _TaskTally(task))
            tally.add(task, total, task.id in limited, example, pending=score.pending)

    def add_score(self, score: Score, *, graded: bool = True) -> None:
        """Count a submission in what its score alone says."""
        self.submissions += 1
        self.points = max(self.points, score.max_score)
        if score.pending or not graded or (score.pending_points and score.decided <= 0):
            self.not_graded += 1
            return
        # Extra credit may make a share more than 1: the mean is the gradebook's.
        self.shares.append(score.score / score.decided if score.decided > 0 else 0.0)
        self.waiting += score.pending_points > 0
        self.full += self.shares[-1] >= 1 and not score.pending_points

    def figures(self, identity: str, students: int) -> AssignmentFigures:
        return AssignmentFigures(
            id=identity,
            title=self.title,
            points=self.points,
            submissions=self.submissions,
            not_handed_in=students - self.submissions,
            not_graded=self.not_graded,
            waiting=self.waiting,
            full=self.full,
            mean=figures.mean(self.shares),
            median=figures.median(self.shares),
            distribution=figures.distribution(self.shares),
            seconds_median=figures.median(self.seconds),
            seconds_most=max(self.seconds, default=None),
            limits=self.limits,
            tasks=[task.figures() for task in self.tasks.values()],
        )
