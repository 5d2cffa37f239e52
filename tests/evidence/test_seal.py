"""Another meaning given to what the capture relies on is noticed, and nothing else is."""

from __future__ import annotations

import builtins
import json
from types import FunctionType

import keras
import pytest

from autograder.evidence import plainly, read, recorder
from autograder.evidence.seal import Seal


def other(*_: object) -> None:
    """Something else."""


def test_what_is_as_it_was_is_whole() -> None:
    seal = Seal()
    builtins.something_new = 1  # type: ignore[attr-defined]
    try:
        keras.Sequential([keras.layers.Dense(1)])
        assert seal.broken() == ""
    finally:
        del builtins.something_new  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("owner", "key", "name"),
    [
        (builtins, "id", "id"),
        (json, "dumps", "json.dumps"),
        (plainly, "text", "autograder.evidence.plainly.text"),
        (keras.Model, "__call__", "keras.src.models.model.Model.__call__"),
        # It comes from a base class, and one of its own would go before.
        (keras.layers.Conv2D, "get_config", "keras.src.layers.convolutional.conv2d.Conv2D.get_config"),
    ],
)
def test_another_meaning_is_named(
    monkeypatch: pytest.MonkeyPatch, owner: object, key: str, name: str
) -> None:
    seal = Seal()
    monkeypatch.setattr(owner, key, other, raising=False)
    broken = seal.broken()
    monkeypatch.undo()

    assert broken == name
    assert seal.broken() == ""


def test_another_code_in_the_same_function_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = plainly.text
    assert type(found) is FunctionType
    seal = Seal()
    monkeypatch.setattr(found, "__code__", (lambda value, limit=0: "forged").__code__)
    broken = seal.broken()
    monkeypatch.undo()

    assert broken == "autograder.evidence.plainly.text"


def test_under_a_broken_seal_only_that_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[dict[str, object]] = []
    monkeypatch.setattr(recorder, "_current", None)
    seal = Seal()
    recorder.install(type("Kept", (), {"record": lambda self, document: kept.append(document)})(), {}, seal)
    monkeypatch.setattr(keras.layers.Dense, "get_config", other)
    recording = recorder.current()
    assert recording is not None
    recording.take("a-task", [1])
    monkeypatch.undo()

    evidence = read(json.dumps(kept[0]))
    assert evidence.arguments == ()
    assert evidence.altered == "keras.src.layers.core.dense.Dense.get_config"
