"""Reads every architecture of `keras.applications`: is each judged, and are our shapes Keras's own?

Each is built without weights, captured as a learner's model would be, read back from JSON, and reckoned anew
call by call: `graph.architectures_read` and `graph.shapes_disagreeing`.

    python -m benchmarks.architectures [--dry-run]
"""

from __future__ import annotations

import inspect
import json
import time
from collections.abc import Iterator
from typing import Any

import keras

from autograder.evidence import capture, read
from autograder.graph import Graph, Shape, canonical, count_parameters, read_model, with_shapes
from autograder.graph.construction import without_weights
from benchmarks.options import benchmark_options
from benchmarks.results import record

COMMAND = "make bench-graph"


def architectures() -> list[str]:
    """Return the names of the functions that build them."""
    return sorted(name for name, _ in inspect.getmembers(keras.applications, inspect.isfunction))


def build(name: str, **settings: Any) -> keras.Model:
    """One of them, without weights."""
    with without_weights():
        model: keras.Model = getattr(keras.applications, name)(weights=None, **settings)
        return model


def evidence_of(model: keras.Model) -> dict[str, Any]:
    """Return a model's evidence as it is read outside the jail."""
    found: dict[str, Any] = read(json.dumps(capture("architectures", [model]))).arguments[0]["model"]
    return found


def recorded(evidence: dict[str, Any]) -> Iterator[tuple[Shape, ...]]:
    """Yield the shapes that Keras itself gave every call, in the order in which a raw graph has its calls."""
    yield from _recorded(evidence, evidence["graph"], nested=False)


def _recorded(evidence: dict[str, Any], index: int, nested: bool) -> Iterator[tuple[Shape, ...]]:
    graph = evidence["graphs"][index]
    inputs = {call for call, _ in graph["inputs"]}
    for call in graph["calls"]:
        inner = evidence["operations"][call["operation"]]["graph"]
        if inner is not None:
            yield from _recorded(evidence, inner, nested=True)
        elif not (nested and call["id"] in inputs):
            yield tuple(tuple(output["shape"]) for output in call["outputs"])


def disagreements(evidence: dict[str, Any], graph: Graph) -> list[str]:
    """Return the calls whose computed shapes are not those that Keras gave them."""
    pairs = zip(with_shapes(graph).calls, recorded(evidence), strict=True)
    return [
        f"{graph.operation_of(call).name}: {call.shapes}, of Keras {theirs}"
        for call, theirs in pairs
        if call.shapes != theirs
    ]


def problems(model: keras.Model) -> tuple[list[str], list[str]]:
    """Return what of a model cannot be read (or is miscounted), and the shapes that disagree."""
    evidence = evidence_of(model)
    graph = read_model(evidence)
    unread = [operation.origin for operation in graph.operations.values() if not operation.inspectable]
    counted, wanted = count_parameters(graph), model.count_params()
    if counted != wanted:
        unread.append(f"{counted} parameters, of Keras {wanted}")
    if canonical(canonical(graph)) != canonical(graph):
        unread.append("the canonical form has another canonical form")
    return unread, disagreements(evidence, graph)


def main() -> None:
    """Measure all of them and write the figures."""
    chosen = benchmark_options(__doc__).parse_args()
    readable = disagreeing = 0
    for name in architectures():
        started = time.perf_counter()
        unread, wrong = problems(build(name))
        print(
            f"{name}: {time.perf_counter() - started:.1f} s", *unread[:3], *wrong[:3], sep="\n  ", flush=True
        )
        readable += not unread
        disagreeing += len(wrong)
    if not chosen.dry_run:
        record("graph.architectures_read", readable, "architectures", f"= {len(architectures())}", COMMAND)
        record("graph.shapes_disagreeing", disagreeing, "shapes", "= 0", COMMAND)


if __name__ == "__main__":
    main()
