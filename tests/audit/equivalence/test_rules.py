"""Each rule by itself writes what its sentence says, and nothing else."""

from __future__ import annotations

import ast
import textwrap

import pytest

from autograder.audit.equivalence.cell import Cell
from autograder.audit.equivalence.choices import Drawn
from autograder.audit.equivalence.names import Names
from autograder.audit.equivalence.programs import normalised
from autograder.audit.equivalence.rules import RULES, rewrite

IMPORTS = "import keras\nfrom keras import layers"

# What a rule makes of a piece of code wherever it can, the last of its spellings chosen.
EXAMPLES = {
    "single names": ("x = f(x0)\nx = g(x)\ny = x", "x_1 = f(x0)\nx = g(x_1)\ny = x"),
    "renamed variable": ("a = f(x0)\ny = a", "the_a = f(x0)\ny = the_a"),
    "other order": ("a = f(x0)\ny = g(x0)", "y = g(x0)\na = f(x0)"),
    "inlined": ("a = f(x0)\ny = g(a)", "y = g(f(x0))"),
    "outlined": ("y = layers.Dense(3)(x0)", "layer = layers.Dense(3)\ny = layer(x0)"),
    "passed on": ("y = f(x0)", "made = f(x0)\ny = made"),
    "sequential": (
        "y = layers.Flatten()(x0)",
        "y = keras.Sequential([keras.Input(x0.shape[1:], dtype=x0.dtype), layers.Flatten()])(x0)",
    ),
    "sub-model": (
        "y = layers.Flatten()(x0)",
        """
        entrance = keras.Input(x0.shape[1:], dtype=x0.dtype)
        inside = layers.Flatten()(entrance)
        y = keras.Model(entrance, inside)(x0)
        """,
    ),
    "loop": (
        "y = layers.ReLU()(x0)\ny = layers.ReLU()(y)",
        "y = x0\nfor _ in range(2):\n    y = layers.ReLU()(y)",
    ),
    "helper": (
        "y = layers.Flatten()(x0)",
        "def branch(tensor):\n    tensor = layers.Flatten()(tensor)\n    return tensor\ny = branch(x0)",
    ),
    "comprehension": ("a = f(x0)\nb = f(x1)", "a, b = [f(each) for each in (x0, x1)]"),
    "activation as object": (
        "y = layers.Dense(3, activation='relu')(x0)",
        "y = layers.Dense(3, activation=keras.activations.get('relu'))(x0)",
    ),
    "activation behind": (
        "y = layers.Dense(3, activation='relu')(x0)",
        "y = keras.ops.relu(layers.Dense(3)(x0))",
    ),
    "no activation": (
        "y = layers.Dense(3)(x0)",
        "y = layers.Dense(3, activation=keras.activations.linear)(x0)",
    ),
    "merge spelling": ("y = layers.Add()([x0, x1])", "y = layers.add([x0, x1])"),
    "merge operation": ("y = layers.add([x0, x1])", "y = keras.ops.add(x0, x1)"),
    "merge operator": ("y = layers.add([x0, x1])", "y = sum([x0, x1])"),
    "merge order": ("y = layers.concatenate([x0, x1])", "y = layers.concatenate([x1, x0])"),
    "merge chain": ("y = layers.add([x0, x1, x2])", "y = layers.add([x0, layers.add([x1, x2])])"),
    "axis": ("y = layers.concatenate([x0, x1])", "y = layers.Concatenate(axis=3)([x0, x1])"),
    "alias": ("y = layers.Conv2D(3, 1)(x0)", "y = layers.Convolution2D(3, 1)(x0)"),
    "imported": ("y = layers.Dense(3)(x0)", "from keras.layers import Dense\ny = Dense(3)(x0)"),
    "keywords": ("y = layers.Dense(3)(x0)", "y = layers.Dense(units=3)(x0)"),
    "called by keyword": ("y = layers.Dense(3)(x0)", "y = layers.Dense(3)(inputs=x0)"),
    "default": ("y = layers.Flatten()(x0)", "y = layers.Flatten(data_format=None)(x0)"),
    "pair": ("y = layers.Conv2D(3, 1)(x0)", "y = layers.Conv2D(3, [1, 1])(x0)"),
    "capitals": (
        "y = layers.Conv2D(3, 3, padding='same')(x0)",
        "y = layers.Conv2D(3, 3, padding='Same')(x0)",
    ),
    "no padding needed": (
        "y = layers.Conv2D(3, 1, padding='same')(x0)",
        "y = layers.Conv2D(3, 1)(x0)",
    ),
    "pooling strides": (
        "y = layers.MaxPooling2D(2)(x0)",
        "y = layers.MaxPooling2D(2, strides=2)(x0)",
    ),
    "training": ("y = layers.LSTM(3)(x0)", "y = layers.LSTM(3)(x0, training=False)"),
    "identity": ("y = layers.LSTM(3)(x0)", "y = layers.LSTM(3)(layers.Activation('linear')(x0))"),
    "tuple": ("y = layers.add([x0, x1])", "y = layers.add((x0, x1))"),
    "layer name": (
        "y = layers.Dense(3, name='mine')(layers.Flatten()(x0))",
        "y = layers.Dense(3, name='my_mine')(layers.Flatten(name='the_flatten')(x0))",
    ),
    "list of one": ("i = keras.Input((3,))\ny = keras.Model(i, f(i))",
                    "i = keras.Input((3,))\ny = keras.Model([i], f(i))"),
    "shape": ("y = keras.Input((3,), name='i')", "y = keras.Input(batch_shape=(None, 3), name='i')"),
    "loss alias": ("y.compile('sgd', 'mse')", "y.compile('sgd', 'MSE')"),
    "loss object": ("y.compile(loss='mse')", "y.compile(loss=keras.losses.MeanSquaredError())"),
    "metric alias": ("y.compile(metrics=['accuracy'])", "y.compile(metrics=['acc'])"),
    "metric object": ("y.compile(metrics=['mae'])", "y.compile(metrics=[keras.metrics.MeanAbsoluteError()])"),
    "optimizer": ("y.compile('sgd')", "y.compile(keras.optimizers.get('sgd'))"),
    "list for dict": (
        "y.compile(loss={'a': 'mse'}, loss_weights={'a': 1.0})",
        "y.compile(loss=[{'a': 'mse'}[each] for each in y.output_names],"
        " loss_weights=[{'a': 1.0}[each] for each in y.output_names])",
    ),
    "weight type": (
        "y.compile(loss_weights=[1.0])",
        "import numpy as np\ny.compile(loss_weights=[np.int64(1)])",
    ),
    "compile keywords": ("y.compile(optimizer='sgd', loss='mse')", "y.compile('sgd', 'mse')"),
    "computed number": ("y = f(6)", "y = f(int('6'))"),
    "number type": ("y = {'a': 1}", "y = {'a': float(1)}"),
    "dict order": ("y = {'a': 1, 'b': 2}", "y = {'b': 2, 'a': 1}"),
    "dict": ("y = {'a': 1, 'b': 2}", "y = dict(a=1, b=2)"),
    "list": ("y = [x0, x1]", "y = [*(x0, x1)]"),
    "step by step": ("y = {'a': 1}", "y = {}\ny['a'] = 1"),
    "in a function": ("y = f(x0)", "def build():\n    y = f(x0)\n    return y\ny = (lambda: build())()"),
    "in a class": (
        "y = f(x0)",
        """
        class Answer:
            def __init__(self):
                y = f(x0)
                self.y = y
        answer = Answer()
        y = answer.y
        """,
    ),
    "in a method": (
        "def y(x):\n    return x",
        "class Answer:\n    def y(self, x):\n        return x\ny = Answer().y",
    ),
}  # fmt: skip


