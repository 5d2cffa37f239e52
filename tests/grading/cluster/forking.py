"""Forks Dask's schedulers and workers off a process that has imported Dask, and not once for each.

`fork(words, …)` is `subprocess.Popen([sys.executable, "-m", "dask", *words], …)`, but for that import. Run as
a program, this is the process that forks: it is given an order a line, and answers with a process's number.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import random
import select
import signal
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
IMPORTS = (
    "dask.cli",
    "distributed.cli.dask_scheduler",
    "distributed.cli.dask_worker",
    "autograder.grading.cluster.plugin",
)


class Forked:
    """A process that was forked, with as much of `subprocess.Popen` as a cluster needs."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._process: int | None = None
        with suppress(ProcessLookupError):
            self._process = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """Return None as long as it runs; its exit code is known to who has forked it."""
        return 0 if self._ended(0) else None

    def wait(self, timeout: float | None = None) -> int:
        if not self._ended(timeout):
            assert timeout is not None
            raise subprocess.TimeoutExpired("dask", timeout)
        return 0

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def _ended(self, seconds: float | None) -> bool:
        if self._process is not None and select.select([self._process], [], [], seconds)[0]:
            os.close(self._process)
            self._process = None
        return self._process is None

    def _send(self, number: signal.Signals) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._process, number)


def fork(words: Sequence[str], *, cwd: Path, environment: Mapping[str, str], log: Path) -> Forked:
    """Run `dask words…` in a session of its own; what it prints is added to `log`."""
    order = {"words": [*words], "cwd": str(cwd), "environment": {**environment}, "log": str(log)}
    process = _nursery()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(order) + "\n")
    process.stdin.flush()
    return Forked(int(process.stdout.readline()))


@cache
def _nursery() -> subprocess.Popen[str]:
    """The process that forks; it ends when this one has ended."""
    process = subprocess.Popen(
        [sys.executable, "-P", __file__],
        # Of numpy's threads a fork would have none.
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": "", "DASK_CONFIG": os.devnull},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    atexit.register(process.communicate)
    return process


def main() -> None:
    """Import Dask, then fork as ordered until the orders end."""
    path = [*sys.path]
    sys.path.insert(0, str(ROOT))
    for name in IMPORTS:
        importlib.import_module(name)
    sys.path[:] = path
    # Nobody waits for what was forked.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _become(json.loads(line))
        print(pid, flush=True)


def _become(order: Mapping[str, object]) -> None:
    """Be the program that was ordered, with what a new interpreter would have; never returns."""
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        log = os.open(str(order["log"]), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for new, number in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(new, number)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        environment: Mapping[str, str] = order["environment"]  # type: ignore[assignment]
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(str(order["cwd"]))
        entries = [entry for entry in environment.get("PYTHONPATH", "").split(os.pathsep) if entry]
        sys.path[:] = [os.getcwd(), *entries, *sys.path]
        importlib.invalidate_caches()
        copies = (Path(entry) for entry in sys.path if Path(entry, "autograder", "__init__.py").exists())
        if next(copies, None) != ROOT:
            # Another copy of the package would be found.
            for name in [name for name in sys.modules if name.partition(".")[0] == "autograder"]:
                del sys.modules[name]
        random.seed()

        import dask
        from dask.cli import run_cli

        # They have been read before the environment was this one.
        dask.config.refresh(paths=dask.config._get_paths())
        sys.argv = ["dask", *order["words"]]  # type: ignore[misc]
        run_cli()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
