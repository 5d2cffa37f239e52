"""Watches a notebook until the learner quits, handling keys, saves, answers and signals as they come."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from autograder.course import Assignment, Course
from autograder.feedback import Report
from autograder.grading.process import ProcessDied
from autograder.messages import AutograderError, Language, Message, message
from autograder.watching.changes import Changes
from autograder.watching.grader import Grader
from autograder.watching.keys import Keys
from autograder.watching.screen import Listing, Screen
from autograder.watching.session import Note, Session
from autograder.watching.terminal import Ended, Terminal, signals, taken

TICK_SECONDS = 1.0
"""How often the notebook is looked at without a report, because some file systems report nothing."""
_DEATHS = 3


class WatchError(AutograderError):
    """A reason why watching cannot go on; `trouble` is a text that only the grader's author understands."""

    def __init__(self, *messages: Message, trouble: str = "") -> None:
        super().__init__(*messages)
        self.trouble = trouble


class _Engine:
    """A session with its grader and its watch on the disk, without any terminal."""

    def __init__(self, course: Course, assignment: Assignment, language: Language, unsafe: bool) -> None:
        self._stack = contextlib.ExitStack()
        self.selector = self._stack.enter_context(selectors.DefaultSelector())
        self.grader = Grader(course, unsafe=unsafe)
        self._greeted = False
        self._stack.callback(self.grader.close)
        self.changes = Changes()
        self._stack.callback(self.changes.close)
        self.session = Session(course, assignment, language, self.grader)
        self._deaths = 0
        self._listened: int | None = None
        self.selector.register(self.changes, selectors.EVENT_READ, "changes")
        self._listen()
        self.look(closely=True)

    def __enter__(self) -> _Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _listen(self) -> None:
        if self._listened is not None:
            self.selector.unregister(self._listened)
        self._listened = self.grader.fileno()
        self.selector.register(self._listened, selectors.EVENT_READ, "grader")

    def look(self, *, closely: bool) -> None:
        """Look at the notebook, and ensure that its folder is watched."""
        self.changes.follow(self.session.path.parent)
        self.session.look_again(closely=closely)

    def wait(self) -> Iterator[str]:
        """Yield by name what there is to handle; nothing if nothing has come within a moment."""
        ready = {key.data for key, _ in self.selector.select(TICK_SECONDS)}
        if "changes" in ready:
            self.changes.taken()
            self.look(closely=True)
        elif not ready:
            self.look(closely=False)
        if "grader" in ready:
            self._hear()
        yield from ready

    def _hear(self) -> None:
        try:
            answer = self.grader.answer()
        except ProcessDied as death:
            self._deaths += 1
            if self._deaths >= _DEATHS:
                raise WatchError(
                    message("The grader has ended {count} times without a verdict.", count=self._deaths),
                    trouble=str(death),
                ) from None
            self._restart()
            return
        if answer.refused and not self._greeted:
            raise WatchError(*answer.refused, trouble=answer.header["trouble"])
        self._greeted = True
        self.session.take(answer)
        if self.session.heard:
            self._deaths = 0

    def _restart(self) -> None:
        assert self._listened is not None
        self.selector.unregister(self._listened)
        self._listened = None
        self._greeted = False
        self.grader.restart()
        self._listen()
        self.session.note = Note(message("The grader ended unexpectedly and is being restarted."), "bad")
        self.session.restarted()


def watch_plainly(
    course: Course,
    assignment: Assignment,
    language: Language,
    *,
    unsafe: bool,
    tell: Callable[[Report], None],
    complain: Callable[[Message], None],
) -> None:
    """Pass each verdict to `tell` until this process is ended, and each complaint to `complain` once.

    Raises:
        WatchError: watching cannot go on.
        Ended: a signal asked the process to end.
        KeyboardInterrupt: ctrl-C.
    """
    with signals() as told, _Engine(course, assignment, language, unsafe) as engine:
        engine.selector.register(told, selectors.EVENT_READ, "signals")
        complained: tuple[Message, ...] = ()
        while True:
            for name in engine.wait():
                if name == "signals":
                    os.read(told, 64)
            session = engine.session
            for report in session.heard:
                tell(report)
            session.heard.clear()
            troubles = (*session.refused, *([session.away] if session.away is not None else []))
            for said in troubles:
                if said not in complained:
                    complain(said)
            complained = troubles


