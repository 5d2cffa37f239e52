"""Landlock, by which a process gives up for good its rights to files that it does not need."""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterable

from autograder.sandbox.system import checked, libc

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_RULE_PATH_BENEATH = 1

EXECUTE = 1 << 0
WRITE_FILE = 1 << 1
READ_FILE = 1 << 2
READ_DIR = 1 << 3
TRUNCATE = 1 << 14
IOCTL_DEV = 1 << 15

READ = EXECUTE | READ_FILE | READ_DIR
# Every right that a private folder is for, and none to make device nodes or call ioctl.
PRIVATE = ((1 << 15) - 1) & ~(1 << 6 | 1 << 11)
_OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
# How many file rights each version of the interface knows; 1 is the first.
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_NET_SINCE, _NET_TCP = 4, 0b11
_SCOPE_SINCE, _SCOPE_ABSTRACT_UNIX_AND_SIGNAL = 6, 0b11

# From this version on a process can be kept from sending signals to processes outside.
SIGNALS_SINCE = 6
# From this version on truncate(2) is a right of its own; earlier versions do not cover it at all.
TRUNCATE_SINCE = 3


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def abi() -> int:
    """Return the version of Landlock that this kernel offers, 0 where there is none."""
    nothing = ctypes.c_void_p(None)
    version = libc.syscall(
        ctypes.c_long(_CREATE_RULESET), nothing, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION_FLAG)
    )
    return max(0, int(version))


def restrict(grants: Iterable[tuple[str, int]], version: int) -> None:
    """Leave this process and its future children only the file rights of `grants`: (path, rights).

    Paths that do not exist are skipped. TCP, abstract sockets and signals to processes outside are refused
    where `version` (of the interface) can do so. no_new_privs must be set already.
    """
    known = (1 << _RIGHTS[min(version, max(_RIGHTS))]) - 1
    wanted = _Ruleset(
        known,
        _NET_TCP if version >= _NET_SINCE else 0,
        _SCOPE_ABSTRACT_UNIX_AND_SIGNAL if version >= _SCOPE_SINCE else 0,
    )
    size = 8 if version < _NET_SINCE else 16 if version < _SCOPE_SINCE else 24
    ruleset = checked(
        libc.syscall(
            ctypes.c_long(_CREATE_RULESET), ctypes.byref(wanted), ctypes.c_size_t(size), ctypes.c_uint32(0)
        ),
        "landlock_create_ruleset",
    )
    try:
        for path, rights in grants:
            _grant(ruleset, path, rights & known)
        checked(
            libc.syscall(ctypes.c_long(_RESTRICT_SELF), ctypes.c_int(ruleset), ctypes.c_uint32(0)),
            "landlock_restrict_self",
        )
    finally:
        os.close(ruleset)


def _grant(ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= _OF_A_FILE
        rule = _PathBeneath(rights, place)
        checked(
            libc.syscall(
                ctypes.c_long(_ADD_RULE),
                ctypes.c_int(ruleset),
                ctypes.c_int(_RULE_PATH_BENEATH),
                ctypes.byref(rule),
                ctypes.c_uint32(0),
            ),
            path,
        )
    finally:
        os.close(place)
