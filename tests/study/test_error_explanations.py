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
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    made = InteractiveShell()
    made.showtraceback = lambda *_about, **_more: None
    error_explanations.accompany(made)
    return SimpleNamespace(run=made.run_cell, shown=shown)


def test_an_error_of_keras_is_explained_below_the_cell(shell: SimpleNamespace) -> None:
    shell.run("import keras\nkeras.layers.add([keras.Input((4, 4, 2)), keras.Input((3, 3, 2))])")

    (explanation,) = shell.shown
    assert "Only tensors of one height and width can be added up" in repr(explanation)
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

    assert "has no entry for the output `q`" in repr(shell.shown[0])


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
    assert shell.shown == []
