"""Every reference solution has full marks and trains on every backend, and builds the same graphs on each."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from autograder.course import load_course

from .conftest import OTHERS, PYTHONS, ROOT, Document, verify

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

COURSE = load_course(ROOT / "course.yml")
ASSIGNMENTS = [assignment.id for assignment in COURSE.assignments]
EACH = pytest.mark.parametrize("assignment", ASSIGNMENTS)
BACKENDS = pytest.mark.parametrize("backend", list(PYTHONS))
ELSEWHERE = pytest.mark.parametrize("backend", OTHERS or ["tensorflow"])
# Sums of many products differ in their last digits.
TOLERANCE = 1e-4


def of(document: Document, assignment: str) -> dict[str, Any]:
    (found,) = [entry for entry in document["assignments"] if entry["assignment"] == assignment]
    return found


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


@EACH
@ELSEWHERE
def test_it_builds_the_same_graphs_as_on_tensorflow(
    verified: Callable[[str], Document], backend: str, assignment: str
) -> None:
    ours, theirs = (of(verified(name), assignment) for name in ("tensorflow", backend))

    assert ours["graphs"] == theirs["graphs"]


@EACH
@ELSEWHERE
def test_the_same_start_has_the_same_losses(
    verified: Callable[[str], Document], backend: str, assignment: str
) -> None:
    """The first step's, from the same weights and data; later steps make much of the last digits."""
    ours, theirs = (of(verified(name), assignment)["trainings"] for name in ("tensorflow", backend))

    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        assert other["start_loss"] == pytest.approx(one["start_loss"], rel=TOLERANCE)


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
