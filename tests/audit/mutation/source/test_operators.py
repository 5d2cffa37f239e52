"""A source mutant is a program that somebody might have written: the answer, with one slip in it."""

from __future__ import annotations

import ast
from collections import Counter
from functools import cache

import pytest

from autograder.audit.mutation.source.code import Change
from autograder.audit.mutation.source.mutants import source_changes
from autograder.audit.mutation.source.non_answers import OPERATOR, pasted
from autograder.audit.mutation.source.parameters import parameter_changes
from autograder.audit.mutation.source.spelling import misspelt, misspelt_kinds, near, near_kinds

BLOCK = """\
def block(x, depth=2):
    # A remark.
    y = layers.Conv2D(8, 3, padding="same")(x)
    for _ in range(depth):
        y = layers.Dense(4 + 1)(y)
    if depth:
        y = layers.ReLU()(y)
    return layers.add([y, x])
"""

MODEL = """\
left = keras.Input(shape=(None, 3), name="left")
right = keras.Input(shape=(None, 3), name="right")
lstm = layers.LSTM(32, use_bias=False)
both = layers.concatenate([lstm(left), lstm(right)])

model = keras.Model([left, right], both)
model.compile(
    optimizer="rmsprop",
    loss={"a": "mse", "b": "mae"},
)
"""

OPERATORS = {
    "number changed", "text misspelt", "text changed", "key misspelt", "truth turned", "None changed",
    "positional argument dropped", "keyword argument dropped", "keyword misspelt", "arguments exchanged",
    "layer changed", "layer not called", "layer passed by", "layer made each time", "layer made once",
    "element dropped", "element doubled", "elements exchanged", "entry dropped", "entries exchanged",
    "variable changed", "attribute misspelt", "name misspelt", "statement deleted", "result not assigned",
    "return deleted", "return changed", "loop changed", "loop removed", "condition negated",
    "operator changed", "bracket missing", "colon missing",
}  # fmt: skip
UNREADABLE = ("bracket missing", "colon missing")


@cache
def made_of(text: str) -> list[Change]:
    return source_changes(text)


def lines(text: str, operator: str, old: str) -> list[str]:
    """What an operator makes of a line, or of several lines."""
    found = []
    for change in made_of(text):
        if change.operator == operator:
            before, after = text.splitlines(), change.text.splitlines()
            while before and after and before[0] == after[0]:
                del before[0], after[0]
            while before and after and before[-1] == after[-1]:
                del before[-1], after[-1]
            if "\n".join(line.strip() for line in before) == old:
                found.append("\n".join(line.strip() for line in after))
    return found


def test_every_operator_occurs() -> None:
    found = Counter(change.operator for text in (BLOCK, MODEL) for change in made_of(text))

    assert set(found) == OPERATORS


@pytest.mark.parametrize("text", [BLOCK, MODEL], ids=["block", "model"])
def test_every_mutant_is_another_program_and_only_some_cannot_be_parsed(text: str) -> None:
    made = made_of(text)
    readable = [change for change in made if change.operator not in UNREADABLE]
    programs = [ast.dump(ast.parse(change.text)) for change in readable]

    assert len(set(programs)) == len(programs)
    assert ast.dump(ast.parse(text)) not in programs
    for change in made:
        if change.operator in UNREADABLE:
            with pytest.raises(SyntaxError):
                ast.parse(change.text)
    assert len({change.text for change in made}) == len(made)


@pytest.mark.parametrize("text", [BLOCK, MODEL], ids=["block", "model"])
def test_mutants_are_the_same_every_time(text: str) -> None:
    assert source_changes(text) == made_of(text)


CONVOLUTION = 'y = layers.Conv2D(8, 3, padding="same")(x)'
COMPILE = 'loss={"a": "mse", "b": "mae"},'


