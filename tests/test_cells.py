"""Which names a cell makes, and which of them it never came to."""

from __future__ import annotations

import pytest

from autograder.cells import changed_by, empty_lines, given_in, left_by, made_by, named_in


def test_a_magic_makes_nothing() -> None:
    assert made_by("%matplotlib inline\nx = 1") == set()


def test_a_cell_makes_what_it_assigns_and_defines() -> None:
    assert made_by("x, (y, z) = 1, (2, 3)\nfor i in z:\n    w = i\n\nclass A: ...") == set("xyziwA")


def test_what_a_function_assigns_is_made_by_no_cell() -> None:
    assert made_by("def block(x):\n    y = x\n    return y") == {"block"}


def test_check_is_no_name_that_is_looked_at() -> None:
    assert named_in('check("two-inputs", model)') == {"model"}


def test_a_model_is_changed_where_it_is_compiled_or_added_to() -> None:
    assert changed_by("model.compile(loss='mse')") == {"model"}
    assert changed_by("model.layers[0].trainable = False") == {"model"}
    assert changed_by("model.summary()\nmodel.fit(x, y)") == set()


@pytest.mark.parametrize(
    ("line", "left"),
    [
        (1, {"x", "model"}),
        (2, {"model"}),
        (3, {"model"}),
        (4, set()),
        (None, {"x", "model"}),
    ],
)
def test_what_comes_before_the_line_that_raised_was_made(line: int | None, left: set[str]) -> None:
    cell = "x = keras.Input((4,))\nmodel = keras.Model(x, x)\nmodel.compile(los='mse')\nmodel.summry()"

    assert left_by(cell, line) == left


def test_a_call_over_several_lines_is_one_statement() -> None:
    assert left_by("model.compile(\n    optimizer='sgd',\n    lr=1,\n)", 3) == {"model"}


def test_a_function_is_there_when_a_line_of_it_raises() -> None:
    """It was called by a line further down."""
    cell = "def block(x):\n    y = layers.conv2D(x)\n    return y\n\nmodel = keras.Model(x, block(x))"

    assert left_by(cell, 2) == {"model"}
    assert left_by(cell, 1) == {"block", "model"}


def test_nothing_of_a_cell_that_is_not_python_has_run() -> None:
    """What it only reads is another cell's."""
    cell = "x = block(left)\nmodel = keras.Model(x, x\nmodel.compile(loss='mse')\ndef head(y):"

    assert left_by(cell, 2) == {"x", "model", "head"}


def test_a_cell_may_begin_with_empty_lines() -> None:
    assert empty_lines("\n  \nx = 1\n\n") == 2
    assert empty_lines("x = 1") == empty_lines("\n\n") == empty_lines("") == 0


def test_a_cell_gives_names_to_values_arguments_functions_and_imports() -> None:
    cell = "import numpy as np\nfrom keras import layers\n\ndef block(x, width=3):\n    y = x\n    return y"

    assert given_in(cell) == {"np", "layers", "block", "x", "width", "y"}
    assert given_in("%matplotlib inline") == set()
