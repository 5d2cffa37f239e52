"""All that Keras offers for a model, by introspection: how each is used in a tiny model of its own."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from autograder.graph.construction import without_weights

_MODULES = {
    "layers": keras.layers,
    "activations": keras.activations,
    "ops": keras.ops,
    "ops.numpy": keras.ops.numpy,
    "ops.nn": keras.ops.nn,
    "ops.linalg": keras.ops.linalg,
    "ops.image": keras.ops.image,
}

NO_PART = {
    *("layers.InputSpec", "layers.Input", "layers.InputLayer"),
    *(f"{module}.{name}" for module in ("layers", "activations") for name in ("serialize", "deserialize")),
    "activations.get",
}
"""What is called on no tensor."""

PLAIN = {
    *("arange", "bartlett", "blackman", "convert_to_numpy", "dtype", "empty", "eye", "full", "hamming"),
    *("hanning", "identity", "is_tensor", "kaiser", "ones", "shape", "tri", "zeros"),
}
"""The operations that make plain values, which are constants where a model uses them."""

UNINSPECTABLE: dict[str, str] = {
    "layers.Lambda": "lambda",
    **{f"layers.{name}": "another_library" for name in ("FlaxLayer", "JaxLayer", "TFSMLayer")},
    "layers.TorchModuleWrapper": "another_library",
    "layers.MaxNumBoundingBoxes": "bounding_boxes",
    **{
        f"ops.{name}": "function_argument"
        for name in (
            *("map", "scan", "associative_scan", "switch", "while_loop", "fori_loop", "cond"),
            *("vectorized_map", "vectorize", "jvp"),
        )
    },
}
"""What no graph tells, each with the reason of which there is a sentence."""

REFUSED = {"layers.Layer", "layers.Wrapper", "layers.Equalization", "ops.custom_gradient"}
"""What Keras itself lets nobody call in a functional model."""


@dataclass(frozen=True)
class _Batch:
    """An input whose batch has to have a known size."""

    shape: tuple[int, ...]
    dtype: str = "float32"


@cache
def everything() -> dict[str, Any]:
    """All public classes and functions, by name, each once."""
    found: dict[int, tuple[str, Any]] = {}
    for module, source in _MODULES.items():
        for name in dir(source):
            thing = getattr(source, name)
            if not name.startswith("_") and callable(thing):
                found.setdefault(id(thing), (f"{module}.{name}", thing))
    return dict(found.values())


def build(name: str) -> keras.Model:
    """A tiny model that uses the thing of that name."""
    with without_weights():
        module, _, short = name.rpartition(".")
        thing = everything()[name]
        if module == "layers":
            return _of_layer(short, thing)
        if module == "activations":
            x = keras.Input((4, 4))
            function = (lambda x: thing(x, 0.5, 0.0)) if short == "threshold" else thing
            return keras.Model(x, layers.Activation(function)(x) if short in _REFUSED else function(x))
        if short in PLAIN:
            x = keras.Input((4,))
            return keras.Model(x, x + VALUES[short]())
        return _of_operation(short, thing)


# Keras's own functions refuse symbolic tensors of these, and its layer does not.
_REFUSED = {"hard_silu", "hard_swish", "mish", "sparsemax"}

# Layers

_SETTINGS: dict[str, Any] = {
    "activation": "relu",
    "axes": 1,
    "bin_boundaries": (0.0, 1.0),
    "cell": lambda: layers.StackedRNNCells([layers.LSTMCell(3), layers.GRUCell(2)]),
    "dims": (2, 1),
    "equation": "abc,cd->abd",
    "factor": 1,
    "filters": 3,
    "head_dim": 2,
    "height": 4,
    "height_factor": 0.5,
    "input_dim": 9,
    "kernel_size": 2,
    "key_dim": 2,
    "layer": lambda: layers.Dense(3),
    "layers": lambda: [layers.RandomFlip(), layers.Rescaling(2)],
    "max_number": 3,
    "n": 3,
    "num_bins": 4,
    "num_heads": 2,
    "num_key_value_heads": 1,
    "num_query_heads": 2,
    "num_tokens": 5,
    "output_dim": 3,
    "output_shape": (None, 6),
    "output_size": 2,
    "pool_size": 2,
    "rate": 0.5,
    "scale": 2.0,
    "stddev": 0.5,
    "target_shape": (-1, 2),
    "units": 3,
    "width": 4,
    "width_factor": 0.5,
}
"""What a layer is made with, by the name of the parameter, where it has no default."""

_MORE: dict[str, dict[str, Any]] = {
    "Bidirectional": {"layer": lambda: layers.LSTM(3)},
    "CategoryEncoding": {"num_tokens": 5},
    "Discretization": {"bin_boundaries": (0.0, 1.0)},
    "GroupNormalization": {"groups": 2},
    "MelSpectrogram": {"fft_length": 16, "sequence_stride": 4, "num_mel_bins": 4},
    "STFTSpectrogram": {"frame_length": 8, "frame_step": 4},
    "IntegerLookup": {"vocabulary": [3, 5], "output_mode": "multi_hot"},
    "StringLookup": {"vocabulary": ["a", "b"], "output_mode": "one_hot"},
    "TextVectorization": {"output_mode": "multi_hot", "max_tokens": 9, "pad_to_max_tokens": True},
}
"""What a layer is made with beside that."""

_INPUTS: dict[str, list[Any]] = {
    "Attention": [(5, 4), (7, 4)],
    "AdditiveAttention": [(5, 4), (7, 4)],
    "CategoryEncoding": [((3,), "int32")],
    "Dot": [(5, 4), (5, 4)],
    "Embedding": [((5,), "int32")],
    "ReversibleEmbedding": [((5,), "int32")],
    "Flatten": [(5, 4)],
    "HashedCrossing": [((1,), "int32"), ((1,), "int32")],
    "Hashing": [((3,), "int32")],
    "IntegerLookup": [((3,), "int64")],
    "StringLookup": [((3,), "string")],
    "TextVectorization": [((1,), "string")],
    "MelSpectrogram": [(64,)],
    "STFTSpectrogram": [(64, 1)],
    "RepeatVector": [(4,)],
}
"""The inputs that a layer is called on, where its name does not say their rank."""

_MERGING = {"Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"}
_PICTURES = (
    "Random",
    "Auto",
    "Aug",
    "Contrast",
    "Equal",
    "Solar",
    "Rand",
    "Equalization",
    "Resizing",
    "CenterCrop",
)


def _of_layer(name: str, cls: Any) -> keras.Model:
    if inspect.isfunction(cls):
        inputs = [keras.Input((5, 4)), keras.Input((5, 4))]
        return keras.Model(inputs, cls(inputs, axes=1) if name == "dot" else cls(inputs))
    if name.endswith("Cell") or name == "StackedRNNCells":
        cell = layers.StackedRNNCells([layers.GRUCell(2)]) if name == "StackedRNNCells" else cls(3)
        x = keras.Input((5, 4))
        return keras.Model(x, layers.RNN(cell)(x))
    if name in ("CutMix", "MixUp"):
        inputs = {"images": keras.Input((8, 8, 3)), "labels": keras.Input((4,))}
        return keras.Model(inputs, cls()(inputs))
    given = {
        parameter: _made(_SETTINGS[parameter])
        for parameter, told in inspect.signature(cls).parameters.items()
        if told.default is inspect.Parameter.empty and told.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    }
    given |= {parameter: _made(value) for parameter, value in _MORE.get(name, {}).items()}
    inputs = [_input(entry) for entry in _inputs_of(name)]
    layer = cls(**given)
    if name in ("MultiHeadAttention", "GroupQueryAttention"):
        return keras.Model(inputs[0], layer(inputs[0], inputs[0]))
    return keras.Model(inputs, layer(inputs if len(inputs) > 1 else inputs[0]))


def _inputs_of(name: str) -> list[Any]:
    if name in _INPUTS:
        return _INPUTS[name]
    if name in _MERGING:
        return [(5, 4), (5, 4)]
    if found := re.search(r"([123])D", name):
        rank = int(found.group(1))
        return [(8,) * (rank + ("LSTM" in name)) + (3,)]
    return [(8, 8, 3)] if name.startswith(_PICTURES) else [(5, 4)]


def _input(entry: Any) -> Any:
    if isinstance(entry, _Batch):
        return keras.Input(batch_shape=entry.shape, dtype=entry.dtype)
    shape, dtype = entry if entry and isinstance(entry[0], tuple) else (entry, "float32")
    return keras.Input(shape, dtype=dtype)


def _made(value: Any) -> Any:
    return value() if callable(value) else value


# Operations

VALUES: dict[str, Callable[[], Any]] = {
    "arange": lambda: ops.arange(4, dtype="float32"),
    "bartlett": lambda: ops.bartlett(4),
    "blackman": lambda: ops.blackman(4),
    "convert_to_numpy": lambda: ops.convert_to_numpy([1.0, 2.0, 3.0, 4.0]),
    "dtype": lambda: float(len(ops.dtype(ops.ones(1)))),
    "empty": lambda: ops.empty((4,)),
    "eye": lambda: ops.eye(4)[0],
    "full": lambda: ops.full((4,), 2.0),
    "hamming": lambda: ops.hamming(4),
    "hanning": lambda: ops.hanning(4),
    "identity": lambda: ops.identity(4)[0],
    "is_tensor": lambda: float(ops.is_tensor(1)),
    "kaiser": lambda: ops.kaiser(4, 1.0),
    "ones": lambda: ops.ones((4,)),
    "shape": lambda: float(ops.shape(ops.ones((4,)))[0]),
    "tri": lambda: ops.tri(4)[0],
    "zeros": lambda: ops.zeros((4,)),
}
"""How the plain values are made."""

_ARGUMENTS: dict[str, Any] = {
    "axes": (1,),
    "axis": -1,
    "axis1": 1,
    "axis2": 2,
    "block_size": 2,
    "destination": 2,
    "dtype": "float32",
    "indices_or_sections": 2,
    "k": 2,
    "kernel_size": 2,
    "kth": 1,
    "num_classes": 3,
    "output_size": 2,
    "pad_width": 1,
    "pool_size": 2,
    "repeats": 2,
    "sequence_length": 4,
    "sequence_stride": 2,
    "fft_length": 4,
    "shape": (-1, 4),
    "newshape": (-1, 4),
    "shift": 1,
    "size": (2, 2),
    "source": 1,
    "threshold": 0.5,
    "default_value": 0.0,
    "max_val": 1.0,
    "x_min": 0.0,
    "x_max": 1.0,
}
"""What an operation is called with, by the name of the parameter, where it has no default."""

_IMAGES, _VECTOR, _MATRIX = (8, 8, 3), (), (4,)
_CALLS: dict[str, tuple[list[Any], Callable[..., Any]]] = {
    "affine_transform": ([_IMAGES], lambda x: ops.image.affine_transform(x, np.ones((1, 8), "float32"))),
    "argmax": ([(4, 4)], lambda x: ops.argmax(x, axis=1)),
    "batch_normalization": (
        [(4, 4)],
        lambda x: ops.batch_normalization(x, np.zeros(4), np.ones(4), axis=-1),
    ),
    "correlate": ([_Batch((8,)), _Batch((3,))], lambda x, y: ops.correlate(x, y)),
    "cross": ([(3,), (3,)], lambda x, y: ops.cross(x, y)),
    "conv": ([_IMAGES], lambda x: ops.conv(x, np.ones((2, 2, 3, 4), "float32"))),
    "conv_transpose": ([_IMAGES], lambda x: ops.conv_transpose(x, np.ones((2, 2, 4, 3), "float32"))),
    "crop_images": (
        [_IMAGES],
        lambda x: ops.image.crop_images(x, top_cropping=1, left_cropping=1, target_height=4, target_width=4),
    ),
    "depthwise_conv": ([_IMAGES], lambda x: ops.depthwise_conv(x, np.ones((2, 2, 3, 1), "float32"))),
    "diag": ([(4,)], lambda x: ops.diag(x)),
    "digitize": ([(4,)], lambda x: ops.digitize(x, np.array([0.0, 1.0]))),
    "einsum": ([(4, 4), (4, 4)], lambda x, y: ops.einsum("bij,bjk->bik", x, y)),
    "extract_patches_3d": ([(8, 8, 8, 3)], lambda x: ops.image.extract_patches_3d(x, 2)),
    "fft": ([(4, 4), (4, 4)], lambda x, y: ops.fft((x, y))),
    "fft2": ([(4, 4), (4, 4)], lambda x, y: ops.fft2((x, y))),
    "fold": ([(12, 16)], lambda x: ops.fold(x, (8, 8), 2, stride=2)),
    "get_item": ([(4, 4)], lambda x: ops.get_item(x, (slice(None), 1))),
    "ifft2": ([(4, 4), (4, 4)], lambda x, y: ops.ifft2((x, y))),
    "irfft": ([(4, 4), (4, 4)], lambda x, y: ops.irfft((x, y))),
    "istft": ([(4, 3), (4, 3)], lambda x, y: ops.istft((x, y), 4, 2, 4)),
    "lstsq": ([(4,), (4,)], lambda x, y: ops.lstsq(x, y)),
    "map_coordinates": (
        [_IMAGES],
        lambda x: ops.image.map_coordinates(x, np.zeros((4, 5), "float32"), order=1),
    ),
    "meshgrid": ([(), ()], lambda x, y: ops.meshgrid(x, y)),
    "multi_hot": ([((4,), "int32")], lambda x: ops.multi_hot(x, num_classes=3)),
    "one_hot": ([((4,), "int32")], lambda x: ops.one_hot(x, 3)),
    "pad_images": (
        [_IMAGES],
        lambda x: ops.image.pad_images(x, top_padding=1, left_padding=1, target_height=10, target_width=10),
    ),
    "perspective_transform": (
        [_IMAGES],
        lambda x: ops.image.perspective_transform(x, np.zeros((4, 2)), np.ones((4, 2))),
    ),
    "rearrange": ([_Batch((2, 8, 8, 3))], lambda x: ops.rearrange(x, "b h w c -> b c (h w)")),
    "scatter": ([_Batch((2, 1), "int32"), _Batch((2,))], lambda x, y: ops.scatter(x, y, (4,))),
    "broadcast_to": ([_Batch((1, 4))], lambda x: ops.broadcast_to(x, (2, 4))),
    "adaptive_average_pool": ([_IMAGES], lambda x: ops.adaptive_average_pool(x, (2, 2))),
    "adaptive_max_pool": ([_IMAGES], lambda x: ops.adaptive_max_pool(x, (2, 2))),
    "reshape": ([(4, 4)], lambda x: ops.reshape(x, (-1, 16))),
    "scale_and_translate": (
        [(8, 8, 3)],
        lambda x: ops.image.scale_and_translate(
            x, (4, 4, 3), np.ones(2, "float32"), np.zeros(2, "float32"), (1, 2), "linear"
        ),
    ),
    "searchsorted": ([(4,)], lambda x: ops.searchsorted(np.array([0.0, 1.0]), x)),
    "segment_max": ([(4,), ((), "int32")], lambda x, y: ops.segment_max(x, y, num_segments=3)),
    "segment_min": ([(4,), ((), "int32")], lambda x, y: ops.segment_min(x, y, num_segments=3)),
    "segment_prod": ([(4,), ((), "int32")], lambda x, y: ops.segment_prod(x, y, num_segments=3)),
    "segment_sum": ([(4,), ((), "int32")], lambda x, y: ops.segment_sum(x, y, num_segments=3)),
    "select": ([((4,), "bool"), (4,)], lambda x, y: ops.select([x], [y])),
    "separable_conv": (
        [_IMAGES],
        lambda x: ops.separable_conv(x, np.ones((2, 2, 3, 1), "float32"), np.ones((1, 1, 3, 4), "float32")),
    ),
    "slice": ([(4, 4)], lambda x: ops.slice(x, (0, 0, 0), (1, 2, 2))),
    "slice_update": ([(4, 4)], lambda x: ops.slice_update(x, (0, 0, 0), np.ones((1, 2, 2), "float32"))),
    "sobel_edges": ([_IMAGES], lambda x: ops.image.sobel_edges(x)),
    "sparse_categorical_crossentropy": ([((), "int32"), (4,)], ops.sparse_categorical_crossentropy),
    "split": ([(4, 4)], lambda x: ops.split(x, 2, axis=1)),
    "stack": ([(4, 4), (4, 4)], lambda x, y: ops.stack([x, y], axis=1)),
    "take_along_axis": ([(4, 4), ((4, 4), "int32")], lambda x, y: ops.take_along_axis(x, y, axis=1)),
    "unfold": ([(3, 8, 8)], lambda x: ops.unfold(x, 2)),
    "unstack": ([(4, 4)], lambda x: ops.unstack(x, axis=1)),
    "vander": ([()], lambda x: ops.vander(x, 3)),
    "where": ([((4,), "bool"), (4,), (4,)], ops.where),
}
"""The inputs and the call of the operations whose signature does not tell it."""

_TWO = {"concatenate", "hstack", "vstack", "dstack"}
_OF_IMAGES = ("pool", "_to_", "resize", "patches", "blur", "elastic")


def _of_operation(name: str, function: Callable[..., Any]) -> keras.Model:
    if name in _CALLS:
        shapes, call = _CALLS[name]
        inputs = [_input(entry) for entry in shapes]
        return _model(inputs, call(*inputs))
    shape = _IMAGES if any(part in name for part in _OF_IMAGES) else (4, 4)
    if name in ("depth_to_space",):
        shape = (8, 8, 4)
    inputs, given = [], []
    for parameter, told in inspect.signature(function).parameters.items():
        if told.default is inspect.Parameter.empty and told.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD:
            if parameter in _ARGUMENTS:
                given.append(_ARGUMENTS[parameter])
            else:
                taken = [keras.Input(shape) for _ in range(2 if name in _TWO else 1)]
                inputs.extend(taken)
                given.append(taken if name in _TWO else taken[0])
    return _model(inputs, function(*given))


def _model(inputs: list[Any], result: Any) -> keras.Model:
    made = [
        tensor for tensor in keras.tree.flatten(result) if getattr(tensor, "_keras_history", None) is not None
    ]
    return keras.Model(inputs, made)


def class_of(name: str) -> type:
    """The class that is in a graph where the thing of that name is used."""
    thing = everything()[name]
    if inspect.isclass(thing):
        return thing
    short = "VectorizedMap" if name.endswith("vectorize") else name.rpartition(".")[2].replace("_", "")
    modules = (sys.modules["keras.src.ops.core"], sys.modules["keras.src.ops.linalg"])
    return next(
        kind for module in modules for key, kind in vars(module).items() if key.lower() == short.lower()
    )
