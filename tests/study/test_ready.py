"""What a notebook's first cell says of the machine, before anything of it fails."""

from __future__ import annotations

import importlib.metadata
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

import autograder
from autograder.evidence import recorder
from autograder.study import language
from autograder.study.ready import NotReady
from autograder.version import VERSION


class Machine:
    """A machine with other versions and backends than this one."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.keras: str | None = "3.15.1"
        self.backends = {"tensorflow": "2.20.0"}
        self.own = [VERSION]
        self._patch = patch
        patch.setattr("autograder.graph.backends.keras_version", lambda: self.keras)
        patch.setattr("autograder.graph.backends.version", self.backends.get)
        patch.setattr("autograder.graph.backends._installed", lambda name: name in self.backends)
        patch.setattr(importlib.metadata, "distributions", self._distributions)
        patch.setenv("KERAS_HOME", "/nowhere")
        patch.delenv("KERAS_BACKEND", raising=False)
        patch.delenv("AUTOGRADER_LANG", raising=False)
        patch.delitem(sys.modules, "keras", raising=False)
        patch.setattr(language, "_said", None)

    def _distributions(self, name: str) -> Iterator[SimpleNamespace]:
        assert name == "beyond-sequential"
        yield from (SimpleNamespace(version=version) for version in self.own)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    before = os.environ.get("KERAS_BACKEND")
    yield Machine(monkeypatch)
    # What `ready` itself has chosen must not be the choice of the tests that follow.
    os.environ.pop("KERAS_BACKEND", None)
    if before is not None:
        os.environ["KERAS_BACKEND"] = before


def refusal(needs: str = VERSION, language: str = "en") -> str:
    """What a notebook shows where something is missing: one sentence and no lines of code."""
    with pytest.raises(NotReady) as raised:
        autograder.ready(needs, language)
    (shown,) = raised.value._render_traceback_()
    return shown


def test_where_all_is_there_it_says_what_is_used(machine: Machine) -> None:
    assert repr(autograder.ready(VERSION, "en")) == "Ready: Keras 3.15.1 on tensorflow 2.20.0."


def test_what_a_newer_notebook_says_beside_is_no_error(machine: Machine) -> None:
    """A newer notebook's call reaches the sentence that says what is too old."""
    with pytest.raises(NotReady, match=r"needs version 99\.0"):
        autograder.ready("99.0", "en", colour="blue")
    assert "beyond_sequential-99.0-py3-none-any.whl" in refusal("99.0")


@pytest.mark.parametrize("needs", [VERSION, "0.0.9", "0.1"])
def test_a_package_that_is_newer_than_the_notebook_serves(machine: Machine, needs: str) -> None:
    assert repr(autograder.ready(needs, "en")).startswith("Ready")


def test_two_versions_of_the_package_are_named(machine: Machine) -> None:
    machine.own = [VERSION, "0.0.9"]

    assert f"(0.0.9, {VERSION})" in refusal()
    assert "%pip uninstall" in refusal()


def test_the_same_version_found_twice_is_no_matter(machine: Machine) -> None:
    """A checkout and the wheel that was made of it."""
    machine.own = [VERSION, VERSION]

    assert repr(autograder.ready(VERSION, "en")).startswith("Ready")


def test_a_package_that_was_replaced_under_a_running_kernel_asks_for_a_new_one(machine: Machine) -> None:
    machine.own = ["99.0"]

    assert refusal().endswith("restart the kernel.")


def test_a_package_that_was_never_installed_serves(machine: Machine) -> None:
    """It may lie in a folder that `PYTHONPATH` names."""
    machine.own = []

    assert repr(autograder.ready(VERSION, "en")).startswith("Ready")


@pytest.mark.parametrize(
    ("keras", "said"),
    [
        (None, 'Keras is not installed: run `pip install "keras>=3.4,<4"`.'),
        ("2.15.0", "Keras 2.15.0 is installed; this course needs Keras >=3.4,<4"),
        ("4.0.0", "Keras 4.0.0 is installed; this course needs Keras >=3.4,<4"),
    ],
)
def test_a_keras_that_does_not_serve_is_refused_with_the_cure(
    machine: Machine, keras: str | None, said: str
) -> None:
    machine.keras = keras

    assert refusal().startswith(said)


@pytest.mark.parametrize("keras", ["3.5.0", "3.6.0"])
def test_a_keras_that_trains_wrongly_is_named_and_the_exercises_go_on(machine: Machine, keras: str) -> None:
    machine.keras = keras
    shown = repr(autograder.ready(VERSION, "en"))

    assert shown.startswith(f"Keras {keras} applies a dict of losses in alphabetical order")
    assert shown.endswith('run `pip install "keras>=3.7,<4"`.')


def test_no_backend_is_said_before_keras_can_fail(machine: Machine) -> None:
    machine.backends.clear()

    assert refusal().startswith("Keras has no backend to run on")


@pytest.mark.parametrize("settings", ["[]", '{"floatx": "float99"}', '{"epsilon": "x"}', None])
def test_settings_that_keras_would_stop_at_are_named(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: str | None
) -> None:
    """A list, a value that is none, or a folder in the place of the file."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    file = tmp_path / "keras.json"
    file.mkdir() if settings is None else file.write_text(settings, encoding="utf-8")

    assert f"its settings in `{file}` are damaged: delete the file" in refusal()


@pytest.mark.parametrize("settings", ["", "{", '{"backend": 3}', '{"image_data_format": "channels_last"}'])
def test_settings_that_keras_passes_over_are_no_matter(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: str
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "keras.json").write_text(settings, encoding="utf-8")

    assert repr(autograder.ready(VERSION, "en")).startswith("Ready")


def test_another_backend_takes_the_place_of_a_missing_one(machine: Machine) -> None:
    """Nobody has chosen, and Keras is not imported yet: there is nothing for a learner to do."""
    machine.backends.clear()
    machine.backends["jax"] = "0.8.1"

    assert repr(autograder.ready(VERSION, "en")) == (
        "TensorFlow is not installed, so Keras runs on `jax` here. Ready: Keras 3.15.1 on jax 0.8.1."
    )
    assert os.environ["KERAS_BACKEND"] == "jax"


def test_a_backend_that_somebody_has_chosen_is_not_replaced(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "torch")

    assert "set the environment variable KERAS_BACKEND to `tensorflow`" in refusal()
    assert os.environ["KERAS_BACKEND"] == "torch"


def test_where_keras_is_imported_already_it_is_too_late_to_choose(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "keras", SimpleNamespace())
    machine.backends.clear()
    machine.backends["jax"] = "0.8.1"

    assert "start Python again" in refusal()


def test_it_speaks_the_notebooks_language_from_then_on(machine: Machine) -> None:
    assert repr(autograder.ready(VERSION, "ko")) == (
        "준비가 끝났습니다: 케라스 3.15.1, 백엔드 tensorflow 2.20.0."
    )
    assert language.notebook_language() == "ko"


def test_what_is_no_language_is_not_listened_to(machine: Machine) -> None:
    autograder.ready(VERSION, "../en")

    assert language._said is None


def test_while_a_submission_is_graded_nothing_is_looked_at(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A grader is not the learner's machine, and the cell has nothing to do there."""
    machine.keras = None
    monkeypatch.setattr(recorder, "_current", SimpleNamespace())

    assert autograder.ready("99.0", "en") is None
    assert language._said is None