@pytest.mark.parametrize(
    ("text", "operator", "old", "made"),
    [
        (BLOCK, "number changed", CONVOLUTION, 'y = layers.Conv2D(9, 3, padding="same")(x)'),
        (BLOCK, "number changed", CONVOLUTION, 'y = layers.Conv2D(8, 6, padding="same")(x)'),
        (BLOCK, "text changed", CONVOLUTION, 'y = layers.Conv2D(8, 3, padding="valid")(x)'),
        (BLOCK, "text misspelt", CONVOLUTION, 'y = layers.Conv2D(8, 3, padding="smae")(x)'),
        (BLOCK, "keyword argument dropped", CONVOLUTION, "y = layers.Conv2D(8, 3)(x)"),
        (BLOCK, "positional argument dropped", CONVOLUTION, 'y = layers.Conv2D(3, padding="same")(x)'),
        (BLOCK, "keyword misspelt", CONVOLUTION, 'y = layers.Conv2D(8, 3, pdading="same")(x)'),
        (BLOCK, "arguments exchanged", CONVOLUTION, 'y = layers.Conv2D(3, 8, padding="same")(x)'),
        (BLOCK, "attribute misspelt", CONVOLUTION, 'y = layers.Conv2d(8, 3, padding="same")(x)'),
        (BLOCK, "layer changed", CONVOLUTION, 'y = layers.SeparableConv2D(8, 3, padding="same")(x)'),
        (BLOCK, "layer not called", CONVOLUTION, 'y = layers.Conv2D(8, 3, padding="same")'),
        (BLOCK, "layer passed by", CONVOLUTION, "y = x"),
        (BLOCK, "result not assigned", CONVOLUTION, 'layers.Conv2D(8, 3, padding="same")(x)'),
        (BLOCK, "name misspelt", CONVOLUTION, 'yy = layers.Conv2D(8, 3, padding="same")(x)'),
        (BLOCK, "operator changed", "y = layers.Dense(4 + 1)(y)", "y = layers.Dense(4 - 1)(y)"),
        (BLOCK, "variable changed", "y = layers.Dense(4 + 1)(y)", "y = layers.Dense(4 + 1)(x)"),
        (BLOCK, "loop changed", "for _ in range(depth):", "for _ in range(depth + 1):"),
        (BLOCK, "condition negated", "if depth:", "if not (depth):"),
        (BLOCK, "statement deleted", "y = layers.ReLU()(y)", "pass"),
        (BLOCK, "return deleted", "return layers.add([y, x])", "layers.add([y, x])"),
        (BLOCK, "return changed", "return layers.add([y, x])", "return y"),
        (BLOCK, "element dropped", "return layers.add([y, x])", "return layers.add([x])"),
        (BLOCK, "elements exchanged", "return layers.add([y, x])", "return layers.add([x, y])"),
        (BLOCK, "element doubled", "return layers.add([y, x])", "return layers.add([y, y, x])"),
        (BLOCK, "layer changed", "return layers.add([y, x])", "return layers.concatenate([y, x])"),
        (BLOCK, "bracket missing", "return layers.add([y, x])", "return layers.add([y, x]"),
        (BLOCK, "colon missing", "def block(x, depth=2):", "def block(x, depth=2)"),
        (
            BLOCK,
            "layer made once",
            "for _ in range(depth):\ny = layers.Dense(4 + 1)(y)",
            "shared_layer = layers.Dense(4 + 1)\nfor _ in range(depth):\ny = shared_layer(y)",
        ),
        (
            BLOCK,
            "loop removed",
            "for _ in range(depth):\ny = layers.Dense(4 + 1)(y)",
            "y = layers.Dense(4 + 1)(y)",
        ),
        (MODEL, "key misspelt", COMPILE, 'loss={"aa": "mse", "b": "mae"},'),
        (MODEL, "entry dropped", COMPILE, 'loss={"b": "mae"},'),
        (MODEL, "entries exchanged", COMPILE, 'loss={"a": "mae", "b": "mse"},'),
        (
            MODEL,
            "layer made each time",
            "both = layers.concatenate([lstm(left), lstm(right)])",
            "both = layers.concatenate([layers.LSTM(32, use_bias=False)(left), lstm(right)])",
        ),
        (
            MODEL,
            "truth turned",
            "lstm = layers.LSTM(32, use_bias=False)",
            "lstm = layers.LSTM(32, use_bias=True)",
        ),
    ],
)  # fmt: skip
def test_what_an_operator_makes(text: str, operator: str, old: str, made: str) -> None:
    assert made in lines(text, operator, old)


