"""Where control groups can be made is told by what the kernel says of a process, in both versions."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.sandbox import delegation
from autograder.sandbox.cgroup import Cgroups, Hierarchy
from autograder.sandbox.delegation import delegated


def machine(place: Path, mounts: list[tuple[str, Path, str, str]], groups: str) -> str:
    """A `/proc/self` that says what is mounted (root, point, kind, options) and what groups it is in."""
    proc = place / "self"
    proc.mkdir()
    lines = [
        f"{number} 1 0:{number} {root} {point} rw - {kind} {kind} rw,{options}"
        for number, (root, point, kind, options) in enumerate(mounts)
    ]
    (proc / "mountinfo").write_text("20 1 8:1 / / rw - ext4 /dev/sda rw\n" + "\n".join(lines) + "\n")
    (proc / "cgroup").write_text(groups)
    return str(proc)


@pytest.fixture
def permissive(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel that lets groups be made wherever there is a folder."""
    monkeypatch.setattr(delegation, "_may_make_groups", lambda folder, _version: os.path.isdir(folder))


def unified(place: Path, *, has: str, passes: str) -> Path:
    place.mkdir(parents=True)
    (place / "cgroup.controllers").write_text(has)
    (place / "cgroup.subtree_control").write_text(passes)
    (place / "cgroup.procs").write_text("")
    return place


@pytest.mark.usefixtures("permissive")
def test_version_1_is_found_hierarchy_by_hierarchy(tmp_path: Path) -> None:
    """In a container the mount shows the hierarchy from the container's own group on."""
    for name in ("memory/inner", "pids"):
        (tmp_path / name).mkdir(parents=True)
    proc = machine(
        tmp_path,
        [
            ("/docker/a", tmp_path / "memory", "cgroup", "memory"),
            ("/", tmp_path / "pids", "cgroup", "pids"),
            ("/", tmp_path / "cpu", "cgroup", "cpu,cpuacct"),
        ],
        "5:cpu,cpuacct:/\n4:memory:/docker/a/inner\n3:pids:/\n1:name=systemd:/\n",
    )

    found = delegated(proc)

    assert found.hierarchies == (
        Hierarchy(1, str(tmp_path / "memory" / "inner"), ("memory",)),
        Hierarchy(1, str(tmp_path / "pids"), ("pids",)),
    )
    assert found.controllers == ("memory", "pids")


@pytest.mark.usefixtures("permissive")
def test_version_2_counts_what_the_group_above_passes_on(tmp_path: Path) -> None:
    place = unified(tmp_path / "un ified" / "user", has="cpu memory", passes="memory")
    mounted = Path(str(tmp_path / "un ified").replace(" ", "\\040"))
    proc = machine(tmp_path, [("/", mounted, "cgroup2", "nsdelegate")], "0::/user\n")

    found = delegated(proc)

    assert found.hierarchies == (Hierarchy(2, str(place), ("memory",)),)


def test_what_systemd_has_handed_over_is_arranged(
    tmp_path: Path, permissive: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The processes there move into a group of their own, without which no controller would be passed on."""
    place = unified(tmp_path / "v2" / "scope", has="memory pids", passes="")
    (place / "cgroup.procs").write_text("17\n")
    monkeypatch.setattr(
        delegation.os, "getxattr", lambda _path, name: b"1" if name == "user.delegate" else b""
    )
    proc = machine(tmp_path, [("/", tmp_path / "v2", "cgroup2", "")], "0::/scope\n")

    delegated(proc)

    assert (place / "beyond-sequential-grader" / "cgroup.procs").read_text() == "17"
    assert (place / "cgroup.subtree_control").read_text() in ("+memory", "+pids")


@pytest.mark.usefixtures("permissive")
def test_a_process_that_was_moved_finds_the_group_above(tmp_path: Path) -> None:
    """A second warm interpreter is started from the group that the first has moved everybody into."""
    place = unified(tmp_path / "v2" / "scope", has="memory pids", passes="memory pids")
    unified(place / "beyond-sequential-grader", has="memory pids", passes="")
    proc = machine(tmp_path, [("/", tmp_path / "v2", "cgroup2", "")], "0::/scope/beyond-sequential-grader\n")

    assert delegated(proc).hierarchies == (Hierarchy(2, str(place), ("memory", "pids")),)


@pytest.mark.parametrize("groups", ["", "0::/user\n", "4:memory:/a\n"])
def test_where_nobody_may_ask_there_are_no_groups(tmp_path: Path, groups: str) -> None:
    """A folder that is missing, not ours, or no control group at all."""
    unified(tmp_path / "v2" / "user", has="memory", passes="memory")
    proc = machine(
        tmp_path,
        [("/", tmp_path / "v2", "cgroup2", ""), ("/", tmp_path / "v1", "cgroup", "memory")],
        groups,
    )

    assert delegated(proc) == Cgroups()
    assert delegated(str(tmp_path / "nowhere")) == Cgroups()
    group = Cgroups().make("1-2", memory_bytes=1, tasks=1)
    group.enter()
    assert not group.out_of_memory
    group.remove()
