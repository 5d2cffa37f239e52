"""Plans what learner code may see of this machine: the interpreter and the system's libraries only."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from autograder.sandbox import landlock

LEARNER = 65534
HOME = "/home/learner"

_MOST_LINKS = 40
_SYSTEM = ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin")
_ETC = ("ld.so.cache", "localtime", "fonts", "alternatives", "mime.types")
_DEVICES = ("null", "zero", "full", "random", "urandom")
_HARMLESS_FACTS = ("/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu")
# TensorFlow fails without the first; the others tell a process about itself.
_FACTS_OF_ITSELF = ("cmdline", "maps", "stat", "statm", "status")
_WRITTEN_ETC = {
    "passwd": f"root:x:0:0:root:/root:/bin/sh\nlearner:x:{LEARNER}:{LEARNER}:learner:{HOME}:/bin/sh\n",
    "group": f"root:x:0:\nlearner:x:{LEARNER}:\n",
    "hosts": "127.0.0.1 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}


@dataclass(frozen=True)
class Plan:
    """The paths that a jail shows, found once.

    `trees` are folders shown read-only, `files` single files of /etc, `links` symbolic links of the root,
    `hidden` folders that are covered although they lie in a shown one. `base` is this run's own folder on the
    machine's disk, outside the jail. `written` lists further paths at which a folder of `trees`, or one in
    them, is shown, because links that the jail does not have lead there: (path, folder).
    """

    trees: tuple[str, ...]
    files: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    hidden: tuple[str, ...]
    base: str
    written: tuple[tuple[str, str], ...] = ()

    @property
    def mounts(self) -> list[tuple[str, str | None]]:
        """Every folder of the jail in building order: (path, the folder it shows or None for nothing)."""
        places = [*((tree, tree) for tree in self.trees), *self.written]
        covers = [
            (at + hidden.removeprefix(tree), None)
            for at, tree in places
            for hidden in self.hidden
            if within(hidden, tree)
        ]
        # A cover comes after the folder that it covers, and before what is shown all the same inside it.
        found: list[tuple[str, str | None]] = [*dict.fromkeys([*places, *covers])]
        return sorted(found, key=lambda mount: (mount[0], mount[1] is None))

    @property
    def etc(self) -> dict[str, str]:
        """The files that are written for the jail's /etc."""
        return dict(_WRITTEN_ETC)

    @property
    def devices(self) -> tuple[str, ...]:
        """The device nodes shown in /dev."""
        return tuple(f"/dev/{name}" for name in _DEVICES)

    def grants_on_disk(self, private: str) -> list[tuple[str, int]]:
        """Return Landlock's grants to this process where the root is the machine's own (`contained`)."""
        shown = [path for tree in self.trees for path in _without(tree, self.hidden)]
        readable = [*shown, *self.files, *_HARMLESS_FACTS]
        return [
            *((path, landlock.READ) for path in readable),
            *((f"/proc/self/{name}", landlock.READ_FILE) for name in _FACTS_OF_ITSELF),
            *((path, landlock.READ_FILE | landlock.WRITE_FILE) for path in self.devices),
            (private, landlock.PRIVATE),
        ]


def make_plan(base: str, hide: Iterable[str] = ()) -> Plan:
    """Make the plan for this interpreter.

    Args:
        base: an existing folder, private to this run, for the jail's mount point or directories.
        hide: further folders that must stay out of sight, even where they lie inside the interpreter's.
    """
    package = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    checkout = os.path.dirname(package)
    secret = {os.path.realpath(path) for path in hide}
    if os.path.basename(checkout) not in ("site-packages", "dist-packages"):
        secret.add(checkout)

    wanted = [sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix]
    # The interpreter's own modules may lie elsewhere, and so may packages that are only linked.
    wanted += [os.path.dirname(os.__file__)]
    libraries = [path for path in sys.path if _is_library(path)]
    linked = {folder for path in libraries for folder in _linked(path)}
    # A hidden folder stays hidden, even where an environment has links into it.
    wanted += [*libraries, *(folder for folder in linked if not _in_any(folder, secret))]
    links = []
    trees: list[str] = []
    for path in _SYSTEM:
        if os.path.islink(path):
            links.append((path, os.readlink(path)))
        elif os.path.isdir(path):
            trees.append(path)
    for path in sorted({os.path.realpath(path) for path in wanted if os.path.isdir(path)}):
        if not any(within(path, tree) and not _covered(path, tree, secret) for tree in trees):
            trees.append(path)
    files = [path for name in _ETC if os.path.exists(path := f"/etc/{name}")]
    programs = (os.path.dirname(path) for path in _steps(sys.executable))
    inside = (path for path in secret if any(within(path, tree) for tree in trees))
    hidden = sorted(path for path in inside if os.path.isdir(path))
    written = _written([*wanted, *programs], trees, hidden)
    return Plan(tuple(trees), tuple(files), tuple(links), tuple(hidden), base, written)


