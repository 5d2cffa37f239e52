"""The model of authors is trained on their posts, by position and by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.verification.trainings import Feed, Names, Scale, Size, Training, compiled, in_a_way


def _author_model(by_name: bool) -> Callable[[Names, Scale], Any]:
    losses = {
        "age": "mean_squared_error",
        "income": "categorical_crossentropy",
        "gender": "binary_crossentropy",
    }
    weights = {"age": 0.25, "income": 1.0, "gender": 10.0}

    def model(names: Names, _scale: Scale) -> Any:
        if by_name:
            return compiled(names["model"], losses, loss_weights=weights)
        return compiled(names["model"], list(losses.values()), loss_weights=list(weights.values()))

    return model


def _posts(_names: Names, random: np.random.Generator, size: Size, by_name: bool) -> Feed:
    """Return posts of ten kinds of authors, each kind with forty words of its own."""
    kinds = random.integers(0, 10, size=size.samples)
    words = random.integers(0, 40, size=(size.samples, size.length), dtype="int32")
    posts = 1 + 40 * kinds[:, None].astype("int32") + words
    targets = {
        "age": (18 + 6 * kinds[:, None]).astype("float32"),
        "income": np.eye(10, dtype="float32")[kinds],
        "gender": (kinds[:, None] % 2).astype("float32"),
    }
    return posts, targets if by_name else list(targets.values())


TRAININGS = [
    Training(
        "by name" if by_name else "by position",
        _author_model(by_name),
        in_a_way(_posts, by_name),
        Size(32, 2, 8, 280),
        Size(10_000, 10, 64, 1000),
        0.8,
    )
    for by_name in (False, True)
]
