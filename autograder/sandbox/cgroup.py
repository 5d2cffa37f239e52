"""Control groups: a run's memory and processes counted by the kernel, where this process may ask for that.

The limits of `jail` hold without them, process by process; a group holds for all of a run's processes.
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
_PREFIX = "beyond-sequential-"
_GRADER = f"{_PREFIX}grader"
_PATIENCE = 2.0


@dataclass(frozen=True)
class Hierarchy:
    """A folder in which this process may make groups, and the controllers that count there."""

    version: int
    folder: str
    controllers: tuple[str, ...]


@dataclass(frozen=True)
class Cgroups:
    """Where the groups of runs are made; without any hierarchy there are none."""

    hierarchies: tuple[Hierarchy, ...] = ()

    @property
    def controllers(self) -> tuple[str, ...]:
        """What is counted: of `memory` and `pids`, those that this process may limit."""
        return tuple(name for name in CONTROLLERS if any(name in one.controllers for one in self.hierarchies))

    def make(self, name: str, *, memory_bytes: int, tasks: int) -> Group:
        """A group for one run, empty.

        Args:
            name: a number of the run, of digits and hyphens.
            memory_bytes: what its processes may hold together, files in memory included.
            tasks: how many processes and threads there may be at once.

        Raises:
            OSError: the kernel refuses.
        """
        return Group([_make(one, _PREFIX + name, memory_bytes, tasks) for one in self.hierarchies])

    def remove(self, name: str) -> None:
        """Remove what is left of a run whose keeper could not do it."""
        for one in self.hierarchies:
            with suppress(OSError):
                os.rmdir(os.path.join(one.folder, _PREFIX + name))

    def sweep(self) -> None:
        """Remove what warm interpreters that are no more have left; their number begins a run's name."""
        for one in self.hierarchies:
            for path in Path(one.folder).glob(f"{_PREFIX}*"):
                owner = re.match(r"\d+", path.name.removeprefix(_PREFIX))
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


class Group:
    """The control group of one run, in every hierarchy. It works out of sight of the folders, too."""

    def __init__(self, made: list[_Made]) -> None:
        self._made = made

    def enter(self) -> None:
        """Put this process, and all that it will start, into the group."""
        for made in self._made:
            os.write(made.processes, b"0")

    @property
    def out_of_memory(self) -> bool:
        """Whether the kernel has ended a process of the group for want of memory."""
        files = {1: "memory.oom_control", 2: "memory.events"}
        told = [_read(made.folder, files[made.version]) for made in self._made]
        return any(int(count) > 0 for text in told for count in re.findall(r"^oom_kill (\d+)$", text, re.M))

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
                    # A process that was killed leaves its group a moment later.
                    if time.monotonic() > until:
                        break
                    time.sleep(0.001)
            for descriptor in (made.folder, made.parent, made.processes):
                os.close(descriptor)
        self._made = []


def _make(one: Hierarchy, name: str, memory_bytes: int, tasks: int) -> _Made:
    parent = os.open(one.folder, os.O_RDONLY | os.O_DIRECTORY)
    os.mkdir(name, 0o755, dir_fd=parent)
    folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=parent)
    for file, value in _settings(one, memory_bytes, tasks).items():
        _write(folder, file, value)
    if one.version == 1 and "memory" in one.controllers:
        # There only where the kernel counts swap; more than nothing of it would let a run grow on.
        with suppress(OSError):
            _write(folder, "memory.memsw.limit_in_bytes", str(memory_bytes))
    if one.version == 2 and "memory" in one.controllers:
        with suppress(OSError):
            _write(folder, "memory.swap.max", "0")
    return _Made(one.version, folder, parent, name, _open(folder, "cgroup.procs", os.O_WRONLY))


def _settings(one: Hierarchy, memory_bytes: int, tasks: int) -> Mapping[str, str]:
    memory = {1: "memory.limit_in_bytes", 2: "memory.max"}[one.version]
    values = {"memory": (memory, memory_bytes), "pids": ("pids.max", tasks)}
    return {file: str(value) for file, value in (values[name] for name in one.controllers)}


