"""How far long work is: a bar where there is a terminal, a plain line now and then where there is none."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from autograder.grading import Begun, Done, Found, Lost, Stands
from autograder.grading import Progress as GradingProgress
from autograder.messages import Language, Message, clean, message, render

if TYPE_CHECKING:
    from autograder.audit.proving import Event as AuditEvent

PLAIN_SECONDS = 10.0


class Bar:
    """A bar where there is a terminal; else a sentence now and then.

    It draws when it is told something, and starts no thread: the process forks.
    """

    def __init__(self, console: Console, language: Language, waiting: Message | None = None) -> None:
        self._console = console
        self._language = language
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[running]}", style="dim"),
            console=console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            disable=not console.is_terminal,
        )
        first = waiting or message("Importing Keras")
        self._task = self._bar.add_task(render(first, language), total=None, running="")
        self._said = time.monotonic()

    def __enter__(self) -> Self:
        self._bar.start()
        self._bar.refresh()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def show(self, doing: Message, plainly: Message, *, done: int, total: int, running: str = "") -> None:
        """Draw how far things are: `doing` beside the bar, `plainly` where there is none."""
        self._bar.update(
            self._task,
            description=render(doing, self._language),
            total=total,
            completed=done,
            running=running,
        )
        self._bar.refresh()
        if not self._console.is_terminal and time.monotonic() - self._said >= PLAIN_SECONDS:
            self._said = time.monotonic()
            self._console.print(render(plainly, self._language), markup=False)


class ClassProgress(Bar):
    """Listens to grading."""

    def __init__(self, console: Console, language: Language, waiting: Message | None = None) -> None:
        super().__init__(console, language, waiting)
        self._running: dict[tuple[str, str], float] = {}
        self._done = 0

    def take(self, event: GradingProgress, found: Found) -> None:
        """Take note of one thing that happened."""
        if isinstance(event, Begun):
            self._running[event.job.student, event.job.assignment] = time.monotonic()
        elif isinstance(event, (Done, Lost, Stands)):
            self._running.pop((event.job.student, event.job.assignment), None)
            self._done += 1
        total = len(found.submissions)
        plainly = message("{done} of {total} submissions are graded.", done=self._done, total=total)
        self.show(message("Grading"), plainly, done=self._done, total=total, running=self._longest())

    def _longest(self) -> str:
        """The submission that has been running longest, and for how long."""
        if not self._running:
            return ""
        (student, assignment), since = min(self._running.items(), key=lambda entry: entry[1])
        return f"{clean(student)} · {assignment} · {time.monotonic() - since:.0f} s"


class AuditProgress(Bar):
    """Listens to an audit."""

    def __init__(self, console: Console, language: Language) -> None:
        super().__init__(console, language)
        self._done = 0

    def take(self, event: AuditEvent, total: int) -> None:
        """Take note of one thing that happened."""
        running = ""
        if isinstance(event, Begun):
            running = event.job.assignment
        elif isinstance(event, Done):
            self._done += event.job.end - event.job.begin
        plainly = message("{done} of {total} answers are judged.", done=self._done, total=total)
        self.show(message("Auditing"), plainly, done=self._done, total=total, running=running)
