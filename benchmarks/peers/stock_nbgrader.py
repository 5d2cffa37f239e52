"""Plain nbgrader, as it comes: a course whose graded cells hold hidden tests of the same things as ours."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat

from benchmarks.classes import ROOT, Notebooks, ported
from benchmarks.peers.checks import CHECKS, hidden_cell
from benchmarks.sides import Scores, timed


@dataclass(frozen=True)
class StockNbgrader:
    """`nbgrader autograde`, an assignment after the other."""

    course: Path
    notebooks: Notebooks
    name: str = "nbgrader autograde"
    small: int = 1

    @classmethod
    def at(cls, place: Path, notebooks: Notebooks) -> StockNbgrader:
        """With its course made in an empty folder."""
        make_stock_course(place / "course", list(notebooks))
        return cls(place / "course", ported(place / "notebooks", notebooks))

    def seconds(self, place: Path) -> float:
        """Grade in a copy of the course."""
        shutil.copytree(self.course, place, dirs_exist_ok=True)
        return sum(nbgrader(place, "autograde", assignment) for assignment in self.notebooks)

    def scores(self, place: Path) -> Scores:
        """From the gradebook."""
        return stock_scores(place)


def make_stock_course(place: Path, assignments: list[str]) -> None:
    """Make a course folder for stock nbgrader, its assignments generated."""
    for assignment in assignments:
        notebook = nbformat.read(
            ROOT / "assignments" / "en" / assignment / f"{assignment}.ipynb", as_version=4
        )
        cells = {check.task: hidden_cell(check) for check in CHECKS[assignment]}
        for cell in notebook.cells:
            settings = cell.metadata.get("nbgrader", {})
            if settings.get("grade"):
                cell.source = cells[settings["grade_id"]]
        target = place / "source" / assignment / f"{assignment}.ipynb"
        target.parent.mkdir(parents=True)
        nbformat.write(notebook, target)
        nbgrader(place, "generate_assignment", assignment)


def nbgrader(place: Path, *words: str) -> float:
    """Run stock nbgrader in a course folder; the seconds that it took."""
    # It calls programs of its environment by their bare names.
    programs = Path(sys.executable).parent
    environment = {
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        # Stock nbgrader gives nothing for a cell that writes to standard error, and TensorFlow's log does.
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    return timed([programs / "nbgrader", *words], cwd=place, env=environment)


def stock_scores(place: Path) -> Scores:
    """Whether nbgrader gave full marks, by student, assignment and graded cell."""
    return {task: score == points for task, (score, points) in saved_scores(place).items()}


def saved_scores(place: Path) -> dict[tuple[str, str, str], tuple[float | None, float]]:
    """Return a gradebook's scores and points, by student, assignment and graded cell; None is not graded."""
    from nbgrader.api import Gradebook, SubmittedAssignment

    scores = {}
    with Gradebook(f"sqlite:///{place}/gradebook.db") as gradebook:
        for submission in gradebook.db.query(SubmittedAssignment):
            for notebook in submission.notebooks:
                for grade in notebook.grades:
                    key = (submission.student_id, submission.name, grade.name)
                    scores[key] = (grade.auto_score, grade.max_score)
    return scores
