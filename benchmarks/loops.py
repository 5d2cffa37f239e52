"""`fit` beside a training loop written by hand in the backend's own framework.

Both train the same reference solution's model from the same weights, on the same data in the same order and
batches. The loop has its data on the device and its step compiled; the variants of `fit` say what each of its
habits costs. All sides take turns; an epoch before each measurement is left out, and with it compiling. The
first epoch's losses must agree, or nothing is written.

    KERAS_BACKEND=jax python -m benchmarks.loops multi-output [--scale chapter] [--device gpu] [--rounds 3]
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import keras
import numpy as np

from autograder.course import load_course
from autograder.course.cells import read_cells
from autograder.release.solving import solve
from autograder.verification.devices import device_of, version_of
from autograder.verification.training import initialise
from autograder.verification.trainings import trainings_of

ROOT = Path(__file__).parents[1]
# Rounding makes steps differ, and training makes more of it.
TOLERANCE = 0.02
SEED = 0

Epochs = Callable[[int], tuple[float, float]]
"""Trains so many; gives the seconds of one (the first of several does not count), and the last one's loss."""


def main() -> None:
    """Measure one assignment and print what was found as JSON."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("assignment")
    options.add_argument("--scale", choices=("small", "chapter"), default="small")
    options.add_argument(
        "--device", choices=("auto", "gpu"), default="auto", help="gpu: nothing else will do"
    )
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--epochs", type=int, default=2, help="how many are measured at once")
    chosen = options.parse_args()
    found, accelerated = device_of(keras.Variable(1.0))
    if chosen.device == "gpu" and not accelerated:
        raise SystemExit(f"{keras.config.backend()} finds no GPU here, only {found}.")
    with redirect_stdout(sys.stderr):
        found = measure(chosen.assignment, chosen.scale, chosen.rounds, chosen.epochs)
    print(json.dumps(found))


def measure(assignment_id: str, scale: Any, rounds: int, epochs: int) -> dict[str, Any]:
    """Measure the speed of every side, and return every other one's as a share of the loop's.

    The loop is the compiled one, or else the next that trains.

    Raises:
        SystemExit: the sides do not train the same.
        StopIteration: no loop trains.
    """
    course = load_course(ROOT / "course.yml")
    assignment = course.assignment(assignment_id)
    training = trainings_of(course, assignment)[-1]
    size = training.size(scale)
    framework = importlib.import_module(f"benchmarks.by_hand.in_{keras.config.backend()}")

    def fresh() -> tuple[Any, Any, Any]:
        names = solve(course, assignment, read_cells(course.source(assignment)), {}).names
        model = training.model(names, scale)
        initialise(model, SEED)
        return (model, *training.feed(names, np.random.default_rng(SEED), size))

    sides: dict[str, Epochs] = {}
    for name, arguments in framework.LOOPS.items():
        model, inputs, targets = fresh()
        batches = batches_of(model, inputs, targets, size.batch)
        sides[name] = by_hand(framework.Loop(model, heads_of(model), batches, **arguments))
    steps = size.steps_per_epoch
    for name, settings in fits(framework.COMPILES, steps).items():
        model, inputs, targets = fresh()
        sides[name] = by_fit(model, inputs, targets, size.batch, framework.on_device, **settings)

    losses, failed = first_losses(sides)
    loop = next(name for name in framework.LOOPS if name in losses)
    if not all(math.isclose(loss, losses[loop], rel_tol=TOLERANCE) for loss in losses.values()):
        raise SystemExit(f"{assignment_id}: the sides do not train the same: {losses}")
    seconds: dict[str, list[float]] = {name: [] for name in losses}
    for _ in range(rounds):
        for name, taken in seconds.items():
            taken.append(sides[name](1 + epochs)[0])
    backend = keras.config.backend()
    return {
        "assignment": assignment_id,
        "scale": scale,
        "backend": backend,
        "versions": {"keras": keras.__version__, backend: version_of(backend)},
        "device": device_of(model.weights[0])[0],
        "samples": size.samples,
        "batch": size.batch,
        "rounds": rounds,
        "loop": loop,
        "failed": failed,
        "sides": {
            name: {
                "steps_per_second": round(steps / statistics.median(taken), 2),
                "of_loop": round(statistics.median(shares(seconds[loop], taken)), 3),
                "of_loop_each": [round(share, 3) for share in shares(seconds[loop], taken)],
                "first_loss": losses[name],
            }
            for name, taken in seconds.items()
        },
    }


def first_losses(sides: Mapping[str, Epochs]) -> tuple[dict[str, float], dict[str, str]]:
    """Return the first epoch's loss of each side, and why others cannot train: compilers have faults, too."""
    losses, failed = {}, {}
    for name, run in sides.items():
        try:
            losses[name] = run(1)[1]
        except Exception as error:
            failed[name] = f"{type(error).__name__}: {error}".split("\n")[0]
    return losses, failed


