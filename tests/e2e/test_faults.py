"""Whatever happens to the grader, nothing handed in is lost: the command is given again and goes on."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.faults import (
    Launcher,
    Outcome,
    compared,
    killed_until_done,
    launcher,
    make_class,
    outcome_of,
    undisturbed,
)
from tests import warm

# Of twelve submissions for two assignments `make bench-faults` kills a hundred times.
KILLS = 3

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faults")
    students = ("garcia-lucia", "kim-seoyeon", "lee-minjun")
    # Its notebooks run in half the time of most.
    make_class(folder / "class", students, assignments=("shared-lstm",))
    return folder


@pytest.fixture(scope="module")
def start(place: Path) -> Iterator[Launcher]:
    with warm.programs(), launcher(place) as started:
        yield started


@pytest.fixture(scope="module")
def wanted(start: Launcher, place: Path) -> tuple[Outcome, float]:
    """What an undisturbed run gives, and the seconds that it takes."""
    return undisturbed(start, place / "class", place / "wanted")


def nothing_lost(found: Outcome) -> bool:
    return (found.lost, found.doubled, found.different) == (0, 0, 0)


def test_a_grader_killed_at_any_moment_loses_nothing(
    start: Launcher, place: Path, wanted: tuple[Outcome, float], tmp_path: Path
) -> None:
    """After each kill no process is left; in the end each submission has one report, and the right one."""
    outcome, seconds = wanted
    moments = random.Random(20)
    kills = rounds = 0
    while kills < KILLS:
        rounds += 1
        found = killed_until_done(
            start, place / "class", tmp_path / str(rounds), outcome, seconds=seconds, moments=moments
        )
        assert nothing_lost(found)
        kills += found.kills


# One of the processes that are forked is killed as soon as there is one; all of them count in one memory.
BORN = """
import mmap, os, signal

with open({count!r}, "r+b") as file:
    count = mmap.mmap(file.fileno(), 1)
real, depth = os.fork, [0]

def fork():
    pid = real()
    if not pid:
        depth[0] += 1
    elif depth[0] == {depth}:
        count[0] += 1
        if count[0] == {number}:
            os.kill(pid, signal.SIGKILL)
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    return pid

os.fork = fork
"""


def killed_at_its_start(
    start: Launcher, place: Path, wanted: Outcome, output: Path, *, depth: int, number: int
) -> bool:
    """Grade while a process is killed, and look at the reports; whether there was such a process.

    It is the `number`th that is forked by the grader (`depth` 0), by its children (1) or by theirs (2).
    """
    count = output.with_suffix(".count")
    count.write_bytes(bytes(1))
    born = BORN.format(depth=depth, number=number, count=str(count))
    grader = start.start(place / "class", output, first=born)
    assert grader.finish() == 0, grader.said
    assert "Traceback" not in grader.said
    assert nothing_lost(compared(outcome_of(output), wanted))
    return count.read_bytes()[0] >= number


# At least: a reserve, a trial of the isolation and two workers; for the reference solution and each
# submission a supervisor, and a learner's process for each, of which two may be counted as one.
@pytest.mark.parametrize(
    ("depth", "least"), [(0, 4), (1, 4), (2, 3)], ids=["the grader's", "its children's", "their children's"]
)
def test_each_process_below_the_grader_may_be_killed_at_its_start(
    start: Launcher, place: Path, wanted: tuple[Outcome, float], tmp_path: Path, depth: int, least: int
) -> None:
    """It costs no more than another of its kind: nobody loses a mark or a report by it."""
    killed = 0
    while killed_at_its_start(
        start, place, wanted[0], tmp_path / str(killed), depth=depth, number=killed + 1
    ):
        killed += 1
    assert killed >= least


def test_two_graders_on_one_folder_give_each_submission_one_report(
    start: Launcher, place: Path, wanted: tuple[Outcome, float], tmp_path: Path
) -> None:
    both = [start.start(place / "class", tmp_path) for _ in range(2)]

    assert [grader.finish() for grader in both] == [0, 0], both[0].said
    assert nothing_lost(compared(outcome_of(tmp_path), wanted[0]))
    assert not list(tmp_path.rglob("*.tmp"))


# The disk takes nothing after the second report; `tests/grading/test_workers.py` has other errors of a disk.
DISK = """
import errno, os
import autograder.grading.workers as workers

real, written = workers.write_report, []

def write_report(report, path, **options):
    if len(written) == 2:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    written.append(path)
    real(report, path, **options)

workers.write_report = write_report
"""

REPORTS = "reports/*/*.json"

# Every look at the clock finds it years away from where it was.
CLOCK = """
import random, time

def jumping(real, unit):
    return lambda: real() + random.choice((-1, 1)) * random.randrange(10**9) * unit

time.time, time.time_ns = jumping(time.time, 1.0), jumping(time.time_ns, 10**9)
"""


def test_a_disk_that_takes_no_more_ends_the_run_and_the_next_goes_on(
    start: Launcher, place: Path, wanted: tuple[Outcome, float], tmp_path: Path
) -> None:
    """What was written stands; the rest is graded when there is room again."""
    first = start.start(place / "class", tmp_path, "--jobs", "1", first=DISK)

    assert first.finish() == 2
    assert "Traceback" not in first.said
    assert (
        f"Nothing can be written to {tmp_path} ({os.strerror(errno.ENOSPC)}). Free some space" in first.said
    )
    assert "the reports written so far are kept" in first.said
    assert len(outcome_of(tmp_path).reports) == 2

    second = start.start(place / "class", tmp_path)
    assert second.finish() == 0, second.said
    assert "Reports kept from an earlier run: 2" in second.said
    assert nothing_lost(compared(outcome_of(tmp_path), wanted[0]))


def test_a_clock_that_jumps_changes_nothing(
    start: Launcher, place: Path, wanted: tuple[Outcome, float], tmp_path: Path
) -> None:
    grader = start.start(place / "class", tmp_path, first=CLOCK)

    assert grader.finish() == 0, grader.said
    assert "Traceback" not in grader.said
    assert nothing_lost(compared(outcome_of(tmp_path), wanted[0]))


def test_what_has_not_changed_is_not_graded_again_unless_asked(
    start: Launcher, place: Path, wanted: tuple[Outcome, float], tmp_path: Path
) -> None:
    """The pages are written all the same, and `--json` says which reports are of an earlier run."""
    shutil.copytree(place / "wanted", tmp_path, dirs_exist_ok=True)
    times = [{path: path.stat().st_mtime_ns for path in tmp_path.glob(REPORTS)}]
    (tmp_path / "index.html").unlink()
    for options in (("--json",), ("--fresh",)):
        grader = start.start(place / "class", tmp_path, *options)
        assert grader.finish() == 0, grader.said
        assert (tmp_path / "index.html").is_file()
        if options == ("--json",):
            document = json.loads(grader.said[grader.said.index("{") : grader.said.rindex("}") + 1])
            assert all(line["stands"] for line in document["submissions"])
            assert len(document["submissions"]) == len(wanted[0].reports)
        else:
            assert "from an earlier run" not in grader.said
        times.append({path: path.stat().st_mtime_ns for path in tmp_path.glob(REPORTS)})
        assert nothing_lost(compared(outcome_of(tmp_path), wanted[0]))

    first, second, third = times
    assert first == second
    assert all(third[path] > time for path, time in first.items())
