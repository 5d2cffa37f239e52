"""Runs the public checks of a learner's repository, from its notebook to what GitHub shows."""

from __future__ import annotations

import os
from pathlib import Path

from autograder.course import Assignment
from autograder.course.learners import learners_course
from autograder.messages import message
from autograder.study.actions.finding import find_notebook
from autograder.study.actions.rows import rows_of
from autograder.study.actions.running import Ran, run_cells
from autograder.study.actions.telling import Step
from autograder.study.language import notebook_language

_NOT_TO_ITS_END = message(
    "Running the notebook did not come to its end: a cell has ended Python, or used up the memory or the "
    "time."
)


def main(path: Path) -> int:
    """Run the public checks of an assignment's notebook, and tell GitHub; return 0 where all were run.

    Args:
        path: where the notebook was given out, by its assignment's name.

    Raises:
        AutograderError: what was given out beside the notebook is missing or damaged.
    """
    os.chdir(path.resolve().parent)
    assignment = _assignment(path.stem)
    found = find_notebook(Path(path.name), assignment)
    step = Step(path.name, path.parent)
    language = notebook_language()
    # Whatever a cell does to this process, there is a result from here on.
    rows = rows_of(assignment, {}, language, found.refused or _NOT_TO_ITS_END)
    step.write(rows, found, Ran(), language)
    if found.refused is not None:
        step.annotate(rows, found, Ran())
        return 1
    ran = run_cells(found.cells)
    language = notebook_language()
    rows = rows_of(assignment, ran.cards, language)
    step.write(rows, found, ran, language)
    step.annotate(rows, found, ran)
    return int(any(row.undecided is not None and row.why is not None for row in rows))


def _assignment(name: str) -> Assignment:
    """Return the assignment of that id, or else the only one that was given out here.

    Raises:
        CourseError: there is neither.
    """
    course = learners_course(Path.cwd())
    if len(course.assignments) == 1:
        return course.assignments[0]
    return course.assignment(name)
