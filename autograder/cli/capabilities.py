"""Finds out quickly what this machine can run: what is installed, and what the system has."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys

# Modules of the extra that every instructor's command needs sooner or later, some only in a worker.
NEEDED = ("nbformat", "nh3", "tensorflow", *(("pyseccomp",) if sys.platform == "linux" else ()))
# The part of this package that students do not install (`instructor/pyproject.toml`).
INSTRUCTORS_PART = "autograder.grading"


def lacking() -> tuple[str, ...]:
    """Return the modules that grading lacks."""
    return tuple(name for name in (INSTRUCTORS_PART, *NEEDED) if importlib.util.find_spec(name) is None)


def isolates() -> bool:
    """Return whether this system has what the jail is made of; how well it isolates is not tried."""
    try:
        for name in ("fcntl", "resource"):
            importlib.import_module(name)
    except ImportError:
        return False
    return sys.platform == "linux" and hasattr(os, "fork")
