"""A training loop written by hand in PyTorch: RMSprop as Keras has it, over all weights at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras
import torch

RATE, RHO, EPSILON = 1e-3, 0.9, 1e-7
CLIP = 1e-7
# `fit` runs eagerly with PyTorch unless it is told to compile.
COMPILES = True
LOOPS: Mapping[str, dict[str, Any]] = {"loop": {"compiled": True}, "loop, not compiled": {"compiled": False}}


def _mean_squared_error(found: Any, wanted: Any) -> Any:
    return torch.mean(torch.square(found - wanted))


def _categorical_crossentropy(found: Any, wanted: Any) -> Any:
    clipped = torch.clip(found / torch.sum(found, dim=-1, keepdim=True), CLIP, 1 - CLIP)
    return torch.mean(-torch.sum(wanted * torch.log(clipped), dim=-1))


def _sparse_categorical_crossentropy(found: Any, wanted: Any) -> Any:
    kinds = wanted.reshape(-1).long()
    return _categorical_crossentropy(found, torch.nn.functional.one_hot(kinds, found.shape[-1]))


def _binary_crossentropy(found: Any, wanted: Any) -> Any:
    clipped = torch.clip(found, CLIP, 1 - CLIP)
    return -torch.mean(wanted * torch.log(clipped) + (1 - wanted) * torch.log(1 - clipped))


LOSSES: Mapping[str, Callable[[Any, Any], Any]] = {
    "mean_squared_error": _mean_squared_error,
    "categorical_crossentropy": _categorical_crossentropy,
    "sparse_categorical_crossentropy": _sparse_categorical_crossentropy,
    "binary_crossentropy": _binary_crossentropy,
}


def on_device(data: Any) -> Any:
    """Return an array of numbers on the device that Keras takes."""
    return keras.ops.convert_to_tensor(data)


class Loop:
    """One model's training."""

    def __init__(
        self,
        model: Any,
        heads: list[tuple[str, float]],
        batches: list[tuple[list[Any], list[Any]]],
        *,
        compiled: bool,
    ) -> None:
        self.batches = [([on_device(x) for x in xs], [on_device(y) for y in ys]) for xs, ys in batches]
        self.samples = sum(len(x[0]) for x, _ in batches)
        self.weights = [variable.value for variable in model.trainable_variables]
        self.velocities = [torch.zeros_like(weight) for weight in self.weights]

        def loss_of(x: Any, y: Any) -> Any:
            outputs = model(x, training=True)
            outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
            return sum(
                weight * LOSSES[name](found, wanted)
                for (name, weight), found, wanted in zip(heads, outputs, y, strict=True)
            )

        self._loss_of = torch.compile(loss_of) if compiled else loss_of

    def _step(self, x: Any, y: Any) -> Any:
        loss = self._loss_of(x, y)
        gradients = torch.autograd.grad(loss, self.weights)
        with torch.no_grad():
            torch._foreach_mul_(self.velocities, RHO)
            torch._foreach_addcmul_(self.velocities, gradients, gradients, 1 - RHO)
            roots = torch._foreach_add(self.velocities, EPSILON)
            torch._foreach_sqrt_(roots)
            torch._foreach_addcdiv_(self.weights, gradients, roots, -RATE)
        return loss.detach()

    def epoch(self) -> float:
        """Train one epoch to its end; the mean loss."""
        total: Any = 0.0
        for x, y in self.batches:
            total = total + self._step(x, y) * len(x[0])
        return float(total) / self.samples
