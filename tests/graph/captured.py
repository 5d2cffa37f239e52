"""Models as graphs, by the way that a submission's models take: captured, written as JSON, and read."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import keras

from autograder.evidence import capture, read
from autograder.graph import Graph, canonical, read_model
from autograder.graph.construction import without_weights
from tests import warm


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


# What is asked for here is read where nothing has started TensorFlow, as in a grader that forks.
_READ = """from autograder.evidence import read
from autograder.graph import canonical, count_parameters, read_model, with_shapes
import json, sys
from tensorflow.python.eager import context
for name, document in json.load(sys.stdin).items():
    graph = read_model(read(json.dumps(document)).arguments[0]["model"])
    with_shapes(canonical(graph))
    count_parameters(graph)
    assert context.context()._context_handle is None, name
"""


def assert_no_runtime_is_started(documents: Mapping[str, Any]) -> None:
    """Read evidence, told by its name, with shapes and parameters, in a process that may still be forked."""
    with warm.programs():
        done = subprocess.run(
            [sys.executable, "-c", _READ],
            input=json.dumps(documents),
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-2000:]
