"""Models as graphs, by the way that a submission's models take: captured, written as JSON, and read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import keras

from autograder.evidence import capture, read
from autograder.graph import Graph, canonical, read_model
from autograder.graph.construction import without_weights


def evidence_of(model: Any) -> dict[str, Any]:
    """A model's evidence, after a round trip through JSON."""
    document = capture("task", [model])
    return read(json.dumps(document)).arguments[0]["model"]


def raw(model: Any) -> Graph:
    return read_model(evidence_of(model))


def built(body: Callable[..., Any], *shapes: tuple[int | None, ...], dtype: str = "float32") -> keras.Model:
    """The model of a function of inputs of those shapes; no weight is allocated."""
    with without_weights():
        inputs = [keras.Input(shape, dtype=dtype) for shape in shapes]
        return keras.Model(inputs, body(*inputs))


def form(body: Callable[..., Any], *shapes: tuple[int | None, ...], dtype: str = "float32") -> Graph:
    """The canonical graph of a function, without the names in it."""
    return nameless(canonical(raw(built(body, *shapes, dtype=dtype))))


def nameless(graph: Graph) -> Graph:
    """A graph without the learner's names: of its layers, its nested models, its inputs and outputs."""
    return replace(
        graph,
        operations={key: replace(operation, name="") for key, operation in graph.operations.items()},
        calls=tuple(replace(call, path=()) for call in graph.calls),
        input_names=(),
        output_names=(),
        name="",
    )
