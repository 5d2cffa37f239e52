"""How wide grading goes: one, two and four workers of a Dask cluster, and what is lost when they die.

Real workers grade the same class in turn, one, two and four of them, again and again (A B C A B C), each warm
before it is measured. What handing out costs is a submission's wall time with one worker less the time that
its grading process says it took. The processor time of client, scheduler and worker is read from the kernel;
SCALE.md is computed from it. Before a figure is written, each run must have given this machine's own reports.

Then workers whose grading is made up (so that a kill costs no import of Keras) grade a class while a worker,
a grading process or the scheduler is ended by `kill -9`, again and again; each is started anew, as systemd or
Kubernetes would.

    python -m benchmarks.cluster [--students 24] [--rounds 3] [--kills 30]
"""

from __future__ import annotations

import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.course import load_course
from autograder.feedback import read_report, report_paths
from autograder.grading import Begun, Done, Lost, grade_folder
from autograder.grading.cluster.run import ClusterWorkers
from benchmarks.classes import ROOT, example_notebooks, make_class
from benchmarks.faults import compared, outcome_of
from benchmarks.options import benchmark_options
from benchmarks.results import record
from tests.grading.cluster.clusters import REAL, STUB, Cluster, children, cluster

COMMAND = "make bench-cluster"
COUNTS = (1, 2, 4)
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Measured:
    """Runs of one number of workers: a submission's seconds, and its milliseconds of processor time."""

    wall: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)
    client: list[float] = field(default_factory=list)
    scheduler: list[float] = field(default_factory=list)
    worker: list[float] = field(default_factory=list)
    grading: list[float] = field(default_factory=list)


