"""The comparator of layer rows that courses on deep learning hand out: class, output shape, parameters.

A model is told as the table that its `summary()` prints, without the layers' names, and two models are alike
where their tables are. The source of this module is run where the learner's model is, and imports nothing of
ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


def rows_of(model: Any) -> list[list[Any]]:
    """Return `[class, output shape, parameters]` of each layer, in the order of `summary()`.

    Raises:
        Exception: it is no model, or one that has not been built.
    """
    # `summary()` lists operations such as `a + b` beside the layers, which `layers` leaves out.
    listed = getattr(model, "operations", None)
    return [_row(layer) for layer in (model.layers if listed is None else listed)]


def _row(layer: Any) -> list[Any]:
    import keras

    outputs = keras.tree.flatten(layer._inbound_nodes[-1].output_tensors)
    parameters = layer.count_params() if hasattr(layer, "count_params") else 0
    return [type(layer).__name__, [list(output.shape) for output in outputs], parameters]


def models_of(answer: Any, probes: list[list[dict[str, Any]]]) -> Iterator[Any]:
    """Yield the model that was handed over, or those that a function makes of the probes' arguments.

    Raises:
        TypeError: it is no model, and makes none.
        Exception: the function raises it.
    """
    import keras
    import numpy

    if not probes:
        yield _model(answer)
    for probe in probes:
        arguments: list[Any] = []
        for entry in probe:
            if "value" not in entry:
                arguments.append(keras.Input(tuple(entry["shape"]), dtype=entry.get("dtype", "float32")))
            else:
                value = entry["value"]
                arguments.append(numpy.asarray(value) if isinstance(value, list) else value)
        returned = answer(*arguments)
        if isinstance(returned, keras.Model):
            yield returned
        else:
            tensors = [given for given, entry in zip(arguments, probe, strict=True) if "value" not in entry]
            yield keras.Model(tensors[0] if len(tensors) == 1 else tensors, returned)


def _model(answer: Any) -> Any:
    import keras

    if not isinstance(answer, keras.Model):
        raise TypeError(f"no model: {type(answer).__name__}")
    return answer


def seen(
    answer: Any, probes: list[list[dict[str, Any]]], check: Callable[[Any], None] | None = None
) -> dict[str, Any]:
    """Return an answer's `rows`, a table for each of its models, and whether it `passes` some plain asserts.

    Args:
        answer: a model, a function that builds one, or whatever else was handed over.
        probes: what the function is called on; nothing for a model.
        check: the asserts (`benchmarks.peers.checks`), if there are any for the task.
    """
    try:
        # Each table is read before the next model is built: the same layers may be called for both.
        rows = [rows_of(model) for model in models_of(answer, probes)]
    except Exception:
        rows = None
    return {"rows": rows, "passes": None if check is None else passes(check, answer)}


def passes(check: Callable[[Any], None], answer: Any) -> bool:
    """Return whether no assert fails, and nothing else is raised."""
    try:
        check(answer)
    except Exception:
        return False
    return True
