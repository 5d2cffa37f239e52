"""Defines how a course says what its solutions are trained on, in `graders/training/<id>.py`.

Such a file defines `TRAININGS`, a list. Data are made there, from a seed; targets should follow from inputs,
so that a loss that does not fall means something.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from autograder.checks.marking import in_a_line, line_in
from autograder.course import Assignment, Course, CourseError
from autograder.course.modules import load_module
from autograder.messages import message
from autograder.regular import read_text

Scale = Literal["small", "chapter"]
Names = Mapping[str, Any]
Feed = tuple[Any, Any]
"""Inputs and targets, as `fit` takes them."""


@dataclass(frozen=True)
class Size:
    """How much is trained on; `length` is the size of a text or a picture."""

    samples: int
    epochs: int
    batch: int
    length: int = 0

    @property
    def steps_per_epoch(self) -> int:
        """The steps of an epoch; the last one may see fewer samples."""
        return math.ceil(self.samples / self.batch)

    @property
    def steps(self) -> int:
        """The steps of all epochs."""
        return self.epochs * self.steps_per_epoch


@dataclass(frozen=True)
class Training:
    """One training of a solution's model.

    `model` makes the compiled model from the names that the solution defines, `feed` its data. `small` is for
    every day, `chapter` the size that the course's text has, where that differs. The last epoch's loss must
    be at most `falls` times the first one's.
    """

    name: str
    model: Callable[[Names, Scale], Any]
    feed: Callable[[Names, np.random.Generator, Size], Feed]
    small: Size
    chapter: Size | None = None
    falls: float = 0.8
    learning_rate: float | None = None

    def size(self, scale: Scale) -> Size:
        """Return how much is trained on."""
        return self.chapter if scale == "chapter" and self.chapter is not None else self.small


def trainings_of(course: Course, assignment: Assignment) -> Sequence[Training]:
    """Return an assignment's trainings; none where the course has no file for them.

    Raises:
        CourseError: the file cannot be executed, or defines no `TRAININGS`.
    """
    path = course.training(assignment)
    if not path.is_file():
        return ()
    try:
        trainings: Sequence[Training] = load_module(read_text(path), path, "training").TRAININGS
        if not isinstance(trainings, (list, tuple)) or not all(
            isinstance(one, Training) for one in trainings
        ):
            raise TypeError("`TRAININGS` should be a list of `Training`")
    except (Exception, SystemExit) as error:
        raise CourseError(
            message(
                "{file} does not say what to train: {reason}.",
                file=path.relative_to(course.root).as_posix(),
                reason=in_a_line(error),
            )
        ) from error
    return trainings


def failure_of(course: Course, assignment: Assignment, training: Training, error: Exception) -> CourseError:
    """Return the error to raise for a training that has stopped."""
    path = course.training(assignment)
    place = path.relative_to(course.root).as_posix()
    fault = message(
        "the training `{training}` stops with {error}.", training=training.name, error=in_a_line(error)
    )
    line = line_in(path, error)
    if line is None:
        return CourseError(message("{file}: {fault}", file=place, fault=fault))
    return CourseError(message("{file}, line {line}: {fault}", file=place, line=line, fault=fault))


def named(name: str) -> Callable[[Names, Scale], Any]:
    """Return a function that takes the compiled model by its name in the solution."""
    return lambda names, _scale: names[name]


def compiled(model: Any, loss: Any, **others: Any) -> Any:
    """Compile a model with RMSprop, and return it."""
    model.compile(optimizer="rmsprop", loss=loss, **others)
    return model


def in_a_way(
    feed: Callable[[Names, np.random.Generator, Size, bool], Feed], by_name: bool
) -> Callable[[Names, np.random.Generator, Size], Feed]:
    """Return a function that feeds inputs and targets by name, or by position."""
    return lambda names, random, size: feed(names, random, size, by_name)


def on_stripes(network: Callable[[Names], Any], small: Size) -> Training:
    """Return the training of a network that tells the direction of stripes in pictures of 28 by 28 pixels."""

    def model(names: Names, _scale: Scale) -> Any:
        return compiled(network(names), "sparse_categorical_crossentropy")

    return Training("fit", model, _stripes, small, Size(1000, 10, 64))


def _stripes(_names: Names, random: np.random.Generator, size: Size) -> Feed:
    """Return striped pictures and their classes: the stripes' direction, one of four."""
    direction, phase = random.integers(4, size=size.samples), random.uniform(0, 2 * np.pi, size=size.samples)
    row, column = np.mgrid[:28, :28]
    angle = (direction * np.pi / 4)[:, None, None]
    waves = np.sin(1.5 * (np.cos(angle) * column + np.sin(angle) * row) + phase[:, None, None])
    return waves[..., None].astype("float32"), direction
