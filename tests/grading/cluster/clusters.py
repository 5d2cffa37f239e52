"""Schedulers and workers as processes of this machine, as `dask scheduler` and `dask worker` start them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from .forking import Forked, fork
from .stub import FORKED

ROOT = Path(__file__).parents[3]
SETTINGS = ROOT / "deploy" / "dask.yml"
STUB = ROOT / "tests" / "grading" / "cluster" / "stub.py"
REAL = "autograder.grading.cluster.plugin"


Process = subprocess.Popen[bytes] | Forked


@dataclass
class Cluster:
    """A scheduler and its workers; what they print goes to files of `place`."""

    place: Path
    forked: bool = True
    """Whether they are forks of a process that has imported Dask, and not new interpreters."""
    host: str = "127.0.0.1"
    inside: Sequence[str] = ()
    scheme: str = "tcp"
    port: int = 0
    scheduler: Process | None = None
    workers: list[Process] = field(default_factory=list)
    environment: Mapping[str, str] = field(default_factory=lambda: {"DASK_CONFIG": str(SETTINGS)})

    @property
    def address(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"

    def start(self) -> None:
        """Start the scheduler, at the port that it had before if it had one."""
        if self.scheduler is not None:
            self.kill_scheduler()
        self.port = self.port or free_port()
        words = ["scheduler", "--host", self.host, "--port", str(self.port), "--no-dashboard"]
        self.scheduler = self._run("scheduler", words, self.inside)

    def add(
        self,
        *options: str,
        preload: str | None = str(STUB),
        inside: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        root: Path = ROOT,
    ) -> Process:
        """Start a worker: one whose grading is made up, or with `preload=REAL` a real one."""
        preloaded = ("--preload", preload) if preload is not None else ()
        words = [
            "dask",
            "worker",
            self.address,
            "--nthreads",
            "1",
            "--no-nanny",
            "--no-dashboard",
            *preloaded,
        ]
        words += ["--local-directory", str(self.place / "scratch"), *options]
        return self.run(words, inside=inside, environment=environment, root=root)

    def run(
        self,
        words: Sequence[str],
        *,
        inside: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        root: Path = ROOT,
    ) -> Process:
        """Start a worker with that command."""
        own = {"PYTHONPATH": str(root), "MADE_UP_ROOT": str(ROOT), **(environment or {})}
        process = self._run("workers", words[1:], inside, own, root)
        self.workers.append(process)
        return process

    def replenish(self, count: int) -> None:
        """See to it that there are that many made-up workers."""
        for worker in [worker for worker in self.workers if worker.poll() is not None]:
            self.workers.remove(worker)
        while len(self.workers) < count:
            self.add()

    def _run(
        self,
        name: str,
        words: Sequence[str],
        inside: Sequence[str],
        environment: Mapping[str, str] | None = None,
        root: Path = ROOT,
    ) -> Process:
        settings = {**os.environ, "PYTHONPATH": str(ROOT), **self.environment, **(environment or {})}
        path = self.place / f"{name}.log"
        if self.forked and not inside:
            return fork(words, cwd=root, environment={**settings, FORKED: "yes"}, log=path)
        with path.open("ab") as log:
            return subprocess.Popen(
                [*inside, sys.executable, "-m", "dask", *words],
                cwd=root,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=settings,
                start_new_session=True,
            )

    def kill_scheduler(self) -> None:
        """As `kill -9` does."""
        assert self.scheduler is not None
        self.scheduler.kill()
        self.scheduler.wait()

    def remove(self, worker: Process) -> None:
        """End a worker as its owner does."""
        with suppress(ProcessLookupError):
            os.killpg(worker.pid, signal.SIGCONT)
        worker.terminate()
        try:
            worker.wait(timeout=10)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
        self.workers.remove(worker)

    def close(self) -> None:
        for worker in list(self.workers):
            self.remove(worker)
        if self.scheduler is not None:
            self.scheduler.kill()
            self.scheduler.wait()

    def said(self) -> str:
        """Everything that scheduler and workers have printed."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.place.glob("*.log")))


@contextmanager
def cluster(place: Path, workers: int = 0, **options: object) -> Iterator[Cluster]:
    """A cluster with that many made-up workers."""
    place.mkdir(parents=True, exist_ok=True)
    started = Cluster(place, **options)  # type: ignore[arg-type]
    started.start()
    try:
        for _ in range(workers):
            started.add()
        yield started
    finally:
        started.close()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def children(process: int) -> list[int]:
    """The processes that another has started and that are alive."""
    found: list[int] = []
    for task in Path(f"/proc/{process}/task").glob("*"):
        with suppress(OSError):
            found += [int(child) for child in (task / "children").read_text().split()]
    return found


def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it has not come to be"
        time.sleep(0.02)
