"""The steps of a learner's workflow, run as a script with what GitHub sets."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from autograder.checks import load_grader
from autograder.course import load_course
from autograder.platforms.github.repositories import assignment_repository
from tests.examples import EXAMPLES
from tests.gradebook.courses import ROOT
from tests.platforms.github.steps import step

pytestmark = pytest.mark.slow

COURSE = load_course(ROOT / "course.yml")
NAME = "inception"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A learner's repository as GitHub Classroom has copied it."""
    place = tmp_path / "repository"
    for name, content in assignment_repository(COURSE, COURSE.assignment(NAME), "en").items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
    return place


def public_points() -> float:
    grader = load_grader(COURSE, COURSE.assignment(NAME), hidden=False)
    return sum(check.marking.points for check in grader.checks)


def test_points_annotations_and_a_summary(repository: Path) -> None:
    shutil.copy(EXAMPLES / "class" / "submitted" / "jung-haeun" / NAME / f"{NAME}.ipynb", repository)
    ran = step(repository)
    tests = ran.result["tests"]

    assert ran.done.returncode == 0, ran.done.stderr
    assert ran.result["max_score"] == public_points()
    assert [(one["status"], one["score"]) for one in tests] == [("pass", 2.0), ("fail", 1.0), ("pass", 1.0)]
    assert ran.result["status"] == "fail"
    ((line, said),) = ran.annotations
    assert "Conv2D" in said
    text = (repository / f"{NAME}.ipynb").read_text(encoding="utf-8").splitlines()
    assert "def inception_module" in "".join(text[line - 1 : line + 8])
    assert "[1] Conv2D" in ran.summary
    assert ran.summary.count("```") % 2 == 0


def test_the_starter_code_is_to_be_done(repository: Path) -> None:
    ran = step(repository)

    assert ran.done.returncode == 0
    assert [one["status"] for one in ran.result["tests"]] == ["fail"] * 3
    # The starter code of the last task stops with an error, and so there is nothing to be checked.
    assert [said.split(":")[0] for _, said in ran.annotations] == [
        "Not attempted yet",
        "Not attempted yet",
        "This task was not checked",
        "AttributeError",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "There is no inception.ipynb in the repository."), ("x", "is not a notebook that can be run")],
)
def test_where_no_notebook_can_be_run_there_is_a_score_and_a_reason(
    repository: Path, content: str | None, said: str
) -> None:
    notebook = repository / f"{NAME}.ipynb"
    if content is None:
        notebook.unlink()
    else:
        notebook.write_text(content)
    ran = step(repository)

    assert ran.done.returncode == 1
    assert [one["score"] for one in ran.result["tests"]] == [0, 0, 0]
    assert ran.result["max_score"] == public_points()
    assert said in ran.summary
    assert said in ran.result["tests"][0]["message"]
    assert "Traceback" not in ran.done.stderr


def test_a_cell_that_goes_on_for_ever_is_stopped_and_the_next_ones_run(repository: Path) -> None:
    insert(repository, "while True:\n    pass\n")
    ran = step(repository, CELL_SECONDS=3)

    assert [one["score"] for one in ran.result["tests"]] == [2.0, 1.0, 1.0]
    assert "The cell ran longer than 3 seconds." in [said for _, said in ran.annotations]


def test_a_notebook_that_takes_too_long_is_told_so(repository: Path) -> None:
    insert(repository, "")
    ran = step(repository, NOTEBOOK_SECONDS=0)

    assert [one["score"] for one in ran.result["tests"]] == [0, 0, 0]
    assert "the rest of it did not run" in ran.summary


def test_a_cell_that_ends_python_leaves_a_result_that_says_so(repository: Path) -> None:
    insert(repository, "import os\nos._exit(0)")
    ran = step(repository)

    assert [one["score"] for one in ran.result["tests"]] == [0, 0, 0]
    assert ran.result["max_score"] == public_points()
    assert "did not come to its end" in ran.result["tests"][0]["message"]
    assert "did not come to its end" in ran.summary


def test_a_failure_of_ours_is_an_error_and_no_score(repository: Path) -> None:
    (repository / f"{NAME}.check.json").write_text("{")
    ran = step(repository)

    assert ran.done.returncode == 1
    assert ran.result == {}
    assert re.search(rf"^::error::.*{NAME}\.check\.json", ran.done.stdout, re.M)
    assert "Traceback" not in ran.done.stderr


def insert(repository: Path, source: str) -> None:
    """Push a notebook of the class with a cell before all others."""
    path = repository / f"{NAME}.ipynb"
    notebook = json.loads((EXAMPLES / "class" / "submitted" / "jung-haeun" / NAME / path.name).read_text())
    cell = next(one for one in notebook["cells"] if one["cell_type"] == "code")
    more = {**cell, "id": "more", "metadata": {}, "source": source.splitlines(keepends=True)}
    notebook["cells"].insert(1, more)
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False), encoding="utf-8")
