"""A session without a terminal: the current assignment, when to grade it again, and what to say."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from autograder.course import Assignment, Course, Task
from autograder.feedback import Report
from autograder.grading import Submission
from autograder.grading.protocol import Answer
from autograder.messages import Language, Message, message
from autograder.study.memory import (
    Memory,
    Progress,
    hints_shown,
    is_done,
    next_after,
    next_hint,
    progress,
    remember,
    remembered,
)
from autograder.watching.changes import Look, look, stamp

SETTLE_SECONDS = 2.0
"""How long a notebook may be missing or half written before a message says so."""

Activity = Literal["starting", "preparing", "checking", "watching"]
View = Literal["card", "list", "solution"]


class Asked(Protocol):
    """A grader that gets one order at a time, and is told when its answer is no longer wanted."""

    def prepare(self, assignment: Assignment) -> None:
        """Run the reference solution of an assignment, when it is graded for the first time."""

    def grade(self, submission: Submission) -> None:
        """Grade that notebook."""

    def abandon(self) -> None:
        """Give up the run, because the notebook has been saved again meanwhile."""


@dataclass(frozen=True)
class _Running:
    """The grader's current work: preparing an assignment, or grading a notebook that had that digest."""

    assignment: str
    since: float
    digest: str | None = None


@dataclass(frozen=True)
class Note:
    """A sentence below the card, and its tone."""

    said: Message
    tone: Literal["good", "plain", "bad"] = "plain"


