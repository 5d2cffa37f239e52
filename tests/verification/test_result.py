"""When a solution holds: full marks, every loss fallen, every weight moved, shared ones once."""

from __future__ import annotations

import math
from typing import Any

import pytest

from autograder.verification.result import Trained, Verified


def training(**changed: Any) -> Trained:
    usual: dict[str, Any] = {
        "lesson": "fit",
        "parameters": 588,
        "samples": 512,
        "epochs": 6,
        "start_loss": {"loss": 4.5, "age_loss": 2.2},
        "first_loss": {"loss": 4.0, "age_loss": 2.0},
        "last_loss": {"loss": 2.0, "age_loss": 1.9},
        "falls": 0.8,
        "still": [],
        "shared": {"lstm": 1.0001},
        "steps_per_second": 100.0,
        "samples_per_second": 3200.0,
        "peak_bytes": 10**8,
        "seconds": 1.0,
    }
    return Trained(**(usual | changed))


def verified(*trainings: Trained, score: float = 10) -> Verified:
    return Verified(
        assignment="loss-weights",
        backend="jax",
        backend_version="0.10.2",
        keras_version="3.15.1",
        device="cpu:0",
        accelerated=False,
        score=score,
        max_score=10,
        graphs="0" * 16,
        trainings=list(trainings),
        seconds=2.0,
    )


def test_a_solution_that_learns_and_has_full_marks_holds() -> None:
    assert verified(training()).passed


@pytest.mark.parametrize(
    ("last", "risen"),
    [
        ({"loss": 3.2, "age_loss": 2.0}, []),
        ({"loss": 3.3, "age_loss": 1.0}, ["loss"]),
        ({"loss": 2.0, "age_loss": 2.1}, ["age_loss"]),
        ({"loss": math.nan, "age_loss": 1.0}, ["loss"]),
    ],
)
def test_a_loss_that_does_not_fall_far_enough_is_named(last: dict[str, float], risen: list[str]) -> None:
    one = training(last_loss=last)

    assert one.risen == risen
    assert verified(one).passed is (risen == [])


def test_a_weight_that_stands_still_fails() -> None:
    assert not verified(training(), training(still=["dense/kernel"])).passed


@pytest.mark.parametrize("moves", [0.0, 0.5, 0.98, 2.0, math.inf, math.nan])
def test_a_shared_layer_that_does_not_move_once_fails(moves: float) -> None:
    one = training(shared={"lstm": 1.0, "encoder": moves})

    assert one.astray == ["encoder"]
    assert not verified(one).passed


def test_a_lost_point_fails() -> None:
    assert not verified(training(), score=9).passed
