"""The figures: one flat object in `results.json`, written by the benchmarks and by nothing else."""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import os
import platform
from collections.abc import Mapping
from pathlib import Path

from benchmarks.tables import write_tables

RESULTS = Path(__file__).with_name("results.json")
PACKAGES = ("keras", "tensorflow", "numpy", "nbgrader", "pytest")


def record(
    name: str, value: float, unit: str, aim: str, command: str, versions: Mapping[str, str] | None = None
) -> None:
    """Write one figure, with the date, the machine and the versions it was measured with.

    The tables of the page beside it are written anew, so that they never say something else.

    Args:
        name: the figure's key.
        value: what was measured.
        unit: what it is counted in.
        aim: what it should be.
        command: what measures it again.
        versions: of packages that are another's: those of ours are looked up here.
    """
    figures = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    figures[name] = {
        "value": value,
        "unit": unit,
        "aim": aim,
        "date": today(),
        "machine": machine(),
        "versions": {package: _version(package) for package in PACKAGES} | dict(versions or {}),
        "command": command,
    }
    RESULTS.write_text(json.dumps(dict(sorted(figures.items())), indent=1) + "\n")
    if (page := RESULTS.with_name("README.md")).exists():
        write_tables(figures, page)
    print(f"{name}: {value} {unit} (aim {aim})")


def today() -> str:
    """Return the date, as figures have it."""
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def machine() -> dict[str, str | int]:
    """Return what a figure says of the machine that it was measured on."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cores": len(os.sched_getaffinity(0)),
        "processor": processor(),
        "python": platform.python_version(),
    }


def processor() -> str:
    """Return what the processor calls itself; nothing where the system does not say."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
