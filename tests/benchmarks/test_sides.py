"""A ratio is made of two sides that were measured alike and gave the same scores."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from benchmarks.classes import example_notebooks, submissions
from benchmarks.options import benchmark_options
from benchmarks.sides import (
    Floor,
    Ours,
    Pair,
    Side,
    compare_scores,
    measure_pair,
    own_time,
    per_submission,
    timed,
)

NOTEBOOKS = example_notebooks()
ONCE, EACH = 4.0, 0.25


@dataclass
class Stub:
    """A side whose time is known: so much once, so much for each submission."""

    name: str = "a stub"
    small: int = 1
    wrong: tuple[str, ...] = ()
    """Students who are given less than full marks."""
    missed: tuple[str, ...] = ()
    """Students who are given nothing."""
    measured: list[int] = field(default_factory=list)

    @property
    def notebooks(self):
        return NOTEBOOKS

    def seconds(self, place: Path) -> float:
        self.measured.append(len(submissions(place)))
        return (ONCE if self.small else 0) + EACH * self.measured[-1]

    def scores(self, place: Path):
        return {
            (path.parts[-3], path.stem, "a-task"): path.parts[-3] not in self.wrong
            for path in submissions(place)
            if path.parts[-3] not in self.missed
        }


def test_what_a_run_costs_once_is_not_in_what_one_more_submission_costs(tmp_path: Path) -> None:
    side = Stub(small=2)

    assert per_submission(side, tmp_path, 3) == pytest.approx(EACH)
    assert side.measured == [2 * len(NOTEBOOKS), 5 * len(NOTEBOOKS)]


def test_a_large_class_that_takes_no_longer_is_no_measurement(tmp_path: Path) -> None:
    class Erratic(Stub):
        def seconds(self, place: Path) -> float:
            return -super().seconds(place)

    with pytest.raises(SystemExit, match=r"a stub took .* too busy to measure on"):
        per_submission(Erratic(), tmp_path, 3)


def test_where_nothing_costs_once_one_class_is_enough(tmp_path: Path) -> None:
    side = Stub(small=0)

    assert per_submission(side, tmp_path, 3) == pytest.approx(EACH)
    assert side.measured == [3 * len(NOTEBOOKS)]


def test_what_is_divided_holds_every_kind_of_notebook_alike(tmp_path: Path) -> None:
    per_submission(Stub(small=1), tmp_path, 3)
    small, large = (submissions(tmp_path / name) for name in ("small", "large"))
    more = [path.read_bytes() for path in large[len(small) :]]

    assert sorted(more) == sorted(path.read_bytes() for paths in NOTEBOOKS.values() for path in paths)


def test_a_pair_is_ours_and_theirs_on_classes_of_their_own_sizes(tmp_path: Path) -> None:
    ours, theirs = Stub("ours"), Stub("theirs")

    assert measure_pair(ours, theirs, tmp_path, (6, 3)) == Pair(pytest.approx(EACH), pytest.approx(EACH))
    assert ours.measured[-1] > theirs.measured[-1]


@pytest.mark.parametrize(
    ("theirs", "sentence"),
    [
        (
            Stub("otter run", wrong=("student-0001",)),
            "student-0001, inception, a-task: otter run gave less than full marks, "
            "autograder grade gave full marks. No ratio is written.",
        ),
        (
            Stub("otter run", missed=("student-0002",)),
            "student-0002, inception, a-task: otter run gave nothing",
        ),
    ],
)
def test_sides_that_disagree_stop_with_a_sentence(theirs: Side, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as stopped:
        measure_pair(Stub("autograder grade"), theirs, tmp_path, (6, 3))

    assert str(stopped.value).startswith(sentence)


def test_what_was_handed_in_to_them_alone_cannot_be_compared(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="ours has no report of student-0002, inception"):
        measure_pair(Stub("ours"), Stub("theirs"), tmp_path, (1, 3))


def test_the_floor_gives_no_scores_to_compare(tmp_path: Path) -> None:
    compare_scores(Floor(NOTEBOOKS), Stub(), tmp_path)


def test_a_command_that_fails_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"(?s)out of order\n.*failed \(3\)"):
        timed(["sh", "-c", "echo out of order; exit 3"], cwd=tmp_path)


def test_a_command_may_say_its_own_time(tmp_path: Path) -> None:
    assert own_time(["sh", "-c", "echo a line; echo '{\"seconds\": 1.5}'; sleep 0.1"], cwd=tmp_path) == 1.5


def test_a_benchmark_measures_at_least_once(capsys) -> None:
    options = benchmark_options("about", rounds=3, repeats="each is measured")

    assert (options.parse_args([]).rounds, options.parse_args(["--dry-run"]).dry_run) == (3, True)
    with pytest.raises(SystemExit):
        options.parse_args(["--rounds", "0"])
    assert "must be a whole number from 1 on (got 0)" in capsys.readouterr().err


def test_what_was_carried_forward_is_not_held_against_others(tmp_path: Path) -> None:
    """A task that lost nothing for an earlier task's slip is charged for it by others' checks."""
    report = tmp_path / "out" / "reports" / "s" / "inception.json"
    report.parent.mkdir(parents=True)
    tasks = [
        {"id": "a", "score": 1.0, "points": 2.0, "carried": []},
        {"id": "b", "score": 3.0, "points": 3.0, "carried": [1]},
    ]
    report.write_text(json.dumps({"tasks": tasks}), encoding="utf-8")

    assert Ours(NOTEBOOKS).scores(tmp_path) == {("s", "inception", "a"): False}
