"""Answers a notebook's first cell: whether this machine can do the exercises, or what is to be done."""

from __future__ import annotations

import importlib.metadata
import os
import sys

from autograder.course.load import SHARED
from autograder.graph.backends import Keras, installed_keras, instead
from autograder.messages import AutograderError, Message, message, render
from autograder.study.language import notebook_language, speak
from autograder.study.notebook import Sentence
from autograder.study.plots import write_plots_in
from autograder.version import VERSION


class NotReady(AutograderError):  # noqa: N818 - what a learner reads; nothing went wrong yet
    """Something is missing on this machine; the cells below would only fail."""

    def _render_traceback_(self) -> list[str]:
        # IPython's own traceback would show this package's lines to a learner who looks for a mistake.
        return [render(said, notebook_language()) for said in self.messages]


def ready(needs: str, language: str) -> Sentence:
    """Answer in that language from now on, let plots be written in it, and return which Keras there is.

    Where Keras would take a backend that is not installed, and nobody has chosen it, one that is installed
    takes its place in this process.

    Args:
        needs: the version of this package that the notebook was made with.
        language: the tag of the language that the notebook is written in.

    Raises:
        NotReady: something is missing; the message says what to do.
    """
    speak(language)
    if (fault := _package(needs)) is not None:
        raise NotReady(fault)
    notes = _take_another_backend()
    keras = installed_keras()
    if keras.lacking is not None:
        raise NotReady(keras.lacking)
    write_plots_in(language)
    said = [*notes, keras.wrong or _all_there(keras)]
    return Sentence(" ".join(render(part, notebook_language()) for part in said))


def _package(needs: str) -> Message | None:
    """Return what is to be done about this package itself; None where it is in order."""
    if _numbers(VERSION) < _numbers(needs):
        return message(
            "This notebook needs version {needs} of the package `{package}`, and {found} is installed. Put "
            "the newer file `{wheel}` beside the notebook, run `%pip install --upgrade {wheel}`, and restart "
            "the kernel.",
            needs=needs,
            package=SHARED,
            found=VERSION,
            wheel=f"{SHARED.replace('-', '_')}-{needs}-py3-none-any.whl",
        )
    versions = {found.version for found in importlib.metadata.distributions(name=SHARED)}
    if len(versions) > 1:
        return message(
            "The package `{package}` is installed more than once ({versions}), and it is chance which of "
            "them is used. Run `%pip uninstall --yes {package}` until it says that none is left, install "
            "the newest again, and restart the kernel.",
            package=SHARED,
            versions=", ".join(sorted(versions)),
        )
    if versions and versions != {VERSION}:
        return message(
            "The package `{package}` was installed anew while this kernel was running: restart the kernel.",
            package=SHARED,
        )
    return None


def _take_another_backend() -> list[Message]:
    """Choose a backend that is installed, where that is still possible and nobody has chosen one."""
    keras = installed_keras()
    other = instead()
    chosen = os.environ.get("KERAS_BACKEND") or keras.backend != "tensorflow"
    if keras.backend_version is not None or other is None or chosen or "keras" in sys.modules:
        return []
    os.environ["KERAS_BACKEND"] = other
    return [message("TensorFlow is not installed, so Keras runs on `{other}` here.", other=other)]


def _all_there(keras: Keras) -> Message:
    return message(
        "Ready: Keras {keras} on {backend} {version}.",
        keras=str(keras.version),
        backend=keras.backend,
        version=str(keras.backend_version),
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
