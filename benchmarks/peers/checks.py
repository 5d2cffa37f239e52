"""The checks of two assignments as plain asserts, once: what nbgrader, Otter and pytest get in place of ours.

A check is a function of what the learner's notebook has made; its name is the task's id. Each tool is handed
the function's body in the shape that it expects: a cell, one of Otter's test files, a pytest module. They
look at the same things as our checks do, but say no more than that an assert failed.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


def branch_sizes(sizes: Any) -> None:
    """Sides of the four branches' outputs, as the stub has them."""
    assert sizes == {"a": 14, "b": 13, "c": 11, "d": 12}


def inception_module(inception_module: Any) -> None:
    """Seven convolutions and a pool in four branches that halve an image of any size, side by side."""
    import keras
    from keras import layers

    for shape in ((28, 28, 192), (27, 27, 64), (33, 20, 8)):
        probe = keras.Input(shape)
        built = keras.Model(probe, inception_module(probe))
        height, width = (size + 1 >> 1 for size in shape[:2])
        assert built.output_shape == (None, height, width, 512)
        convolutions = [layer for layer in built.layers if isinstance(layer, layers.Conv2D)]
        found = sorted((layer.kernel_size[0], layer.strides[0]) for layer in convolutions)
        assert found == [(1, 1), (1, 1), (1, 2), (3, 1), (3, 1), (3, 2), (3, 2)]
        assert all(layer.filters == 128 for layer in convolutions)
        assert all(layer.padding == "same" and layer.activation.__name__ == "relu" for layer in convolutions)
        assert sum(isinstance(layer, layers.AveragePooling2D) for layer in built.layers) == 1
        assert sum(isinstance(layer, layers.Concatenate) for layer in built.layers) == 1


def inception_network(model: Any) -> None:
    """Build a small network around one module."""
    from keras import layers

    assert model.input_shape == (None, 28, 28, 1)
    assert model.output_shape == (None, 10)
    assert sum(isinstance(layer, layers.Concatenate) for layer in model.layers) == 1
    assert sum(isinstance(layer, layers.GlobalAveragePooling2D) for layer in model.layers) == 1
    assert model.layers[-1].activation.__name__ == "softmax"
    assert model.count_params() == 745_226


def add_shapes(sums: Any) -> None:
    """Which shapes can be added, and what comes out."""
    assert sums == {
        "equal": (14, 14, 128),
        "fewer_channels": None,
        "one_channel": (14, 14, 128),
        "smaller": None,
    }


def residual_block(residual_block: Any) -> None:
    """Two convolutions and a pool, added to a projection that halves an image of any size as they do."""
    import keras
    from keras import layers

    for shape in ((28, 28, 64), (27, 27, 64), (31, 18, 16)):
        probe = keras.Input(shape)
        built = keras.Model(probe, residual_block(probe))
        height, width = (size + 1 >> 1 for size in shape[:2])
        assert built.output_shape == (None, height, width, 128)
        convolutions = [layer for layer in built.layers if isinstance(layer, layers.Conv2D)]
        found = sorted((layer.filters, layer.kernel_size[0], layer.strides[0]) for layer in convolutions)
        assert found == [(128, 1, 2), (128, 3, 1), (128, 3, 1)]
        assert sum(isinstance(layer, layers.MaxPooling2D) for layer in built.layers) == 1
        assert sum(isinstance(layer, layers.Add) for layer in built.layers) == 1


def residual_network(model: Any) -> None:
    """Build a small network of two blocks."""
    from keras import layers

    assert model.input_shape == (None, 28, 28, 1)
    assert model.output_shape == (None, 10)
    assert sum(isinstance(layer, layers.Add) for layer in model.layers) == 2
    assert model.layers[-1].activation.__name__ == "softmax"
    assert model.count_params() == 1_151_242


@dataclass(frozen=True)
class Check:
    """A check as text: its task, the name of the learner's that it looks at, and its body."""

    task: str
    name: str
    body: str


def _as_text(function: Callable[[Any], None]) -> Check:
    source = inspect.getsource(function)
    (defined,) = ast.parse(source).body
    assert isinstance(defined, ast.FunctionDef)
    (name,) = inspect.signature(function).parameters
    # The first statement is the docstring.
    body = "\n".join(source.splitlines()[defined.body[1].lineno - 1 :])
    return Check(function.__name__.replace("_", "-"), name, textwrap.dedent(body))


FUNCTIONS: dict[str, tuple[Callable[[Any], None], ...]] = {
    "inception": (branch_sizes, inception_module, inception_network),
    "residual-projection": (add_shapes, residual_block, residual_network),
}
CHECKS: dict[str, tuple[Check, ...]] = {
    assignment: tuple(map(_as_text, functions)) for assignment, functions in FUNCTIONS.items()
}


def hidden_cell(check: Check) -> str:
    """Return a graded cell of an nbgrader source notebook."""
    return f"### BEGIN HIDDEN TESTS\n{check.body}\n### END HIDDEN TESTS"


def otter_file(check: Check, points: float) -> str:
    """One of Otter's exception-based test files."""
    return f"""\
from otter.test_files import test_case

OK_FORMAT = False
name = {check.task!r}
points = {points!r}


@test_case(hidden=True)
def test_it({check.name}):
{textwrap.indent(check.body, "    ")}
"""


def pytest_module(assignment: str) -> str:
    """Return a pytest module that runs in a notebook's kernel, whose names are those of `__main__`."""
    return "import __main__\n" + "\n".join(
        f"""

def {test_name(check.task)}():
    {check.name} = __main__.{check.name}
{textwrap.indent(check.body, "    ")}"""
        for check in CHECKS[assignment]
    )


def test_name(task: str) -> str:
    """What a task's test is called in a pytest module."""
    return f"test_{task.replace('-', '_')}"
