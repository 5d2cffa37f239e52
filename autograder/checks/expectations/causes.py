"""Finds which difference of a model from the reference causes a fact about the whole model.

A wrong output shape, a wrong number of parameters, or a wrong number of calls follows from something else:
these functions tell whether it can follow from a given difference. Shapes are compared where the difference
is, so that what comes after it is not taken for the cause.
"""

from __future__ import annotations

from collections.abc import Iterable

from autograder.graph import Call, Difference, Graph
from autograder.graph.allowed import holds_weights

# Settings, by their endings and by their full names, that change neither a shape nor the number of weights.
_HARMLESS_ENDINGS = ("activation", "dropout", "_constraint", "_initializer", "_regularizer")
_HARMLESS = (
    "center",
    "dtype",
    "epsilon",
    "go_backwards",
    "mask_zero",
    "momentum",
    "name",
    "negative_slope",
    "rate",
    "reduction",
    "scale",
    "seed",
    "stateful",
    "trainable",
    "use_bias",
)
_CHANGING_WEIGHTS = (
    "center",
    "depth_multiplier",
    "filters",
    "groups",
    "input_dim",
    "kernel_size",
    "key_dim",
    "num_heads",
    "output_dim",
    "scale",
    "units",
    "use_bias",
)


def changes_shape(difference: Difference, found: Graph, wanted: Graph) -> bool:
    """Return whether a difference can give a model's output another shape."""
    if difference.kind == "setting":
        setting = difference.setting or ""
        return setting not in _HARMLESS and not setting.endswith(_HARMLESS_ENDINGS)
    if difference.kind == "operator":
        return _shapes(found, difference.found_calls) != _shapes(wanted, difference.wanted_calls)
    if difference.kind in ("missing", "extra"):
        return _reshapes(found, difference.found_calls) or _reshapes(wanted, difference.wanted_calls)
    return difference.kind in ("shape", "input", "output", "uninspectable")


def changes_weights(difference: Difference, found: Graph, wanted: Graph) -> bool:
    """Return whether a difference gives a model more or fewer weights, in the layer where it is."""
    if difference.kind == "setting":
        return difference.setting in _CHANGING_WEIGHTS
    if difference.kind in ("missing", "extra", "operator"):
        return any(
            holds_weights(graph.operation_of(call).kind)
            for graph, calls in ((found, difference.found_calls), (wanted, difference.wanted_calls))
            for call in calls
        )
    return difference.kind in ("sharing", "uninspectable")


def changes_calls(difference: Difference, found: Graph, wanted: Graph, kind: str) -> bool:
    """Return whether a difference is about calls of that kind, present or missing."""
    if difference.kind not in ("missing", "extra", "operator", "sharing", "uninspectable"):
        return False
    kinds = {found.operation_of(call).kind for call in difference.found_calls}
    return kind in kinds | {wanted.operation_of(call).kind for call in difference.wanted_calls}


def _shapes(graph: Graph, calls: Iterable[int]) -> list[object]:
    return [graph.call(call).shapes for call in calls]


def _reshapes(graph: Graph, calls: Iterable[int]) -> bool:
    """Return whether one of those calls gives a tensor of another shape than it reads."""
    return any(_reshape(graph, graph.call(call)) for call in calls)


def _reshape(graph: Graph, call: Call) -> bool:
    # The shapes of a part that hides its code are not known.
    known = [tensor.index < len(graph.call(tensor.call).shapes) for tensor in call.inputs]
    if not known or not all(known):
        return True
    return any(graph.shape(tensor) != shape for tensor in call.inputs for shape in call.shapes)
