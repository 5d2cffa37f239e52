"""Running Python programs as a user would, without waiting for their imports.

`run(["-m", "autograder", "grade", …])` is `subprocess.run([sys.executable, "-m", …])`, but for where the
process comes from: it is a fork of one that has imported Keras, nbgrader and the like (`server`), which is
started when it is first needed. What the program starts itself comes from there, too. Where a program's
environment differs in what is read before anything is imported, the program is a new interpreter, as ever.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.warm.starting import HOOK, OWNER, PLACE, can_be_forked, connect, heard, offer, order

ROOT = Path(__file__).parents[2]

# What is first on PATH where commands are called by name: the warm ones, then those of this interpreter.
PROGRAMS = f"{Path(__file__).parent / 'bin'}{os.pathsep}{Path(sys.executable).parent}"

# What a program's environment has for the server to be found.
VARIABLES = (PLACE, OWNER)
# What is first on PYTHONPATH where a program is a new interpreter, and those that it starts need not be.
SEARCH_PATH = f"{HOOK}{os.pathsep}{ROOT}"

__all__ = ["PROGRAMS", "ROOT", "SEARCH_PATH", "VARIABLES", "offer", "run"]


def run(
    words: Sequence[object],
    *,
    cwd: Path = ROOT,
    environment: Mapping[str, str] | None = None,
    timeout: float = 600,
) -> subprocess.CompletedProcess[str]:
    """Run `-m module words…` or `-c program words…` to its end.

    Args:
        cwd: the folder that it runs in.
        environment: all of its environment; this process's own where nothing is said.
        timeout: the seconds after which it is killed, and the test fails.
    """
    said = [str(word) for word in words]
    environment = dict(os.environ if environment is None else environment)
    if not can_be_forked(said, environment):
        return subprocess.run(
            [sys.executable, *said], cwd=cwd, env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False, timeout=timeout,
        )  # fmt: skip
    with (
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as errors,
        open(os.devnull, "rb") as nothing,
        connect(environment) as connection,
    ):
        descriptors = {0: nothing.fileno(), 1: out.fileno(), 2: errors.fileno()}
        order(connection, said, cwd=str(cwd), environment=environment, descriptors=descriptors)
        connection.settimeout(timeout)
        code = heard(connection)["ended"]
        texts = []
        for stream in (out, errors):
            stream.seek(0)
            texts.append(stream.read().decode("utf-8", "replace"))
    return subprocess.CompletedProcess([sys.executable, *said], code, *texts)
