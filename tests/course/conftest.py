"""A small course in a folder of its own, to be spoiled in one place at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.course import Assignment, Course, load_course
from autograder.messages import Language

COURSE_YML = """\
version: 1
title: {en: Small, ko: 작은 과정}
languages: [en, ko]
limits:
  memory: 2 GiB
assignments:
  - id: adding
    topic: 덧셈
    title: {en: Adding, ko: 더하기}
    points: 10
    minutes: 15
    due: null
    tasks:
      - id: one-sum
        title: {en: One sum, ko: 합 하나}
        points: 4
        expects: value
        hints: [{en: Count., ko: 세어 보자.}]
      - id: sum-block
        title: {en: A block, ko: 블록}
        points: 6
        expects: function
        probes:
          - [[28, 28, 64]]
          - [[null, null, 3], {shape: [7], dtype: int32}]
        hints: [{en: Look., ko: 살펴보자.}, {en: Look again., ko: 다시 살펴보자.}]
"""


PUBLIC = '''\
from autograder.checks import Subject, expect, task


@task("one-sum", points=4)
def test_the_sum_is_right(one_sum: Subject) -> None:
    """The sum is right."""
    expect(one_sum).equals(2)
'''


def graded(task: str, argument: str, points: float) -> NotebookNode:
    """A grade cell as nbgrader knows it."""
    data = {
        "schema_version": 3,
        "grade": True,
        "solution": False,
        "locked": True,
        "task": False,
        "grade_id": task,
        "points": points,
    }
    return new_code_cell(f'check("{task}", {argument})', id=task, metadata={"nbgrader": data})


def answer(task: str, source: str) -> NotebookNode:
    """A solution cell as nbgrader knows it."""
    data = {
        "schema_version": 3,
        "grade": False,
        "solution": True,
        "locked": False,
        "task": False,
        "grade_id": f"{task}-answer",
    }
    return new_code_cell(source, id=f"{task}-answer", metadata={"nbgrader": data})


def source_notebook() -> NotebookNode:
    """A source notebook that is in order."""
    return new_notebook(
        cells=[
            new_markdown_cell("# Adding", id="intro-en", metadata={"lang": "en"}),
            new_markdown_cell("# 더하기", id="intro-ko", metadata={"lang": "ko"}),
            new_markdown_cell("![sum](target:sum-block)", id="picture-en", metadata={"lang": "en"}),
            new_markdown_cell("![합](target:sum-block)", id="picture-ko", metadata={"lang": "ko"}),
            answer(
                "one-sum",
                "### BEGIN SOLUTION\ntotal = 1 + 1\n### BEGIN STUB\n# total = 11\n### END STUB\n"
                "### END SOLUTION",
            ),
            graded("one-sum", "total", 4),
            answer(
                "sum-block",
                "def block(x):\n    ### BEGIN SOLUTION\n    return x + x\n    ### BEGIN STUB\n"
                "    # if x is None:\n    #     pass\n    #\n    # return x\n    ### END STUB\n"
                "    ### END SOLUTION",
            ),
            graded("sum-block", "block", 6),
            new_code_cell("print('done')", id="experiment", execution_count=3),
        ],
        metadata={"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
    )


@pytest.fixture
def course_file(tmp_path: Path) -> Path:
    """The small course's `course.yml`, with its source notebook beside it."""
    path = tmp_path / "course.yml"
    path.write_text(COURSE_YML, encoding="utf-8")
    write_source(tmp_path, source_notebook())
    grader = tmp_path / "graders" / "public" / "test_adding.py"
    grader.parent.mkdir(parents=True)
    grader.write_text(PUBLIC, encoding="utf-8")
    return path


@pytest.fixture
def course(course_file: Path) -> Course:
    """The small course."""
    return load_course(course_file)


class FewLetters:
    """The same few letters for every target."""

    def __call__(self, assignment: Assignment, task: str, language: Language) -> str:
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="20">'
            f'<text y="15">{assignment.id} {task} {language}</text></svg>'
        )

    def tasks(self, assignment: Assignment) -> dict[str, Any]:
        return {task.id: {"starter": None, "cell": None, "target": None} for task in assignment.tasks}


@pytest.fixture
def drawing() -> FewLetters:
    """Draws the same few letters for every target."""
    return FewLetters()


def write_source(root: Path, notebook: NotebookNode) -> None:
    """Puts a source notebook where the small course looks for it."""
    path = root / "solutions" / "adding" / "adding.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
