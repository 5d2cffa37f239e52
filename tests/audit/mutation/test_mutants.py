"""Mutants are wrong answers: evidence that could have come from a notebook, with one thing changed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import keras
import pytest
from keras import layers

from autograder.audit.mutation.mutants import Mutant, mutants, sample
from autograder.audit.mutation.settings import variants
from autograder.evidence import capture, read
from autograder.graph import Graph, GraphError, canonical, compare, read_model, with_shapes


def small(build: Callable[[Any], Any] | None = None) -> keras.Model:
    """Two branches, a shared layer, two outputs; or what `build` makes of the input."""
    x = keras.Input((8, 8, 4), name="x")
    if build is not None:
        return keras.Model(x, build(x))
    shared = layers.Conv2D(4, 3, padding="same", activation="relu", name="shared")
    left = layers.Conv2D(4, 1, name="left")(x)
    joined = layers.concatenate(
        [shared(left), shared(x), layers.MaxPooling2D(1, name="pool")(x)], name="join"
    )
    flat = layers.Flatten(name="flat")(layers.Add(name="sum")([joined, layers.Conv2D(12, 1, name="wide")(x)]))
    model = keras.Model(x, [layers.Dense(2, name="a")(flat), layers.Dense(2, name="b")(flat)])
    model.compile("adam", {"a": "mse", "b": "mae"}, loss_weights={"a": 1.0, "b": 2.0}, metrics=["accuracy"])
    return model


def of(thing: Any, probes: Any = ()) -> list[Mutant]:
    return list(mutants({"task": capture("task", [thing], probes)}))


def graph_of(evidence: bytes | None) -> Graph:
    assert evidence is not None
    return canonical(with_shapes(read_model(read(evidence).arguments[0]["model"])))


def document(mutant: Mutant) -> bytes | None:
    """The evidence of the task that a mutant is about."""
    changed = mutant.evidence()
    return None if changed is None else changed[mutant.task]


def the(made: list[Mutant], operator: str, what: str) -> bytes | None:
    (found,) = (mutant for mutant in made if (mutant.operator, mutant.what) == (operator, what))
    return document(found)


def test_every_mutant_is_evidence_that_can_be_read() -> None:
    """A change that makes no model at all says so; every other is read, or is one that Keras would refuse."""
    made = of(small())
    operators = Counter(mutant.operator for mutant in made)
    changed = 0
    reference = graph_of(json.dumps(capture("task", [small()])).encode())
    for mutant in made:
        evidence = document(mutant)
        if evidence is None:
            continue
        try:
            found = graph_of(evidence)
        except GraphError:
            continue
        changed += bool(compare(found, reference, names=True)) or found.compiled != reference.compiled

    assert set(operators) >= {
        "setting", "rewired", "merge order", "merge type", "branch alone", "branch dropped", "layer removed",
        "layer doubled", "layer inserted", "shared layer cloned", "layers merged", "output dropped",
        "outputs exchanged", "output renamed", "loss changed", "loss exchanged", "loss keyed wrongly",
        "loss_weights changed", "loss extra", "metrics dropped", "optimizer changed",
    }  # fmt: skip
    assert changed > 150


def chain(*, between: Callable[[Any], Any] = lambda x: x, filters: int = 6, activation: str = "relu") -> Any:
    first = layers.Conv2D(filters, 1, activation=activation, name="first")
    return lambda x: layers.Conv2D(2, 3, name="last")(between(first(x)))


@pytest.mark.parametrize(
    ("operator", "what", "build"),
    [
        ("setting", "first: filters=7 instead of 6", chain(filters=7)),
        ("setting", "first: activation='tanh' instead of 'relu'", chain(activation="tanh")),
        ("layer removed", "without first", lambda x: layers.Conv2D(2, 3)(x)),
        ("layer inserted", "Dropout behind first", chain(between=layers.Dropout(0.5))),
        ("layer doubled", "first twice", chain(between=layers.Conv2D(6, 1, activation="relu"))),
        ("rewired", "last reads x, not first", lambda x: layers.Conv2D(2, 3)(x)),
    ],
)
def test_a_mutant_is_the_model_that_somebody_would_have_built(
    operator: str, what: str, build: Callable[[Any], Any]
) -> None:
    made = of(small(chain()))
    wanted = graph_of(json.dumps(capture("task", [small(build)])).encode())

    assert compare(graph_of(the(made, operator, what)), wanted, names=False) == []


def layers_of(mutant: Mutant) -> int:
    """How many convolutions a mutant has, however often each is called."""
    return len({call.operation for call in graph_of(document(mutant)).of_kind("Conv2D")})


def test_a_clone_is_another_layer_and_a_merge_is_the_same() -> None:
    def twice(x: Any) -> Any:
        shared = layers.Conv2D(4, 1, name="shared")
        return layers.add([shared(x), shared(x), layers.Conv2D(4, 1, name="other")(x)])

    made = of(small(twice))
    clones = [mutant for mutant in made if mutant.operator == "shared layer cloned"]

    assert [len(graph_of(document(mutant)).of_kind("Conv2D")) for mutant in clones] == [3, 3]
    assert [layers_of(mutant) for mutant in clones] == [3, 3]


def test_two_alike_layers_become_one() -> None:
    made = of(
        small(
            lambda x: layers.add(
                [layers.Conv2D(4, 1)(x), layers.Conv2D(4, 1)(x), layers.Conv2D(4, 3, padding="same")(x)]
            )
        )
    )
    merged = [mutant for mutant in made if mutant.operator == "layers merged"]

    assert [layers_of(mutant) for mutant in merged] == [2]


def test_a_slip_in_a_model_is_seen_by_every_task_that_looks_at_it() -> None:
    """What `compile` is told after the first look is no slip of the first task's."""
    x = keras.Input((3,))
    model = keras.Model(x, layers.Dense(2)(x))
    before = capture("build", [model])
    model.compile("adam", "mse")
    made = list(mutants({"build": before, "compile": capture("compile", [model])}))
    filters = next(one for one in made if one.operator == "setting").evidence()
    losses = next(one for one in made if one.operator == "loss changed").evidence()

    assert filters is not None
    assert losses is not None
    assert (filters.keys(), losses.keys()) == ({"build", "compile"}, {"compile"})
    assert {one.task for one in made if one.operator in ("setting", "rewired")} == {"build"}


