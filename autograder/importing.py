"""Imports Keras without its backend's own output, and tells a new process where to find this package."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

# The libraries read these while they are imported; later they have no effect.
BEFORE_IMPORT = {
    "KERAS_BACKEND": "tensorflow",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    # oneDNN would look through all of TensorFlow's kernels again for each operation of a function that is
    # first called, half a second where a recurrent model predicts, and round by the processor's generation.
    "TF_ENABLE_ONEDNN_OPTS": "0",
}


def import_quietly(imports: Iterable[str]) -> None:
    """Import modules, set up for forking, without TensorFlow's own log on standard error."""
    for name, value in BEFORE_IMPORT.items():
        os.environ.setdefault(name, value)
    with standard_error_silenced(), without_collecting():
        for name in imports:
            importlib.import_module(name)


@contextmanager
def without_collecting() -> Iterator[None]:
    """Keep Python's garbage collector off while the block runs.

    Nothing that is being imported is garbage, and looking for some takes a sixth of the time. Once TensorFlow
    is loaded, a collection takes longer than rendering a card.
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
    """Discard whatever TensorFlow's C++ code writes to standard error while the block runs."""
    try:
        sys.stderr.flush()
        kept = os.dup(2)
    except (OSError, AttributeError):
        # On Windows, a program without a console has no standard error.
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
    """Return `PYTHONPATH` for a new process, with this package's own location first."""
    place = str(Path(__file__).parents[1])
    return os.pathsep.join([place, *filter(None, [os.environ.get("PYTHONPATH")])])