def test_a_mutant_says_its_line_and_its_slip() -> None:
    made = {(change.line, change.what) for change in made_of(BLOCK)}

    assert (3, 'padding="valid" instead of "same"') in {(line, what.split(": ")[-1]) for line, what in made}
    assert (8, "layers.add: without [y, x]") in made
    assert all(0 < line <= len(BLOCK.splitlines()) for line, _ in made)


def test_a_layer_that_is_made_twice_alike_is_made_once() -> None:
    twice = "def f(x):\n    y = layers.Dense(3)(x)\n    return layers.Dense(3)(y)\n"
    (made,) = of(source_changes(twice), "layer made once")

    assert made.text == (
        "def f(x):\n    shared_layer = layers.Dense(3)\n    y = shared_layer(x)\n    return shared_layer(y)\n"
    )


def test_a_variable_is_changed_only_for_one_that_is_there() -> None:
    """Not for one that the next line makes; for one of an earlier cell only outside of functions."""
    text = "first = 1\nsecond = first\nthird = second\n"
    assert [change.text.splitlines()[1:] for change in of(source_changes(text), "variable changed")] == [
        ["second = first", "third = first"]
    ]

    (other,) = of(source_changes("found = [texts]\n", ["texts", "questions"]), "variable changed")
    assert other.text == "found = [questions]\n"
    within = "def f(x):\n    return texts + x\n"
    made = of(source_changes(within, ["texts", "questions"]), "variable changed")
    assert [change.text.splitlines()[1].strip() for change in made] == ["return x + x"]


def test_what_stands_in_brackets_stays_there() -> None:
    (made,) = (change for change in source_changes("a = (1,)\n") if change.operator == "element dropped")
    assert made.text == "a = ()\n"
    texts = [change.text for change in of(source_changes("a = (1, 2)\n"), "element dropped")]
    assert texts == ["a = (2,)\n", "a = (1,)\n"]


def test_words_and_their_slips() -> None:
    assert misspelt("same") == "smae"
    assert misspelt("x") == "xx"
    assert misspelt_kinds("MaxPooling2D") == ["AmxPooling2D", "MaxPooling2d", "maxPooling2D"]
    assert misspelt_kinds("add") == ["addd"]
    assert near("same") == ["valid"]
    assert near("anything else") == []
    assert near_kinds("LSTM") == ["GRU", "SimpleRNN"]


def of(changes: list[Change], operator: str) -> list[Change]:
    return [change for change in changes if change.operator == operator]


def test_a_parameter_is_fixed_at_the_value_that_the_function_is_tried_with() -> None:
    """Whoever tries a function with its defaults alone takes it for right."""
    tried = [[{"shape": [8, 8, 3], "dtype": "float32"}, {"value": 4}], [{"shape": [8, 8, 3]}, {"value": 7}]]

    (change,) = parameter_changes(BLOCK, tried)
    assert change.operator == "parameter not read"
    assert change.text == BLOCK.replace(
        '    y = layers.Conv2D(8, 3, padding="same")(x)',
        "    depth = 4\n" + '    y = layers.Conv2D(8, 3, padding="same")(x)',
    )
    (change,) = parameter_changes(BLOCK, tried[1:1])
    assert "depth = 2\n" in change.text
    ast.parse(change.text)


def test_a_block_of_the_text_is_an_answer_that_is_none() -> None:
    (change,) = pasted(["keras.Sequential([\n])\n"])

    assert (change.operator, change.text) == (OPERATOR, "keras.Sequential([\n])\n")
