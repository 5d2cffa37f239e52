"""The reader is trained on texts and questions, by position and by name."""

from __future__ import annotations

import numpy as np

from autograder.verification.trainings import Feed, Names, Size, Training, in_a_way, named


def _questions(names: Names, random: np.random.Generator, size: Size, by_name: bool) -> Feed:
    """Texts and questions; the answer follows from the last word of each."""
    texts, questions = (
        random.integers(100, 10_000, size=(size.samples, size.length), dtype="int32") for _ in range(2)
    )
    for words in (texts, questions):
        words[:, -1] = random.integers(1, 5, size=size.samples)
    answers = names["encode_answers"](4 * (texts[:, -1] - 1) + questions[:, -1] - 1)
    return ({"text": texts, "question": questions} if by_name else [texts, questions]), answers


TRAININGS = [
    Training(
        "by name" if by_name else "by position",
        named("reader"),
        in_a_way(_questions, by_name),
        Size(256, 3, 16, 12),
        Size(1000, 10, 128, 100),
        0.8,
        learning_rate=0.01,
    )
    for by_name in (False, True)
]
