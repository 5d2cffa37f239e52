"""Runs as `run_autograder` in Gradescope's container, for each submission anew.

A process that imports nothing large watches over one that grades. Whatever happens to that one (an exception,
no isolation, too little memory, too little time), there are whole results or none. Results need a score, and
0 would be the student's; without a valid results.json Gradescope says that the autograder failed to execute.
The reason is printed, which only instructors see.
"""

from __future__ import annotations

import os
import signal
import stat
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from autograder.messages import AutograderError, Language, Message, message, render
from autograder.platforms.gradescope.settings import LEAST_MEMORY, NAME, Settings

RESULTS = "results/results.json"
_CLOSED = ("source", "results", "submission", "submission_metadata.json")
"""What learner code must not reach: checks, solutions, results, and what hidden checks said before."""

_MEMORY_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
_LOOKED_SECONDS = 0.05


def main(root: Path) -> int:
    """Grade what is below Gradescope's folder, and return the exit code: 0 where there are results."""
    return watch_over(root, lambda began: grade(root, began))


def watch_over(root: Path, grade: Callable[[float], None]) -> int:
    """Run `grade`, with when all began, in a process of its own until it ends or its time is over."""
    began = time.monotonic()
    results = root / RESULTS
    results.parent.mkdir(exist_ok=True)
    results.unlink(missing_ok=True)
    close(root)
    try:
        settings = Settings.model_validate_json((root / "source" / NAME).read_bytes())
    except (OSError, ValueError) as error:
        _say([message("The autograder's own {file} cannot be read: {reason}.", file=NAME, reason=str(error))])
        return 1
    sys.stdout.flush()
    sys.stderr.flush()
    language = settings.language or "en"
    child = os.fork()
    if child == 0:
        _grade_and_leave(grade, began, language)
    state = _end_of(child, began + settings.seconds)
    if state is not None and os.waitstatus_to_exitcode(state) == 0 and results.is_file():
        return 0
    results.unlink(missing_ok=True)
    if state is None:
        _say([_too_slow(settings), *too_little_memory()], language)
    elif os.WIFSIGNALED(state):
        _say([_killed(os.WTERMSIG(state)), *too_little_memory()], language)
    return 1


def grade(root: Path, began: float) -> None:
    """Grade the submission below Gradescope's folder, and write its results, whole.

    Raises:
        AutograderError: grading cannot go on.
        OSError: the results cannot be written.
    """
    # Imported here, since the process that watches over this one does without all of this.
    from autograder.platforms.gradescope.grading import graded_results

    text = graded_results(root, lambda: time.monotonic() - began)
    unfinished = root / "results" / ".results.json"
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(root / RESULTS)


def close(root: Path) -> None:
    """Deny all users except the owner, root, access to what learner code must not reach."""
    for path in closed(root):
        with suppress(FileNotFoundError):
            os.chmod(path, stat.S_IMODE(path.stat().st_mode) & ~0o007)


def closed(root: Path) -> list[Path]:
    """Return those files and folders that learner code must not reach and that exist."""
    return [root / name for name in _CLOSED]


def memory_limit() -> int | None:
    """Return how many bytes of memory this container may use; None where no limit can be read."""
    for name in _MEMORY_LIMITS:
        with suppress(OSError, ValueError):
            return int(Path(name).read_text(encoding="ascii"))
    return None


def _grade_and_leave(grade: Callable[[float], None], began: float, language: Language) -> NoReturn:
    """Grade in a process that then ends; never returns."""
    code = 1
    try:
        # In a group of its own: what it starts ends with it, or by itself where it has left the group.
        os.setsid()
        grade(began)
        code = 0
    except AutograderError as error:
        _say(error.messages, language)
    except BaseException:
        traceback.print_exc(file=sys.stdout)
    finally:
        with suppress(Exception):
            sys.stdout.flush()
        # An ordinary exit would take TensorFlow apart module by module, which takes over a second.
        os._exit(code)


def _end_of(child: int, deadline: float) -> int | None:
    """Return the state that a child ends in; None where it was ended because its time was over."""
    while time.monotonic() < deadline:
        pid, state = os.waitpid(child, os.WNOHANG)
        if pid:
            return state
        time.sleep(_LOOKED_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _too_slow(settings: Settings) -> Message:
    return message(
        "Grading has taken nearly {minutes} minutes and was ended. Give the container more processor in the "
        "autograder's settings, or a longer timeout there and in `autograder export gradescope --timeout`.",
        minutes=settings.minutes,
    )


def _killed(number: int) -> Message:
    return message(
        "The process that graded was ended by the signal {signal}, as happens where memory is short.",
        signal=signal.Signals(number).name,
    )


def too_little_memory() -> list[Message]:
    """Return what to say where this container has less memory than grading may need."""
    limit = memory_limit()
    if limit is None or limit >= LEAST_MEMORY:
        return []
    return [
        message(
            "This container has {found} MiB of memory; grading needs up to {wanted}. Choose a larger one in "
            "the autograder's settings.",
            found=limit // 1024**2,
            wanted=LEAST_MEMORY // 1024**2,
        )
    ]


def _say(sentences: Iterable[Message], language: Language = "en") -> None:
    """Print sentences for the instructor: Gradescope keeps what is printed from students."""
    for said in sentences:
        print(f"autograder: {render(said, language)}", flush=True)
