"""Numbers, tables, plots and plain assertions, through jail and judgement: what each answer gets, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.course.starter import solution
from autograder.course.tags import nbgrader as nbgrader_data
from autograder.messages import Message, render
from tests.course.conftest import answer, graded
from tests.gradebook.courses import command
from tests.warm import programs_are_warm  # noqa: F401

pytestmark = pytest.mark.slow

COURSE_YML = """\
version: 1
title: {en: Kinds of tasks}
languages: [en]
assignments:
  - id: kinds
    title: {en: Kinds of tasks}
    points: 8
    minutes: 20
    tasks:
      - {id: the-accuracy, title: {en: A number}, points: 2, expects: value}
      - {id: the-table, title: {en: A table}, points: 2, expects: value}
      - {id: the-plot, title: {en: A plot}, points: 3, expects: plot}
      - {id: the-count, title: {en: A plain assertion}, points: 1, expects: value}
"""

PUBLIC = '''\
from autograder.checks import Subject, expect, plain_value, task
from autograder.messages import message


@task("the-accuracy", points=1)
def test_the_accuracy_is_high_enough(the_accuracy: Subject) -> None:
    """The accuracy is high enough."""
    expect(the_accuracy, hint=message("Train for longer.")).is_at_least(0.9)


@task("the-table", points=1)
def test_the_table_has_its_columns(the_table: Subject) -> None:
    """The table has its columns."""
    expect(the_table).has_columns("epoch", "loss")


@task("the-plot", points=1)
def test_the_plot_says_what_it_shows(the_plot: Subject) -> None:
    """The plot says what it shows."""
    expect(the_plot).has_title()
    expect(the_plot).has_axis_labels()
    expect(the_plot).has_legend("loss")


@task("the-count", points=1)
def test_the_layers_are_counted(the_count: Subject) -> None:
    """The layers are counted."""
    assert plain_value(the_count.value) == 3
'''

HIDDEN = '''\
from autograder.checks import Subject, expect, task


@task("the-accuracy", points=1)
def test_the_accuracy_is_the_solution_s(the_accuracy: Subject) -> None:
    """The accuracy is that of the seed."""
    expect(the_accuracy).is_close(tolerance=0.01)


@task("the-table", points=1)
def test_the_table_holds_the_losses(the_table: Subject) -> None:
    """The table holds the losses."""
    expect(the_table).equals_table(tolerance=0.001)


@task("the-plot", points=2)
def test_the_plot_shows_the_losses(the_plot: Subject) -> None:
    """The plot shows the losses."""
    expect(the_plot).shows_line()
'''

ANSWERS = {
    "the-accuracy": ("accuracy = 0.95", "accuracy = 0.5"),
    "the-table": (
        'table = {"epoch": [1, 2, 3], "loss": [0.9, 0.5, 0.25]}',
        'table = {"epoch": [1, 2, 3]}',
    ),
    "the-plot": (
        'figure, ax = plt.subplots()\nax.plot([1, 2, 3], [0.9, 0.5, 0.25], label="loss")\n'
        'ax.set(title="Loss", xlabel="epoch", ylabel="loss")\nax.legend();',
        "figure, ax = plt.subplots()",
    ),
    "the-count": ("count = 3", "count = 4"),
}
NAMES = {"the-accuracy": "accuracy", "the-table": "table", "the-plot": "figure", "the-count": "count"}

# What somebody answers where others have answered rightly; its score, and the first sentences.
PINNED: dict[str, tuple[str, str, float, list[str]]] = {
    "near": ("the-accuracy", "accuracy = 0.941", 2, []),
    "numpy": ("the-accuracy", "import numpy as np\naccuracy = np.float32(0.95)", 2, []),
    "another seed": (
        "the-accuracy",
        "accuracy = 0.92",
        1,
        ["The number is wrong.", "0.92", "a larger number; it may be off by 0.01"],
    ),
    "untrained": ("the-accuracy", "accuracy = 0.1", 0, ["The number is too small.", "0.1", "at least 0.9"]),
    "nothing": ("the-accuracy", "accuracy = None", 0, ["This task needs a number.", "None"]),
    "records": (
        "the-table",
        'table = [{"epoch": n + 1, "loss": x} for n, x in enumerate([0.9, 0.5, 0.25])]',
        2,
        [],
    ),
    "one cell": (
        "the-table",
        'table = {"epoch": [1, 2, 3], "loss": [0.9, 0.6, 0.25]}',
        1,
        [
            "The column 'loss' is wrong in row 1, counted from 0.",
            "0.6",
            "a smaller number; it may be off by 0.001",
        ],
    ),
    "liar": (
        "the-table",
        "class DataFrame:\n    def __getattr__(self, name):\n        raise SystemExit\n"
        "DataFrame.__module__ = 'pandas'\ntable = DataFrame()",
        0,
        ["This task needs a table.", "an object of the class pandas.DataFrame"],
    ),
    "axes": ("the-plot", ANSWERS["the-plot"][0] + "\nfigure = ax", 3, []),
    "no label": (
        "the-plot",
        ANSWERS["the-plot"][0].replace('ylabel="loss"', 'ylabel=""'),
        2,
        ["The y axis has no label.", "`ax.set_ylabel(...)`"],
    ),
    "other line": (
        "the-plot",
        ANSWERS["the-plot"][0].replace("0.5", "0.7"),
        1,
        ["The line has a wrong y in 1 of 3 points; the first is point 1, counted from 0.", "0.7"],
    ),
    "pyplot": (
        "the-plot",
        ANSWERS["the-plot"][0] + "\nfigure = plt",
        0,
        ["This task needs a plot.", "an object of the class builtins.module"],
    ),
    "forged": (
        "the-plot",
        "from matplotlib.figure import Figure\nfrom itertools import repeat\n"
        "class Mine(Figure):\n    axes = property(lambda self: repeat(1))\n"
        "figure = object.__new__(Mine)",
        0,
        ["This task needs a plot."],
    ),
    "assertion": (
        "the-count",
        "count = 5",
        0,
        ["The value is not what this check asks for.", "5", "3"],
    ),
}


def source() -> Any:
    cells = [
        new_markdown_cell("# Kinds of tasks", id="intro", metadata={"lang": "en"}),
        new_code_cell("from matplotlib import pyplot as plt\n\nfrom autograder import check", id="imports"),
    ]
    for (task, (right, stub)), points in zip(ANSWERS.items(), (2, 2, 3, 1), strict=True):
        commented = "\n".join(f"# {line}" for line in stub.splitlines())
        text = f"### BEGIN SOLUTION\n{right}\n### BEGIN STUB\n{commented}\n### END STUB\n### END SOLUTION"
        cells += [
            new_markdown_cell(f"## {task}", id=f"{task}-text", metadata={"lang": "en"}),
            answer(task, text),
            graded(task, NAMES[task], points),
        ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, programs_are_warm: None) -> Path:  # noqa: F811
    """The course, released, and a submission for each pinned answer, and one that is right throughout."""
    folder = tmp_path_factory.mktemp("kinds")
    for name, text in {
        "course.yml": COURSE_YML,
        "graders/public/test_kinds.py": PUBLIC,
        "graders/hidden/test_kinds.py": HIDDEN,
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    path = folder / "solutions/kinds/kinds.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(source(), path)
    done = command(folder, "autograder", "release")
    assert done.returncode == 0, done.stderr
    given_out = nbformat.read(folder / "assignments/en/kinds/kinds.ipynb", as_version=4)
    given_in = {
        cell.id: solution(cell.source) for cell in source().cells if nbgrader_data(cell).get("solution")
    }
    for student, (task, text, *_) in {**PINNED, "right": ("the-count", "count = 3")}.items():
        notebook = nbformat.from_dict(json.loads(json.dumps(given_out)))
        for cell in notebook.cells:
            if cell.id in given_in:
                cell.source = text if cell.id == f"{task}-answer" else given_in[cell.id]
        handed_in = folder / "submitted" / student / "kinds"
        handed_in.mkdir(parents=True)
        nbformat.write(notebook, handed_in / "kinds.ipynb")
    done = command(folder, "autograder", "grade", ".", "--output", "out")
    assert done.returncode == 0, done.stderr
    return folder


def report_of(course: Path, student: str) -> dict[str, Any]:
    (path,) = (course / "out/reports").glob(f"{student}/*.json")
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return report


def test_the_solution_has_full_marks(course: Path) -> None:
    assert report_of(course, "right")["score"] == 8


@pytest.mark.parametrize("student", PINNED)
def test_each_answer_gets_its_points_and_its_sentence(course: Path, student: str) -> None:
    task, _, score, said = PINNED[student]
    (found,) = (one for one in report_of(course, student)["tasks"] if one["id"] == task)

    failures = [check["failure"] for check in found["checks"] if check["failure"]]
    told = [
        render(Message.model_validate(failures[0][part]), "en")
        for part in ("rationale", "found", "wanted")
        if failures and failures[0][part]
    ]
    assert (found["score"], told[: len(said)]) == (score, said)
    assert "broken" not in {check["verdict"] for check in found["checks"]}
