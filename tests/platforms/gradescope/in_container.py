"""The program of `run_autograder` as an ordinary container's root: python -m … ROOT SEEN [no-landlock]

A container's root has some capabilities, and a seccomp filter that refuses new namespaces and mounts, as
Docker's own do; everybody may read the interpreter there. With `no-landlock` the kernel also says that it has
no Landlock, as kernels before 5.13; with `open` nothing is closed to other users. Into the file SEEN go all
outputs of the submission's cells, which Gradescope shows to nobody, to be looked through.
"""

from __future__ import annotations

import ctypes
import os
import sys
from errno import ENOSYS, EPERM
from pathlib import Path
from typing import Any

import pyseccomp as seccomp

from autograder.gradebook.autograded import autograded_text
from autograder.grading import GradedSubmission, Scheme, Submission
from autograder.grading.session import GradingSession
from autograder.platforms.gradescope import container
from autograder.sandbox import system
from autograder.sandbox.system import libc
from tests.gradebook.courses import ROOT

# Docker's: chown, dac_override, fowner, fsetid, kill, setgid, setuid, setpcap, net_bind_service, net_raw,
# sys_chroot, mknod, audit_write, setfcap.
CAPABILITIES = (0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31)
NEW_NAMESPACES = 0x7E020000
LANDLOCK = (444, 445, 446)
PR_CAPBSET_DROP = 24
VERSION_3 = 0x20080522


def have_a_disk_of_its_own(place: Path) -> None:
    """Go where there is no checkout of the course, and nothing that others have left in common folders.

    Its checks and solutions are covered; `place` stays where it is.
    """
    system.unshare(system.CLONE_NEWNS)
    system.mount("none", "/", None, system.MS_REC | system.MS_PRIVATE)
    kept = os.open(place, os.O_PATH | os.O_DIRECTORY)
    for common in ("/tmp", "/var/tmp", "/dev/shm"):
        system.mount("empty", common, "tmpfs", 0, "size=256m,mode=1777")
    place.mkdir(parents=True)
    system.mount(f"/proc/self/fd/{kept}", str(place), None, system.MS_BIND | system.MS_REC)
    os.close(kept)
    for name in ("graders", "solutions"):
        system.mount("nothing", str(ROOT / name), "tmpfs", 0, "size=1m,mode=755")


def let_everybody_read_the_interpreter() -> None:
    """Where a folder above it is closed, as a home is, put one in its place that has only the way to it."""
    base = Path(sys.base_prefix).resolve()
    closed = next((folder for folder in reversed(base.parents) if not folder.stat().st_mode & 0o001), None)
    if closed is None:
        return
    way = closed / base.relative_to(closed).parts[0]
    # Of a mount of another namespace nothing can be shown here.
    kept = os.open(way, os.O_PATH | os.O_DIRECTORY)
    system.mount("open", str(closed), "tmpfs", 0, "size=16m,mode=711")
    way.mkdir()
    system.mount(f"/proc/self/fd/{kept}", str(way), None, system.MS_BIND | system.MS_REC)
    os.close(kept)


def restrict(place: Path, *, landlock: bool) -> None:
    """Give up what a container's root does not have."""
    if os.geteuid() == 0:
        have_a_disk_of_its_own(place)
        let_everybody_read_the_interpreter()
    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    for name in ("unshare", "setns", "mount", "umount2", "pivot_root", "bpf", "move_mount", "fsopen"):
        rules.add_rule(seccomp.ERRNO(EPERM), name)
    for bit in (1 << place for place in range(32) if NEW_NAMESPACES >> place & 1):
        rules.add_rule(seccomp.ERRNO(EPERM), "clone", seccomp.Arg(0, seccomp.MASKED_EQ, bit, bit))
    rules.add_rule(seccomp.ERRNO(ENOSYS), "clone3")
    for number in () if landlock else LANDLOCK:
        rules.add_rule(seccomp.ERRNO(ENOSYS), number)
    rules.load()
    if os.geteuid() == 0:
        for number in set(range(41)) - set(CAPABILITIES):
            libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0)
        kept = sum(1 << number for number in CAPABILITIES)
        header = (ctypes.c_uint32 * 2)(VERSION_3, 0)
        # Effective, permitted, inheritable: of the first 32 capabilities, and of the others.
        wanted = (ctypes.c_uint32 * 6)(kept, kept, 0, 0, 0, 0)
        assert libc.capset(ctypes.byref(header), ctypes.byref(wanted)) == 0


def keep_outputs(seen: Path) -> None:
    """Have what the submission's cells print written down."""

    def keep(_submission: Submission, scheme: Scheme, graded: GradedSubmission) -> None:
        seen.write_text(autograded_text(graded, scheme.source, "en"), encoding="utf-8")

    def kept(self: GradingSession, submission: Submission, **more: Any) -> GradedSubmission:
        return honest(self, submission, **{**more, "keep": keep})

    honest, GradingSession.grade = GradingSession.grade, kept  # type: ignore[method-assign]


if __name__ == "__main__":
    root, seen, *more = sys.argv[1:]
    keep_outputs(Path(seen))
    restrict(Path(root).parent, landlock="no-landlock" not in more)
    if "open" in more:
        container.close = lambda _root: None
    sys.exit(container.main(Path(root)))