def test_a_functions_probes_are_changed_alike() -> None:
    """The same slip would be in each."""
    made = of(lambda x: layers.Dense(4, name="wide")(x), [[{"shape": [3]}], [{"shape": [5]}]])
    (found,) = (mutant for mutant in made if mutant.what == "wide: units=5 instead of 4")
    evidence = document(found)

    assert evidence is not None
    models = [read_model(probe.result) for probe in read(evidence).probes if probe.result is not None]
    assert [with_shapes(model).calls[-1].shapes[0] for model in models] == [(None, 5), (None, 5)]


def test_values_are_changed_entry_by_entry() -> None:
    made = [mutant.what for mutant in of({"a": 3, "b": "word", "c": True})]

    assert "a: 4 instead of 3" in made
    assert "b: 'wordx' instead of 'word'" in made
    assert "c: False instead of True" in made
    assert "without b" in made
    assert "a and b exchanged" in made
    assert "1: 9 instead of 8" in [mutant.what for mutant in of([7, 8])]


@pytest.mark.parametrize(
    ("setting", "value", "wanted"),
    [
        ("filters", 8, [9, 7, 16, 4]),
        ("units", 1, [2, 0]),
        ("padding", "same", ["valid"]),
        ("use_bias", True, [False]),
        ("strides", [2, 2], [[3, 3], [1, 1], [4, 4]]),
        ("batch_shape", [None, 3], [[None, 4], [None, 2], [None, 6], [None, 1]]),
        ("rate", 0.5, [1.0, 0.25, 1.5]),
        ("name", "dense", []),
        ("kernel_initializer", {"class_name": "Zeros"}, []),
    ],
)
def test_a_setting_has_values_near_its_own(setting: str, value: Any, wanted: list[Any]) -> None:
    assert variants(setting, value) == wanted


def test_a_sample_is_spread_evenly_and_is_the_same_every_time() -> None:
    made = of(small())
    chosen = sample(made, 60, seed=3)

    assert len(chosen) == 60
    assert chosen == sample(made, 60, seed=3)
    assert chosen != sample(made, 60, seed=4)
    times = Counter(mutant.operator for mutant in chosen)
    whole = Counter(mutant.operator for mutant in made)
    assert set(times) == set(whole)
    assert all(count >= min(2, whole[operator]) for operator, count in times.items())
    assert sample(made, 10**6, seed=3) == made
