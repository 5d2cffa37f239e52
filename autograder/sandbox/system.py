"""The few Linux system calls that Python 3.11 does not offer, and their arguments."""

from __future__ import annotations

import ctypes
import os
import re
import sys
from contextlib import suppress

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_NOSUID = 0x2
MS_NODEV = 0x4
MS_NOEXEC = 0x8
MS_BIND = 0x1000
MS_REC = 0x4000
MS_PRIVATE = 0x40000
MNT_DETACH = 2

MOUNT_ATTR_RDONLY = 0x1
MOUNT_ATTR_NOSUID = 0x2
MOUNT_ATTR_NODEV = 0x4

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_SECUREBITS = 28
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
SECCOMP_MODE_FILTER = 2
# NOROOT, NO_SETUID_FIXUP and NO_CAP_AMBIENT_RAISE set, KEEP_CAPS not, and each of them locked.
LOCKED_SECUREBITS = 0x01 | 0x02 | 0x04 | 0x08 | 0x20 | 0x40 | 0x80

CAP_SETGID = 6
CAP_SETUID = 7

_AT_FDCWD = -100
_AT_RECURSIVE = 0x8000
_SYS_MOUNT_SETATTR = 442
_SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_MADV_DONTNEED = 4
_MADV_COLLAPSE = 25
# A private, read-only mapping of a file whose pages were never written to, and so may be dropped.
_UNWRITTEN = re.compile(
    r"^(?P<low>[0-9a-f]+)-(?P<high>[0-9a-f]+) r-[-x]p \S+ \S+ \S+ +/.*\n"
    r"(?:[A-Z].*\n)*?Anonymous: +0 kB\n(?:[A-Z].*\n)*?Swap: +0 kB$",
    re.MULTILINE,
)
_CAPABILITY_VERSION_3 = 0x20080522


def checked(result: int, what: str) -> int:
    """Return `result`, or raise the OSError that `errno` names; `what` says which call it was."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)
    return result


def unshare(flags: int) -> None:
    """Move this process into new namespaces (`CLONE_NEW…`)."""
    checked(libc.unshare(ctypes.c_int(flags)), "unshare")


def mount(source: str, target: str, kind: str | None = None, flags: int = 0, data: str | None = None) -> None:
    """Call mount(2)."""
    result = libc.mount(
        os.fsencode(source),
        os.fsencode(target),
        kind.encode() if kind else None,
        ctypes.c_ulong(flags),
        data.encode() if data else None,
    )
    checked(result, target)


def unmount(target: str, flags: int = MNT_DETACH) -> None:
    """Call umount2(2), lazily unless `flags` say otherwise."""
    checked(libc.umount2(os.fsencode(target), ctypes.c_int(flags)), target)


def restrict_mounts(target: str, attributes: int, *, recursive: bool = True) -> None:
    """Add `MOUNT_ATTR_…` to a mount and all below it; what is already restricted stays so."""

    class _Attributes(ctypes.Structure):
        _fields_ = (
            ("attr_set", ctypes.c_uint64),
            ("attr_clr", ctypes.c_uint64),
            ("propagation", ctypes.c_uint64),
            ("userns_fd", ctypes.c_uint64),
        )

    wanted = _Attributes(attributes, 0, 0, 0)
    result = libc.syscall(
        ctypes.c_long(_SYS_MOUNT_SETATTR),
        ctypes.c_int(_AT_FDCWD),
        os.fsencode(target),
        ctypes.c_uint(_AT_RECURSIVE if recursive else 0),
        ctypes.byref(wanted),
        ctypes.c_size_t(ctypes.sizeof(wanted)),
    )
    checked(result, target)


def enter_root(new_root: str) -> None:
    """Make `new_root` (a mount point) this process's `/`, and unmount the old one."""
    number = _SYS_PIVOT_ROOT[os.uname().machine]
    os.chdir(new_root)
    checked(libc.syscall(ctypes.c_long(number), b".", b"."), "pivot_root")
    unmount(".")
    os.chdir("/")


def prctl(option: int, argument: int = 0, third: int | ctypes.c_void_p = 0) -> None:
    """Call prctl(2) with up to two arguments."""
    rest = third if isinstance(third, ctypes.c_void_p) else ctypes.c_ulong(third)
    zero = ctypes.c_ulong(0)
    checked(libc.prctl(ctypes.c_int(option), ctypes.c_ulong(argument), rest, zero, zero), "prctl")


