"""What the notebook `residual-projection` claims, run anew."""

from __future__ import annotations

import pytest

from autograder.course.starter import starter
from tests.assignments.notebooks import COURSE, answers, code_of, run_code, solved_notebook


def test_the_chapter_s_slip_is_the_stub_s() -> None:
    """Learners meet the name that the lecture notes mistyped."""
    stubs = "".join(starter(cell.source) for cell in answers(COURSE.assignment("residual-projection")))

    assert "layers.AmxPooling2D(" in stubs


@pytest.mark.slow
def test_the_residual_stubs_fail_where_they_should() -> None:
    """A name that does not exist stops the block; the half network runs and is one block short."""
    _, errors = run_code(code_of(COURSE, "residual-projection", given="residual-block-answer"))
    names, none = run_code(code_of(COURSE, "residual-projection", given="residual-network-answer"))

    assert errors == {"residual-network-answer": "AttributeError"}
    assert none == {}
    assert names["model"].output_shape == (None, 10)


@pytest.mark.slow
def test_keras_answers_task_one_of_residual_projection_as_the_solution_does() -> None:
    """Which shapes add up is Keras's word; should a new version change its mind, this says so."""
    import keras
    from keras import layers

    names = solved_notebook("residual-projection").names
    rights = {"equal": (14, 14, 128), "fewer_channels": (14, 14, 64), "one_channel": (14, 14, 1)}
    rights["smaller"] = (13, 13, 128)
    found: dict[str, tuple[int, ...] | None] = {}
    for pair, right in rights.items():
        try:
            found[pair] = layers.add([keras.Input((14, 14, 128)), keras.Input(right)]).shape[1:]
        except ValueError:
            found[pair] = None

    assert found == names["sums"]


@pytest.mark.slow
def test_the_experiment_of_residual_projection_shows_what_its_text_says() -> None:
    """A hundred-thousandth of the gradient is left without shortcuts; with them it grows thousandfold."""
    names = solved_notebook("residual-projection").names
    plain, with_shortcuts = (names["gradient_by_depth"](shortcut)[0] for shortcut in (0, 1))

    assert 0.5e-5 < plain < 2e-5
    assert 1000 < with_shortcuts < 10_000
