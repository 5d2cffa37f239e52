"""The peers' own environment, `.venv-peers`: what they need beside our packages, and our packages themselves.

The peers are no dependencies of the project. Their environment sees the packages of the one that runs the
benchmark, so that every side imports the very same files of TensorFlow and Keras, and adds what
`requirements.txt` pins.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLACE = ROOT / ".venv-peers"
PINNED = Path(__file__).with_name("requirements.txt")
LOCK = ROOT / "requirements.lock"
SAME = ("tensorflow", "keras", "numpy", "ipykernel", "nbclient")


def peers_python() -> Path:
    """Return the peers' interpreter; their environment is made if need be.

    Raises:
        SystemExit: it cannot be made, or would not have the packages that grading has.
    """
    python = PLACE / "bin" / "python"
    stamp = PLACE / "ready"
    wanted = hashlib.sha256(b"".join(map(Path.read_bytes, (PINNED, LOCK)))).hexdigest() + sys.executable
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"Making {PLACE.name} (once; about a minute) ...", flush=True)
        _make(python)
        compare_versions(locked_versions(LOCK.read_text(encoding="utf-8")), peers_versions(SAME))
        stamp.write_text(wanted)
    return python


def peers_environment() -> dict[str, str]:
    """Return the variables of a peer's process: its programs come first, and no log is a learner's output."""
    return {
        **os.environ,
        "PATH": f"{PLACE / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


def peers_versions(packages: Iterable[str]) -> dict[str, str]:
    """Return the versions that a peer's process imports."""
    asked = f"import importlib.metadata as m\nfor name in {tuple(packages)!r}: print(name, m.version(name))"
    done = subprocess.run(
        [PLACE / "bin" / "python", "-c", asked], stdout=subprocess.PIPE, text=True, check=True
    )
    return dict(line.split() for line in done.stdout.splitlines())


def locked_versions(lock: str) -> dict[str, str]:
    """Return what `requirements.lock` says of the packages that must be the same on both sides."""
    found = dict(re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)", lock, re.M))
    return {name: found[name] for name in SAME}


def compare_versions(locked: dict[str, str], installed: dict[str, str]) -> None:
    """Stop unless the peers would import the versions that are locked."""
    for name, version in locked.items():
        if installed.get(name) != version:
            raise SystemExit(
                f"The peers would run with {name} {installed.get(name)}, where requirements.lock says "
                f"{version}: run `make clean` and measure again."
            )


def _make(python: Path) -> None:
    commands: tuple[list[str | Path], ...] = (
        [sys.executable, "-m", "venv", "--clear", PLACE],
        [python, "-c", _SEE_OURS, sysconfig.get_path("purelib"), sysconfig.get_path("platlib")],
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", PINNED],
    )
    for command in commands:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        if done.returncode != 0:
            raise SystemExit(f"{done.stdout}\nThe peers' environment could not be made.")


_SEE_OURS = """
import pathlib, sys, sysconfig
pathlib.Path(sysconfig.get_path("purelib"), "ours.pth").write_text("\\n".join(dict.fromkeys(sys.argv[1:])))
"""
