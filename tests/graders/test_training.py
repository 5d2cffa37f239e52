"""What is trained: every assignment, on data that follow from a seed, in the chapter's sizes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.course import load_course
from autograder.verification.trainings import Size, Training, trainings_of

COURSE = load_course(Path(__file__).parents[2] / "course.yml")

EACH = pytest.mark.parametrize(
    ("assignment", "training"),
    [(one.id, training) for one in COURSE.assignments for training in trainings_of(COURSE, one)],
    ids=lambda value: value if isinstance(value, str) else value.name.replace(" ", "-"),
)
NAMES = {"encode_answers": lambda numbers: np.eye(500, dtype="float32")[numbers]}


def arrays(feed: Any) -> list[np.ndarray]:
    """Every array of inputs or targets, in order."""
    if isinstance(feed, np.ndarray):
        return [feed]
    return [array for part in (feed.values() if isinstance(feed, dict) else feed) for array in arrays(part)]


def fed(training: Training, size: Size, seed: int = 0) -> list[np.ndarray]:
    return arrays(training.feed(NAMES, np.random.default_rng(seed), size))


def test_every_assignment_is_trained() -> None:
    assert all(trainings_of(COURSE, assignment) for assignment in COURSE.assignments)


@EACH
def test_data_follow_from_the_seed(assignment: str, training: Training) -> None:
    one, same, other = (fed(training, training.small, seed) for seed in (3, 3, 4))

    assert all(np.array_equal(a, b) for a, b in zip(one, same, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@EACH
def test_there_are_as_many_samples_as_are_said(assignment: str, training: Training) -> None:
    assert {len(array) for array in fed(training, training.small)} == {training.small.samples}
    assert training.small.epochs > 1


@pytest.mark.parametrize(
    ("assignment", "size", "steps"),
    [
        ("functional-api", Size(1000, 10, 128), 80),
        ("multi-input", Size(1000, 10, 128, 100), 80),
        ("multi-output", Size(10_000, 10, 64, 1000), 1570),
    ],
)
def test_the_chapters_sizes_are_the_chapters(assignment: str, size: Size, steps: int) -> None:
    """An epoch's last step sees the samples that are left."""
    assert {training.chapter for training in trainings_of(COURSE, COURSE.assignment(assignment))} == {size}
    assert size.steps == steps


@pytest.mark.parametrize("assignment", ["multi-input", "multi-output", "loss-weights"])
def test_what_the_chapter_feeds_in_two_ways_is_fed_in_two_ways(assignment: str) -> None:
    """By position and by name, the same arrays."""
    by_position, by_name = trainings_of(COURSE, COURSE.assignment(assignment))
    assert (by_position.name, by_name.name) == ("by position", "by name")
    feeds = [
        training.feed(NAMES, np.random.default_rng(0), training.small) for training in (by_position, by_name)
    ]

    assert not any(isinstance(part, dict) for part in feeds[0])
    assert any(isinstance(part, dict) for part in feeds[1])
    assert all(np.array_equal(a, b) for a, b in zip(arrays(feeds[0]), arrays(feeds[1]), strict=True))


def test_posts_stay_within_the_vocabulary() -> None:
    (training, _) = trainings_of(COURSE, COURSE.assignment("multi-output"))
    posts = fed(training, Size(200, 1, 8, 50))[0]

    assert posts.min() >= 1
    assert posts.max() < 50_000