class Session:
    """One learner's work on one assignment after the other.

    It is told what happens (`look_again`, `take`, and what keys mean) and asks the grader; its attributes
    hold what is shown. A report counts only if it is of the notebook as it was read: the report of a notebook
    that was half written when it was graded is never shown.
    """

    def __init__(
        self,
        course: Course,
        assignment: Assignment,
        language: Language,
        grader: Asked,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.course = course
        self.language = language
        self.activity: Activity = "starting"
        self.heard: list[Report] = []
        """The reports that counted and have not been taken from here yet."""
        self._grader = grader
        self._clock = clock
        self._ready = False
        self._prepared: set[str] = set()
        self._running: _Running | None = None
        self._begin(assignment)

    def _begin(self, assignment: Assignment) -> None:
        self.assignment = assignment
        self.report: Report | None = None
        self.solution: Sequence[str] = ()
        self.seconds: float | None = None
        self.refused: Sequence[Message] = ()
        self.trouble = ""
        self.away: Message | None = None
        self.hint: Message | None = None
        self._hinted: Task | None = None
        self.note: Note | None = None
        self.view: View = "card"
        self._wanted: str | None = None
        self._seen: str | None = None
        self._stamp: tuple[int, int, int, int] | None = None
        self._unsettled: float | None = None

    @property
    def path(self) -> Path:
        """The notebook that is worked on."""
        return self.course.released(self.assignment, self.language)

    @property
    def progress(self) -> Progress:
        """The learner's progress in the course."""
        return progress(self.course, remembered(self.course))

    @property
    def full_marks(self) -> bool:
        """Whether the notebook as it is saved now has full marks."""
        report = self.report
        return report is not None and report.full_marks

    # What happens on the disk.

    def look_again(self, *, closely: bool = True) -> None:
        """Look whether the notebook has to be graded, and have it graded.

        Args:
            closely: read it even if the file system shows no change.
        """
        mark = stamp(self.path)
        if not closely and mark == self._stamp and self._unsettled is None:
            return
        self._stamp = mark
        found = look(self.path)
        if found.digest is None:
            self._unwhole(found)
            return
        self._unsettled = self.away = None
        if found.digest != self._seen:
            self._want(found.digest)

    def run_again(self) -> None:
        """Grade the notebook even if it has not changed."""
        self._seen = None
        self.note = None
        self.view = "card"
        self.look_again()

    def _unwhole(self, found: Look) -> None:
        """Wait, for a save may be under way, and report the fault only after a while.

        A notebook that is missing and was never seen is not being replaced, which is reported at once.
        """
        now = self._clock()
        if self._unsettled is None:
            self._unsettled = now
        never_there = self._seen is None and found.fault == "missing"
        if never_there or now - self._unsettled >= SETTLE_SECONDS:
            self.away = _away(found, self.assignment, self.path.relative_to(self.course.root))

    def _want(self, digest: str) -> None:
        self._seen = self._wanted = digest
        if self._running is None:
            self._ask()
        elif self._running.digest is not None:
            self._grader.abandon()

    def _ask(self) -> None:
        """Ask the grader for what is due, if anything is and it is free."""
        if self._wanted is None or not self._ready or self._running is not None:
            return
        name = self.assignment.id
        if name not in self._prepared:
            self.activity = "preparing"
            self._running = _Running(name, self._clock())
            self._grader.prepare(self.assignment)
        else:
            self.activity = "checking"
            self._running = _Running(name, self._clock(), self._wanted)
            self._wanted = None
            self._grader.grade(Submission("", name, self.path))

    # What the grader says.

    def take(self, answer: Answer) -> None:
        """Handle an answer; the first one says that the grader is ready."""
        self._ready = True
        self.activity = "watching"
        running, self._running = self._running, None
        if running is not None:
            self._take(answer, running)
        self._ask()

    def _take(self, answer: Answer, running: _Running) -> None:
        here = running.assignment == self.assignment.id
        if running.digest is None and not answer.refused:
            self._prepared.add(running.assignment)
        elif running.digest is None:
            if here:
                self._wanted = None
                self._refusal(answer)
        elif here and self._wanted is None:
            if answer.header.get("abandoned"):
                self.run_again()
            elif answer.refused:
                self._refusal(answer)
            else:
                self._verdict(answer, running)

    def restarted(self) -> None:
        """Handle the start of a new grader after one has died, so that what was asked is asked again."""
        self._ready = False
        self._prepared.clear()
        self.activity = "starting"
        if self._running is not None and self._wanted is None:
            self._wanted = self._running.digest
        self._running = None

    def _refusal(self, answer: Answer) -> None:
        self.refused, self.trouble = answer.refused, answer.header["trouble"]
        self.report = None

    def _verdict(self, answer: Answer, running: _Running) -> None:
        report = answer.report
        # The report of an unreadable notebook has no digest, so the file must still be what it was.
        same = report.digest or look(self.path).digest
        if same != running.digest:
            self._seen = None
            self.look_again()
            return
        before = self.full_marks
        self.report, self.solution = report, answer.header["kept"] or ()
        self.seconds = self._clock() - running.since
        self.refused, self.trouble = (), "\n".join(answer.header["troubles"])
        if not (before and self.full_marks):
            self.view, self.note = "card", None
        if report.outcome == "graded":
            remember(self.course, Memory().with_report(report))
        if self._open_task() != self._hinted:
            self.hint = None
        if self.full_marks:
            self.note = Note(self._praise(), "good")
        self.heard.append(report)

    def _praise(self) -> Message:
        praise = self._praise_so_far()
        if self.report is None or not self.report.pending:
            return praise
        return message(
            "{praise} A person grades the text after you hand in: {points} points are pending.",
            praise=praise,
            points=round(self.report.pending, 2),
        )

    def _praise_so_far(self) -> Message:
        memory = remembered(self.course)
        whole = self.progress
        if whole.done == whole.count:
            return message(
                "Full marks! You have finished all {count} assignments. Hints used: {here} in "
                "this one, {total} in all.",
                count=whole.count,
                here=hints_shown(self.assignment, memory),
                total=whole.hints,
            )
        return message(
            "Full marks! Hints used: {used} of {count}. Press `n` for the next assignment, “{next}”.",
            used=hints_shown(self.assignment, memory),
            count=sum(len(task.hints) for task in self.assignment.tasks),
            next=next_after(self.course, memory, self.assignment).title.in_language(self.language),
        )

    # What the learner wants.

    def show_hint(self) -> None:
        """Show the next hint of the first task without full marks, if there is one."""
        task = self._open_task()
        if task is None:
            self.note = Note(
                message("You have full marks for every task here; there are no more hints to give."), "good"
            )
            return
        self._hinted = task
        hint = next_hint(self.course, task.id)
        self.hint = message(
            "{task}: {hint}", task=task.title.in_language(self.language), hint=hint.said(self.language)
        )

    def _open_task(self) -> Task | None:
        memory = remembered(self.course)
        scores = memory.best if self.report is None else {task.id: task.score for task in self.report.tasks}
        left = (task for task in self.assignment.checked if scores.get(task.id, 0.0) < task.points)
        return next(left, None)

    def turn_to(self, view: View) -> None:
        """Show that view, or the card again if the view is already shown."""
        self.view = "card" if self.view == view or (view == "solution" and not self.solution) else view

    def go_on(self) -> None:
        """Go on to the next assignment."""
        following = next_after(self.course, remembered(self.course), self.assignment)
        if following.id == self.assignment.id:
            return
        stale = self._running is not None
        self._begin(following)
        if stale:
            self._grader.abandon()
        self.look_again()

    def farewell(self) -> Message:
        """Return the message at the end: the learner's progress, and how many hints were used."""
        whole = self.progress
        done = message(
            "Assignments done: {done} of {count} ({score}). Hints used: {hints}.",
            done=whole.done,
            count=whole.count,
            score=message("{score} / {points} points", score=round(whole.score, 2), points=whole.points),
            hints=whole.hints,
        )
        if is_done(self.assignment, remembered(self.course)):
            return done
        return message("{progress} `autograder watch` continues where you left off.", progress=done)


def _away(found: Look, assignment: Assignment, path: Path) -> Message:
    if found.fault == "missing":
        return message(
            "{file} does not exist. `autograder reset {assignment}` puts a fresh copy there.",
            file=str(path),
            assignment=assignment.id,
        )
    if found.fault == "irregular":
        return message(
            "{file} is no notebook: it is not a regular file, or it is too large. `autograder reset "
            "{assignment}` puts a fresh copy there.",
            file=str(path),
            assignment=assignment.id,
        )
    return message(
        "{file} is incomplete right now and will be checked again once it is whole. If "
        "this persists, save it again in Jupyter, or run `autograder reset "
        "{assignment}` (it keeps a copy).",
        file=path.name,
        assignment=assignment.id,
    )
