"""Trains a solution's model, and measures it meanwhile."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from autograder.verification.devices import device_of, peak_bytes
from autograder.verification.result import Trained
from autograder.verification.sharing import prepare, shared_moves
from autograder.verification.trainings import Names, Scale, Training

# A function that is told how many steps were taken so far, and how many per second.
Listener = Callable[[int, float], None]


class _Clock(keras.callbacks.Callback):  # type: ignore[misc]
    """A callback that times the steps after the first, and keeps what the first one has said."""

    def __init__(self, listen: Listener) -> None:
        super().__init__()
        self._listen = listen
        self.steps = 0
        self.began = self.ended = 0.0
        self.first: dict[str, float] = {}

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002
        self.ended = time.perf_counter()
        if not self.began:
            self.began = self.ended
            self.first = {name: float(value) for name, value in (logs or {}).items()}
        else:
            self.steps += 1
        self._listen(self.steps + 1, self.rate if self.steps else 0.0)

    @property
    def rate(self) -> float:
        """Steps per second; NaN as long as there was only one step."""
        return self.steps / (self.ended - self.began) if self.steps else math.nan


def train(
    training: Training,
    names: Names,
    scale: Scale,
    *,
    seed: int,
    jit_compile: bool | None,
    listen: Listener = lambda _step, _rate: None,
) -> Trained:
    """Train a solution's model, whose names the solution has just defined.

    Weights, data and their order follow from `seed` alone, so that every backend begins alike and sees the
    same. If `jit_compile` is None, Keras decides, except that TensorFlow on a CPU goes without.
    """
    model = training.model(names, scale)
    size = training.size(scale)
    accelerated = device_of(model.weights[0])[1]
    inputs, targets = training.feed(names, np.random.default_rng(seed), size)
    if jit_compile is None and keras.config.backend() == "tensorflow" and not accelerated:
        # XLA takes longer to compile for a CPU than these trainings take.
        jit_compile = False
    if jit_compile is not None:
        model.jit_compile = jit_compile
    if training.learning_rate is not None and scale == "small":
        model.optimizer.learning_rate = training.learning_rate
    initialise(model, seed)
    batch, sample = (
        keras.tree.map_structure(lambda data, count=count: data[:count], (inputs, targets))
        for count in (size.batch, 1)
    )
    shared = shared_moves(model, *batch)
    prepare(model, *sample)
    before = [np.array(weight) for weight in model.trainable_variables]
    clock = _Clock(listen)
    began = time.perf_counter()
    history = model.fit(
        inputs,
        targets,
        epochs=size.epochs,
        batch_size=size.batch,
        shuffle=False,
        verbose=0,
        callbacks=[clock],
    ).history
    seconds = time.perf_counter() - began
    losses = [name for name in history if name == "loss" or name.endswith("_loss")]
    rate = clock.rate
    return Trained(
        lesson=training.name,
        parameters=model.count_params(),
        samples=size.samples,
        epochs=size.epochs,
        start_loss={name: clock.first[name] for name in losses},
        first_loss={name: float(history[name][0]) for name in losses},
        last_loss={name: float(history[name][-1]) for name in losses},
        falls=training.falls,
        still=[
            weight.path
            for weight, old in zip(model.trainable_variables, before, strict=True)
            if np.array_equal(np.asarray(weight), old)
        ],
        shared=shared,
        steps_per_second=rate,
        samples_per_second=rate * size.batch,
        peak_bytes=peak_bytes(accelerated),
        seconds=seconds,
    )


def initialise(model: Any, seed: int) -> None:
    """Give every weight that does not begin as a constant a start that is the same on every backend.

    The start is uniform within the square root of 6 / (fan in + fan out), after Glorot and Bengio (2010).
    """
    random = np.random.default_rng(seed)
    for weight in model.trainable_variables:
        start = np.asarray(weight)
        if start.ndim > 1:
            inside = math.prod(start.shape[:-2])
            limit = math.sqrt(6 / (inside * (start.shape[-2] + start.shape[-1])))
            weight.assign(random.uniform(-limit, limit, size=start.shape).astype(start.dtype))
