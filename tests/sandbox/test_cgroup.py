"""A run's own control group: the kernel counts what all its processes take, where it can be asked."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.messages import render
from autograder.sandbox import CellSource, Limits, Request, WarmInterpreter, cgroup
from autograder.sandbox.cgroup import Cgroups, Group, Hierarchy
from autograder.sandbox.delegation import delegated
from autograder.sandbox.jail import make_kit
from autograder.sandbox.plan import make_plan
from tests.sandbox.running import printed, states

MIB = 1024**2
REAL = delegated()
"""What this machine lets its user ask for; one that lets nobody ask is held to the rest."""

FILES = {
    1: (
        "cgroup.procs",
        "tasks",
        "memory.limit_in_bytes",
        "memory.memsw.limit_in_bytes",
        "memory.oom_control",
        "pids.max",
    ),
    2: ("cgroup.procs", "memory.max", "memory.swap.max", "memory.events", "pids.max"),
}


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder in which making a folder makes a control group, of the version that its path names."""
    real, real_rmdir = os.mkdir, os.rmdir

    def mkdir(path: str, mode: int = 0o777, *, dir_fd: int | None = None) -> None:
        real(path, mode, dir_fd=dir_fd)
        place = Path(os.readlink(f"/proc/self/fd/{dir_fd}"), path) if dir_fd is not None else Path(path)
        version = 1 if "v1" in str(place) else 2
        for name in FILES[version]:
            (place / name).write_text("")

    def rmdir(path: str, *, dir_fd: int) -> None:
        place = Path(os.readlink(f"/proc/self/fd/{dir_fd}"), path)
        for file in place.iterdir():
            file.unlink()
        real_rmdir(place)

    monkeypatch.setattr(cgroup.os, "mkdir", mkdir)
    monkeypatch.setattr(cgroup.os, "rmdir", rmdir)
    return tmp_path


@pytest.mark.parametrize(
    ("version", "limits"),
    [
        (1, {"memory.limit_in_bytes": "5000", "memory.memsw.limit_in_bytes": "5000", "pids.max": "7"}),
        (2, {"memory.max": "5000", "memory.swap.max": "0", "pids.max": "7"}),
    ],
)
def test_a_group_has_its_limits_and_is_left_without_a_trace(
    kernel: Path, version: int, limits: dict[str, str]
) -> None:
    folder = kernel / f"v{version}"
    folder.mkdir()
    groups = Cgroups((Hierarchy(version, str(folder), ("memory", "pids")),))

    group = groups.make("12-34", memory_bytes=5000, tasks=7)
    place = folder / "beyond-sequential-12-34"
    group.enter()

    assert {name: (place / name).read_text() for name in limits} == limits
    assert (place / {1: "tasks", 2: "cgroup.procs"}[version]).read_text() == "0"
    assert group.waits is (version == 2)
    group.enter(4711)
    assert "4711" in (place / "cgroup.procs").read_text()
    assert not group.out_of_memory
    told = {1: "memory.oom_control", 2: "memory.events"}[version]
    (place / told).write_text("under_oom 0\noom_kill 2\n")
    assert group.out_of_memory
    group.remove()
    assert not place.exists()


def test_only_what_the_dead_have_left_is_swept(tmp_path: Path) -> None:
    for name in (
        "beyond-sequential-999999999-1",
        f"beyond-sequential-{os.getpid()}-1",
        "beyond-sequential-grader",
        "other",
    ):
        (tmp_path / name).mkdir()

    Cgroups((Hierarchy(2, str(tmp_path), ()),)).sweep()

    assert not (tmp_path / "beyond-sequential-999999999-1").exists()
    assert len(list(tmp_path.iterdir())) == 3


@pytest.fixture
def group() -> Iterator[Group]:
    made = REAL.make(f"{os.getpid()}-test", memory_bytes=64 * MIB, tasks=3)
    yield made
    made.remove()
    for hierarchy in REAL.hierarchies:
        assert not list(Path(hierarchy.folder).glob(f"beyond-sequential-{os.getpid()}-test"))


