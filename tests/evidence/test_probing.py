"""Probing a learner's function: what it makes of named sizes, and why it fails."""

from __future__ import annotations

import linecache

import keras
import pytest
from keras import layers

from autograder.evidence import capture
from autograder.evidence.reading import read

IMAGE = [{"shape": [28, 28, 3], "dtype": "float32"}]
VECTOR = [{"shape": [4]}]


def probes(function, *requests):
    import json

    return read(json.dumps(capture("task", [function], requests))).probes


def learned(source, **names):
    """The function that a notebook's cell defines."""
    filename = f"<ipython-input-{abs(hash(source))}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    scope = {"keras": keras, "layers": layers, **names}
    exec(compile(source, filename, "exec"), scope)
    return scope["make"]


def test_a_function_is_called_on_every_size_asked_for():
    found = probes(lambda x: layers.Conv2D(2, 3)(x), IMAGE, [{"shape": [27, 27, 3]}])

    assert [probe.inputs[0].shape for probe in found] == [(28, 28, 3), (27, 27, 3)]
    assert [probe.returned for probe in found] == ["KerasTensor", "KerasTensor"]
    assert [probe.result["graphs"][0]["calls"][1]["outputs"][0]["shape"] for probe in found] == [
        [None, 26, 26, 2],
        [None, 25, 25, 2],
    ]


def test_a_function_of_several_inputs_takes_them_in_order():
    (probe,) = probes(lambda a, b: layers.add([a, b]), [{"shape": [4]}, {"shape": [4], "dtype": "float32"}])

    assert probe.result["graphs"][0]["inputs"] == [[0, 0], [1, 0]]


def test_several_outputs_and_models_are_results_too():
    def two(x):
        return [layers.Dense(1)(x), layers.Dense(2)(x)]

    def model(x):
        return keras.Model(x, layers.Dense(1)(x), name="made")

    assert [len(probe.result["graphs"][0]["outputs"]) for probe in probes(two, VECTOR)] == [2]
    assert [probe.result["name"] for probe in probes(model, VECTOR)] == ["made"]


@pytest.mark.parametrize(
    ("returned", "told"), [(None, "NoneType"), (3, "int"), ([], "list"), ("x", "str"), ([1], "list")]
)
def test_what_is_no_tensor_is_told_by_its_type(returned, told):
    (probe,) = probes(lambda _: returned, VECTOR)

    assert (probe.result, probe.returned, probe.error) == (None, told, None)


def test_an_error_is_told_with_the_learners_line():
    source = "def make(x):\n    y = layers.Dense(3)(x)\n    return layers.add([x, y])  # mine\n"
    (probe,) = probes(learned(source), VECTOR)

    assert probe.result is None
    assert probe.error.type == "ValueError"
    assert "incompatible" in probe.error.message.lower()
    assert (probe.error.line, probe.error.line_number) == ("return layers.add([x, y])  # mine", 3)
    assert probe.error.function == "make"


def test_the_innermost_line_of_the_learner_is_told():
    source = "def inner(x):\n    return x.nothing\ndef make(x):\n    return inner(x)\n"

    assert probes(learned(source), VECTOR)[0].error.line == "return x.nothing"


def test_an_output_without_its_input_is_an_error_without_a_line():
    other = keras.Input((4,))
    (probe,) = probes(lambda _: layers.Dense(1)(other), VECTOR)

    assert (probe.result, probe.error.type) == (None, "ValueError")


class UnspeakableError(Exception):
    def __str__(self):
        raise RuntimeError("no")


@pytest.mark.parametrize(
    "error", [UnspeakableError(), SystemExit(0), GeneratorExit(), RecursionError("deep")]
)
def test_whatever_is_raised_is_told(error):
    def make(_):
        raise error

    assert probes(make, VECTOR)[0].error.type.endswith(type(error).__name__)


def test_an_interruption_is_not_held_up():
    def make(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        probes(make, VECTOR)


def test_a_long_message_is_cut():
    def make(_):
        raise ValueError("long " * 10_000)

    assert len(probes(make, VECTOR)[0].error.message) == 2_000


def test_the_learners_next_layer_gets_the_name_that_it_would_have_had():
    expected = f"conv2d_{int(layers.Conv2D(1, 1).name.removeprefix('conv2d').removeprefix('_') or 0) + 1}"
    probes(lambda x: layers.Conv2D(2, 3)(x), IMAGE, IMAGE)

    assert layers.Conv2D(1, 1).name == expected


def test_what_is_made_in_a_probe_has_no_weights_and_what_was_made_before_has():
    before = layers.Dense(3)
    during = []

    def make(x):
        during.append(layers.Dense(2))
        return during[0](before(x))

    probes(make, VECTOR)

    assert before.kernel._value is not None
    assert during[0].kernel._value is None
    assert before(keras.ops.ones((1, 4))).shape == (1, 3)


def test_a_function_that_needs_numbers_gets_them():
    def make(x):
        scale = keras.Variable([2.0])
        return x * keras.ops.convert_to_tensor(scale)

    assert probes(make, VECTOR)[0].error is None


def test_keras_is_left_as_it_was():
    new = keras.Operation.__new__
    probes(lambda x: x.nothing, VECTOR)

    assert keras.Operation.__new__ is new


def test_only_the_first_function_is_probed_and_nothing_without_one():
    assert len(probes(lambda x: x * 2, VECTOR, VECTOR)) == 2
    assert capture("task", [3], [VECTOR])["probes"] == []
