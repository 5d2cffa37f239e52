"""The backend that Keras is to run on, found out without importing Keras: where there is none, that fails."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import platform
import sys
from pathlib import Path

from autograder.messages import Message, message

# Each backend's module, and what to install where there is none: the numpy backend has jax do its shapes.
_MODULES = {"tensorflow": "tensorflow", "jax": "jax", "torch": "torch", "numpy": "jax"}
_PACKAGES = {"jax": "jax", "torch": "torch", "numpy": "jax"}


def wished() -> str:
    """The backend that Keras takes: `KERAS_BACKEND`, else its own `keras.json`, else TensorFlow."""
    if name := os.environ.get("KERAS_BACKEND"):
        return name
    home = os.environ.get("KERAS_HOME")
    folder = Path(home) if home else Path.home() / ".keras"
    try:
        said = json.loads((folder / "keras.json").read_text(encoding="utf-8")).get("backend")
    except (OSError, ValueError, AttributeError):
        said = None
    return said if isinstance(said, str) else "tensorflow"


def version(name: str) -> str | None:
    """The version of a backend; None where it is not installed."""
    if name == "numpy" and not _installed(name):
        return None
    module = name if name == "numpy" else _MODULES.get(name, name)
    if importlib.util.find_spec(module) is None:
        return None
    # TensorFlow comes under several names.
    distributions = importlib.metadata.packages_distributions().get(module, ())
    return next((importlib.metadata.version(found) for found in distributions), None)


def lacking() -> Message | None:
    """What to do where the backend that Keras takes is not installed; None where it is."""
    name = wished()
    if _installed(name):
        return None
    if name not in _MODULES:
        return message(
            "Keras is set to use the backend `{name}`, which this course does not support: "
            "set the environment variable KERAS_BACKEND to `tensorflow`, `jax`, `torch` or "
            "`numpy` and start Python again.",
            name=name,
        )
    other = next((known for known in ("tensorflow", "jax", "torch") if _installed(known)), None)
    if other is not None:
        return message(
            "Keras is set to use the backend `{name}`, which is not installed, but "
            "`{other}` is: set the environment variable KERAS_BACKEND to `{other}` and "
            "start Python again.",
            name=name,
            other=other,
        )
    if name == "tensorflow":
        return message(
            "Keras has no backend to run on: run `pip install {package}`, or run `pip "
            "install jax` and set the environment variable KERAS_BACKEND to `jax`; then "
            "start Python again.",
            package=package(name),
        )
    return message(
        "Keras is set to use the backend `{name}`, but a package that it needs is not "
        "installed: run `pip install {package}` and start Python again.",
        name=name,
        package=package(name),
    )


def package(name: str) -> str:
    """Return what pip installs a backend as on this machine.

    The smaller build of TensorFlow, without what only a GPU needs, has no wheels for Arm, nor for macOS.
    """
    if name == "tensorflow":
        small = sys.platform != "darwin" and platform.machine().lower() in ("x86_64", "amd64")
        return "tensorflow-cpu" if small else "tensorflow"
    return _PACKAGES.get(name, name)


def lacking_for(name: str) -> Message | None:
    """What to install for a backend that somebody asks for; None where it is there."""
    if _installed(name):
        return None
    return message(
        "The backend `{name}` is not installed: `pip install {package}`.",
        name=name,
        package=package(name),
    )


def _installed(name: str) -> bool:
    return name in _MODULES and importlib.util.find_spec(_MODULES[name]) is not None