def ended_in(group: Group, *program: str) -> int:
    """How a program ends in a group: its exit code, or below zero the signal."""
    child = os.fork()
    if child == 0:
        try:
            group.enter()
            os.execv(sys.executable, [sys.executable, "-c", *program])
        finally:
            os._exit(99)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_memory_is_the_group_s(group: Group) -> None:
    """The kernel itself ends who takes too much, and says so."""
    code = ended_in(group, "held = b'x' * 256 * 1024**2")

    counted = "memory" in REAL.controllers
    assert code == (-signal.SIGKILL if counted else 0)
    assert group.out_of_memory == counted


def test_processes_are_the_group_s(group: Group) -> None:
    """The third fork is refused: the parent and two children are there."""
    forks = (
        "import os, signal, time\n"
        "made = []\n"
        "try:\n"
        "    for _ in range(5):\n"
        "        child = os.fork()\n"
        "        if not child: time.sleep(60)\n"
        "        made.append(child)\n"
        "except BlockingIOError: pass\n"
        "for child in made: os.kill(child, signal.SIGKILL); os.wait()\n"
        "os._exit(len(made))"
    )

    assert ended_in(group, forks) == (2 if "pids" in REAL.controllers else 5)


def test_a_run_that_may_start_processes_is_in_a_group_of_its_own_while_it_lasts(
    warm: WarmInterpreter, level: str, tmp_path: Path
) -> None:
    def groups() -> list[Path]:
        return [
            path
            for one in REAL.hierarchies
            for path in Path(one.folder).glob(f"beyond-sequential-{warm.pid}-*")
        ]

    seen: list[tuple[Path, str]] = []

    def look(kind: str, _cell: object) -> None:
        if kind == "start":
            seen.extend((path, (path / "cgroup.procs").read_text()) for path in groups())

    # The run lasts until the listener has looked, on a busy machine, too.
    code = "import time; time.sleep(1); print(1)"
    ran = warm.run(Request([CellSource(0, "a", code)], level=level), look)

    alone = make_kit(level, make_plan(str(tmp_path)), cgroups=REAL).alone
    assert printed(ran) == "1\n"
    assert len(seen) == (0 if alone else len(REAL.hierarchies))
    assert all(len(processes.split()) >= 1 for _, processes in seen)
    assert groups() == []


def test_a_killed_supervisors_group_goes_too(warm: WarmInterpreter, level: str) -> None:
    def kill(kind: str, _cell: object) -> None:
        if kind == "start":
            (supervisor,) = Path(f"/proc/{warm.pid}/task/{warm.pid}/children").read_text().split()
            os.kill(int(supervisor), signal.SIGKILL)

    warm.run(Request([CellSource(0, "a", "import time; time.sleep(60)")], level=level), kill)

    until = time.monotonic() + 10
    left = [Path("unknown")]
    while left and time.monotonic() < until:
        left = [
            path
            for one in REAL.hierarchies
            for path in Path(one.folder).glob(f"beyond-sequential-{warm.pid}-*")
        ]
        time.sleep(0.01)
    assert left == []


def test_processes_that_hold_too_much_together_end_the_run(warm: WarmInterpreter, level: str) -> None:
    """Each stays below what one process may have; where it may start others, together they do not."""
    source = (
        "import os, time\n"
        "for _ in range(11):\n"
        "    if not os.fork():\n"
        "        held = bytearray(os.urandom(1024)) * (180 * 1024)\n"
        "        time.sleep(60)\n"
        "time.sleep(20)"
    )
    limits = Limits(memory_bytes=1750 * MIB, disk_bytes=8 * MIB, cell_seconds=30)
    request = Request([CellSource(0, "a", source)], level=level, limits=limits)
    if level == "full":
        with WarmInterpreter.spawn(("IPython", "autograder")) as small:
            ran = small.run(request)
        assert ran.ended is not None
        assert "used too much memory" in render(ran.ended, "en")
    else:
        # No process is started, whatever is in memory.
        assert states(warm.run(request)) == ["error"]
