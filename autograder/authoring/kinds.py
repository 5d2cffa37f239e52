"""What an exercise of each kind looks like before anybody has written it: it runs and is graded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.course.model import Expects


@dataclass(frozen=True)
class Kind:
    """A kind of task: its entry in `course.yml`, code for its cells, and the first check of each grader.

    In the texts `{name}` is the learner's variable or function for the task's object. A check is its title
    and what is expected; learners see the one in `public`, and `hidden` has none where that is enough. A task
    that a person grades has neither code nor checks.
    """

    expects: Expects
    imports: Sequence[str] = ()
    solution: str = ""
    stub: str = ""
    other: str = ""
    public: tuple[str, str] | None = None
    hidden: tuple[str, str] | None = None
    body: str = "{code}"
    """The code around solution and stub in the cell, such as a function's first line."""
    probes: str = ""
    target: str = "nothing"

    def answer(self, name: str) -> str:
        """Return the source of the answer's cell."""
        stub = "\n".join(f"# {line}" for line in self.stub.splitlines())
        code = f"### BEGIN SOLUTION\n{self.solution}\n### BEGIN STUB\n{stub}\n### END STUB\n### END SOLUTION"
        return self._around(code, name)

    def alternative(self, name: str) -> str:
        """Return another solution, to be shown after full marks."""
        return self._around(self.other, name)

    def _around(self, code: str, name: str) -> str:
        head, _, _ = self.body.partition("{code}")
        indent = " " * (4 if head else 0)
        indented = "\n".join(indent + line for line in code.splitlines())
        return (head + indented).replace("{name}", name)


_KERAS = ("import keras", "from keras import layers")

KINDS = {
    "model": Kind(
        expects="model",
        imports=_KERAS,
        solution="inputs = keras.Input(shape=(4,))\noutputs = layers.Dense(2)(inputs)\n"
        "{name} = keras.Model(inputs, outputs)",
        stub="inputs = keras.Input(shape=(4,))\noutputs = layers.Dense(1)(inputs)\n"
        "{name} = keras.Model(inputs, outputs)",
        other="first = keras.Input(shape=(4,))\n{name} = keras.Model(first, layers.Dense(2)(first))",
        public=("A model has been built.", "builds()"),
        hidden=("The model is the one that the task describes.", "matches()"),
        target="outline",
    ),
    "function": Kind(
        expects="function",
        imports=_KERAS,
        body="def {name}(x):\n{code}",
        solution="y = layers.Dense(8)(x)\nreturn layers.add([x, y])",
        stub="y = layers.Dense(8)(x)\nreturn y",
        other="return layers.Add()([x, layers.Dense(8)(x)])",
        public=("The function builds a block.", "builds()"),
        hidden=("The block is the one that the task describes.", "matches()"),
        probes="[[[8]]]",
        target="outline",
    ),
    "value": Kind(
        expects="value",
        imports=(),
        solution="{name} = 6 * 7",
        stub="{name} = 6 + 7",
        other="{name} = 42",
        public=("The value is right.", "equals(6 * 7)"),
    ),
    "number": Kind(
        expects="value",
        imports=(),
        solution="right, answers = 45, 60\n{name} = right / answers",
        stub="right, answers = 45, 60\n{name} = right",
        other="{name} = 3 / 4",
        public=("The number is a share: at most 1.", "is_at_most(1)"),
        hidden=("The number is right.", "is_close(tolerance=0.001)"),
    ),
    "table": Kind(
        expects="value",
        imports=(),
        solution='{name} = {"epoch": [1, 2, 3], "loss": [0.9, 0.5, 0.25]}',
        stub='{name} = {"epoch": [1, 2, 3]}',
        other='{name} = [{"epoch": 1, "loss": 0.9}, {"epoch": 2, "loss": 0.5}, {"epoch": 3, "loss": 0.25}]',
        public=("The table has its columns.", 'has_columns("epoch", "loss")'),
        hidden=("The table holds what was measured.", "equals_table(tolerance=0.001)"),
    ),
    "plot": Kind(
        expects="plot",
        imports=("from matplotlib import pyplot as plt",),
        solution="{name}, axes = plt.subplots()\naxes.plot([1, 2, 3], [0.9, 0.5, 0.25])",
        stub="{name}, axes = plt.subplots()\naxes.plot([0.9, 0.5, 0.25], [1, 2, 3])",
        other="{name} = plt.figure()\nplt.plot([1, 2, 3], [0.9, 0.5, 0.25])",
        public=("There is a line.", "plots(lines=1)"),
        hidden=("The line shows the losses.", "shows_line()"),
    ),
    "text": Kind(expects="text"),
}
