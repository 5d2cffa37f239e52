"""The figures: one flat object in `results.json`, written by the benchmarks and by nothing else."""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import os
import platform
from pathlib import Path

RESULTS = Path(__file__).with_name("results.json")
PACKAGES = ("keras", "tensorflow", "numpy", "nbgrader", "pytest")


def record(name: str, value: float, unit: str, aim: str, command: str) -> None:
    """Write one figure, with the date, the machine and the versions it was measured with."""
    figures = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    figures[name] = {
        "value": value,
        "unit": unit,
        "aim": aim,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": {
            "system": f"{platform.system()} {platform.machine()}",
            "cores": len(os.sched_getaffinity(0)),
            "python": platform.python_version(),
        },
        "versions": {name: _version(name) for name in PACKAGES},
        "command": command,
    }
    RESULTS.write_text(json.dumps(dict(sorted(figures.items())), indent=1) + "\n")
    print(f"{name}: {value} {unit} (aim {aim})")


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
