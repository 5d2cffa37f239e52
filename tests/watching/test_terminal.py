"""A terminal is left as it was found."""

from __future__ import annotations

import os
import pty
import signal
import termios
from collections.abc import Iterator

import pytest

from autograder.watching.terminal import Ended, signals, taken


@pytest.fixture
def ends() -> Iterator[tuple[int, int]]:
    """A terminal's two ends: its keyboard and screen, and the one that a program has."""
    outside, inside = pty.openpty()
    yield outside, inside
    for descriptor in (outside, inside):
        os.close(descriptor)


@pytest.mark.parametrize("trouble", [None, ValueError, KeyboardInterrupt, signal.SIGTERM, signal.SIGHUP])
def test_whatever_ends_the_block(ends: tuple[int, int], trouble) -> None:
    outside, inside = ends
    before, handler = termios.tcgetattr(inside), signal.getsignal(signal.SIGINT)
    wanted = Ended if isinstance(trouble, signal.Signals) else trouble
    with pytest.raises(wanted) if wanted is not None else signals(), signals(), taken(inside, inside):
        assert not termios.tcgetattr(inside)[3] & (termios.ICANON | termios.ECHO)
        assert termios.tcgetattr(inside)[3] & termios.ISIG
        os.write(outside, b"\x13q")
        assert os.read(inside, 10) == b"\x13q"
        if isinstance(trouble, signal.Signals):
            os.kill(os.getpid(), trouble)
        elif trouble is not None:
            raise trouble

    assert termios.tcgetattr(inside) == before
    # A sentinel, since a terminal may hand on what was written in pieces.
    os.write(inside, b".")
    written = b""
    while not written.endswith(b"."):
        written += os.read(outside, 1000)
    assert written.decode().endswith("\x1b[?25h\x1b[?1049l.")
    assert signal.getsignal(signal.SIGINT) is handler
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_a_terminal_that_is_gone_is_left_without_a_word() -> None:
    outside, inside = pty.openpty()
    with taken(inside, inside) as terminal:
        os.close(outside)
        assert terminal.size() == (80, 24)
    os.close(inside)


def test_a_new_size_is_told(ends: tuple[int, int]) -> None:
    with signals() as told:
        os.kill(os.getpid(), signal.SIGWINCH)
        assert os.read(told, 10) == bytes([signal.SIGWINCH])