def cell(source: str) -> Cell:
    """An answer of which `y` is used elsewhere, to a task that leaves order and names free."""
    names = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    return Cell(
        ast.parse(source), Names([IMPORTS]), frozenset("yb"), names, 4, True, frozenset({"mine"})
    )  # fmt: skip


def written(source: str, rule: str) -> str:
    choices = Drawn(lambda most: most, (rule,))
    text = rewrite(cell(source), choices)
    assert list(choices.used) == [rule]
    return normalised(text)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_writes_what_it_says(rule: str) -> None:
    before, after = EXAMPLES[rule]

    assert written(before, rule) == normalised(textwrap.dedent(after))


def test_a_layer_that_is_made_in_a_loop_or_a_comprehension_stays_there() -> None:
    """Made outside of it, it would be shared."""
    source = "y = [layers.Dense(3)(each) for each in f(x0)]"

    assert (
        rewrite(cell(source), Drawn(lambda most: most, ("outlined", "inlined", "layer name")))
        == source + "\n"
    )


def test_a_step_that_is_read_twice_is_not_written_twice() -> None:
    """Its layer would be made twice."""
    source = "a = layers.Dense(3)(x0)\ny = f(a, a)\n"

    assert rewrite(cell(source), Drawn(lambda most: most, ("inlined",))) == source


def test_a_compiled_model_is_compiled_after_it_was_made() -> None:
    source = "y = keras.Model(x0, x1)\ny.compile('sgd')\nb = f(y)\n"

    assert rewrite(cell(source), Drawn(lambda most: most, ("other order",))) == source


def test_what_reads_its_own_name_in_the_notebook_stays_outside_of_functions() -> None:
    source = "y = f(y)\n"

    assert rewrite(cell(source), Drawn(lambda most: most, ("in a function",))) == source


def test_operands_whose_order_counts_keep_it() -> None:
    kept = cell("y = layers.concatenate([x0, x1])")
    kept.order_free = False

    assert rewrite(kept, Drawn(lambda most: most, ("merge order",))) == "y = layers.concatenate([x0, x1])\n"