def sethostname(name: str) -> None:
    """Call sethostname(2)."""
    encoded = name.encode()
    checked(libc.sethostname(encoded, ctypes.c_size_t(len(encoded))), "sethostname")


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


def capabilities() -> int:
    """Return this process's effective capabilities, one bit each."""
    data = (ctypes.c_uint32 * 6)()
    header = _CapabilityHeader(_CAPABILITY_VERSION_3, 0)
    checked(libc.capget(ctypes.byref(header), ctypes.byref(data)), "capget")
    return data[0] | data[3] << 32


def has_capability(number: int) -> bool:
    """Return whether the capability is effective in this process."""
    return bool(capabilities() >> number & 1)


def drop_bounding_set() -> None:
    """Empty the capability bounding set, as far as this process may."""
    for capability in range(64):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:
            # This is past the kernel's last capability (EINVAL), or we may not drop it (EPERM): then none can
            # be gained either, because no_new_privs follows.
            break


def lock_securebits() -> None:
    """Make uid 0 an ordinary uid for this process and its children, as far as this process may."""
    try:
        prctl(PR_SET_SECUREBITS, LOCKED_SECUREBITS)
    except PermissionError:
        # This process lacks CAP_SETPCAP; then no_new_privs alone keeps capabilities away.
        return


def drop_capabilities() -> None:
    """Give up every capability for good."""
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    header = _CapabilityHeader(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    checked(libc.capset(ctypes.byref(header), ctypes.byref(nothing)), "capset")


def collapse_memory() -> None:
    """Gather this process's private memory into huge pages, so that a fork copies fewer page-table entries.

    This only saves time, and does nothing where the kernel cannot do it.
    """
    huge = 2 * 1024 * 1024
    with open("/proc/self/maps", encoding="utf-8") as maps:
        lines = maps.read().splitlines()
    for line in lines:
        fields = line.split()
        if fields[1] != "rw-p" or (len(fields) > 5 and fields[5] != "[heap]"):
            continue
        low, high = (int(part, 16) for part in fields[0].split("-"))
        low, high = -(-low // huge) * huge, high // huge * huge
        if low < high:
            libc.madvise(ctypes.c_void_p(low), ctypes.c_size_t(high - low), ctypes.c_int(_MADV_COLLAPSE))


def release_files() -> None:
    """Drop the pages of files that were only read while they were loaded, such as a library's tables.

    Those needed again are mapped again from the system's cache. This only saves memory, and does nothing
    where the kernel does not say which pages have been written to, for those would be lost.
    """
    with suppress(OSError), open("/proc/self/smaps", encoding="utf-8") as smaps:
        for found in _UNWRITTEN.finditer(smaps.read()):
            low, high = int(found["low"], 16), int(found["high"], 16)
            libc.madvise(ctypes.c_void_p(low), ctypes.c_size_t(high - low), ctypes.c_int(_MADV_DONTNEED))


def wipe_origin(keep: dict[str, str]) -> None:
    """Replace the environment by `keep`, and overwrite the old one and the command line in memory.

    Only the program stays of the command line: learners must not see which folders are graded.
    """
    for value in [*os.environb.values()]:
        # The whole interpreter shares bytes objects of at most one character, so these must stay as they are.
        if len(value) > 1:
            ctypes.memset(id(value) + bytes.__basicsize__ - 1, 0, len(value))
    with open("/proc/self/stat", encoding="utf-8") as stat:
        fields = stat.read().rpartition(")")[2].split()
    arguments, arguments_end, variables, variables_end = map(int, fields[45:49])
    if 0 < arguments < arguments_end:
        arguments += len(ctypes.string_at(arguments))
    for start, end in ((arguments, arguments_end), (variables, variables_end)):
        if 0 < start < end:
            ctypes.memset(start, 0, end - start)
    del sys.orig_argv[1:]
    # setenv() has put some variables elsewhere; they are overwritten here.
    strings = ctypes.POINTER(ctypes.c_void_p).in_dll(libc, "environ")
    position = 0
    while strings and (address := strings[position]):
        ctypes.memset(address, 0, len(ctypes.string_at(address)))
        position += 1
    libc.clearenv()
    os.environ.clear()
    os.environ.update(keep)
