"""The seccomp filter, which refuses the system calls that learner code may not make.

Two programs are stacked: libseccomp's, with a rule for each refused call, and one of four instructions, which
refuses every call that is younger than this list.
"""

from __future__ import annotations

import ctypes
import errno
import struct
import tempfile
from dataclasses import dataclass
from typing import Any

from autograder.sandbox import system

# These calls are refused at every level, whatever their arguments.
_REFUSED = (
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "process_madvise",
    "process_mrelease",
    "kcmp",
    "pidfd_getfd",
    "get_robust_list",
    "move_pages",
    "migrate_pages",
    "lookup_dcookie",
    "perf_event_open",
    "bpf",
    "userfaultfd",
    "mount",
    "umount",
    "umount2",
    "pivot_root",
    "chroot",
    "open_tree",
    "move_mount",
    "fsopen",
    "fsconfig",
    "fsmount",
    "fspick",
    "mount_setattr",
    "statmount",
    "listmount",
    "open_tree_attr",
    "unshare",
    "setns",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "add_key",
    "request_key",
    "keyctl",
    "init_module",
    "finit_module",
    "delete_module",
    "create_module",
    "kexec_load",
    "kexec_file_load",
    "open_by_handle_at",
    "name_to_handle_at",
    "fanotify_init",
    "fanotify_mark",
    "inotify_init",
    "inotify_init1",
    "inotify_add_watch",
    "swapon",
    "swapoff",
    "reboot",
    "acct",
    "quotactl",
    "quotactl_fd",
    "syslog",
    "nfsservctl",
    "vhangup",
    "settimeofday",
    "clock_settime",
    "clock_adjtime",
    "adjtimex",
    "stime",
    "sethostname",
    "setdomainname",
    "iopl",
    "ioperm",
    "modify_ldt",
    "vm86",
    "vm86old",
    "personality",
    "uselib",
    "sysfs",
    "_sysctl",
    "ustat",
    "socket",
    "connect",
    "bind",
    "listen",
    "accept",
    "accept4",
    "shmget",
    "shmat",
    "shmctl",
    "semget",
    "semop",
    "semtimedop",
    "semctl",
    "msgget",
    "msgsnd",
    "msgrcv",
    "msgctl",
    "mq_open",
    "mq_unlink",
    "mq_timedsend",
    "mq_timedreceive",
    "mq_notify",
    "mq_getsetattr",
    "memfd_create",
    "memfd_secret",
    "mknod",
    "mknodat",
    "ioprio_set",
    "landlock_create_ruleset",
    "landlock_add_rule",
    "landlock_restrict_self",
    "seccomp",
    "lsm_set_self_attr",
    "mbind",
    "set_mempolicy",
    "set_mempolicy_home_node",
)

# At `contained` the disk is the machine's own, and Landlock does not cover these calls. Temporary files and
# copies make them in passing, so they do nothing and report success.
_PRETENDED = (
    "chmod",
    "fchmod",
    "fchmodat",
    "fchmodat2",
    "chown",
    "fchown",
    "lchown",
    "fchownat",
    "utime",
    "utimes",
    "futimesat",
    "utimensat",
)
_REFUSED_ON_DISK = (
    "setxattr",
    "lsetxattr",
    "fsetxattr",
    "setxattrat",
    "removexattr",
    "lremovexattr",
    "fremovexattr",
    "removexattrat",
    "file_setattr",
)

# Numbers that are the same on every architecture, for calls that an older libseccomp has no name for.
_NUMBERS = {
    "process_madvise": 440,
    "mount_setattr": 442,
    "quotactl_fd": 443,
    "landlock_create_ruleset": 444,
    "landlock_add_rule": 445,
    "landlock_restrict_self": 446,
    "memfd_secret": 447,
    "process_mrelease": 448,
    "set_mempolicy_home_node": 450,
    "fchmodat2": 452,
}
# Calls from this number on (457 is statmount) are unknown to this list; the filter answers ENOSYS.
_FIRST_UNKNOWN = 457

_CLONE_THREAD = 0x00010000
_NEW_NAMESPACE_FLAGS = (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)
_AF_UNIX, _SOCK_TYPE_MASK = 1, 0xF
# A pair of datagram sockets could be reconnected to any socket on the disk; raw ones become datagram ones.
_SOCK_CONNECTIONLESS = (2, 3)
_F_SETOWN, _F_SETSIG, _F_SETOWN_EX = 8, 10, 15
_FIOSETOWN, _SIOCSPGRP, _TIOCSTI, _TIOCLINUX = 0x8901, 0x8902, 0x5412, 0x541C
_PR_SET_PTRACER = 0x59616D61
_UINT32 = 0xFFFFFFFF
# The placeholder in a program for the pid of the process that loads it.
_OWN_PID = 0x5E1F0B1D


