"""Shows the progress of long work: a bar in a terminal, and otherwise a plain line now and then."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from autograder.grading import Begun, Done, Found, Lost, Stands
from autograder.grading import Progress as GradingProgress
from autograder.messages import Language, Message, clean, message, render

if TYPE_CHECKING:
    from autograder.audit.proving import Event as AuditEvent

PLAIN_SECONDS = 10.0
PACE_SECONDS = 30.0
DRAWN_SECONDS = 0.05


class Bar:
    """A progress bar in a terminal, and otherwise a sentence now and then.

    It draws only when it is told something, and starts no thread, because the process forks.
    """

    def __init__(self, console: Console, language: Language, waiting: Message | None = None) -> None:
        self._console = console
        self._language = language
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[left]}", style="cyan"),
            TextColumn("{task.fields[running]}", style="dim"),
            console=console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            disable=not console.is_terminal,
        )
        first = waiting or message("Importing Keras")
        self._task = self._bar.add_task(render(first, language), total=None, running="", left="")
        self._said = time.monotonic()

    def __enter__(self) -> Self:
        self._bar.start()
        self._bar.refresh()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def show(
        self,
        doing: Message,
        plainly: Message,
        *,
        done: int,
        total: int,
        running: str = "",
        seconds_left: float | None = None,
    ) -> None:
        """Show the progress: `doing` beside the bar, or `plainly` where there is no bar."""
        self._bar.update(
            self._task,
            description=render(doing, self._language),
            total=total,
            completed=done,
            running=running,
            left=_clock_time(seconds_left) if seconds_left is not None else "-:--:--",
        )
        self._bar.refresh()
        if not self._console.is_terminal and time.monotonic() - self._said >= PLAIN_SECONDS:
            self._said = time.monotonic()
            self._console.print(render(plainly, self._language), markup=False)


class Pace:
    """The speed of work over the last half minute, in which only things that took work count."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._done: deque[float] = deque()
        self._since = clock()

    def begin(self) -> None:
        """Count the time from now on, and not that of the preparation."""
        if not self._done:
            self._since = self._clock()

    def done(self) -> None:
        """Count one more as done."""
        self._done.append(self._clock())

    @property
    def per_second(self) -> float:
        """The number done per second; 0.0 as long as that is unknown."""
        now = self._clock()
        while self._done and self._done[0] < now - PACE_SECONDS:
            self._since = self._done.popleft()
        return len(self._done) / (now - self._since) if self._done and now > self._since else 0.0

    def seconds_for(self, count: int) -> float | None:
        """Return how many seconds `count` more will take; None as long as that is unknown."""
        pace = self.per_second
        return count / pace if pace > 0 else None


class ClassProgress(Bar):
    """The progress of grading a class."""

    def __init__(
        self,
        console: Console,
        language: Language,
        waiting: Message | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(console, language, waiting)
        self._clock = clock
        self._pace = Pace(clock)
        self._drawn = clock() - DRAWN_SECONDS
        self._running: dict[tuple[str, str], float] = {}
        self._done = 0

    def take(self, event: GradingProgress, found: Found) -> None:
        """Take note of one thing that happened."""
        if isinstance(event, Begun):
            self._pace.begin()
            self._running[event.job.student, event.job.assignment] = self._clock()
        elif isinstance(event, (Done, Lost, Stands)):
            self._running.pop((event.job.student, event.job.assignment), None)
            self._done += 1
            if not isinstance(event, Stands):
                self._pace.done()
        total = len(found.submissions)
        # Reports that are kept take no time, and drawing thousands of them in a second would.
        if self._clock() - self._drawn < DRAWN_SECONDS and self._done < total:
            return
        self._drawn = self._clock()
        running = self._longest()
        self.show(
            message("Grading"),
            self._plainly(total - self._done, total, running),
            done=self._done,
            total=total,
            running=" · ".join(part for part in (self._speed(), running) if part),
            seconds_left=self._pace.seconds_for(total - self._done),
        )

    def _speed(self) -> str:
        pace = self._pace.per_second
        return render(message("{rate}/s", rate=f"{pace:.1f}"), self._language) if pace else ""

    def _plainly(self, left: int, total: int, running: str) -> Message:
        said = message(
            "Submissions graded: {done} of {total}; left: {left}.",
            done=self._done,
            total=total,
            left=left,
        )
        seconds = self._pace.seconds_for(left)
        if left and seconds is not None:
            pace = message(
                "At {rate} a second, this takes {time} more; the longest running now: {running}.",
                rate=f"{self._pace.per_second:.1f}",
                time=_clock_time(seconds),
                running=running or "–",
            )
            return Message(text="{said} {pace}", values={"said": said, "pace": pace})
        return said

    def _longest(self) -> str:
        """Return the submission that has been running longest, and for how long."""
        if not self._running:
            return ""
        (student, assignment), since = min(self._running.items(), key=lambda entry: entry[1])
        return f"{clean(student)} · {assignment} · {self._clock() - since:.0f} s"


def _clock_time(seconds: float) -> str:
    """Return hours, minutes and seconds, such as `0:01:12`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


class AuditProgress(Bar):
    """The progress of an audit."""

    def __init__(self, console: Console, language: Language) -> None:
        super().__init__(console, language)
        self._pace = Pace()
        self._done = 0

    def take(self, event: AuditEvent, total: int) -> None:
        """Take note of one thing that happened."""
        running = ""
        if isinstance(event, Begun):
            self._pace.begin()
            running = event.job.assignment
        elif isinstance(event, Done):
            for _ in range(event.job.end - event.job.begin):
                self._pace.done()
                self._done += 1
        plainly = message("Answers judged: {done} of {total}.", done=self._done, total=total)
        self.show(
            message("Auditing"),
            plainly,
            done=self._done,
            total=total,
            running=running,
            seconds_left=self._pace.seconds_for(total - self._done),
        )
