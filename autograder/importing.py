"""How Keras is imported without what its backend writes, and how a new process finds this package."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

# Read while the libraries are imported.
BEFORE_IMPORT = {
    "KERAS_BACKEND": "tensorflow",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


def import_quietly(imports: Iterable[str]) -> None:
    """Imports modules without TensorFlow's own log on standard error, set up for forking."""
    for name, value in BEFORE_IMPORT.items():
        os.environ.setdefault(name, value)
    with standard_error_silenced(), without_collecting():
        for name in imports:
            importlib.import_module(name)


@contextmanager
def without_collecting() -> Iterator[None]:
    """Collect no garbage meanwhile.

    Nothing that is being imported is any: looking for some takes a sixth of the time. With TensorFlow there,
    it takes longer than a card does.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


@contextmanager
def standard_error_silenced() -> Iterator[None]:
    """What TensorFlow's C++ writes to standard error goes nowhere meanwhile."""
    try:
        sys.stderr.flush()
        kept = os.dup(2)
    except (OSError, AttributeError):
        # A program without a console, as Windows has them, has no standard error.
        yield
        return
    nothing = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)


def python_path() -> str:
    """Return `PYTHONPATH` for a new process: where this one has the package from, first."""
    place = str(Path(__file__).parents[1])
    return os.pathsep.join([place, *filter(None, [os.environ.get("PYTHONPATH")])])