def processor_seconds(process: int, *, family: bool = False) -> float:
    """Return what a process has used, and with `family` also its children, those that have ended included."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    used = sum(map(int, fields[11:15] if family else fields[11:13])) / _TICKS
    if family:
        used += sum(processor_seconds(child, family=True) for child in children(process))
    return used


def used_by(used: Cluster) -> tuple[float, float, float, float]:
    """Seconds of processor time of scheduler, workers, what they have started to grade, and this process."""
    assert used.scheduler is not None
    workers = [worker.pid for worker in used.workers]
    dask = sum(map(processor_seconds, workers))
    grading = sum(processor_seconds(child, family=True) for worker in workers for child in children(worker))
    return processor_seconds(used.scheduler.pid), dask, grading, time.process_time()


def measure(used: Cluster, folder: Path, output: Path, into: Measured) -> None:
    """Grade the class once, with workers that are warm."""
    before = used_by(used)
    moments: list[float] = []

    def listen(event: Any, _found: Any) -> None:
        if isinstance(event, (Begun, Done)):
            moments.append(time.perf_counter())
        if isinstance(event, Lost):
            raise SystemExit(f"{event.job.student} was lost in an undisturbed run")

    graded = grade_folder(
        load_course(ROOT / "course.yml"), folder, output,
        workers=ClusterWorkers(used.address), fresh=True, listen=listen,
    )  # fmt: skip
    count = len(graded.summaries)
    after = used_by(used)
    into.wall.append((moments[-1] - moments[0]) / count)
    into.work.append(statistics.fmean(read_report(path).timings.total for path in report_paths(output)))
    kinds = (into.scheduler, into.worker, into.grading, into.client)
    for values, start, end in zip(kinds, before, after, strict=True):
        values.append((end - start) / count * 1e3)


def local_outcome(folder: Path, output: Path) -> Any:
    """Return what this machine's own workers write."""
    command = [sys.executable, "-m", "autograder", "grade", folder, "--output", output, "--jobs", "2"]
    subprocess.run(
        command,
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    return outcome_of(output)


def same_reports(found: Path, wanted: Any) -> None:
    """Stop unless the reports are those of this machine."""
    # Only the command writes `grades.csv`; reports are what is compared.
    outcome = outcome_of(found)
    outcome.table = wanted.table
    outcome = compared(outcome, wanted)
    if outcome.lost or outcome.doubled or outcome.different:
        raise SystemExit(f"{found.name}: the reports are not those of this machine")


def scaling(place: Path, students: int, rounds: int) -> dict[int, Measured]:
    """Measure the same class with one, two and four workers, in turn."""
    folder = make_class(place / "class", example_notebooks(), students)
    wanted = local_outcome(folder, place / "local")
    found = {count: Measured() for count in COUNTS}
    with ExitStack() as stack:
        used: dict[int, Cluster] = {}
        for count in COUNTS:
            used[count] = stack.enter_context(cluster(place / f"cluster-{count}"))
            for _ in range(count):
                used[count].add(preload=REAL)
            measure(used[count], folder, place / f"warm-{count}", Measured())
        for number in range(rounds):
            for count in COUNTS:
                measure(used[count], folder, place / f"wide-{count}", found[count])
                same_reports(place / f"wide-{count}", wanted)
            said = ", ".join(f"{count}: {found[count].wall[-1] * 1e3:.0f}" for count in COUNTS)
            print(f"round {number + 1}: ms a submission with that many workers: {said}", flush=True)
    return found


def roundtrip(place: Path) -> dict[int, Measured]:
    """Measure the same without any grading: with one worker, and with four."""
    folder = make_class(place / "class", example_notebooks(), 50)
    found = {}
    for count in (1, 4):
        found[count] = Measured()
        with cluster(place / f"cluster-{count}", count) as used:
            measure(used, folder, place / "out", Measured())
            for _ in range(3):
                measure(used, folder, place / "out", found[count])
    return found


def killing(place: Path, kills: int, seed: int) -> tuple[int, int, int]:
    """Kill until there were so many kills: how many, and reports lost and doubled."""
    moments = random.Random(seed)
    folder = place / "class"
    students = [f"student-{number:03}" for number in range(kills * 4)]
    for student in students:
        path = folder / "submitted" / student / "inception" / "inception.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text("sleep 0.2")
    done: Counter[str] = Counter()
    killed: Counter[str] = Counter()
    with cluster(place / "cluster", 2) as used:

        def listen(event: Any, _found: Any) -> None:
            if isinstance(event, (Done, Lost)):
                done[event.job.student] += 1
            if isinstance(event, Done) and killed.total() < kills and moments.random() < 0.4:
                victim = moments.choice(("worker", "worker", "grading process", "scheduler"))
                if kill(used, victim, moments):
                    killed[victim] += 1
            alive = [worker for worker in used.workers if worker.poll() is None]
            for _ in range(2 - len(alive)):
                used.add(preload=str(STUB))

        grade_folder(
            load_course(ROOT / "course.yml"), folder, place / "out",
            workers=ClusterWorkers(used.address), listen=listen,
        )  # fmt: skip
    there = Counter(path.parent.name for path in place.glob("out/reports/*/*.json"))
    lost = sum(student not in there for student in students)
    doubled = sum(count > 1 for count in done.values()) + len(there.keys() - set(students))
    print(f"killed {dict(killed)}: {lost} lost, {doubled} doubled of {len(students)}", flush=True)
    return killed.total(), lost, doubled


def kill(used: Cluster, victim: str, moments: random.Random) -> bool:
    """End a worker, its grading process or the scheduler; whether there was one."""
    if victim == "scheduler":
        used.kill_scheduler()
        used.start()
        return True
    alive = [worker.pid for worker in used.workers if worker.poll() is None]
    if not alive:
        return False
    process = moments.choice(alive)
    if victim == "grading process":
        processes = children(process)
        if not processes:
            return False
        process = processes[0]
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
        return True
    return False


def in_words(measured: Measured) -> str:
    """Write the middle of what was measured."""
    wall, work = statistics.median(measured.wall) * 1e3, statistics.median(measured.work) * 1e3
    used = (measured.grading, measured.worker, measured.client, measured.scheduler)
    return (
        f"{wall:.1f} ms a submission, of which {work:.1f} ms in its grading process; processor time: "
        "grading {:.1f}, Dask's part of a worker {:.1f}, client {:.1f}, scheduler {:.1f} ms".format(
            *map(statistics.median, used)
        )
    )


def main() -> None:
    """Measure, kill, and write the figures."""
    options = benchmark_options(__doc__, rounds=3, repeats="each number of workers is measured")
    options.add_argument("--students", type=int, default=24, help="students of the class, two notebooks each")
    options.add_argument("--kills", type=int, default=30, help="how many processes are killed")
    options.add_argument("--seed", type=int, default=1, help="decides moments and victims")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        found = scaling(place / "scaling", chosen.students, chosen.rounds)
        empty = roundtrip(place / "roundtrip")
        kills, lost, doubled = killing(place / "killing", chosen.kills, chosen.seed)
    for said, runs in (("graded", found), ("made up", empty)):
        for count, measured in runs.items():
            print(f"{said}, {count} workers: {in_words(measured)}")
    if chosen.dry_run:
        sys.exit(bool(lost or doubled))
    pairs = zip(found[1].wall, found[2].wall, strict=True)
    speedup = statistics.median(single / double for single, double in pairs)
    wall, work = statistics.median(found[1].wall), statistics.median(found[1].work)
    record("dask.speedup_2_workers", round(speedup, 2), "x", ">= 1.7", COMMAND)
    record(
        "dask.overhead_per_submission", round((wall - work) / work, 3), "x the work's time", "<= 0.1", COMMAND
    )
    record("dask.client_ms", round(statistics.median(found[2].client), 1), "ms", "<= 20", COMMAND)
    record("dask.scheduler_ms", round(statistics.median(found[2].scheduler), 1), "ms", "<= 20", COMMAND)
    record("dask.kills", kills, "kills", f">= {min(30, chosen.kills)}", COMMAND)
    record("dask.lost", lost, "reports", "0", COMMAND)
    record("dask.doubled", doubled, "reports", "0", COMMAND)
    if lost or doubled:
        sys.exit(1)


if __name__ == "__main__":
    main()
