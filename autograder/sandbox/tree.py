"""Finds the processes below one, measures their memory, and ends them."""

from __future__ import annotations

import os
import signal
import time

_PATIENCE = 5.0


def descendants(pid: int, proc: int | None = None) -> list[int]:
    """Return all processes below `pid`, parents first; `proc` is a descriptor of the /proc to ask."""
    found: list[int] = []
    waiting = [pid]
    while waiting:
        children = _children(waiting.pop(), proc)
        found += children
        waiting += children
    return found


def _children(pid: int, proc: int | None) -> list[int]:
    try:
        threads = _list(f"{pid}/task", proc)
    except OSError:
        return []
    found: list[int] = []
    for thread in threads:
        try:
            found += [int(child) for child in _read(f"{pid}/task/{thread}/children", proc).split()]
        except OSError:
            continue
    return found


def tasks(pid: int, proc: int | None = None) -> int:
    """Return how many threads `pid` has, 0 when it is gone."""
    try:
        return len(_list(f"{pid}/task", proc))
    except OSError:
        return 0


def memory(pids: list[int], proc: int | None = None, *, enough: int) -> int:
    """Return the bytes of memory that `pids` hold together, counting the pages that they share once.

    The quick count, which counts a page that forks share for each of them, is returned if below `enough`.
    """
    quick = sum(_own_memory(pid, proc) for pid in pids)
    return quick if quick < enough else sum(_fair_memory(pid, proc) for pid in pids)


def _own_memory(pid: int, proc: int | None) -> int:
    try:
        lines = _read(f"{pid}/status", proc).splitlines()
    except OSError:
        return 0
    # `statm` is shorter, and counts memory that processes share on purpose among the pages of files.
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(("RssAnon:", "RssShmem:")))


def _fair_memory(pid: int, proc: int | None) -> int:
    try:
        lines = _read(f"{pid}/smaps_rollup", proc).splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(("Pss_Anon", "Pss_Shmem")))


def end_all(pid: int, spare: frozenset[int] = frozenset()) -> int:
    """Kill and reap every descendant of this process `pid` except `spare` and theirs; return how many.

    This process must be a child subreaper, so that it becomes the parent of orphans.
    """
    killed: set[int] = set()
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        left = [child for child in _children(pid, None) if child not in spare and not _reaped(child)]
        left += [below for child in left for below in descendants(child)]
        if not left:
            break
        for process in left:
            try:
                os.kill(process, signal.SIGKILL)
                killed.add(process)
            except ProcessLookupError:
                continue
        time.sleep(0.001)
    return len(killed)


def _reaped(child: int) -> bool:
    """Reap a child if it has ended, and return whether it is gone."""
    try:
        return os.waitpid(child, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return True


def _list(path: str, proc: int | None) -> list[str]:
    if proc is None:
        return os.listdir(f"/proc/{path}")
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY, dir_fd=proc)
    try:
        return os.listdir(folder)
    finally:
        os.close(folder)


def _read(path: str, proc: int | None) -> str:
    file = os.open(f"/proc/{path}" if proc is None else path, os.O_RDONLY, dir_fd=proc)
    try:
        return os.read(file, 65536).decode("ascii", "replace")
    finally:
        os.close(file)