def _in_any(path: str, folders: Iterable[str]) -> bool:
    return any(within(os.path.realpath(path), folder) for folder in folders)


def _written(
    wanted: Iterable[str], trees: Sequence[str], hidden: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    """Return the paths that lead to shown folders only by links which are not shown, with those folders."""
    found: dict[str, str] = {}
    for path in wanted:
        for step in _steps(path):
            real = os.path.realpath(step)
            link = _first_link(step)
            if link is None or step in found or not os.path.isdir(real):
                continue
            shown = any(within(link, tree) and not _covered(link, tree, hidden) for tree in trees)
            if not shown and any(within(real, tree) for tree in trees):
                found[step] = real
    shorter = {at: real for at, real in found.items() if not _follows(at, real, found)}
    return tuple(sorted(shorter.items()))


def _follows(at: str, real: str, found: Mapping[str, str]) -> bool:
    """Return whether another written folder that holds this one already shows it."""
    return any(
        at != other and within(at, other) and real == folder + at.removeprefix(other)
        for other, folder in found.items()
    )


def _steps(path: str) -> list[str]:
    """Return a path as written, and as it is after each link that it passes through; the last is real."""
    steps = [os.path.abspath(path)]
    while (link := _first_link(steps[-1])) is not None and len(steps) <= _MOST_LINKS:
        rest = steps[-1].removeprefix(link)
        steps.append(os.path.normpath(os.path.join(os.path.dirname(link), os.readlink(link)) + rest))
    return steps


def _first_link(path: str) -> str | None:
    """Return the shortest beginning of a path that is a link."""
    parts = path.split(os.sep)
    heads = (os.sep.join(parts[:count]) for count in range(2, len(parts) + 1))
    return next((head for head in heads if os.path.islink(head)), None)


def _linked(libraries: str) -> set[str]:
    """Return the packages elsewhere that a folder's packages link to, as uv makes them when told to link.

    Either a package is itself a link or its files are, which the first of them shows.
    """
    found: set[str] = set()
    try:
        entries = list(os.scandir(libraries))
    except OSError:
        return found
    for entry in entries:
        link = entry.path if entry.is_symlink() else _first_linked_file(entry)
        if link is None:
            continue
        target = os.path.normpath(os.path.join(os.path.dirname(link), os.readlink(link)))
        inside = os.path.relpath(link, entry.path)
        if inside != "." and target.endswith(os.sep + inside):
            target = target.removesuffix(os.sep + inside)
        if os.path.isfile(target):
            # For a module of one file only an unpacked wheel is shown; another folder may hold anything.
            target = os.path.dirname(target)
            if not any(name.endswith(".dist-info") for name in os.listdir(target)):
                continue
        elif not target.endswith(".dist-info") and not os.path.isfile(os.path.join(target, "__init__.py")):
            continue
        found.add(target)
    return found


def _first_linked_file(package: os.DirEntry[str]) -> str | None:
    """Return a package's first file, if that is a link."""
    try:
        if not package.is_dir() or package.name == "__pycache__":
            return None
        first = next((entry for entry in os.scandir(package.path) if not entry.is_dir()), None)
    except OSError:
        return None
    return first.path if first is not None and first.is_symlink() else None


def _is_library(path: str) -> bool:
    return not {"site-packages", "dist-packages"}.isdisjoint(path.split(os.sep))


def within(path: str, tree: str) -> bool:
    """Return whether `path` is `tree` or lies below it."""
    return path == tree or path.startswith(tree.rstrip(os.sep) + os.sep)


def _covered(path: str, tree: str, secret: Iterable[str]) -> bool:
    """Return whether a secret folder between `tree` and `path` would cover `path` again."""
    return any(within(path, hidden) and within(hidden, tree) for hidden in secret)


def _without(tree: str, hidden: Iterable[str]) -> list[str]:
    """Return `tree` or, where something in it is hidden, its other entries one by one."""
    inside = [path for path in hidden if within(path, tree)]
    if not inside:
        return [tree]
    if tree in inside:
        return []
    return [
        path for entry in sorted(os.listdir(tree)) for path in _without(os.path.join(tree, entry), inside)
    ]
