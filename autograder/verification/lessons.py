"""What each reference solution is trained on: small tasks that can be learnt, and the chapter's own sizes.

The data are made here, from a seed. Where the chapter has random targets, a target here follows from the
input, so that a loss that does not fall says something.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Scale = Literal["small", "chapter"]
Names = Mapping[str, Any]
Feed = tuple[Any, Any]
"""Inputs and targets, as `fit` takes them."""


@dataclass(frozen=True)
class Size:
    """How much is trained on; `length` is what a text or a picture measures."""

    samples: int
    epochs: int
    batch: int
    length: int = 0

    @property
    def steps_per_epoch(self) -> int:
        """The last one may see fewer samples."""
        return math.ceil(self.samples / self.batch)

    @property
    def steps(self) -> int:
        """The steps of all epochs."""
        return self.epochs * self.steps_per_epoch


@dataclass(frozen=True)
class Lesson:
    """One training of a solution's model.

    `model` makes the compiled model from the names that the solution defines, `feed` its data. `falls`: the
    last epoch's loss is at most this share of the first one's.
    """

    name: str
    model: Callable[[Names, Scale], Any]
    feed: Callable[[Names, np.random.Generator, Size], Feed]
    small: Size
    chapter: Size
    falls: float
    learning_rate: float | None = None

    def size(self, scale: Scale) -> Size:
        return self.small if scale == "small" else self.chapter


def lessons_of(assignment: str) -> list[Lesson]:
    """An assignment's trainings.

    Raises:
        KeyError: none is known for it.
    """
    return LESSONS[assignment]


def _named(name: str) -> Callable[[Names, Scale], Any]:
    return lambda names, _scale: names[name]


def _compiled(model: Any, loss: Any, **others: Any) -> Any:
    model.compile(optimizer="rmsprop", loss=loss, **others)
    return model


def _images(_names: Names, random: np.random.Generator, size: Size) -> Feed:
    """Ten patterns of 64 numbers, and noise."""
    patterns = random.uniform(0, 1, size=(10, 64))
    kinds = random.integers(0, 10, size=size.samples)
    images = (patterns[kinds] + random.normal(0, 0.4, size=(size.samples, 64))).clip(0, 1)
    return images.astype("float32"), np.eye(10, dtype="float32")[kinds]


def _questions(names: Names, random: np.random.Generator, size: Size, by_name: bool) -> Feed:
    """Texts and questions; the answer follows from the last word of each."""
    texts, questions = (
        random.integers(100, 10_000, size=(size.samples, size.length), dtype="int32") for _ in range(2)
    )
    for words in (texts, questions):
        words[:, -1] = random.integers(1, 5, size=size.samples)
    answers = names["encode_answers"](4 * (texts[:, -1] - 1) + questions[:, -1] - 1)
    return ({"text": texts, "question": questions} if by_name else [texts, questions]), answers


def _posts(_names: Names, random: np.random.Generator, size: Size, by_name: bool) -> Feed:
    """Posts of ten kinds of authors, each kind with forty words of its own."""
    kinds = random.integers(0, 10, size=size.samples)
    words = random.integers(0, 40, size=(size.samples, size.length), dtype="int32")
    posts = 1 + 40 * kinds[:, None].astype("int32") + words
    targets = {
        "age": (18 + 6 * kinds[:, None]).astype("float32"),
        "income": np.eye(10, dtype="float32")[kinds],
        "gender": (kinds[:, None] % 2).astype("float32"),
    }
    return posts, targets if by_name else list(targets.values())


def _author_model(by_name: bool) -> Callable[[Names, Scale], Any]:
    losses = {
        "age": "mean_squared_error",
        "income": "categorical_crossentropy",
        "gender": "binary_crossentropy",
    }
    weights = {"age": 0.25, "income": 1.0, "gender": 10.0}

    def model(names: Names, _scale: Scale) -> Any:
        if by_name:
            return _compiled(names["model"], losses, loss_weights=weights)
        return _compiled(names["model"], list(losses.values()), loss_weights=list(weights.values()))

    return model


def _authors(_names: Names, random: np.random.Generator, size: Size, by_name: bool) -> Feed:
    """Six features of an author; age, income group and gender follow from them."""
    features = random.normal(size=(size.samples, 6)).astype("float32")
    groups = np.digitize(features[:, 5], [-1.3, -0.8, -0.5, -0.25, 0, 0.25, 0.5, 0.8, 1.3])
    targets = {
        "age": (10 * features[:, :1] + 10 * features[:, 4:5]).astype("float32"),
        "income": np.eye(10, dtype="float32")[groups],
        "gender": (features[:, 2:3] > 0).astype("float32"),
    }
    return features, targets if by_name else list(targets.values())


def _stripes(_names: Names, random: np.random.Generator, size: Size) -> Feed:
    """Striped pictures; the class is the stripes' direction."""
    direction, phase = random.integers(4, size=size.samples), random.uniform(0, 2 * np.pi, size=size.samples)
    row, column = np.mgrid[:28, :28]
    angle = (direction * np.pi / 4)[:, None, None]
    waves = np.sin(1.5 * (np.cos(angle) * column + np.sin(angle) * row) + phase[:, None, None])
    return waves[..., None].astype("float32"), direction


