"""`check` in a learner's own notebook: public checks, at once, and the learner's model left as it was."""

from __future__ import annotations

import os
import sys

import pytest

import autograder
from autograder.study import Card
from autograder.study.notebook import NotPassed

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def layers():
    import keras

    return keras.layers


def mended(layers):
    def inception_module(x):
        def conv(size, strides=1):
            return layers.Conv2D(128, size, strides=strides, padding="same", activation="relu")

        pooled = layers.AveragePooling2D(3, strides=2, padding="same")(x)
        return layers.concatenate(
            [conv(1, 2)(x), conv(3, 2)(conv(1)(x)), conv(3)(pooled), conv(3, 2)(conv(3)(conv(1)(x)))]
        )

    return inception_module


def test_right_work_passes_every_public_check(layers) -> None:
    card = autograder.check("inception-module", mended(layers))

    assert isinstance(card, Card)
    assert {check.verdict for check in card.report.checks} == {"passed"}
    assert "test_every_branch_is_the_one_of_the_table" not in repr(card) + card._repr_html_()


def test_wrong_work_is_told_what_was_found_and_wanted(layers) -> None:
    def added(x):
        return layers.add([layers.Conv2D(128, 1, strides=2)(x), layers.Conv2D(128, 1, strides=2)(x)])

    card = autograder.check("inception-module", added)

    assert "Add" in repr(card)
    assert "Concatenate" in repr(card)
    assert [check.verdict for check in card.report.checks] == ["passed", "failed", "skipped"]


def test_the_learners_own_exception_is_shown_with_its_line() -> None:
    import keras

    def broken(x):
        return keras.layers.convD2(128, 1)(x)

    card = autograder.check("inception-module", broken)

    assert "AttributeError" in repr(card)
    assert "return keras.layers.convD2(128, 1)(x)" in repr(card)


def test_a_plain_value_is_checked_too() -> None:
    right = {"a": 14, "b": 13, "c": 11, "d": 12}

    assert autograder.check("branch-sizes", right).report.score == 2
    assert "'b'" in repr(autograder.check("branch-sizes", {**right, "b": 14}))


def test_a_task_that_is_none_is_said_and_not_raised() -> None:
    said = repr(autograder.check("homework", 1))

    assert said.startswith("The course has no task `homework`; it has `sequential-rewrite`, ")
    assert "`inception-module`" in said


def test_the_learners_model_is_left_as_it_was(layers) -> None:
    import keras

    image = keras.Input((28, 28, 1))
    model = keras.Model(image, layers.Dense(10)(layers.GlobalAveragePooling2D()(mended(layers)(image))))
    model.compile(loss="mse", loss_weights=[0.5])
    weights = [weight.copy() for weight in model.get_weights()]

    autograder.check("inception-network", model)

    assert model.get_compile_config()["loss_weights"] == [0.5]
    assert all((before == after).all() for before, after in zip(weights, model.get_weights(), strict=True))


def test_hints_come_one_at_a_time_and_the_last_one_stays(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    said = [repr(autograder.hint("inception-module")) for _ in range(4)]

    assert [sentence.split(":")[0] for sentence in said] == [
        "Hint 1 of 3",
        "Hint 2 of 3",
        "Hint 3 of 3",
        "No hint is left; the last of 3 again",
    ]
    assert len({sentence.split(": ", 1)[1] for sentence in said}) == 3


def test_while_nbgrader_validates_what_has_not_passed_raises(layers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Validate takes whatever a graded cell shows for a passed test, unless it is an error."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")

    assert isinstance(autograder.check("inception-module", mended(layers)), Card)
    with pytest.raises(NotPassed) as raised:
        autograder.check("inception-module", lambda x: x)
    assert raised.value._render_traceback_()[0].startswith("Four branches that meet")
    with pytest.raises(NotPassed):
        autograder.check("no-such-task", 1)


def test_while_nbgrader_validates_a_warning_costs_nothing(
    layers, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Validate takes a word on standard error for a failed test."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    build = mended(layers)

    def noisy(x):
        print("a warning", file=sys.stderr)
        os.write(2, b"a line of TensorFlow's\n")
        return build(x)

    autograder.check("inception-module", noisy)

    assert capfd.readouterr().err == ""


def test_what_the_public_checks_are_worth_is_said_once_they_have_passed(layers) -> None:
    """And not before: a green card promises no more than it has looked at."""
    right = autograder.check("inception-module", mended(layers))
    wrong = autograder.check("inception-module", lambda x: x)

    assert "These checks are worth 3 of this task's 5 points" in " ".join(repr(right).split())
    assert "These checks are worth" in right._repr_html_()
    assert "These checks are worth" not in repr(wrong)
