"""Which backend Keras is to run on, and what is said where it is not installed."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
from pathlib import Path

import pytest

from autograder.graph import backends
from autograder.messages import render


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """`machine("jax", wished="tensorflow")`: a machine with those backends, and a wish."""

    def made(*installed: str, wished: str = "", written: str = "") -> None:
        monkeypatch.setenv("KERAS_BACKEND", wished)
        monkeypatch.setenv("KERAS_HOME", str(tmp_path))
        if written:
            (tmp_path / "keras.json").write_text(written, encoding="utf-8")
        known = importlib.util.find_spec("json")
        monkeypatch.setattr("importlib.util.find_spec", lambda name: known if name in installed else None)

    return made


def test_keras_takes_what_the_environment_says_before_what_is_written(machine) -> None:
    machine(wished="jax", written=json.dumps({"backend": "torch"}))
    assert backends.wished() == "jax"


@pytest.mark.parametrize(
    ("written", "wished"),
    [
        (json.dumps({"backend": "torch"}), "torch"),
        ("{", "tensorflow"),
        ("[]", "tensorflow"),
        ("", "tensorflow"),
    ],
)
def test_else_what_is_written_and_else_tensorflow(machine, written: str, wished: str) -> None:
    machine(written=written)
    assert backends.wished() == wished


@pytest.mark.parametrize(("installed", "wished"), [("tensorflow", ""), ("jax", "jax"), ("jax", "numpy")])
def test_a_backend_that_is_there_needs_nothing_said(machine, installed: str, wished: str) -> None:
    machine(installed, wished=wished)
    assert backends.lacking() is None


@pytest.mark.parametrize(
    ("installed", "wished", "said"),
    [
        ((), "", "`pip install tensorflow-cpu`"),
        ((), "torch", "`pip install torch`"),
        ((), "numpy", "`pip install jax`"),
        (("jax",), "", "set the environment variable KERAS_BACKEND to `jax`"),
        (("torch",), "jax", "set the environment variable KERAS_BACKEND to `torch`"),
        (("tensorflow",), "tensorfow", "this course does not support"),
    ],
)
def test_a_backend_that_is_missing_is_one_sentence_with_its_cure(
    machine, monkeypatch: pytest.MonkeyPatch, installed: tuple[str, ...], wished: str, said: str
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    machine(*installed, wished=wished)
    found = backends.lacking()

    assert found is not None
    assert said in render(found, "en")
    assert "KERAS_BACKEND" in render(found, "en") or "pip install" in render(found, "en")


@pytest.mark.parametrize(
    ("system", "processor", "package"),
    [
        ("linux", "x86_64", "tensorflow-cpu"),
        ("win32", "AMD64", "tensorflow-cpu"),
        ("darwin", "arm64", "tensorflow"),
        ("darwin", "x86_64", "tensorflow"),
        ("linux", "aarch64", "tensorflow"),
    ],
)
def test_tensorflow_is_installed_as_what_has_wheels_for_the_machine(
    machine, monkeypatch: pytest.MonkeyPatch, system: str, processor: str, package: str
) -> None:
    machine()
    monkeypatch.setattr("sys.platform", system)
    monkeypatch.setattr("platform.machine", lambda: processor)
    lacking = backends.lacking()

    assert lacking is not None
    assert f"run `pip install {package}`," in render(lacking, "en")
    assert backends.package("tensorflow") == package


@pytest.mark.parametrize(
    ("version", "supported"),
    [("3.4.0", True), ("3.15.1", True), ("3.3.3", False), ("4.0.0", False), ("3.10.0.dev1", True)],
)
def test_the_range_of_keras_is_held_to(monkeypatch, version: str, supported: bool) -> None:
    monkeypatch.setattr("autograder.graph.backends.keras_version", lambda: version)

    assert backends.installed_keras().supported is supported


@pytest.mark.parametrize(
    ("distribution", "named"), [("tensorflow", []), ("tensorflow-cpu", []), ("tf-nightly", ["tf-nightly"])]
)
def test_tensorflow_has_a_version_under_whatever_name_it_was_installed(
    machine, monkeypatch: pytest.MonkeyPatch, distribution: str, named: list[str]
) -> None:
    """Only under an unusual name is everything that is installed looked through, which takes long."""

    def version(name: str) -> str:
        if name != distribution:
            raise importlib.metadata.PackageNotFoundError(name)
        return "2.21.0"

    machine("tensorflow")
    monkeypatch.setattr("importlib.metadata.version", version)
    monkeypatch.setattr("importlib.metadata.packages_distributions", lambda: {"tensorflow": [*named]})

    assert backends.version("tensorflow") == "2.21.0"


def test_a_backend_that_is_not_there_has_no_version(machine) -> None:
    machine()

    assert backends.version("tensorflow") is None
    assert backends.version("numpy") is None
