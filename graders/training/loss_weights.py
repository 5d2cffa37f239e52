"""Three heads are trained on the features of authors, by position and by name."""

from __future__ import annotations

import numpy as np

from autograder.verification.trainings import Feed, Names, Size, Training, in_a_way, named


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


TRAININGS = [
    Training(
        "by name" if by_name else "by position",
        named("by_name" if by_name else "by_list"),
        in_a_way(_authors, by_name),
        Size(512, 6, 32),
        Size(10_000, 10, 64),
        0.8,
        learning_rate=0.01,
    )
    for by_name in (False, True)
]
