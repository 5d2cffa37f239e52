"""A terminal that passes on every key at once and shows one screen, and is restored however it is left."""

from __future__ import annotations

import contextlib
import os
import signal
import termios
from collections.abc import Iterator
from types import FrameType
from typing import Any

from autograder.messages import AutograderError

_ENTER = "\x1b[?1049h\x1b[?25l"
_LEAVE = "\x1b[?25h\x1b[?1049l"
_ENDING = (signal.SIGTERM, signal.SIGHUP)
_TOLD = (signal.SIGWINCH, signal.SIGTSTP, signal.SIGCONT)


class Ended(AutograderError):  # noqa: N818 - named for what happened
    """A signal has asked this process to end; `number` says which."""

    def __init__(self, number: int) -> None:
        super().__init__(str(number))
        self.number = number


class Terminal:
    """The terminal of two descriptors, one that is read and one that is written to."""

    def __init__(self, reading: int, writing: int) -> None:
        self.reading = reading
        self._writing = writing
        self._found: list[Any] | None = None

    def enter(self) -> None:
        """Take the terminal: keys come at once without echo, ctrl-C still works, a second screen shows."""
        self._found = termios.tcgetattr(self.reading)
        mode = termios.tcgetattr(self.reading)
        # Ctrl-S, which many press to save, would stop all output.
        mode[0] &= ~termios.IXON
        mode[3] &= ~(termios.ICANON | termios.ECHO)
        mode[6][termios.VMIN], mode[6][termios.VTIME] = 1, 0
        termios.tcsetattr(self.reading, termios.TCSADRAIN, mode)
        self.write(_ENTER)

    def leave(self) -> None:
        """Restore the terminal as it was; one that is gone needs nothing."""
        if self._found is None:
            return
        with contextlib.suppress(OSError):
            self.write(_LEAVE)
        with contextlib.suppress(OSError, termios.error):
            termios.tcsetattr(self.reading, termios.TCSANOW, self._found)
        self._found = None

    def write(self, text: str) -> None:
        """Write the whole text.

        Raises:
            OSError: the terminal is gone.
        """
        data = text.encode("utf-8", "replace")
        while data:
            data = data[os.write(self._writing, data) :]

    def size(self) -> tuple[int, int]:
        """Return the numbers of columns and lines."""
        try:
            columns, lines = os.get_terminal_size(self._writing)
        except OSError:
            columns, lines = 0, 0
        return columns or 80, lines or 24

    def suspend(self) -> None:
        """Do what ctrl-Z asks: restore the terminal, stop, and take it again when the process continues."""
        self.leave()
        handler = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, handler)
        self.enter()


@contextlib.contextmanager
def taken(reading: int, writing: int) -> Iterator[Terminal]:
    """Provide the terminal for the block, and restore it whatever ends the block."""
    terminal = Terminal(reading, writing)
    try:
        terminal.enter()
        yield terminal
    finally:
        # A second ctrl-C must not interrupt this.
        kept = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, *_ENDING)}
        terminal.leave()
        for number, handler in kept.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def signals() -> Iterator[int]:
    """Provide a descriptor to read signals from as bytes; those that end a process raise `Ended` instead."""
    told, tell = os.pipe()
    for descriptor in (told, tell):
        os.set_blocking(descriptor, False)
    before = {number: signal.signal(number, _end) for number in _ENDING}
    before |= {number: signal.signal(number, _heard) for number in _TOLD}
    woken = signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    try:
        yield told
    finally:
        signal.set_wakeup_fd(woken)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(told)
        os.close(tell)


def _end(number: int, _frame: FrameType | None) -> None:
    raise Ended(number)


def _heard(_number: int, _frame: FrameType | None) -> None:
    """Do nothing, because the signal's byte is already in the pipe."""