def watch_in_terminal(
    course: Course,
    assignment: Assignment,
    language: Language,
    *,
    unsafe: bool,
    listing: Listing,
) -> tuple[Message, str]:
    """Show a session in the terminal of standard input and output, until `q`.

    Return the message at the end, and the tracebacks of checks that broke last.

    Raises:
        WatchError: watching cannot go on.
        Ended: a signal asked the process to end.
        KeyboardInterrupt: ctrl-C.
    """
    with (
        signals() as told,
        taken(sys.stdin.fileno(), sys.stdout.fileno()) as terminal,
        _Engine(course, assignment, language, unsafe) as engine,
    ):
        return _Shown(engine, terminal, told, Screen(listing)).attend()


class _Shown:
    """A session in a terminal."""

    def __init__(self, engine: _Engine, terminal: Terminal, told: int, screen: Screen) -> None:
        self._engine = engine
        self._session = engine.session
        self._terminal = terminal
        self._told = told
        self._screen = screen
        self._keys = Keys()
        self._jupyter: tuple[Path, subprocess.Popen[bytes]] | None = None
        engine.selector.register(terminal.reading, selectors.EVENT_READ, "keys")
        engine.selector.register(told, selectors.EVENT_READ, "signals")

    def attend(self) -> tuple[Message, str]:
        """Show the session until the learner quits; return the last message and tracebacks."""
        drawn = ""
        going = True
        while going:
            drawn = self._draw(drawn)
            for name in self._engine.wait():
                if name == "keys":
                    going = self._read_keys()
                elif name == "signals":
                    self._read_signals()
                    drawn = ""
            self._session.heard.clear()
            self._look_after_jupyter()
        return self._session.farewell(), self._session.trouble

    def _draw(self, before: str) -> str:
        drawn = self._screen.draw(self._session, *self._terminal.size())
        if drawn != before:
            try:
                self._terminal.write(drawn)
            except OSError:
                raise Ended(signal.SIGHUP) from None
        return drawn

    def _read_signals(self) -> None:
        if signal.SIGTSTP in os.read(self._told, 64):
            self._terminal.suspend()

    def _read_keys(self) -> bool:
        try:
            data = os.read(self._terminal.reading, 1024)
        except OSError:
            raise Ended(signal.SIGHUP) from None
        # The terminal has ended, or ctrl-D was pressed.
        if data in (b"", b"\x04"):
            return False
        return all(self._press(key) for key in self._keys.read(data))

    def _press(self, key: str) -> bool:
        session, screen = self._session, self._screen
        actions: dict[str, Callable[[], None]] = {
            "h": session.show_hint,
            "l": lambda: session.turn_to("list"),
            "s": lambda: session.turn_to("solution"),
            "escape": lambda: session.turn_to("card"),
            "n": self._go_on,
            "r": session.run_again,
            "o": self._open,
            "up": lambda: screen.scroll(-1),
            "k": lambda: screen.scroll(-1),
            "down": lambda: screen.scroll(1),
            "j": lambda: screen.scroll(1),
            "page up": lambda: screen.page(-1),
            "page down": lambda: screen.page(1),
            "home": lambda: screen.to_end(-1),
            "end": lambda: screen.to_end(1),
        }
        if key in actions:
            actions[key]()
        return key != "q"

    def _go_on(self) -> None:
        self._session.go_on()
        self._engine.look(closely=True)

    def _open(self) -> None:
        """Start JupyterLab on the notebook, which keeps running after this process has ended."""
        path = self._session.path
        if importlib.util.find_spec("jupyterlab") is None:
            said = message(
                "JupyterLab is not installed here: open {file} in the program you work with.", file=str(path)
            )
        elif self._jupyter is not None and self._jupyter[0] == path and self._jupyter[1].poll() is None:
            said = message(
                "JupyterLab is already running; it has opened {file} in your browser.", file=path.name
            )
        else:
            process = subprocess.Popen(
                [sys.executable, "-m", "jupyterlab", str(path)],
                cwd=self._session.course.root,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            self._jupyter = (path, process)
            said = message(
                "JupyterLab is opening {file}; it keeps running when you quit here.", file=path.name
            )
        self._session.note = Note(said)

    def _look_after_jupyter(self) -> None:
        if self._jupyter is not None and self._jupyter[1].poll():
            said = message(
                "JupyterLab quit right away; run `jupyter lab {file}` to see why.", file=str(self._jupyter[0])
            )
            self._session.note = Note(said, "bad")
            self._jupyter = None
