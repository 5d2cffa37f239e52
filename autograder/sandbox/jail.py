"""Builds the jail around a process: its view of the machine (`build`), then its rights (`lock`)."""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox import landlock, seccomp, system
from autograder.sandbox.cgroup import NO_CGROUPS, Cgroups
from autograder.sandbox.plan import HOME, LEARNER, Plan, within
from autograder.sandbox.request import Level, Limits

_ROOT_BYTES = 4 * 1024 * 1024
_OPEN_FILES = 512
# How many threads TensorFlow starts for itself, besides some for each processor (`most_tasks`).
_THREADS_OF_ITS_OWN = 32
# Without a user namespace an ordinary user's limit also counts the user's other processes and the warm
# interpreter's other forks, which must have room; the supervisor watches the exact number.
_ROOM_FOR_OTHERS = 256
# Learner code must not keep the processes that watch over it from running.
_NICENESS = 5


@dataclass(frozen=True)
class Kit:
    """What the jails of one warm interpreter have in common, prepared once.

    `filter` is the seccomp program. `landlock` is the version to use, 0 for none. `become` is the uid that
    learner code gets where this process may choose it, else None. With `alone` it can start no process:
    without a namespace a fork bomb takes its neighbours' share, and the kernel does not count processes of
    uid 0. `cgroups` is where each run's control group is made, if it may start processes.
    """

    level: Level
    plan: Plan
    filter: bytes
    landlock: int
    become: int | None
    alone: bool
    cgroups: Cgroups = NO_CGROUPS

    @property
    def maps_users(self) -> bool:
        """Whether the parent must write the uid map, because it has two entries."""
        return self.level == "full" and self.become is not None


def make_kit(level: Level, plan: Plan, *, cgroups: Cgroups = NO_CGROUPS, landlock_at_most: int = 7) -> Kit:
    """Prepare the jails of `level`; raises ImportError or RuntimeError where libseccomp is missing."""
    version = min(landlock.abi(), landlock_at_most)
    root = os.geteuid() == 0
    can_become = root and _may_become_learner()
    if can_become:
        can_become = all(_open_to_others(tree, reached=level == "contained") for tree in plan.trees)
    if can_become and level == "contained":
        ways = (Path(plan.base), *(Path(path) for path, _ in plan.written))
        can_become = all(_passable(way.parents) for way in ways)
    wanted = seccomp.Filter(
        on_disk=level == "contained",
        alone=level == "contained" or (root and not can_become),
        signals=level == "contained" and version < landlock.SIGNALS_SINCE,
        truncate=level == "contained" and version < landlock.TRUNCATE_SINCE,
    )
    become = LEARNER if can_become else None
    if level == "none":
        return Kit(level, plan, b"", version, become, wanted.alone)
    # Entering a group waits 15 ms for every processor of the machine; a process that can start no other
    # needs none, for its own limits hold.
    groups = NO_CGROUPS if wanted.alone else cgroups
    return Kit(level, plan, seccomp.compile_filter(wanted), version, become, wanted.alone, groups)


def _may_become_learner() -> bool:
    """Return whether this process can become the learner's user, which its namespace may not even have."""
    if not all(map(system.has_capability, (system.CAP_SETUID, system.CAP_SETGID))):
        return False
    if Path("/proc/self/setgroups").read_text(encoding="utf-8").strip() != "allow":
        return False
    for name in ("uid_map", "gid_map"):
        ranges = [line.split() for line in Path("/proc/self", name).read_text(encoding="utf-8").splitlines()]
        if not any(int(first) <= LEARNER < int(first) + int(count) for first, _, count in ranges):
            return False
    return True


def _open_to_others(folder: str, *, reached: bool) -> bool:
    """Return whether another user may read the interpreter in `folder` and, if `reached`, can get there."""
    path = Path(folder)
    ways = [path, *(path.parents if reached else ()), *path.glob("lib/python3*/site-packages")]
    if path.stat().st_mode & 0o005 != 0o005 or not _passable(ways):
        return False
    return all(source.stat().st_mode & 0o004 for source in path.glob("lib/python3*/os.py"))


def _passable(folders: Iterable[Path]) -> bool:
    """Return whether another user may pass through those folders."""
    return all(folder.stat().st_mode & 0o001 for folder in folders)


