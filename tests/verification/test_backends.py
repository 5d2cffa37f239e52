"""Every reference solution has full marks and trains on every backend."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from autograder.course import load_course

from .conftest import PYTHONS, ROOT, Document, of, verify

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

COURSE = load_course(ROOT / "course.yml")
ASSIGNMENTS = [assignment.id for assignment in COURSE.assignments]
EACH = pytest.mark.parametrize("assignment", ASSIGNMENTS)
BACKENDS = pytest.mark.parametrize("backend", list(PYTHONS))


@BACKENDS
def test_all_ten_hold(verified: Callable[[str], Document], backend: str) -> None:
    document = verified(backend)

    assert document["troubles"] == []
    assert [entry["assignment"] for entry in document["assignments"]] == ASSIGNMENTS
    assert document["passed"] is True
    assert document["exit_code"] == 0


@EACH
@BACKENDS
def test_it_has_full_marks_on_the_device_asked_for(
    verified: Callable[[str], Document], backend: str, assignment: str
) -> None:
    entry = of(verified(backend), assignment)

    assert entry["score"] == entry["max_score"] == COURSE.assignment(assignment).points
    assert entry["backend"] == backend
    assert entry["device"].lower().startswith("cpu")
    assert entry["accelerated"] is False


@EACH
@BACKENDS
def test_it_learns(verified: Callable[[str], Document], backend: str, assignment: str) -> None:
    """The loss falls as far as is stated, each head's own falls too, and every weight moves."""
    for training in of(verified(backend), assignment)["trainings"]:
        first, last = training["first_loss"], training["last_loss"]

        assert last["loss"] <= training["falls"] * first["loss"]
        assert training["falls"] < 1
        assert [name for name in first if last[name] > first[name]] == []
        assert training["still"] == []


SHARED = {"shared-lstm": 1, "model-as-layer": 1, "capstone": 1}


@EACH
@BACKENDS
def test_a_step_moves_a_shared_layer_once(
    verified: Callable[[str], Document], backend: str, assignment: str
) -> None:
    """The LSTM, the camera's encoder, the encoder of photos; no other solution calls a layer twice."""
    for training in of(verified(backend), assignment)["trainings"]:
        assert len(training["shared"]) == SHARED.get(assignment, 0)
        for moves in training["shared"].values():
            assert moves == pytest.approx(1, abs=0.002)


@EACH
@BACKENDS
def test_what_is_measured_is_there(
    verified: Callable[[str], Document], backend: str, assignment: str
) -> None:
    for training in of(verified(backend), assignment)["trainings"]:
        assert training["steps_per_second"] > 0
        assert training["samples_per_second"] > training["steps_per_second"]
        assert training["peak_bytes"] > 50e6
        assert training["parameters"] > 100


def test_mixed_precision_and_compiling_train_nearly_the_same(verified: Callable[[str], Document]) -> None:
    """They are really used: half the digits give nearly the loss that all of them give, and not that one."""
    options = ("--mixed-bfloat16", "--jit-compile", "--device", "cpu", "--json")
    done = verify("tensorflow", "functional-api", *options)
    document = json.loads(done.stdout)
    (mixed,) = of(document, "functional-api")["trainings"]
    (full,) = of(verified("tensorflow"), "functional-api")["trainings"]

    assert done.returncode == 0, done.stderr
    assert (document["mixed_bfloat16"], document["jit_compile"]) == (True, True)
    assert mixed["first_loss"]["loss"] != full["first_loss"]["loss"]
    assert mixed["first_loss"]["loss"] == pytest.approx(full["first_loss"]["loss"], rel=0.05)
