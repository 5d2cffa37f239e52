"""A second course, as an author has it: ids of its own, one language, a graph and a NumPy function."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.course.conftest import answer, graded

ASSIGNMENT = "attention"
GRAPH, FUNCTION = "attention-block", "softmax-rows"

COURSE_YML = """\
version: 1
id: attention-course
title: {en: Attention by hand}
languages: [en]
limits: {cell_seconds: 5}
assignments:
  - id: attention
    title: {en: Attention in two steps}
    points: 7
    minutes: 20
    tasks:
      - id: softmax-rows
        title: {en: Rows that add up to one}
        points: 3
        expects: function
        probes:
          - [{value: [1, 2, 3]}]
          - [{value: [0, 0]}]
      - id: attention-block
        title: {en: A block that looks around}
        points: 4
        expects: function
        target: outline
        probes: [[[16, 8]]]
        hints: [{en: Which two tensors does the sum read?}]
"""

PUBLIC = '''\
"""Attention, the public checks."""

from autograder.checks import Subject, expect, task
from autograder.messages import message


@task("softmax-rows", points=1)
def test_there_is_a_weight_for_each_number(softmax_rows: Subject) -> None:
    """There is a weight for each number of the row."""
    expect(softmax_rows, hint=message("Divide the exponentials by their sum.")).returns_arrays((3,), (2,))


@task("attention-block", points=0)
def test_the_block_builds(attention_block: Subject) -> None:
    """The function builds a block for rows of every length."""
    expect(attention_block).builds()


@task("attention-block", points=2, needs="test_the_block_builds")
def test_the_shortcut_is_added(attention_block: Subject) -> None:
    """The input is added to what attention makes of it."""
    expect(attention_block, hint=message("Look at what the last line reads.")).joins_by("Add")
'''

HIDDEN = '''\
"""Attention, the hidden checks."""

from autograder.checks import Subject, expect, task
from autograder.messages import message

PROBES = {"softmax-rows": [[{"value": [5, 1, 1, 1]}]], "attention-block": [[(7, 4)]]}


@task("softmax-rows", points=2, needs="test_there_is_a_weight_for_each_number")
def test_rows_of_any_length_add_up_to_one(softmax_rows: Subject) -> None:
    """Rows of any length have their weights."""
    expect(softmax_rows, hint=message("A row may be longer than three.")).returns()


@task("attention-block", points=2, needs="test_the_shortcut_is_added")
def test_the_block_is_attention_and_a_sum(attention_block: Subject) -> None:
    """The block is attention and a sum, and nothing else."""
    expect(attention_block, hint=message("Compare the boxes with the task.")).matches()
'''

TRAINING = '''\
"""The block is trained to give its input back."""

import keras
import numpy as np

from autograder.verification.trainings import Size, Training, compiled


def model(names, _scale):
    inputs = keras.Input((6, 4))
    return compiled(keras.Model(inputs, names["attention_block"](inputs)), "mean_squared_error")


def feed(_names, random, size):
    rows = random.normal(size=(size.samples, 6, 4)).astype("float32")
    return rows, 2 * rows


TRAININGS = [Training("echo", model, feed, Size(64, 8, 8), learning_rate=0.01)]
'''

SOFTMAX = """\
def softmax_rows(row):
    ### BEGIN SOLUTION
    weights = np.exp(row - np.max(row))
    return weights / weights.sum()
    ### BEGIN STUB
    # return row.sum()
    ### END STUB
    ### END SOLUTION"""

BLOCK = """\
def attention_block(x):
    ### BEGIN SOLUTION
    seen = layers.MultiHeadAttention(num_heads=2, key_dim=4)(x, x)
    return layers.add([x, seen])
    ### BEGIN STUB
    # seen = layers.MultiHeadAttention(num_heads=2, key_dim=4)(x, x)
    # return seen
    ### END STUB
    ### END SOLUTION"""


NBGRADER_CONFIG = """\
from autograder.gradebook import configure

configure(get_config(), __file__)
"""


def source_notebook() -> NotebookNode:
    """The source notebook of its one assignment."""

    def prose(name: str, text: str) -> NotebookNode:
        return new_markdown_cell(text, id=f"{name}-en", metadata={"lang": "en"})

    return new_notebook(
        cells=[
            prose("intro", "# Attention in two steps\n\nBy hand, and with a layer."),
            new_code_cell(
                "import numpy as np\nfrom keras import layers\n\nfrom autograder import check, hint",
                id="imports",
            ),
            prose("first", "## Weights\n\n`softmax_rows` turns a row of numbers into weights."),
            answer(FUNCTION, SOFTMAX),
            graded(FUNCTION, "softmax_rows", 3),
            prose("second", f"## A block\n\n![The block that is wanted](target:{GRAPH})"),
            answer(GRAPH, BLOCK),
            graded(GRAPH, "attention_block", 4),
        ],
        metadata={"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
    )


def write(folder: Path) -> Path:
    """Write the course, as its author keeps it."""
    for name, text in {
        "course.yml": COURSE_YML,
        "graders/public/test_attention.py": PUBLIC,
        "graders/hidden/test_attention.py": HIDDEN,
        "graders/training/attention.py": TRAINING,
        "nbgrader_config.py": NBGRADER_CONFIG,
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    source = folder / "solutions" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    source.parent.mkdir(parents=True)
    nbformat.write(source_notebook(), source)
    return folder
