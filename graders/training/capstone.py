"""The model of listings is trained on photos and words."""

from __future__ import annotations

import numpy as np

from autograder.verification.trainings import Feed, Names, Size, Training, named


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


TRAININGS = [
    Training(
        "fit",
        named("model"),
        _listings,
        Size(48, 3, 8, 12),
        Size(1000, 10, 32, 20),
        0.8,
        learning_rate=0.01,
    )
]
