"""How calls are named to people."""

from __future__ import annotations

import pytest

from autograder.graph.label import code, is_automatic, label, labelled, written
from autograder.messages import Message, render
from tests.graph.builders import Builder, inception, siamese


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("conv2d", "Conv2D"),
        ("conv2d_3", "Conv2D"),
        ("max_pooling2d_1", "MaxPooling2D"),
        ("input_layer_2", "Input"),
        ("keras_tensor_14", "Input"),
        ("functional_1", "Dense"),
        ("", "Dense"),
    ],
)
def test_names_that_keras_makes_up_are_known_for_such(name, kind):
    assert is_automatic(name, kind)


@pytest.mark.parametrize(("name", "kind"), [("age", "Dense"), ("dense_head", "Dense"), ("dense_1", "Conv2D")])
def test_names_that_somebody_chose_are_kept(name, kind):
    assert not is_automatic(name, kind)


def test_a_layer_goes_by_the_learners_name():
    b = Builder()
    graph = b.graph(b.dense(b.input(4), 1, name="age"))

    expected = "`age`"
    assert expected == label(graph, 1)


def test_a_nameless_layer_goes_by_its_kind_and_settings():
    b = Builder()
    graph = b.graph(b.conv(b.input(8, 8, 3), 128, 3, strides=(2, 2)))

    expected = "`Conv2D(128, 3, strides=2)`"
    assert expected == label(graph, 1)


def test_no_two_calls_are_called_the_same():
    graph = inception()

    assert len(graph.calls) == len({label(graph, call) for call in graph.calls})


def test_layers_alike_are_told_by_their_branch():
    graph = inception()

    expected = ["`Conv2D(128, 1)` (branch 2)", "`Conv2D(128, 1)` (branch 4)"]
    assert expected == [label(graph, 2), label(graph, 6)]


def test_layers_alike_are_told_by_what_comes_next_or_before():
    b = Builder()
    x = b.input(4)
    first, second = b.dense(x, 8), b.dense(x, 8)
    graph = b.graph(b.dense(first, 1, name="age"), b.dense(second, 1, name="gender"))

    assert [label(graph, 1), label(graph, 2)] == ["`Dense(8)` (before `age`)", "`Dense(8)` (before `gender`)"]


def test_layers_alike_in_a_row_are_counted():
    b = Builder()
    x = b.input(4)
    for _ in range(12):
        x = b.dense(x, 8)
    labels = [label(b.graph(x), number) for number in range(1, 13)]

    assert labels[:4] == [f"`Dense(8)` ({which} of 12)" for which in ("1st", "2nd", "3rd", "4th")]
    assert labels[10:] == ["`Dense(8)` (11th of 12)", "`Dense(8)` (12th of 12)"]


def test_a_shared_layers_calls_are_counted_where_no_input_has_a_name():
    b = Builder()
    shared = b.operation("Dense", units=8)
    graph = b.graph(b.merge("Add", b.call(shared, b.input(4)), b.call(shared, b.input(4))))

    assert [label(graph, call) for call in (1, 3)] == ["`Dense(8)` (1st call)", "`Dense(8)` (2nd call)"]


def test_a_shared_layers_calls_are_told_by_their_input():
    graph = siamese()

    expected = ["`LSTM(32)` (called for the input `left`)", "`LSTM(32)` (called for the input `right`)"]
    assert expected == [label(graph, 2), label(graph, 3)]


def test_a_label_can_stand_in_another_message():
    assert isinstance(labelled(siamese(), 2), Message)
    assert label(siamese(), 2, "en") == render(labelled(siamese(), 2), "en")


def test_long_settings_are_left_out_whole():
    b = Builder()
    graph = b.graph(b.conv(b.input(8, 8, 3), 128, 3, strides=(2, 2), padding="same", dilation_rate=(3, 3)))

    expected = "`Conv2D(128, 3, strides=2)`"
    assert label(graph, 1).startswith(expected[:-2])
    assert len(label(graph, 1)) <= 42


def test_a_name_cannot_break_out_of_its_backticks():
    expected = "`ab`"
    assert expected == code("a`b\x1b[31m\n")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ((2, 2), "(2, 2)"),
        ((5,), "(5,)"),
        (((1, 2), (3, 4)), "((1, 2), (3, 4))"),
        ("same", '"same"'),
        (0.5, "0.5"),
        (1.0, "1.0"),
        (None, "None"),
        (True, "True"),
    ],
)
def test_values_are_written_as_a_learner_would(value, text):
    assert text == written(value)


def test_a_name_that_keras_has_made_by_cloning_is_nobodys() -> None:
    """A model whose input is no `Input` gets one with such a name."""
    assert is_automatic("keras_tensor_10CLONE", "Input")
    assert not is_automatic("cyclone", "Input")