def build(kit: Kit, limits: Limits, private: str, map_users: Callable[[], None]) -> None:
    """Give this process, the supervisor, the view of the machine that its children will have.

    Args:
        private: a folder on the disk for this run: the mount point at `full`, the writable place at
            `contained` and `none`.
        map_users: asks the parent to write this process's uid map, and waits until it has.

    Raises:
        OSError: the system refuses; `filename` is the name of the call.
    """
    if kit.level != "full":
        for name in ("home", "tmp"):
            os.makedirs(os.path.join(private, name), exist_ok=True)
        os.makedirs(os.path.join(private, "home", "work"), exist_ok=True)
        if kit.become is not None and kit.level == "contained":
            # The learner's user has to pass through it to its own folder; Landlock shows it no other.
            os.chmod(kit.plan.base, 0o711)
            for path in (private, *(os.path.join(private, name) for name in ("home", "tmp", "home/work"))):
                os.chown(path, kit.become, kit.become)
        return

    uid, gid = os.geteuid(), os.getegid()
    system.unshare(system.CLONE_NEWUSER)
    if kit.maps_users:
        map_users()
    else:
        Path("/proc/self/setgroups").write_text("deny", encoding="utf-8")
        Path("/proc/self/uid_map").write_text(f"{LEARNER} {uid} 1\n", encoding="utf-8")
        Path("/proc/self/gid_map").write_text(f"{LEARNER} {gid} 1\n", encoding="utf-8")
    others = system.CLONE_NEWNET | system.CLONE_NEWIPC | system.CLONE_NEWUTS | system.CLONE_NEWPID
    system.unshare(system.CLONE_NEWNS | others)
    system.sethostname("sandbox")
    _build_root(kit.plan, limits, private)


