"""Computes shapes layer by layer, with Keras's own rules, from the validated configuration."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from autograder.graph import activations, allowed, construction
from autograder.graph.errors import ShapeError
from autograder.graph.model import Call, Graph, Operation, Setting, Shape, Tensor
from autograder.messages import message

InputShapes = Sequence[Shape] | Mapping[str, Shape]
"""Shapes for a graph's inputs, batch axis first: in order, or by name (inputs not named keep their own)."""

MERGES = frozenset({"Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"})
"""The elementwise merges."""

# Layers whose output has the shape of their input, whatever their settings ...
_SAME_SHAPE_NAMES = """
Dropout AlphaDropout GaussianDropout GaussianNoise SpatialDropout1D SpatialDropout2D SpatialDropout3D
ActivityRegularization Masking Rescaling LayerScale StochasticDepth CustomScaleLayer
"""
# ... and those that change pictures, which also take labels and boxes and return all of them.
_CHANGES_PICTURES_NAMES = """
RandomFlip RandomRotation RandomZoom RandomTranslation RandomContrast RandomBrightness
RandomColorDegeneration RandomColorJitter RandomElasticTransform RandomErasing RandomGaussianBlur
RandomGrayscale RandomHue RandomInvert RandomPerspective RandomPosterization RandomSaturation
RandomSharpness RandomShear AugMix AutoContrast ContrastLimitedAdaptiveHistogramEqualization CutMix
Equalization MixUp RandAugment Solarization
"""
_SAME_SHAPE = frozenset(_SAME_SHAPE_NAMES.split())
_CHANGES_PICTURES = frozenset(_CHANGES_PICTURES_NAMES.split())
_IN_PARTS = ("ops.array_split", "ops.split", "ops.unstack")
_MOST_PARTS = 10_000


def with_shapes(graph: Graph, input_shapes: InputShapes | None = None) -> Graph:
    """Return the graph with the shape of every call computed anew.

    Calls that cannot be inspected, and calls that depend on them, get no shapes.

    Args:
        graph: a raw or canonical graph, whose inputs have shapes.
        input_shapes: shapes to try instead of the inputs' own.

    Raises:
        ShapeError: sizes do not fit; the error names the call and the shapes that reached it.

    >>> import keras
    >>> from autograder.evidence import capture
    >>> from autograder.graph import read_model, with_shapes
    >>> x = keras.Input((28, 28, 3))
    >>> model = keras.Model(x, keras.layers.Conv2D(64, 3, strides=2, padding="same")(x))
    >>> graph = with_shapes(read_model(capture("task", [model])["arguments"][0]["model"]))
    >>> graph.shape(graph.outputs[0])
    (None, 14, 14, 64)
    """
    return _reckon(graph, input_shapes, strict=True)


def shapes_as_far_as_known(graph: Graph) -> Graph:
    """Return the graph with every shape that can be computed; calls whose sizes do not fit get none."""
    return _reckon(graph, None, strict=False)


def output_shapes(kind: str, settings: Mapping[str, Setting], inputs: Sequence[Shape]) -> tuple[Shape, ...]:
    """Return an operation's output shapes for its inputs' shapes, from a cache of 4,096.

    Raises:
        ValueError: Keras refuses them, or cannot tell.
    """
    if kind in _CHANGES_PICTURES:
        return tuple(inputs)
    if kind in _SAME_SHAPE or activations.of_operation(kind, settings) is not None:
        return tuple(inputs[:1])
    return _output_shapes(kind, tuple(settings.items()), tuple(inputs))


@lru_cache(maxsize=4096)
def _output_shapes(
    kind: str, settings: tuple[tuple[str, Setting], ...], inputs: tuple[Shape, ...]
) -> tuple[Shape, ...]:
    given = dict(settings)
    try:
        with construction.without_weights():
            if kind in MERGES:
                return (_merged(kind, given, inputs),)
            operation = construction.build(kind, given)
            if _takes_shapes(kind, given):
                args, _ = construction.arguments(kind, {}, inputs)
                if construction.takes_list(kind):
                    # A merge notices that sizes do not fit when it is built, not when it computes its shape.
                    operation.build(*args)
                return construction.as_shapes(operation.compute_output_shape(*args))
            return _traced(operation, kind, given, inputs)
    except Exception as problem:
        raise ValueError(str(problem)) from problem


def _takes_shapes(kind: str, settings: Mapping[str, Setting]) -> bool:
    entry = allowed.by_kind(kind)
    return entry is not None and entry.is_layer and not any(key.startswith("call.") for key in settings)


