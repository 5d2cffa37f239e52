"""What accompanies a notebook: Keras's errors are explained below them, and a card comes at once."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from autograder.study import error_explanations

pytestmark = pytest.mark.slow


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> object:
    """A shell that nobody else uses, and what it has displayed."""
    from IPython.core.interactiveshell import InteractiveShell

    shown: list[object] = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    monkeypatch.setattr("IPython.get_ipython", lambda: made)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    made = InteractiveShell()
    made.showtraceback = lambda *_about, **_more: None
    error_explanations.accompany(made)
    return SimpleNamespace(run=lambda cell: made.run_cell(cell, store_history=True), shown=shown)


def test_an_error_of_keras_is_explained_below_the_cell(shell: SimpleNamespace) -> None:
    shell.run("import keras\nkeras.layers.add([keras.Input((4, 4, 2)), keras.Input((3, 3, 2))])")

    (explanation,) = shell.shown
    assert "cannot be combined element by element: they differ in size" in repr(explanation)
    assert "<article" in explanation._repr_html_()


def test_a_missing_weight_is_told_by_the_line_that_fits(shell: SimpleNamespace) -> None:
    """Keras raises a bare KeyError there."""
    shell.run("""
import keras, numpy as np
x = keras.Input((4,))
model = keras.Model(x, [keras.layers.Dense(1, name="p")(x), keras.layers.Dense(1, name="q")(x)])
model.compile(loss={"p": "mse", "q": "mse"}, loss_weights={"p": 1.0})
""")
    assert shell.shown == []
    shell.run("model.fit(np.ones((4, 4)), [np.ones((4, 1))] * 2, verbose=0)")

    assert "has no entry for the output 'q'" in repr(shell.shown[0])


def test_other_errors_and_right_cells_are_left_alone(shell: SimpleNamespace) -> None:
    shell.run("1 / 0")
    shell.run("1 + 1")

    assert shell.shown == []


def test_nothing_is_shown_where_nbgrader_runs_the_notebook(
    shell: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    shell.run("import keras\nkeras.layers.conv2D")

    assert shell.shown == []


def test_what_a_stopped_cell_would_have_made_is_not_a_mystery(shell: SimpleNamespace) -> None:
    """Until it has run: then the name is there, or its absence is another matter."""
    shell.run("model = 1 / 0")
    shell.run("print(model)")
    assert "The cell that makes `model` has stopped with an error" in repr(shell.shown.pop())

    shell.run("model = 1\ndel model")
    shell.run("print(model)")
    assert "Nothing is called `model` yet" in repr(shell.shown.pop())


def test_an_error_of_syntax_is_explained_too(shell: SimpleNamespace) -> None:
    """Nothing of such a cell has run."""
    shell.run("model = keras.Model((1, 2)")

    assert "A bracket or a quote is opened and never closed." in repr(shell.shown[0])


COMPILED = """
import keras
from autograder import check
x = keras.Input((784,))
hidden = keras.layers.Dense(32, activation="relu")(x)
classifier = keras.Model(x, keras.layers.Dense(10, activation="softmax")(hidden))
classifier.compile(optimizer="rmsporp", loss="categorical_crossentropy")
"""


def test_a_card_leads_with_the_error_of_the_cell_that_should_make_its_object(shell: SimpleNamespace) -> None:
    """And not with what that error has left undone, until a cell has done it."""
    shell.run(COMPILED)
    card = repr(shell.run("check('compile-classifier', classifier)").result)
    assert "did you mean `rmsprop`" in card
    assert "line 7" in card
    assert "not been compiled" not in card

    shell.run("classifier.compile(optimizer='sgd', loss='mse')")
    card = repr(shell.run("check('compile-classifier', classifier)").result)
    assert "rmsporp" not in card