def _build_root(plan: Plan, limits: Limits, root: str) -> None:
    system.mount("none", "/", None, system.MS_REC | system.MS_PRIVATE)
    system.mount(
        "jail", root, "tmpfs", system.MS_NOSUID, f"size={_ROOT_BYTES},nr_inodes={limits.files},mode=755"
    )
    for name in (HOME, "/tmp", "/dev/shm", "/proc", "/etc"):
        os.makedirs(root + name)
    # TensorFlow fails where this link is missing; a real /proc covers it.
    os.mkdir(root + "/proc/self")
    os.symlink(sys.executable, root + "/proc/self/exe")
    # The kernel refuses a new /proc unless one is already visible.
    system.mount("/proc", root + "/proc", None, system.MS_BIND | system.MS_REC)
    for name, text in plan.etc.items():
        Path(root, "etc", name).write_text(text, encoding="utf-8")
    for name, target in plan.links:
        os.symlink(target, root + name)
    for name, target in (("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        os.symlink(target, f"{root}/dev/{name}")
    for path, shown in plan.mounts:
        os.makedirs(root + path, exist_ok=True)
        if shown is None:
            system.mount("hidden", root + path, "tmpfs", 0, "size=1m,nr_inodes=1000,mode=755")
        else:
            system.mount(shown, root + path, None, system.MS_BIND | system.MS_REC)
    for path in plan.files:
        if os.path.isdir(path):
            os.makedirs(root + path)
        else:
            Path(root + path).touch()
        system.mount(os.path.realpath(path), root + path, None, system.MS_BIND | system.MS_REC)
    system.restrict_mounts(root, system.MOUNT_ATTR_NODEV)
    for path in plan.devices:
        Path(root + path).touch()
        system.mount(path, root + path, None, system.MS_BIND)
    system.restrict_mounts(root, system.MOUNT_ATTR_RDONLY | system.MOUNT_ATTR_NOSUID)

    # An interpreter may lie below a folder that is about to be covered by a writable one.
    covered = [
        path
        for path, shown in plan.mounts
        if shown is not None and any(within(path, place) for place in (HOME, "/dev/shm", "/tmp"))
    ]
    kept = {path: os.open(root + path, os.O_PATH | os.O_DIRECTORY) for path in covered}
    # One tmpfs holds all that is writable, so that its size limits the sum; /tmp comes last and covers it.
    private = root + "/tmp"
    flags = system.MS_NOSUID | system.MS_NODEV
    size = f"size={limits.disk_bytes},nr_inodes={limits.files},mode=755"
    system.mount("private", private, "tmpfs", flags, size)
    for name, place in (("home", HOME), ("shm", "/dev/shm"), ("tmp", "/tmp")):
        os.mkdir(f"{private}/{name}")
        os.chmod(f"{private}/{name}", 0o1777)
        system.mount(f"{private}/{name}", root + place, None, system.MS_BIND)
    os.mkdir(f"{root}{HOME}/work")
    os.chmod(f"{root}{HOME}/work", 0o777)
    for path, descriptor in kept.items():
        os.makedirs(root + path)
        system.mount(f"/proc/self/fd/{descriptor}", root + path, None, system.MS_BIND | system.MS_REC)
        system.restrict_mounts(root + path, system.MOUNT_ATTR_RDONLY | system.MOUNT_ATTR_NOSUID)
        os.close(descriptor)
    system.enter_root(root)


def write_user_map(pid: int) -> None:
    """Map uid 0 (for the mounts) and the learner's in a child that has just made its user namespace."""
    for name in ("uid_map", "gid_map"):
        Path(f"/proc/{pid}/{name}").write_text(f"0 0 1\n{LEARNER} {LEARNER} 1\n", encoding="utf-8")


def lock(kit: Kit, limits: Limits, private: str, keep: Sequence[int]) -> None:
    """Take every right that it does not need from this process, which is about to run learner code.

    Args:
        private: as for `build`.
        keep: the descriptors that stay open, besides 0, 1 and 2.
    """
    os.setsid()
    os.nice(_NICENESS)
    home = HOME if kit.level == "full" else os.path.join(private, "home")
    temporary = "/tmp" if kit.level == "full" else os.path.join(private, "tmp")
    if kit.level == "full":
        _mount_proc()
    os.chdir(os.path.join(home, "work"))
    os.environ.update(HOME=home, TMPDIR=temporary, MPLCONFIGDIR=home, XDG_CACHE_HOME=f"{home}/.cache")
    _redirect(keep, os.path.join(home, ".stdout") if kit.level != "none" else os.devnull)

    if kit.level != "none":
        _drop_privileges(kit.become)
    # A change of uid resets both, so they come after it; the second lets the process read its own /proc.
    system.prctl(system.PR_SET_PDEATHSIG, signal.SIGKILL)
    system.prctl(system.PR_SET_DUMPABLE, 1)
    _limit(kit, limits)
    if kit.level == "none":
        return
    system.prctl(system.PR_SET_NO_NEW_PRIVS, 1)
    if kit.landlock:
        grants = (
            [
                ("/", landlock.READ),
                *((place, landlock.PRIVATE) for place in (HOME, "/tmp", "/dev/shm")),
                *((path, landlock.READ_FILE | landlock.WRITE_FILE) for path in kit.plan.devices),
            ]
            if kit.level == "full"
            else kit.plan.grants_on_disk(private)
        )
        landlock.restrict(grants, kit.landlock)
    seccomp.load(kit.filter, os.getpid())


def _drop_privileges(become: int | None) -> None:
    if become is not None:
        os.setgroups([])
        os.setresgid(become, become, become)
    system.drop_bounding_set()
    system.lock_securebits()
    if become is not None:
        os.setresuid(become, become, become)
    system.drop_capabilities()


def _mount_proc() -> None:
    flags = system.MS_NOSUID | system.MS_NODEV | system.MS_NOEXEC
    try:
        system.mount("proc", "/proc", "proc", flags)
    except PermissionError:
        # Inside a container that covers parts of its /proc the kernel grants no new one. Then the machine's
        # is unmounted, and what was put below it stays.
        system.unmount("/proc")
    else:
        system.restrict_mounts("/proc", system.MOUNT_ATTR_RDONLY)


def _redirect(keep: Sequence[int], output: str) -> None:
    """Close everything but `keep`, empty standard input, and send output to a file of the private place."""
    nothing = os.open(os.devnull, os.O_RDWR)
    printed = os.open(output, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    if output != os.devnull:
        os.unlink(output)
    os.dup2(nothing, 0)
    os.dup2(printed, 1)
    os.dup2(nothing, 2)
    closed = 3
    for descriptor in sorted(keep):
        os.closerange(closed, descriptor)
        closed = descriptor + 1
    os.closerange(closed, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def _limit(kit: Kit, limits: Limits) -> None:
    processes = most_tasks(limits)
    if kit.level != "full":
        processes += _tasks_of(os.getuid()) + _ROOM_FOR_OTHERS
    seconds = int(limits.notebook_seconds * (os.cpu_count() or 1)) + 1
    wanted = {
        resource.RLIMIT_AS: limits.memory_bytes,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: limits.file_bytes,
        resource.RLIMIT_NPROC: processes,
        resource.RLIMIT_NOFILE: _OPEN_FILES,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_MEMLOCK: 0,
    }
    for which, most in wanted.items():
        hard = resource.getrlimit(which)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (most, most))


def most_tasks(limits: Limits) -> int:
    """Return how many processes and threads a run may have at once."""
    return limits.processes + _THREADS_OF_ITS_OWN + 4 * (os.cpu_count() or 1)


def _tasks_of(uid: int) -> int:
    """Return how many processes and threads `uid` has on this machine."""
    count = 0
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                if entry.stat().st_uid == uid:
                    count += len(os.listdir(f"/proc/{entry.name}/task"))
            except OSError:
                continue
    return count
