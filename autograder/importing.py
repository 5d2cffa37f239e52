"""Importing Keras without what its backend writes to standard error."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

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
    with standard_error_silenced(), _without_collecting():
        for name in imports:
            importlib.import_module(name)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Nothing that is being imported is garbage: looking for some takes a sixth of the time."""
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
    sys.stderr.flush()
    kept = os.dup(2)
    nothing = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)