@dataclass(frozen=True)
class Filter:
    """What a filter must do beyond the list that holds everywhere.

    `on_disk`: the private directory is on the machine's disk (level `contained`). `alone`: no new processes.
    `signals`: signals to others must be refused here, as Landlock cannot. `truncate`: likewise truncate(2).
    """

    on_disk: bool = False
    alone: bool = False
    signals: bool = False
    truncate: bool = False


def compile_filter(wanted: Filter) -> bytes:
    """Return the filter as a BPF program.

    Raises ImportError or RuntimeError where libseccomp is not installed.
    """
    import pyseccomp

    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    refuse = pyseccomp.ERRNO(errno.EPERM)
    pretend = pyseccomp.ERRNO(0)
    argument = pyseccomp.Arg
    masked = pyseccomp.MASKED_EQ

    def add(action: int, name: str, *arguments: Any) -> None:
        try:
            rules.add_rule(action, name, *arguments)
        except OSError:
            # This architecture has no such call, or the call is younger than this libseccomp.
            if name in _NUMBERS:
                rules.add_rule(action, _NUMBERS[name], *arguments)

    for name in _REFUSED:
        add(refuse, name)
    add(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    for flag in _NEW_NAMESPACE_FLAGS:
        add(refuse, "clone", argument(0, masked, flag, flag))
    add(refuse, "socketpair", argument(0, pyseccomp.NE, _AF_UNIX))
    for kind in _SOCK_CONNECTIONLESS:
        add(refuse, "socketpair", argument(1, masked, _SOCK_TYPE_MASK, kind))
    for option in (system.PR_SET_PDEATHSIG, system.PR_SET_DUMPABLE, _PR_SET_PTRACER):
        add(refuse, "prctl", argument(0, masked, _UINT32, option))
    for request in (_TIOCSTI, _TIOCLINUX, _FIOSETOWN, _SIOCSPGRP):
        add(refuse, "ioctl", argument(1, masked, _UINT32, request))
    for command in (_F_SETOWN, _F_SETSIG, _F_SETOWN_EX):
        add(refuse, "fcntl", argument(1, masked, _UINT32, command))
    # These would change limits and priorities of other processes of the same user.
    add(refuse, "prlimit64", argument(0, pyseccomp.NE, 0))
    add(refuse, "setpriority", argument(0, pyseccomp.NE, 0))
    add(refuse, "setpriority", argument(1, pyseccomp.NE, 0))
    for name in ("sched_setscheduler", "sched_setparam", "sched_setattr", "sched_setaffinity"):
        add(refuse, name, argument(0, pyseccomp.NE, 0))

    if wanted.on_disk:
        for name in _PRETENDED:
            add(pretend, name)
        for name in _REFUSED_ON_DISK:
            add(refuse, name)
    if wanted.alone:
        add(refuse, "fork")
        add(refuse, "vfork")
        add(refuse, "clone", argument(0, masked, _CLONE_THREAD, 0))
    if wanted.truncate:
        add(refuse, "truncate")
    if wanted.signals:
        for name in ("tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal", "timer_create"):
            add(refuse, name)
        for name in ("kill", "tgkill"):
            add(refuse, name, argument(0, pyseccomp.NE, _OWN_PID))

    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def _refuse_unknown() -> bytes:
    """Return a program that answers ENOSYS to calls from `_FIRST_UNKNOWN` on."""
    load_number = struct.pack("=HBBI", 0x20, 0, 0, 0)
    if_younger = struct.pack("=HBBI", 0x35, 0, 1, _FIRST_UNKNOWN)
    enosys = struct.pack("=HBBI", 0x06, 0, 0, 0x00050000 | errno.ENOSYS)
    allow = struct.pack("=HBBI", 0x06, 0, 0, 0x7FFF0000)
    return load_number + if_younger + enosys + allow


def load(program: bytes, pid: int) -> None:
    """Put the filter on this process and all that it will start; no_new_privs must be set already."""
    program = program.replace(struct.pack("=I", _OWN_PID), struct.pack("=I", pid))
    for instructions in (_refuse_unknown(), program):
        buffer = ctypes.create_string_buffer(instructions, len(instructions))
        header = struct.pack("HP", len(instructions) // 8, ctypes.addressof(buffer))
        holder = ctypes.create_string_buffer(header, len(header))
        system.prctl(
            system.PR_SET_SECCOMP, system.SECCOMP_MODE_FILTER, ctypes.c_void_p(ctypes.addressof(holder))
        )
