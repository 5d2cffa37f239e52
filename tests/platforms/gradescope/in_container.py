"""The program of `run_autograder` as an ordinary container's root: python -m … ROOT SEEN [words…]

A container's root has some capabilities, and a seccomp filter that refuses new namespaces and mounts, as
Docker's own do; everybody may read the interpreter there. With `no-landlock` the kernel also says that it has
no Landlock, as kernels before 5.13; with `open` nothing is closed to other users; with `no-pictures` no model
is drawn. Into the file SEEN go all outputs of the submission's cells, which Gradescope shows to nobody, to be
looked through.
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
from autograder.platforms.gradescope import container, results
from autograder.sandbox import system
from autograder.sandbox.system import libc
from tests.gradebook.courses import ROOT
from tests.platforms.gradescope.harness import AS_ROOT

# Docker's: chown, dac_override, fowner, fsetid, kill, setgid, setuid, setpcap, net_bind_service, net_raw,
# sys_chroot, mknod, audit_write, setfcap.
CAPABILITIES = (0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31)
NEW_NAMESPACES = 0x7E020000
LANDLOCK = (444, 445, 446)
PR_CAPBSET_DROP = 24
VERSION_3 = 0x20080522


def have_a_disk_of_its_own(place: Path) -> None:
    """Go where there is no checkout of the course, and nothing that others have left in common folders.

    Its checks and solutions are covered. `place`, the package's code and the interpreter stay where they are,
    and everybody may read them: a folder above them that is closed, as a home is, has only the way to them.
    """
    system.unshare(system.CLONE_NEWNS)
    system.mount("none", "/", None, system.MS_REC | system.MS_PRIVATE)
    stays = (place, ROOT, Path(sys.base_prefix).resolve())
    kept = {path: os.open(path, os.O_PATH | os.O_DIRECTORY) for path in stays}
    closed = {folder for path in stays for folder in path.parents if not folder.stat().st_mode & 0o001}
    common = {Path(name) for name in ("/tmp", "/var/tmp", "/dev/shm")}
    # Of one in another, the outer one covers both.
    for folder in sorted(common | closed):
        if folder.exists():
            mode = 1777 if folder in common else 711
            system.mount("empty", str(folder), "tmpfs", 0, f"size=256m,mode={mode}")
    for path, descriptor in kept.items():
        if not path.exists():
            path.mkdir(parents=True)
            # Of a mount of another namespace nothing can be shown here but by what is open.
            system.mount(f"/proc/self/fd/{descriptor}", str(path), None, system.MS_BIND | system.MS_REC)
        os.close(descriptor)
    for name in ("graders", "solutions"):
        system.mount("nothing", str(ROOT / name), "tmpfs", 0, "size=1m,mode=755")


def restrict(place: Path, *, landlock: bool) -> None:
    """Give up what a container's root does not have."""
    if AS_ROOT:
        have_a_disk_of_its_own(place)
    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    for name in ("unshare", "setns", "mount", "umount2", "pivot_root", "bpf", "move_mount", "fsopen"):
        rules.add_rule(seccomp.ERRNO(EPERM), name)
    for bit in (1 << place for place in range(32) if NEW_NAMESPACES >> place & 1):
        rules.add_rule(seccomp.ERRNO(EPERM), "clone", seccomp.Arg(0, seccomp.MASKED_EQ, bit, bit))
    rules.add_rule(seccomp.ERRNO(ENOSYS), "clone3")
    for number in () if landlock else LANDLOCK:
        rules.add_rule(seccomp.ERRNO(ENOSYS), number)
    rules.load()
    if AS_ROOT:
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
    if "no-pictures" in more:
        results.data_address = lambda *_: None
    sys.exit(container.main(Path(root)))
