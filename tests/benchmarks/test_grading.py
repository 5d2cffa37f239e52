"""What is written of grading was measured on whole classes, against sides that were made once."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest

from benchmarks import grading, results
from benchmarks.classes import Notebooks
from benchmarks.sides import Pair

ASSIGNMENTS = ["--assignments", "inception"]
turns: list[list[str]] = []
"""The assignments of each pair that was measured."""


@dataclass(frozen=True)
class Stub:
    """A side that is not run."""

    notebooks: Notebooks
    name: ClassVar[str] = "a stub"
    small: ClassVar[int] = 1
    made: ClassVar[int] = 0

    @classmethod
    def at(cls, place, notebooks):
        cls.made += 1
        return cls(notebooks)


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Run the benchmark with sides that are not run, and pairs of known times; the figures."""
    measured = iter([Pair(0.1, 4.0), Pair(0.2, 4.0), Pair(0.1, 5.0), Pair(0.1, 3.0)] * 2)
    monkeypatch.setattr(Stub, "made", 0)
    turns.clear()
    monkeypatch.setattr(results, "RESULTS", tmp_path / "results.json")
    monkeypatch.setattr(os, "sched_setaffinity", lambda *_: None)
    monkeypatch.setattr(grading, "COMPARISONS", {
        "nbgrader": grading.Comparison(Stub.at, ">= 25"),
        "nbgrader_two_cores": grading.Comparison(Stub.at, ">= 40", processors=2),
        "floor": grading.OverFloor(Stub.at, "<= 1.67", "x the floor's time"),
    })  # fmt: skip

    def measure(ours, theirs, place: Path, students):
        place.mkdir(parents=True)
        assert ours.notebooks.keys() == theirs.notebooks.keys()
        turns.append(list(ours.notebooks))
        return next(measured)

    monkeypatch.setattr(grading, "measure_pair", measure)

    def run(*words: str):
        monkeypatch.setattr("sys.argv", ["grading", *words])
        grading.main()
        path = tmp_path / "results.json"
        return json.loads(path.read_text()) if path.exists() else {}

    return run


def test_the_median_of_the_pairs_ratios_is_written(run) -> None:
    figures = run("--against", "nbgrader", "--rounds", "4")

    assert {name: figure["value"] for name, figure in figures.items()} == {"grading.times_nbgrader": 35.0}


def test_every_assignment_has_its_turn(run) -> None:
    """A pair is of one assignment's notebooks on both sides."""
    run("--against", "nbgrader", "--rounds", "4")

    assert turns == [["inception"], ["residual-projection"]] * 2


def test_the_floor_is_what_ours_is_divided_by(run) -> None:
    figures = run("--against", "floor", "--rounds", "2")

    assert figures["grading.times_floor"]["value"] == pytest.approx((0.1 + 0.2) / 2 / 4.0, abs=0.005)


def test_what_is_compared_twice_is_made_once(run) -> None:
    run("--against", "nbgrader", "nbgrader_two_cores", "--rounds", "2")

    assert Stub.made == 1


def test_a_dry_run_writes_nothing(run, capsys) -> None:
    assert run("--dry-run", "--against", "nbgrader", "--rounds", "2") == {}
    assert "nbgrader: 20.00, 40.00 x" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words", [ASSIGNMENTS, ["--students", "4"], ["--peer-students", "2"], ["--rounds", "3"]]
)
def test_half_a_class_is_not_written(run, words, capsys) -> None:
    with pytest.raises(SystemExit):
        run("--against", "nbgrader", *words)

    assert "a ratio of other classes is not written" in capsys.readouterr().err
