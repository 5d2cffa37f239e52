"""What this machine can run, found out at once: what is installed, and what the system has."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from pathlib import Path

# Modules of the extra that every command of an instructor needs sooner or later, some only in a worker.
NEEDED = ("nbformat", "nh3", "tensorflow", *(("pyseccomp",) if sys.platform == "linux" else ()))
# What of this package students do not install (`instructor/pyproject.toml`).
INSTRUCTORS_PART = "autograder.grading"


def lacking() -> tuple[str, ...]:
    """Return the modules that grading lacks."""
    return tuple(name for name in (INSTRUCTORS_PART, *NEEDED) if importlib.util.find_spec(name) is None)


def isolates() -> bool:
    """Return whether this system has what the jail is made of; how well it isolates is another matter."""
    try:
        for name in ("fcntl", "resource"):
            importlib.import_module(name)
    except ImportError:
        return False
    return sys.platform == "linux" and hasattr(os, "fork")


def grades_here(folder: Path) -> bool:
    """Return whether a folder is a course's that has hidden checks, or below one.

    The registry is not read: that takes longer than `--help` may. Where one says that its graders lie
    elsewhere, they are taken to be there.
    """
    registry = next(
        (path for each in (folder, *folder.parents) if (path := each / "course.yml").is_file()), None
    )
    if registry is None:
        return False
    try:
        return (registry.parent / "graders" / "hidden").is_dir() or b"\ngraders:" in registry.read_bytes()
    except OSError:
        return False
