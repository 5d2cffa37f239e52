"""Otter-Grader: `otter run`, once for every submission, with the checks as its exception-based test files.

Otter's batch mode, `otter grade`, wants Docker and starts a container for every submission, in which the same
grading goes on. `otter run` is that grading without the container.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from autograder.course import load_course
from benchmarks.classes import ROOT, Notebooks, ported, submissions
from benchmarks.peers.checks import CHECKS, otter_file
from benchmarks.peers.environment import PLACE, peers_environment, peers_python
from benchmarks.sides import Scores, timed


@dataclass(frozen=True)
class OtterRun:
    """`otter run` with an assignment's `autograder.zip`."""

    zips: dict[str, Path]
    notebooks: Notebooks
    name: str = "otter run"
    small: int = 0

    @classmethod
    def at(cls, place: Path, notebooks: Notebooks) -> OtterRun:
        """With its test files made into archives by `otter generate`, in an empty folder."""
        peers_python()
        handed_in = ported(
            place / "notebooks",
            notebooks,
            imports='import otter\n\ngrader = otter.Notebook(tests_dir="tests")',
            check='grader.check("{task}")',
        )
        return cls({name: _archive(place / name, name) for name in notebooks}, handed_in)

    def seconds(self, place: Path) -> float:
        """Grade one submission after the other."""
        return sum(self._grade(place, path) for path in submissions(place))

    def _grade(self, place: Path, notebook: Path) -> float:
        output = _output(place, notebook)
        output.mkdir(parents=True)
        return timed(
            [
                PLACE / "bin" / "otter",
                "run",
                "--no-logo",
                "-a",
                self.zips[notebook.stem],
                "-o",
                output,
                notebook,
            ],
            cwd=output,
            env=peers_environment(),
        )

    def scores(self, place: Path) -> Scores:
        """From the `results.json` of each submission."""
        return {
            (path.parts[-3], path.stem, task): full
            for path in submissions(place)
            for task, full in read_results(_output(place, path) / "results.json").items()
        }


def read_results(path: Path) -> dict[str, bool]:
    """Whether each of Otter's questions was given full marks."""
    tests = json.loads(path.read_text(encoding="utf-8"))["tests"]
    return {test["name"]: test["score"] == test["max_score"] for test in tests if "max_score" in test}


def _output(place: Path, notebook: Path) -> Path:
    return place / "out" / notebook.parts[-3] / notebook.stem


def _archive(place: Path, assignment: str) -> Path:
    """Make what `otter run` grades an assignment with."""
    points = {task.id: task.points for task in load_course(ROOT / "course.yml").assignment(assignment).tasks}
    (place / "tests").mkdir(parents=True)
    for check in CHECKS[assignment]:
        text = otter_file(check, points[check.task])
        (place / "tests" / f"{check.task}.py").write_text(text, encoding="utf-8")
    timed([PLACE / "bin" / "otter", "generate", "-t", "tests"], cwd=place, env=peers_environment())
    (archive,) = place.glob("*.zip")
    return archive
