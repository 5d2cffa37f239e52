"""The steps of a learner's workflow, run as a script with what GitHub sets."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from autograder.checks import load_grader
from autograder.course import load_course
from autograder.platforms.github.repositories import assignment_repository
from tests import warm
from tests.gradebook.courses import EXAMPLES, ROOT, environment

pytestmark = pytest.mark.slow

COURSE = load_course(ROOT / "course.yml")
NAME = "inception"


@dataclass
class Ran:
    """How the step ended, and what it told GitHub."""

    done: subprocess.CompletedProcess[str]
    result: dict[str, Any]
    summary: str

    @property
    def annotations(self) -> list[tuple[int, str]]:
        """Line and sentence of each."""
        command = r"^::error file=inception\.ipynb,line=(\d+),title=[^:]*::(.*)$"
        found = re.findall(command, self.done.stdout, re.M)
        return [(int(line), said) for line, said in found]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A learner's repository as GitHub Classroom has copied it."""
    place = tmp_path / "repository"
    for name, content in assignment_repository(COURSE, COURSE.assignment(NAME), "en").items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
    return place


def step(repository: Path, seconds: int | None = None) -> Ran:
    """Run the step that checks, by the words that the workflow has; `seconds` is what a cell may take."""
    workflow = YAML(typ="safe", pure=True).load(repository / ".github" / "workflows" / "classroom.yml")
    steps = workflow["jobs"]["run-autograding-tests"]["steps"]
    (checks,) = (one for one in steps if one.get("id") == "public-checks")
    words = checks["run"].split()
    assert words[:2] == ["python", "-P"]
    if seconds is not None:
        program = (
            "from autograder.study import actions; from pathlib import Path; "
            f"actions.CELL_SECONDS = {seconds}; actions.main(Path({words[-1]!r}))"
        )
        words[2:] = ["-c", program]
    output, summary = repository.parent / "output", repository.parent / "summary"
    done = warm.run(
        words[2:],
        cwd=repository,
        environment=environment(
            GITHUB_OUTPUT=str(output), GITHUB_STEP_SUMMARY=str(summary), GITHUB_ACTIONS="true",
            XDG_DATA_HOME=str(repository.parent / "data"), **checks["env"],
        ),
    )  # fmt: skip
    name, _, value = output.read_text().strip().partition("=")
    assert name == "result"
    return Ran(done, json.loads(base64.b64decode(value)), summary.read_text(encoding="utf-8"))


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


@pytest.mark.parametrize("content", [None, "no notebook", '{"cells": [{}]}'])
def test_a_notebook_that_cannot_be_run_has_a_score_and_says_so(repository: Path, content: str | None) -> None:
    notebook = repository / f"{NAME}.ipynb"
    if content is None:
        notebook.unlink()
    else:
        notebook.write_text(content)
    ran = step(repository)

    assert ran.done.returncode == 1
    assert [one["score"] for one in ran.result["tests"]] == [0, 0, 0]
    assert ran.result["max_score"] == public_points()
    assert "is not a notebook that can be run" in ran.summary
    assert "Traceback" not in ran.done.stderr


def test_a_cell_that_goes_on_for_ever_is_stopped_and_the_next_ones_run(repository: Path) -> None:
    path = repository / f"{NAME}.ipynb"
    notebook = json.loads((EXAMPLES / "class" / "submitted" / "jung-haeun" / NAME / path.name).read_text())
    cell = next(one for one in notebook["cells"] if one["cell_type"] == "code")
    loop = {**cell, "id": "loop", "metadata": {}, "source": ["while True:\n", "    pass\n"]}
    notebook["cells"].insert(1, loop)
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False), encoding="utf-8")
    ran = step(repository, seconds=3)

    assert [one["score"] for one in ran.result["tests"]] == [2.0, 1.0, 1.0]
    assert "The cell ran longer than 3 seconds." in [said for _, said in ran.annotations]
