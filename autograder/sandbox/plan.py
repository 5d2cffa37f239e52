"""What learner code may see of this machine: the interpreter and the system's libraries, and nothing else."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.sandbox import landlock

LEARNER = 65534
HOME = "/home/learner"

_SYSTEM = ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin")
_ETC = ("ld.so.cache", "localtime", "fonts", "alternatives", "mime.types")
_DEVICES = ("null", "zero", "full", "random", "urandom")
_HARMLESS_FACTS = ("/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu")
# TensorFlow will not live without the first; the others tell a process about itself.
_FACTS_OF_ITSELF = ("cmdline", "maps", "stat", "statm", "status")
_WRITTEN_ETC = {
    "passwd": f"root:x:0:0:root:/root:/bin/sh\nlearner:x:{LEARNER}:{LEARNER}:learner:{HOME}:/bin/sh\n",
    "group": f"root:x:0:\nlearner:x:{LEARNER}:\n",
    "hosts": "127.0.0.1 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}


@dataclass(frozen=True)
class Plan:
    """The paths that a jail shows, found out once.

    `trees`: folders shown read-only.  `files`: single files of /etc.  `links`: symbolic links of the root.
    `hidden`: folders that are covered although they lie in a shown one.  `base`: this run's own folder on
    the machine's disk, outside the jail.
    """

    trees: tuple[str, ...]
    files: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    hidden: tuple[str, ...]
    base: str

    @property
    def etc(self) -> dict[str, str]:
        """The files of the jail's /etc that are written for it."""
        return dict(_WRITTEN_ETC)

    @property
    def devices(self) -> tuple[str, ...]:
        """The device nodes shown in /dev."""
        return tuple(f"/dev/{name}" for name in _DEVICES)

    def grants_on_disk(self, private: str) -> list[tuple[str, int]]:
        """Landlock's grants to this process where the root is the machine's own (`contained`)."""
        shown = [path for tree in self.trees for path in _without(tree, self.hidden)]
        readable = [*shown, *self.files, *_HARMLESS_FACTS]
        return [
            *((path, landlock.READ) for path in readable),
            *((f"/proc/self/{name}", landlock.READ_FILE) for name in _FACTS_OF_ITSELF),
            *((path, landlock.READ_FILE | landlock.WRITE_FILE) for path in self.devices),
            (private, landlock.PRIVATE),
        ]


def make_plan(base: str, hide: Iterable[str] = ()) -> Plan:
    """The plan for this interpreter.

    Args:
        base: an existing folder, private to this run, for the jail's mount point or directories.
        hide: further folders that must not be seen even where they lie inside the interpreter's.
    """
    package = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    checkout = os.path.dirname(package)
    secret = {os.path.realpath(path) for path in hide}
    if os.path.basename(checkout) not in ("site-packages", "dist-packages"):
        secret.add(checkout)

    wanted = [sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix]
    wanted += [path for path in sys.path if _is_library(path)]
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
    inside = (path for path in secret if any(within(path, tree) for tree in trees))
    hidden = sorted(path for path in inside if os.path.isdir(path))
    return Plan(tuple(trees), tuple(files), tuple(links), tuple(hidden), base)


def _is_library(path: str) -> bool:
    return not {"site-packages", "dist-packages"}.isdisjoint(path.split(os.sep))


def within(path: str, tree: str) -> bool:
    """Whether `path` is `tree` or lies below it."""
    return path == tree or path.startswith(tree.rstrip(os.sep) + os.sep)


def _covered(path: str, tree: str, secret: Iterable[str]) -> bool:
    """Whether a secret folder between `tree` and `path` would cover `path` again."""
    return any(within(path, hidden) and within(hidden, tree) for hidden in secret)


def _without(tree: str, hidden: Iterable[str]) -> list[str]:
    """`tree`, or where something in it is hidden, its other entries one by one."""
    inside = [path for path in hidden if within(path, tree)]
    if not inside:
        return [tree]
    if tree in inside:
        return []
    return [
        path for entry in sorted(os.listdir(tree)) for path in _without(os.path.join(tree, entry), inside)
    ]