def _merged(kind: str, settings: Mapping[str, Setting], inputs: tuple[Shape, ...]) -> Shape:
    """Return the shape of an elementwise merge, including any constants among its operands."""
    from keras.src.ops.operation_utils import broadcast_shapes

    merged = inputs[0]
    if len(inputs) > 1:
        (merged,) = construction.as_shapes(construction.build(kind, {}).compute_output_shape(list(inputs)))
    for key in ("constant", "call.x1", "call.x2"):
        constant = settings.get(key)
        if isinstance(constant, tuple) and constant[:1] == ("array",):
            merged = tuple(broadcast_shapes(merged, constant[1]))
    return merged


def _traced(
    operation: Any, kind: str, settings: Mapping[str, Setting], inputs: tuple[Shape, ...]
) -> tuple[Shape, ...]:
    """Return the shapes by Keras's symbolic call, which takes tensors and constants as arguments."""
    import keras

    # Keras makes a tensor for each part before it notices that there cannot be so many.
    parts = settings.get("indices_or_sections", settings.get("num"))
    if kind in _IN_PARTS and isinstance(parts, int) and parts > _MOST_PARTS:
        raise ValueError(f"{kind} of more than {_MOST_PARTS} parts")
    args, kwargs = construction.arguments(kind, settings, [keras.KerasTensor(shape) for shape in inputs])
    kwargs |= _left_to_call(operation, len(args), kwargs)
    found = keras.tree.flatten(operation.compute_output_spec(*args, **kwargs))
    return tuple(tuple(tensor.shape) for tensor in found)


def _left_to_call(operation: Any, placed: int, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments that `compute_output_spec` requires and for which only `call` has a default."""
    kind: type = operation.__class__
    defaults = dict(allowed.parameters_of(kind, "call"))
    asked = allowed.parameters_of(kind, "compute_output_spec")[placed:]
    return {
        name: defaults[name]
        for name, default in asked
        if default is inspect.Parameter.empty
        and name not in given
        and defaults.get(name, default) is not inspect.Parameter.empty
    }


def _reckon(graph: Graph, input_shapes: InputShapes | None, *, strict: bool) -> Graph:
    starts = _starts(graph, input_shapes)
    shapes: dict[int, tuple[Shape, ...]] = {}
    calls = []
    for call in graph.calls:
        shapes[call.id] = _of_call(graph, call, shapes, starts, strict)
        calls.append(call if call.shapes == shapes[call.id] else replace(call, shapes=shapes[call.id]))
    for tensor in graph.outputs:
        if strict and shapes[tensor.call] and tensor.index >= len(shapes[tensor.call]):
            call = graph.call(tensor.call)
            raise sizes_do_not_meet(graph.operations[call.operation], call, shapes)
    return replace(graph, calls=tuple(calls))


def _starts(graph: Graph, input_shapes: InputShapes | None) -> dict[int, Shape]:
    if input_shapes is None:
        return {}
    if isinstance(input_shapes, Mapping):
        return {
            tensor.call: tuple(input_shapes[name])
            for tensor, name in zip(graph.inputs, graph.input_names, strict=False)
            if name in input_shapes
        }
    return {tensor.call: tuple(shape) for tensor, shape in zip(graph.inputs, input_shapes, strict=False)}


def _of_call(
    graph: Graph,
    call: Call,
    shapes: Mapping[int, tuple[Shape, ...]],
    starts: Mapping[int, Shape],
    strict: bool,
) -> tuple[Shape, ...]:
    operation = graph.operations[call.operation]
    if operation.kind == "Input":
        return (starts[call.id],) if call.id in starts else call.shapes
    if not operation.inspectable or any(not shapes[tensor.call] for tensor in call.inputs):
        return ()
    try:
        inputs = [shapes[tensor.call][tensor.index] for tensor in call.inputs]
        return output_shapes(operation.kind, operation.settings, inputs)
    except (ValueError, IndexError):
        if strict:
            raise sizes_do_not_meet(operation, call, shapes) from None
        return ()


def sizes_do_not_meet(
    operation: Operation, call: Call, shapes: Mapping[int, tuple[Shape, ...]]
) -> ShapeError:
    """Return the error for a call that cannot take the shapes that reach it."""
    told = ", ".join(told_shape(tensor, shapes) for tensor in call.inputs)
    name = operation.name or operation.kind
    if len(call.inputs) > 1:
        said = message(
            "The shapes that reach {layer} do not fit together: {shapes}.", layer=name, shapes=told
        )
    else:
        said = message("{layer} cannot take an input of shape {shape}.", layer=name, shape=told)
    return ShapeError(said, call.id)


def told_shape(tensor: Tensor, shapes: Mapping[int, tuple[Shape, ...]]) -> str:
    """Return a tensor's shape in words; `?` where it has none."""
    found = shapes[tensor.call]
    return str(found[tensor.index]) if tensor.index < len(found) else "?"
