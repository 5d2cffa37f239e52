"""`check` in a learner's own notebook: public checks, at once, and the learner's model left as it was."""

from __future__ import annotations

import itertools
import os
import shutil
import sys
from pathlib import Path

import pytest

import autograder
from autograder.course.learners import learners_course
from autograder.study import Card, remembered
from autograder.study.notebook import NotPassed

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def layers():
    import keras

    return keras.layers


@pytest.fixture
def given_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The kernel's folder is that of a student: what was given out, and no course around it."""
    shutil.copytree(ROOT / "assignments" / "en" / "inception", tmp_path / "inception")
    monkeypatch.chdir(tmp_path / "inception")


def mended(layers, activation="relu", filters=(128, 128, 128, 128)):
    def inception_module(x):
        def conv(size, strides=1, count=128):
            return layers.Conv2D(count, size, strides=strides, padding="same", activation=activation)

        first, second, third, fourth = filters
        pooled = layers.AveragePooling2D(3, strides=2, padding="same")(x)
        return layers.concatenate(
            [
                conv(1, 2, first)(x),
                conv(3, 2, second)(conv(1)(x)),
                conv(3, 1, third)(pooled),
                conv(3, 2, fourth)(conv(3)(conv(1)(x))),
            ]
        )

    return inception_module


def short_of_a_convolution(layers):
    """The last branch begins with what the second one has made: every shape is right all the same."""

    def inception_module(x):
        def conv(size, strides=1):
            return layers.Conv2D(128, size, strides=strides, padding="same", activation="relu")

        first = conv(1)(x)
        pooled = layers.AveragePooling2D(3, strides=2, padding="same")(x)
        return layers.concatenate(
            [conv(1, 2)(x), conv(3, 2)(first), conv(3)(pooled), conv(3, 2)(conv(3)(first))]
        )

    return inception_module


def headline(card: Card) -> str:
    """What the card's text says between its title and its first check."""
    lines = itertools.takewhile(lambda line: line.strip()[0] not in "✓✗", repr(card).splitlines()[1:])
    return " ".join(line.strip() for line in lines)


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
    assert [check.verdict for check in card.report.checks] == ["passed", "failed", "failed"]


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
    said = repr(autograder.check("inception-modul", 1))

    assert said.startswith("The course has no task `inception-modul`. The names that are most like it: ")
    assert said.split(": ")[1].startswith("`inception-module`, ")
    assert said.split(". If")[0].count("`") == 8


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
        "That was the last hint (of 3); here it is again",
    ]
    assert len({sentence.split(": ", 1)[1] for sentence in said}) == 3


def test_a_sentence_is_as_readable_as_a_card() -> None:
    """What stands in backticks is code in a notebook, and nothing of it is markup."""
    said = autograder.check("<b>", 1)

    assert "<code>&lt;b&gt;</code>" in said._repr_html_()
    assert "`<b>`" in repr(said)


def test_the_best_score_is_remembered(layers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """For `autograder list`; a worse one later changes nothing, and what was not begun is no score."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    course = learners_course()

    autograder.check("inception-module", lambda x: x)
    assert remembered(course).best == {}
    autograder.check("inception-module", mended(layers))
    autograder.check("inception-module", lambda x: x)
    assert remembered(course).best == {"inception-module": 2.0}


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


def test_the_headline_is_what_the_whole_task_is_worth(layers, given_out) -> None:
    """Full marks of the public checks are not full marks of the task while hidden checks remain."""
    right = autograder.check("inception-module", mended(layers))
    wrong = autograder.check("inception-module", lambda x: x)

    assert right.report.points == 5
    assert headline(right) == "2 of 5 points so far; the rest is graded after you hand in."
    assert headline(wrong) == (
        "0 of 5 points so far; these checks are worth 2, and the rest is graded after you hand in."
    )
    for card in (right, wrong):
        assert headline(card) in card._repr_html_()
        assert " / " not in repr(card).split("✓")[0]


def test_somebody_who_has_the_whole_course_is_told_the_command(layers) -> None:
    """Nobody collects a notebook there, and `autograder check` runs the hidden checks."""
    right = autograder.check("inception-module", mended(layers))
    wrong = autograder.check("inception-module", lambda x: x)

    assert headline(right) == "2 of 5 points so far; `autograder check inception` grades the rest."
    assert headline(wrong).endswith("are worth 2, and `autograder check inception` grades the rest.")
    assert "<code>autograder check inception</code>" in right._repr_html_()


def test_a_task_without_hidden_points_shows_full_marks(given_out) -> None:
    card = autograder.check("branch-sizes", {"a": 14, "b": 13, "c": 11, "d": 12})

    assert card.remarks.headline is None
    assert "2 / 2 points" in repr(card)
    assert "2 / 2 points" in card._repr_html_()


def test_what_still_differs_is_marked_after_the_public_checks_have_passed(layers, given_out) -> None:
    """The picture marks it, and a sentence says that it costs nothing yet."""
    card = autograder.check("inception-module", short_of_a_convolution(layers))
    said = " ".join(repr(card).split())

    assert {check.verdict for check in card.report.checks} == {"passed"}
    assert len(card.report.drawing.differences) == 1
    assert (
        "Every check here has passed, but your model still differs from the target "
        "model: A call of `Conv2D` is missing between the input and `Conv2D` (1st in branch 4). No "
        "points are lost yet; this is graded after you hand in the notebook." in said
    )
    assert "No points are lost yet" in card._repr_html_()
    assert "One difference is marked." in card._repr_html_()


def test_what_still_differs_tells_no_more_than_the_outline_that_was_given_out(layers, given_out) -> None:
    """The outline has no settings: another activation or number of filters is not told from the target."""
    other = mended(layers, activation="tanh", filters=(100, 156, 128, 128))
    card = autograder.check("inception-module", other)

    assert {check.verdict for check in card.report.checks} == {"passed"}
    assert card.report.drawing.differences
    assert card.report.target.shows == "outline"
    for shown in (repr(card), card._repr_html_()):
        assert "filters" not in shown
        assert "it should be relu" not in shown
    alike = autograder.check("inception-module", mended(layers, activation="tanh"))
    assert alike.remarks.note is None
    assert alike.report.drawing.differences == []


def test_a_right_answer_is_marked_nowhere(layers, given_out) -> None:
    card = autograder.check("inception-module", mended(layers))

    assert card.remarks.note is None
    assert card.report.drawing.differences == []
    assert card.report.target is None


def test_where_a_check_has_failed_no_sentence_says_that_it_costs_nothing(layers, given_out) -> None:
    def added(x):
        return layers.add([layers.Conv2D(128, 1, strides=2)(x), layers.Conv2D(128, 1, strides=2)(x)])

    card = autograder.check("inception-module", added)

    assert card.report.drawing.differences
    assert card.remarks.note is None


def test_a_neighbours_damaged_file_harms_nobody_else(given_out, tmp_path: Path, monkeypatch, layers) -> None:
    monkeypatch.setattr("autograder.course.learners.CHECKOUT", tmp_path / "none")
    neighbour = tmp_path / "another" / "another.check.json"
    neighbour.parent.mkdir()
    neighbour.write_text('{"tasks": ' + "[" * 200_000 + "]" * 200_000 + "}")

    assert isinstance(autograder.check("inception-module", mended(layers)), Card)

    own = tmp_path / "inception" / "inception.check.json"
    own.write_bytes(neighbour.read_bytes())
    assert "inception.check.json cannot be read" in repr(autograder.check("inception-module", 1))
