"""Measures shared layers: a step moves their weights once, by the gradient of all the layer's calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from autograder.verification.devices import full_precision

RATE = 0.01
# The loss is looked at where it is this fraction higher or lower: far above its last digit, and little
# enough for it to be nearly straight in between. Three backends were off by 0.02 % at most.
SHARE = 0.003
# These do something while a model trains that they do not do while its loss is looked at.
AT_TRAINING = (keras.layers.BatchNormalization, keras.layers.Dropout, keras.layers.GaussianNoise)


def shared_moves(model: Any, inputs: Any, targets: Any) -> dict[str, float]:
    """Return how often one step moves each shared layer's weights, by the layer's name: 1 is right.

    One step of plain gradient descent moves weights by the rate times a direction. The gradient's length in
    that direction is measured without any gradient, from the loss a little before and a little behind. The
    two are equal where each weight has moved once and by all of the layer's calls; a weight moved twice gives
    2, and a call that is left out gives anything else. Afterwards the weights are what they were.

    Nothing is returned where the loss cannot be measured so: in mixed precision, or with layers that do
    something else while they train.
    """
    layers = shared_layers(model)
    if not layers or _unsteady(model):
        return {}
    start = model.get_weights()
    twin = keras.Model(model.inputs, model.outputs)
    descent = keras.saving.serialize_keras_object(keras.optimizers.SGD(RATE))
    twin.compile_from_config({**model.get_compile_config(), "optimizer": descent, "jit_compile": False})
    try:
        prepare(twin, *keras.tree.map_structure(lambda data: data[:1], (inputs, targets)))
        with full_precision():
            return {
                layer.name: _moves(twin, start, _places(model, layer), inputs, targets) for layer in layers
            }
    finally:
        model.set_weights(start)


def prepare(model: Any, inputs: Any, targets: Any) -> None:
    """Make the variables that the first step would make, of the optimizer, losses and metrics.

    TensorFlow traces a step anew when it has made a variable, and tracing takes longer than these trainings.
    On the other backends Keras makes them beforehand itself.
    """
    if keras.config.backend() != "tensorflow":
        return
    model.optimizer.build(model.trainable_variables)
    outputs = model(inputs)
    model.compute_loss(inputs, targets, outputs)
    model.compute_metrics(inputs, targets, outputs)
    model.reset_metrics()


def shared_layers(model: Any) -> list[Any]:
    """Return the layers and models with weights that a model calls more than once."""
    configuration = {layer["name"]: layer for layer in model.get_config()["layers"]}
    return [
        layer
        for layer in model.layers
        if layer.trainable_variables and len(configuration[layer.name]["inbound_nodes"]) > 1
    ]


def _unsteady(model: Any) -> bool:
    return any(
        isinstance(layer, AT_TRAINING) or layer.compute_dtype != layer.variable_dtype
        for layer in model._flatten_layers()
    )


def _places(model: Any, layer: Any) -> set[int]:
    """Return the places of a layer's weights among the model's."""
    own = {id(variable) for variable in layer.trainable_variables}
    return {place for place, variable in enumerate(model.weights) if id(variable) in own}


def _moves(model: Any, start: list[Any], places: set[int], inputs: Any, targets: Any) -> float:
    model.set_weights(start)
    loss = float(model.train_on_batch(inputs, targets, return_dict=True)["loss"])
    moved = model.get_weights()
    direction = {place: (start[place] - moved[place]) / RATE for place in places}
    squares = sum(float(np.sum(np.square(part, dtype="float64"))) for part in direction.values())
    if not squares:
        return 0.0
    distance = SHARE * loss / squares

    def beside(side: int) -> Iterator[Any]:
        for place, weight in enumerate(start):
            yield weight + side * distance * direction[place] if place in places else weight

    losses = []
    for side in (1, -1):
        model.set_weights(list(beside(side)))
        losses.append(float(model.test_on_batch(inputs, targets, return_dict=True)["loss"]))
    slope = (losses[0] - losses[1]) / (2 * distance)
    return squares / slope if slope else float("inf")
