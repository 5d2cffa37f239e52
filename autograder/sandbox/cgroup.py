"""Control groups: the kernel counts a run's memory and processes, where this process may ask for that.

The limits of `jail` hold without them, for each process; a group limits all processes of a run together.
Source: https://docs.kernel.org/admin-guide/cgroup-v2.html, and cgroup-v1/memory.html and pids.html beside it.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

CONTROLLERS = ("memory", "pids")
PREFIX = "beyond-sequential-"
"""The prefix of our groups' names."""
# It is compiled once, and not in each process that watches over a run.
_KILLED = re.compile(r"^oom_kill (\d+)$", re.MULTILINE)

_PATIENCE = 2.0


@dataclass(frozen=True)
class Hierarchy:
    """A folder in which this process may make groups, and the controllers that count there."""

    version: int
    folder: str
    controllers: tuple[str, ...]


@dataclass(frozen=True)
class Cgroups:
    """The hierarchies in which the groups of runs are made; without any there are no groups."""

    hierarchies: tuple[Hierarchy, ...] = ()

    @property
    def controllers(self) -> tuple[str, ...]:
        """Those of `memory` and `pids` that this process may count and limit."""
        return tuple(name for name in CONTROLLERS if any(name in one.controllers for one in self.hierarchies))

    def make(self, name: str, *, memory_bytes: int, tasks: int) -> Group:
        """Make an empty group for one run.

        Args:
            name: the run's number, of digits and hyphens.
            memory_bytes: what its processes may hold together, files in memory included.
            tasks: how many processes and threads it may have at once.

        Raises:
            OSError: the kernel refuses.
        """
        return Group([_make(one, PREFIX + name, memory_bytes, tasks) for one in self.hierarchies])

    def remove(self, name: str) -> None:
        """Remove the groups of a run whose supervisor could not remove them."""
        for one in self.hierarchies:
            with suppress(OSError):
                os.rmdir(os.path.join(one.folder, PREFIX + name))

    def sweep(self) -> None:
        """Remove the groups left by warm interpreters that have ended; a run's name begins with their pid."""
        for one in self.hierarchies:
            for path in Path(one.folder).glob(f"{PREFIX}*"):
                owner = re.match(r"\d+", path.name.removeprefix(PREFIX))
                if owner and not os.path.exists(f"/proc/{owner[0]}"):
                    with suppress(OSError):
                        path.rmdir()


NO_CGROUPS = Cgroups()


@dataclass(frozen=True)
class _Made:
    version: int
    folder: int
    parent: int
    name: str
    processes: int
    own: int
    """The file by which a process of one thread enters; in version 1 the kernel then waits for nobody."""


class Group:
    """The control group of one run, in every hierarchy; it also works where its folders are out of sight."""

    def __init__(self, made: list[_Made]) -> None:
        self._made = made

    @property
    def waits(self) -> bool:
        """Whether entering is slow (ten milliseconds) because the kernel waits for every processor."""
        return any(made.version != 1 for made in self._made)

    def enter(self, process: int = 0) -> None:
        """Put a process, and all that it will start, into the group.

        Args:
            process: its pid; 0 is this process, which must then have a single thread.

        Raises:
            ProcessLookupError: the process has ended.
            OSError: the kernel refuses.
        """
        for made in self._made:
            os.write(made.processes if process else made.own, str(process).encode())

    @property
    def out_of_memory(self) -> bool:
        """Whether the kernel has killed a process of the group because memory ran out."""
        files = {1: "memory.oom_control", 2: "memory.events"}
        told = [_read(made.folder, files[made.version]) for made in self._made]
        return any(int(count) > 0 for text in told for count in _KILLED.findall(text))

    def remove(self) -> None:
        """Remove the group; all its processes must have been killed."""
        until = time.monotonic() + _PATIENCE
        for made in self._made:
            while True:
                try:
                    os.rmdir(made.name, dir_fd=made.parent)
                    break
                except FileNotFoundError:
                    break
                except OSError:
                    # A killed process leaves its group a moment later; until then the kernel refuses.
                    if time.monotonic() > until:
                        break
                    time.sleep(0.001)
            for descriptor in {made.folder, made.parent, made.processes, made.own}:
                os.close(descriptor)
        self._made = []


def _make(one: Hierarchy, name: str, memory_bytes: int, tasks: int) -> _Made:
    parent = os.open(one.folder, os.O_RDONLY | os.O_DIRECTORY)
    os.mkdir(name, 0o755, dir_fd=parent)
    folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=parent)
    for file, value in _settings(one, memory_bytes, tasks).items():
        _write(folder, file, value)
    if one.version == 1 and "memory" in one.controllers:
        # The file exists only where the kernel counts swap; with any swap a run could grow past its limit.
        with suppress(OSError):
            _write(folder, "memory.memsw.limit_in_bytes", str(memory_bytes))
    if one.version == 2 and "memory" in one.controllers:
        with suppress(OSError):
            _write(folder, "memory.swap.max", "0")
    processes = _open(folder, "cgroup.procs", os.O_WRONLY)
    # To move a process with all its threads, none of which may start or end meanwhile, the kernel waits for
    # every processor. A thread that moves itself makes nobody wait.
    own = _open(folder, "tasks", os.O_WRONLY) if one.version == 1 else processes
    return _Made(one.version, folder, parent, name, processes, own)


def _settings(one: Hierarchy, memory_bytes: int, tasks: int) -> Mapping[str, str]:
    memory = {1: "memory.limit_in_bytes", 2: "memory.max"}[one.version]
    values = {"memory": (memory, memory_bytes), "pids": ("pids.max", tasks)}
    return {file: str(value) for file, value in (values[name] for name in one.controllers)}


def _open(folder: int, file: str, flags: int) -> int:
    return os.open(file, flags | os.O_CLOEXEC, dir_fd=folder)


def _write(folder: int, file: str, value: str) -> None:
    descriptor = _open(folder, file, os.O_WRONLY)
    try:
        os.write(descriptor, value.encode())
    finally:
        os.close(descriptor)


def _read(folder: int, file: str) -> str:
    try:
        descriptor = _open(folder, file, os.O_RDONLY)
    except OSError:
        return ""
    try:
        return os.read(descriptor, 65536).decode("ascii", "replace")
    finally:
        os.close(descriptor)