def shares(loop: list[float], other: list[float]) -> list[float]:
    return [one / two for one, two in zip(loop, other, strict=True)]


def fits(compiles: bool, steps: int) -> Mapping[str, dict[str, Any]]:
    """Return the variants of `fit`: as it comes, and with one habit changed."""
    variants: dict[str, dict[str, Any]] = {"fit": {}, "fit, data on the device": {"on_device": True}}
    if compiles:
        variants["fit, compiled"] = {"jit_compile": True}
    else:
        at_once = min(steps, 16)
        variants[f"fit, {at_once} steps at once"] = {"steps_per_execution": at_once}
    return variants


def heads_of(model: Any) -> list[tuple[str, float]]:
    """Return the loss of each output and its weight, in the order of the outputs."""
    configuration = model.get_compile_config()
    names = model.output_names
    losses = [keras.losses.get(loss).__name__ for loss in in_order(configuration["loss"], names)]
    weights = configuration["loss_weights"]
    return list(
        zip(losses, [1.0] * len(losses) if weights is None else in_order(weights, names), strict=True)
    )


def batches_of(model: Any, inputs: Any, targets: Any, batch: int) -> list[tuple[Any, Any]]:
    """Return the data in batches; inputs by position, and targets in the order of the outputs."""
    xs = in_order(inputs, [tensor.name for tensor in model.inputs])
    ys = in_order(targets, model.output_names)
    starts = range(0, len(xs[0]), batch)
    return [([x[at : at + batch] for x in xs], [y[at : at + batch] for y in ys]) for at in starts]


def in_order(given: Any, names: list[str]) -> list[Any]:
    """Return what is given by name, by position or alone, as a list in the order of the names."""
    if isinstance(given, Mapping):
        return [given[name] for name in names]
    return list(given) if isinstance(given, (list, tuple)) else [given]


def by_hand(loop: Any) -> Epochs:
    """Return the loop's own epochs."""

    def run(epochs: int) -> tuple[float, float]:
        began, loss = time.perf_counter(), math.nan
        for epoch in range(epochs):
            if epoch == 1:
                began = time.perf_counter()
            loss = loop.epoch()
        return (time.perf_counter() - began) / max(1, epochs - 1), loss

    return run


class _Epochs(keras.callbacks.Callback):  # type: ignore[misc]
    """When each epoch was at its end."""

    def __init__(self) -> None:
        super().__init__()
        self.ends: list[float] = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        self.ends.append(time.perf_counter())


def by_fit(
    model: Any,
    inputs: Any,
    targets: Any,
    batch: int,
    to_device: Callable[[Any], Any],
    *,
    on_device: bool = False,
    jit_compile: bool | None = None,
    steps_per_execution: int = 1,
) -> Epochs:
    """`fit`, with settings of its own."""
    if jit_compile is not None:
        model.jit_compile = jit_compile
    model.steps_per_execution = steps_per_execution
    if on_device:
        inputs, targets = (keras.tree.map_structure(to_device, data) for data in (inputs, targets))

    def run(epochs: int) -> tuple[float, float]:
        clock, began = _Epochs(), time.perf_counter()
        history = model.fit(
            inputs, targets, epochs=epochs, batch_size=batch, shuffle=False, verbose=0, callbacks=[clock]
        ).history
        began = clock.ends[0] if epochs > 1 else began
        return (clock.ends[-1] - began) / max(1, epochs - 1), history["loss"][-1]

    return run


if __name__ == "__main__":
    main()
