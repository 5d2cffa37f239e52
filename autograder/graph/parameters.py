"""Parameter counts from configuration and shapes: no weight is allocated, and no stated count is believed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from autograder.graph import allowed, construction
from autograder.graph.model import Call, Graph, Setting, Shape
from autograder.graph.shapes import sizes_do_not_meet, with_shapes


def count_parameters(graph: Graph) -> int:
    """Return the number of weights in a graph; a shared operation's weights count once.

    Operations that cannot be inspected do not count.

    Raises:
        ShapeError: sizes in the graph do not fit together.

    >>> import keras
    >>> from autograder.checks import subject_of
    >>> from autograder.graph import count_parameters
    >>> x = keras.Input((8,), name="x")
    >>> graph = subject_of(keras.Model(x, keras.layers.Dense(4, name="head")(x))).model.graph
    >>> count_parameters(graph)
    36
    """
    shaped = with_shapes(graph)
    first: dict[int, Call] = {}
    for call in shaped.calls:
        first.setdefault(call.operation, call)
    return sum(_of_call(shaped, call) for call in first.values())


def _of_call(graph: Graph, call: Call) -> int:
    operation = graph.operations[call.operation]
    if not operation.inspectable or not allowed.holds_weights(operation.kind) or not call.shapes:
        return 0
    try:
        return parameters_of(
            operation.kind, operation.settings, [graph.shape(tensor) for tensor in call.inputs]
        )
    except Exception:
        shapes = {tensor.call: graph.call(tensor.call).shapes for tensor in call.inputs}
        raise sizes_do_not_meet(operation, call, shapes) from None


def parameters_of(kind: str, settings: Mapping[str, Setting], inputs: Sequence[Shape]) -> int:
    """Return how many weights one operation has when called on those shapes, from a cache of 4,096."""
    return _parameters(kind, tuple(settings.items()), tuple(inputs))


@lru_cache(maxsize=4096)
def _parameters(kind: str, settings: tuple[tuple[str, Setting], ...], inputs: tuple[Shape, ...]) -> int:
    with construction.without_weights():
        layer: Any = construction.build(kind, dict(settings))
        args, kwargs = construction.arguments(kind, _placed(settings), inputs)
        build = {**{f"{name}_shape": value for name, value in kwargs.items()}}
        parameters = [name for name, _ in allowed.parameters_of(layer.__class__, "build")]
        layer.build(*args, **{name: value for name, value in build.items() if name in parameters})
        return sum(math.prod(variable.shape) for variable in layer.weights)


def _placed(settings: tuple[tuple[str, Setting], ...]) -> dict[str, Setting]:
    return {key: value for key, value in settings if key == "call.roles"}
