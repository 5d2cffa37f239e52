"""Another meaning given to what the capture relies on is noticed, and nothing else is."""

from __future__ import annotations

import builtins
import gc
import json
import os
import signal
import sys
from types import FunctionType, ModuleType, SimpleNamespace

import keras
import pytest
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from autograder.evidence import plainly, read, recorder
from autograder.evidence.seal import Seal

TIMER = signal.ITIMER_VIRTUAL


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
        (json._default_encoder, "default", "JSONEncoder.default"),  # type: ignore[attr-defined]
        (os, "write", "os.write"),
        (keras.activations, "serialize", "keras.activations.serialize"),
        (sys.modules[keras.activations.relu.__module__], "relu", "keras.src.activations.activations.relu"),
        (plainly, "text", "autograder.evidence.plainly.text"),
        (keras.Model, "__call__", "keras.src.models.model.Model.__call__"),
        (Axes, "get_title", "matplotlib.axes._axes.Axes.get_title"),
        (Axes, "get_lines", "matplotlib.axes._axes.Axes.get_lines"),
        (Line2D, "get_ydata", "matplotlib.lines.Line2D.get_ydata"),
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


@pytest.mark.parametrize("name", ["json", "keras.src.activations.activations", "numpy"])
def test_another_module_under_a_name_is_noticed(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """What is looked up by a module's name would be found in the wrong one."""
    seal = Seal()
    monkeypatch.setitem(sys.modules, name, ModuleType(name))
    broken = seal.broken()
    monkeypatch.undo()

    assert broken == f"sys.modules['{name}']"


def test_what_is_called_while_garbage_is_collected_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Same:
        def __eq__(self, _: object) -> bool:
            return True

        __hash__ = None  # type: ignore[assignment]

        def __call__(self, *_: object) -> None:
            """Something else."""

    seal = Seal()
    monkeypatch.setattr(gc, "callbacks", [*gc.callbacks, Same()])
    assert seal.broken() == "gc.callbacks"
    monkeypatch.undo()

    assert seal.broken() == ""


def test_while_a_model_is_looked_at_nothing_is_traced_and_no_timer_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[object] = []
    kept = SimpleNamespace(record=lambda _document: seen.extend([sys.gettrace(), signal.getitimer(TIMER)[0]]))
    monkeypatch.setattr(recorder, "_current", None)
    recorder.install(kept, {}, Seal())
    recording = recorder.current()
    assert recording is not None
    before = sys.gettrace()
    try:
        signal.setitimer(TIMER, 1000)
        sys.settrace(lambda *_: None)
        recording.take("a-task", [1])
    finally:
        signal.setitimer(TIMER, 0)
        sys.settrace(before)

    assert seen == [None, 0.0]


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
