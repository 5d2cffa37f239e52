"""Finds out where this process may make control groups: what is mounted, and what was delegated to it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox.cgroup import CONTROLLERS, NO_CGROUPS, PREFIX, Cgroups, Hierarchy

_GRADER = f"{PREFIX}grader"


def delegated(proc: str = "/proc/self") -> Cgroups:
    """Return the hierarchies in which this process may make groups that count memory or processes.

    Args:
        proc: the folder of /proc that lists a process's groups (`cgroup`) and its mounts (`mountinfo`).
    """
    try:
        mounts = _mounts(Path(proc, "mountinfo").read_text(encoding="utf-8"))
        places = _places(Path(proc, "cgroup").read_text(encoding="utf-8"))
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
    """Return this process's path in each hierarchy by controller; version 2 has the empty name."""
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
                found.append(
                    (2, folder, Path(folder, "cgroup.controllers").read_text(encoding="utf-8").split())
                )
        elif mount.kind == "cgroup":
            names = [name for name in CONTROLLERS if name in mount.options and name in places]
            if names:
                found.append((1, _below(mount, places[names[0]]), names))
    return found


def _below(mount: _Mount, path: str) -> str:
    """Return where the group `path` lies below a mount point that shows the hierarchy from `root` on."""
    inner = os.path.relpath(path, mount.root)
    return os.path.normpath(os.path.join(mount.point, "" if inner.startswith("..") else inner))


def _passed_on(folder: Path, controllers: tuple[str, ...]) -> tuple[str, ...]:
    """Ask for the controllers in groups below `folder`, and return those that such groups have."""
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
    """Return whether systemd has delegated the group (`Delegate=yes`), so that we may arrange its inside."""
    with suppress(OSError):
        return os.getxattr(folder, "user.delegate") == b"1"
    return False


def _make_room(folder: Path) -> None:
    """Move a group's processes into one beside the runs': a group with processes passes no controller on."""
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
    """Return whether a group can be made in `folder` and entered, by trying it with a process that ends."""
    group = None
    tried = Cgroups((Hierarchy(version, folder, ()),))
    try:
        group = tried.make(f"{os.getpid()}-try", memory_bytes=0, tasks=0)
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