def _sentences(_names: Names, random: np.random.Generator, size: Size) -> Feed:
    """Pairs of sentences of 128 numbers a word; together they are high or low."""
    levels = random.normal(size=(2, size.samples))
    pair = [
        (level[:, None, None] + random.normal(size=(size.samples, size.length, 128))).astype("float32")
        for level in levels
    ]
    return pair, (levels.sum(axis=0) > 0).astype("float32")[:, None]


def _stereo_model(names: Names, scale: Scale) -> Any:
    """A brightness from two cameras: through the small encoder, at the chapter's size through Xception."""
    import keras

    if scale == "chapter":
        inputs, features = names["model"].inputs, names["model"].output
    else:
        inputs = [keras.Input((32, 32, 3), name=side) for side in ("left", "right")]
        features = names["stereo_features"](*inputs)
    pooled = keras.layers.GlobalAveragePooling2D()(features)
    return _compiled(keras.Model(inputs, keras.layers.Dense(1, name="score")(pooled)), "mean_squared_error")


def _views(_names: Names, random: np.random.Generator, size: Size) -> Feed:
    """Two views, each of another brightness; the score is the sum of both."""
    lights = random.uniform(0, 1, size=(2, size.samples)).astype("float32")
    shape = (size.samples, size.length, size.length, 3)
    views = [light[:, None, None, None] * random.random(shape, dtype="float32") for light in lights]
    return views, 2 * lights.sum(axis=0)[:, None]


def _listings(_names: Names, random: np.random.Generator, size: Size) -> Feed:
    """Two photos and a few words; price, kind and damage follow from them."""
    light = random.uniform(0, 1, size=size.samples).astype("float32")
    kinds = random.integers(0, 5, size=size.samples)
    damaged = random.integers(0, 2, size=size.samples)
    shape = (size.samples, 64, 64, 3)
    front, side = (light[:, None, None, None] * random.random(shape, dtype="float32") for _ in range(2))
    words = 1 + 10 * (5 * damaged + kinds)[:, None] + random.integers(0, 10, size=(size.samples, size.length))
    listings = {"front": front, "side": side, "words": words.astype("int32")}
    targets = {"price": 20 * light[:, None], "kind": kinds[:, None], "damaged": damaged[:, None]}
    return listings, targets


def _by(
    feed: Callable[[Names, np.random.Generator, Size, bool], Feed], by_name: bool
) -> Callable[[Names, np.random.Generator, Size], Feed]:
    return lambda names, random, size: feed(names, random, size, by_name)


def _of_stripes(network: Callable[[Names], Any], small: Size) -> Lesson:
    """A network that tells the directions of stripes apart."""

    def model(names: Names, _scale: Scale) -> Any:
        return _compiled(network(names), "sparse_categorical_crossentropy")

    return Lesson("fit", model, _stripes, small, Size(1000, 10, 64), 0.8)


LESSONS: Mapping[str, list[Lesson]] = {
    "functional-api": [
        Lesson("fit", _named("classifier"), _images, Size(1000, 10, 128), Size(1000, 10, 128), 0.8)
    ],
    "multi-input": [
        Lesson(
            "by name" if by_name else "by position",
            _named("reader"),
            _by(_questions, by_name),
            Size(256, 6, 16, 12),
            Size(1000, 10, 128, 100),
            0.8,
            learning_rate=0.01,
        )
        for by_name in (False, True)
    ],
    "multi-output": [
        Lesson(
            "by name" if by_name else "by position",
            _author_model(by_name),
            _by(_posts, by_name),
            Size(32, 4, 8, 280),
            Size(10_000, 10, 64, 1000),
            0.8,
        )
        for by_name in (False, True)
    ],
    "loss-weights": [
        Lesson(
            "by name" if by_name else "by position",
            _named("by_name" if by_name else "by_list"),
            _by(_authors, by_name),
            Size(512, 6, 32),
            Size(10_000, 10, 64),
            0.8,
            learning_rate=0.01,
        )
        for by_name in (False, True)
    ],
    "inception": [_of_stripes(lambda names: names["model"], Size(48, 4, 8))],
    "residual-identity": [_of_stripes(lambda names: names["deep_network"](2), Size(64, 6, 8))],
    "residual-projection": [_of_stripes(lambda names: names["model"], Size(48, 4, 8))],
    "shared-lstm": [
        Lesson(
            "fit",
            lambda names, _scale: _compiled(names["model"], "binary_crossentropy"),
            _sentences,
            Size(256, 6, 32, 10),
            Size(1000, 10, 128, 100),
            0.8,
        )
    ],
    "model-as-layer": [Lesson("fit", _stereo_model, _views, Size(64, 6, 8, 32), Size(64, 3, 8, 250), 0.8)],
    "capstone": [
        Lesson(
            "fit",
            _named("model"),
            _listings,
            Size(48, 5, 8, 12),
            Size(1000, 10, 32, 20),
            0.8,
            learning_rate=0.01,
        )
    ],
}
