"""Finds out about Keras and its backend without importing Keras, which fails where there is no backend."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import platform
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.messages import Message, message

KERAS_RANGE = ((3, 4), (4,))
"""The first version of Keras with which `check` is right, and the first one that is too new."""
KERAS_WRONG = ((3, 5), (3, 6))
"""Versions in that range that train wrongly (keras#20346, keras#20596)."""

# What `import keras` demands of its settings; it ignores all others.
_SETTINGS: dict[str, Callable[[Any], bool]] = {
    "floatx": lambda value: value in ("float16", "float32", "float64"),
    "epsilon": lambda value: isinstance(value, float),
    "image_data_format": lambda value: value in ("channels_last", "channels_first"),
}
# Each backend's module, and the package to install for it: the numpy backend computes shapes with jax.
_MODULES = {"tensorflow": "tensorflow", "jax": "jax", "torch": "torch", "numpy": "jax"}
_PACKAGES = {"jax": "jax", "torch": "torch", "numpy": "jax"}
# TensorFlow is published under several names; these are the usual ones.
_DISTRIBUTIONS = {"tensorflow": ("tensorflow", "tensorflow-cpu")}


@dataclass(frozen=True)
class Keras:
    """Keras and the backend that it uses, with their versions; None where one is not installed.

    `lacking` says what to do where one of them cannot be used, and `wrong` where Keras trains wrongly.
    """

    version: str | None
    supported: bool
    backend: str
    backend_version: str | None
    lacking: Message | None
    wrong: Message | None

    @property
    def to_do(self) -> Message | None:
        """The next thing to do; None where all is well."""
        return self.lacking or self.wrong


def installed_keras() -> Keras:
    """Return which Keras and backend are installed, and what has to be done about them."""
    found, name = keras_version(), wished()
    numbers = _numbers(found or "")
    supported = KERAS_RANGE[0] <= numbers < KERAS_RANGE[1]
    said = lacking()
    if not supported:
        said = _out_of_range(found)
    wrong = numbers[:2] in KERAS_WRONG
    return Keras(found, supported, name, version(name), said, _wrong(found) if wrong else None)


def _out_of_range(found: str | None) -> Message:
    command = f'"keras{keras_range()}"'
    if found is None:
        return message("Keras is not installed: run `pip install {command}`.", command=command)
    return message(
        "Keras {found} is installed; this course needs Keras {wanted}: run `pip install {command}`.",
        found=found,
        wanted=keras_range(),
        command=command,
    )


def _wrong(found: str | None) -> Message:
    first = ".".join(map(str, (KERAS_WRONG[-1][0], KERAS_WRONG[-1][1] + 1)))
    return message(
        "Keras {found} applies a dict of losses in alphabetical order, whatever your outputs are called: "
        "run `pip install {command}`.",
        found=str(found),
        command=f'"keras>={first},<{_dotted(KERAS_RANGE[1])}"',
    )


def keras_version() -> str | None:
    """Return the version of Keras; None where it is not installed."""
    try:
        return importlib.metadata.version("keras")
    except importlib.metadata.PackageNotFoundError:
        return None


def keras_range() -> str:
    """Return the versions of Keras that the course works with, as pip writes them."""
    oldest, beyond = map(_dotted, KERAS_RANGE)
    return f">={oldest},<{beyond}"


def _dotted(numbers: tuple[int, ...]) -> str:
    return ".".join(map(str, numbers))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())


def wished() -> str:
    """Return the backend that Keras takes: from `KERAS_BACKEND`, else its `keras.json`, else TensorFlow."""
    if name := os.environ.get("KERAS_BACKEND"):
        return name
    settings = _settings()
    said = settings.get("backend") if isinstance(settings, dict) else None
    return said if isinstance(said, str) else "tensorflow"


def _settings_file() -> Path:
    """Return where Keras looks for its settings: in `/tmp` if the home folder is not writable."""
    if home := os.environ.get("KERAS_HOME"):
        return Path(home) / "keras.json"
    home = os.path.expanduser("~")
    return Path(home if os.access(home, os.W_OK) else "/tmp", ".keras", "keras.json")


def _settings() -> Any:
    """Return Keras's settings: an empty dict for a file that does not exist or that Keras ignores.

    At a file that it cannot open, Keras stops with an error; the result is None then.
    """
    try:
        return json.loads(_settings_file().read_text(encoding="utf-8"))
    except (ValueError, FileNotFoundError, NotADirectoryError):
        return {}
    except OSError:
        return None


def _damaged() -> Message | None:
    """Return what to do where `import keras` would fail because of its settings; None where it would not."""
    found = _settings()
    if isinstance(found, dict) and all(
        name not in found or serves(found[name]) for name, serves in _SETTINGS.items()
    ):
        return None
    return message(
        "Keras cannot start, because its settings in `{file}` are damaged: delete the file and start Python "
        "again. Keras makes a new one.",
        file=str(_settings_file()),
    )


def version(name: str) -> str | None:
    """Return the version of a backend; None where it is not installed."""
    if name == "numpy" and not _installed(name):
        return None
    module = name if name == "numpy" else _MODULES.get(name, name)
    if importlib.util.find_spec(module) is None:
        return None
    for distribution in _DISTRIBUTIONS.get(module, (module,)):
        with suppress(importlib.metadata.PackageNotFoundError):
            return importlib.metadata.version(distribution)
    # Of everything that is installed every file's name is read: that takes a second, or many on a slow disk.
    distributions = importlib.metadata.packages_distributions().get(module, ())
    return next((importlib.metadata.version(found) for found in distributions), None)


def lacking() -> Message | None:
    """Return what to do where Keras cannot start or its backend is not installed; None where all is well."""
    if (damaged := _damaged()) is not None:
        return damaged
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
    if (other := instead()) is not None:
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


def instead() -> str | None:
    """Return a backend that is installed and that Keras could take; None where there is none."""
    return next((known for known in ("tensorflow", "jax", "torch") if _installed(known)), None)


def package(name: str) -> str:
    """Return the name of the package that pip installs for a backend on this machine.

    The smaller build of TensorFlow, without GPU support, has no wheels for Arm or macOS.
    """
    if name == "tensorflow":
        small = sys.platform != "darwin" and platform.machine().lower() in ("x86_64", "amd64")
        return "tensorflow-cpu" if small else "tensorflow"
    return _PACKAGES.get(name, name)


def lacking_for(name: str) -> Message | None:
    """Return what to install for a backend that somebody asks for; None where it is installed."""
    if _installed(name):
        return None
    return message(
        "The backend `{name}` is not installed: `pip install {package}`.",
        name=name,
        package=package(name),
    )


def _installed(name: str) -> bool:
    return name in _MODULES and importlib.util.find_spec(_MODULES[name]) is not None
