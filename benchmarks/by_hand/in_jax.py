"""A training loop written by hand in JAX: RMSprop as Keras has it, one compiled step, donated weights."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp

RATE, RHO, EPSILON = 1e-3, 0.9, 1e-7
CLIP = 1e-7
# `fit` compiles with JAX unless it is told not to.
COMPILES = False
LOOPS: Mapping[str, dict[str, Any]] = {"loop": {}}


def _mean_squared_error(found: Any, wanted: Any) -> Any:
    return jnp.mean(jnp.square(found - wanted))


def _categorical_crossentropy(found: Any, wanted: Any) -> Any:
    clipped = jnp.clip(found / jnp.sum(found, axis=-1, keepdims=True), CLIP, 1 - CLIP)
    return jnp.mean(-jnp.sum(wanted * jnp.log(clipped), axis=-1))


def _sparse_categorical_crossentropy(found: Any, wanted: Any) -> Any:
    kinds = wanted.reshape(-1).astype("int32")
    return _categorical_crossentropy(found, jax.nn.one_hot(kinds, found.shape[-1]))


def _binary_crossentropy(found: Any, wanted: Any) -> Any:
    clipped = jnp.clip(found, CLIP, 1 - CLIP)
    return -jnp.mean(wanted * jnp.log(clipped) + (1 - wanted) * jnp.log(1 - clipped))


LOSSES: Mapping[str, Callable[[Any, Any], Any]] = {
    "mean_squared_error": _mean_squared_error,
    "categorical_crossentropy": _categorical_crossentropy,
    "sparse_categorical_crossentropy": _sparse_categorical_crossentropy,
    "binary_crossentropy": _binary_crossentropy,
}


def on_device(data: Any) -> Any:
    """Return an array of numbers on the device."""
    return jax.device_put(data)


class Loop:
    """One model's training; its weights are copies, for the step gives their memory away."""

    def __init__(
        self, model: Any, heads: list[tuple[str, float]], batches: list[tuple[list[Any], list[Any]]]
    ) -> None:
        self.batches = jax.device_put(batches)
        self.samples = sum(len(x[0]) for x, _ in batches)
        self.trainable = [jnp.copy(variable.value) for variable in model.trainable_variables]
        self.fixed = [jnp.copy(variable.value) for variable in model.non_trainable_variables]
        self.velocities = [jnp.zeros_like(weight) for weight in self.trainable]

        def loss_of(trainable: Any, fixed: Any, x: Any, y: Any) -> Any:
            outputs, fixed = model.stateless_call(trainable, fixed, x, training=True)
            outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
            loss = sum(
                weight * LOSSES[name](found, wanted)
                for (name, weight), found, wanted in zip(heads, outputs, y, strict=True)
            )
            return loss, fixed

        @functools.partial(jax.jit, donate_argnums=(0, 1, 2, 3))
        def step(trainable: Any, fixed: Any, velocities: Any, total: Any, x: Any, y: Any) -> Any:
            (loss, fixed), gradients = jax.value_and_grad(loss_of, has_aux=True)(trainable, fixed, x, y)
            velocities = [
                RHO * velocity + (1 - RHO) * jnp.square(gradient)
                for velocity, gradient in zip(velocities, gradients, strict=True)
            ]
            trainable = [
                weight - RATE * gradient / jnp.sqrt(velocity + EPSILON)
                for weight, gradient, velocity in zip(trainable, gradients, velocities, strict=True)
            ]
            return trainable, fixed, velocities, total + loss * x[0].shape[0]

        self._step = step

    def epoch(self) -> float:
        """Train one epoch to its end; the mean loss."""
        total = jnp.zeros(())
        for x, y in self.batches:
            self.trainable, self.fixed, self.velocities, total = self._step(
                self.trainable, self.fixed, self.velocities, total, x, y
            )
        return float(total) / self.samples
