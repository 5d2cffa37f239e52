"""The siamese model is trained on pairs of sentences."""

from __future__ import annotations

import numpy as np

from autograder.verification.trainings import Feed, Names, Size, Training, compiled


def _sentences(_names: Names, random: np.random.Generator, size: Size) -> Feed:
    """Pairs of sentences of 128 numbers a word; together they are high or low."""
    levels = random.normal(size=(2, size.samples))
    pair = [
        (level[:, None, None] + random.normal(size=(size.samples, size.length, 128))).astype("float32")
        for level in levels
    ]
    return pair, (levels.sum(axis=0) > 0).astype("float32")[:, None]


TRAININGS = [
    Training(
        "fit",
        lambda names, _scale: compiled(names["model"], "binary_crossentropy"),
        _sentences,
        Size(256, 6, 32, 10),
        Size(1000, 10, 128, 100),
        0.8,
    )
]
