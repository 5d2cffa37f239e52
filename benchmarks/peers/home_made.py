"""The ordinary home-made grader: a notebook is executed, with a last cell that runs pytest over its names.

Executed by nbclient or by papermill, in one process for the whole class (`home_made_loop.py`).
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.classes import Notebooks, ported, submissions
from benchmarks.peers.checks import pytest_module, test_name
from benchmarks.peers.environment import peers_environment, peers_python
from benchmarks.sides import Scores, own_time

LOOP = Path(__file__).with_name("home_made_loop.py")
Tool = Literal["nbclient", "papermill"]


@dataclass(frozen=True)
class HomeMade:
    """A loop over the class: execute with one of the two, test with pytest."""

    tests: Path
    notebooks: Notebooks
    tool: Tool
    # Starting and importing are not in its time.
    small: int = 0

    @classmethod
    def at(cls, place: Path, notebooks: Notebooks, tool: Tool) -> HomeMade:
        """With its pytest modules made in an empty folder."""
        peers_python()
        tests = place / "tests"
        tests.mkdir(parents=True)
        for assignment in notebooks:
            text = pytest_module(assignment)
            (tests / f"{test_name(assignment)}.py").write_text(text, encoding="utf-8")
        return cls(tests, ported(place / "notebooks", notebooks), tool)

    @property
    def name(self) -> str:
        """What it is made of."""
        return f"{self.tool} and pytest"

    def seconds(self, place: Path) -> float:
        """Grade one submission after the other, in one process."""
        return own_time(
            [peers_python(), LOOP, self.tool, place / "submitted", self.tests, place / "out"],
            cwd=place,
            env=peers_environment(),
        )

    def scores(self, place: Path) -> Scores:
        """From pytest's reports."""
        return {
            (path.parts[-3], path.stem, task): passed
            for path in submissions(place)
            for task, passed in read_junit(place / "out" / path.parts[-3] / f"{path.stem}.xml").items()
        }


def read_junit(path: Path) -> dict[str, bool]:
    """Whether each task's test has passed."""
    return {
        case.attrib["name"].removeprefix("test_").replace("_", "-"): len(case) == 0
        for case in ElementTree.parse(path).iter("testcase")
    }