def delegated(proc: str = "/proc/self") -> Cgroups:
    """The hierarchies in which this process may make groups that count memory or processes.

    Args:
        proc: the folder that says of a process where it is (`cgroup`) and what is mounted (`mountinfo`).
    """
    try:
        mounts = _mounts(Path(proc, "mountinfo").read_text())
        places = _places(Path(proc, "cgroup").read_text())
    except OSError:
        return NO_CGROUPS
    found: list[Hierarchy] = []
    for version, folder, controllers in _candidates(mounts, places):
        wanted = tuple(name for name in CONTROLLERS if name in controllers)
        if version == 2:
            wanted = _passed_on(Path(folder), wanted)
        if wanted and _may_make_groups(folder, version):
            found.append(Hierarchy(version, folder, wanted))
    return Cgroups(tuple(found))


@dataclass(frozen=True)
class _Mount:
    root: str
    point: str
    kind: str
    options: frozenset[str]


def _mounts(text: str) -> list[_Mount]:
    found = []
    for line in text.splitlines():
        fields, _, rest = line.partition(" - ")
        kind, _, options = (*rest.split(" "), "", "", "")[:3]
        if kind in ("cgroup", "cgroup2"):
            root, point = (_unescaped(field) for field in fields.split(" ")[3:5])
            found.append(_Mount(root, point, kind, frozenset(options.split(","))))
    return found


def _unescaped(field: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), field)


def _places(text: str) -> dict[str, str]:
    """The path of this process in each hierarchy, by controller; that of version 2 by the empty name."""
    places = {}
    for line in text.splitlines():
        _, names, path = line.split(":", 2)
        places.update(dict.fromkeys(names.split(","), path))
    return places


def _candidates(mounts: list[_Mount], places: Mapping[str, str]) -> list[tuple[int, str, list[str]]]:
    found: list[tuple[int, str, list[str]]] = []
    for mount in mounts:
        if mount.kind == "cgroup2" and "" in places:
            folder = _below(mount, places[""].removesuffix(f"/{_GRADER}") or "/")
            with suppress(OSError):
                found.append((2, folder, Path(folder, "cgroup.controllers").read_text().split()))
        elif mount.kind == "cgroup":
            names = [name for name in CONTROLLERS if name in mount.options and name in places]
            if names:
                found.append((1, _below(mount, places[names[0]]), names))
    return found


def _below(mount: _Mount, path: str) -> str:
    """Where the group `path` lies below a mount point that shows the hierarchy from `mount.root` on."""
    inner = os.path.relpath(path, mount.root)
    return os.path.normpath(os.path.join(mount.point, "" if inner.startswith("..") else inner))


def _passed_on(folder: Path, controllers: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the controllers that groups below `folder` have, after they were asked for."""
    control = folder / "cgroup.subtree_control"
    try:
        lacking = [name for name in controllers if name not in control.read_text().split()]
        if lacking and _is_ours(folder):
            _make_room(folder)
        for name in lacking:
            with suppress(OSError):
                control.write_text(f"+{name}")
        passed = control.read_text().split()
    except OSError:
        return ()
    return tuple(name for name in controllers if name in passed)


def _is_ours(folder: Path) -> bool:
    """Whether systemd has handed the group over (`Delegate=yes`): then its inside is ours to arrange."""
    with suppress(OSError):
        return os.getxattr(folder, "user.delegate") == b"1"
    return False


def _make_room(folder: Path) -> None:
    """A group that has processes of its own passes no controller on: they move into one beside the runs."""
    leaf = folder / _GRADER
    leaf.mkdir(exist_ok=True)
    for _ in range(10):
        processes = (folder / "cgroup.procs").read_text().split()
        if not processes:
            return
        for process in processes:
            with suppress(OSError):
                (leaf / "cgroup.procs").write_text(process)


def _may_make_groups(folder: str, version: int) -> bool:
    """Tried, with a process that is put in and ends."""
    group = None
    name = f"{os.getpid()}-try"
    try:
        group = Group([_make(Hierarchy(version, folder, ()), _PREFIX + name, 0, 0)])
        child = os.fork()
        if child == 0:
            code = 1
            try:
                group.enter()
                code = 0
            finally:
                os._exit(code)
        return os.waitpid(child, 0)[1] == 0
    except OSError:
        return False
    finally:
        if group is not None:
            group.remove()


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
