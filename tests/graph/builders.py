"""Graphs by hand, without TensorFlow: a small builder, and the chapter's models built with it."""

from __future__ import annotations

import random
from dataclasses import replace

from autograder.graph.model import Call, Graph, Operation, Setting, Shape, Tensor

CONVOLUTION: dict[str, Setting] = {
    "strides": (1, 1),
    "padding": "valid",
    "dilation_rate": (1, 1),
    "use_bias": True,
}


class Builder:
    """Adds calls one after another; every method gives back the tensor that the call makes."""

    def __init__(self, name: str = "model") -> None:
        self.name = name
        self.operations: dict[int, Operation] = {}
        self.calls: list[Call] = []
        self.ins: list[Tensor] = []
        self.in_names: list[str] = []

    def operation(self, kind: str, name: str = "", /, inspectable: bool = True, **settings: Setting) -> int:
        """A layer that has not been called yet, by its id."""
        number = len(self.operations)
        count = sum(known.kind == kind for known in self.operations.values())
        made_up = kind.lower() + (f"_{count}" if count else "")
        self.operations[number] = Operation(number, kind, name or made_up, settings, inspectable)
        return number

    def call(
        self,
        operation: int,
        *inputs: Tensor,
        shape: Shape | None = None,
        activation: str | None = None,
        path: tuple[str, ...] = (),
    ) -> Tensor:
        """A call of a layer."""
        shapes = () if shape is None else (shape,)
        self.calls.append(Call(len(self.calls), operation, inputs, shapes, activation, path))
        return Tensor(len(self.calls) - 1)

    def input(self, *size: int | None, name: str = "", dtype: str = "float32") -> Tensor:
        """An input of the model; `size` is without the batch axis."""
        shape = (None, *size)
        tensor = self.call(self.operation("Input", name, dtype=dtype), shape=shape)
        self.ins.append(tensor)
        self.in_names.append(
            name or ("input_layer" if len(self.ins) == 1 else f"input_layer_{len(self.ins) - 1}")
        )
        return tensor

    def layer(
        self,
        kind: str,
        *inputs: Tensor,
        name: str = "",
        activation: str | None = None,
        shape: Shape | None = None,
        path: tuple[str, ...] = (),
        **settings: Setting,
    ) -> Tensor:
        """A new layer and its one call."""
        operation = self.operation(kind, name, **settings)
        return self.call(operation, *inputs, shape=shape, activation=activation, path=path)

    def conv(
        self,
        x: Tensor,
        filters: int,
        size: int,
        *,
        name: str = "",
        activation: str | None = "relu",
        **settings: Setting,
    ) -> Tensor:
        """A `Conv2D` with its shape worked out where its input's is known."""
        known = {**CONVOLUTION, "filters": filters, "kernel_size": (size, size), **settings}
        return self.layer(
            "Conv2D",
            x,
            name=name,
            activation=activation,
            shape=self._window(x, size, known, filters),
            **known,
        )

    def pool(
        self, x: Tensor, size: int, *, kind: str = "MaxPooling2D", name: str = "", **settings: Setting
    ) -> Tensor:
        """A pooling layer."""
        known = {"pool_size": (size, size), "strides": (size, size), "padding": "valid", **settings}
        shape = self.calls[x.call].shapes
        channels = shape[0][-1] if shape else None
        return self.layer(kind, x, name=name, shape=self._window(x, size, known, channels), **known)

    def merge(self, kind: str, *inputs: Tensor, name: str = "", **settings: Setting) -> Tensor:
        """`Add`, `Concatenate` and the like."""
        shapes = [self.calls[tensor.call].shapes for tensor in inputs]
        shape: Shape | None = None
        if all(shapes):
            last = [known[0][-1] for known in shapes]
            total = sum(size or 0 for size in last) if kind == "Concatenate" else last[0]
            shape = (*shapes[0][0][:-1], total)
        if kind == "Concatenate":
            settings = {"axis": -1, **settings}
        return self.layer(kind, *inputs, name=name, shape=shape, **settings)

    def dense(self, x: Tensor, units: int, *, name: str = "", activation: str | None = None) -> Tensor:
        """A `Dense` layer."""
        shapes = self.calls[x.call].shapes
        shape = (*shapes[0][:-1], units) if shapes else None
        return self.layer(
            "Dense", x, name=name, activation=activation, shape=shape, units=units, use_bias=True
        )

    def graph(self, *outputs: Tensor, names: tuple[str, ...] = ()) -> Graph:
        """The graph, its calls in the order in which they were made."""
        made_up = tuple(self.operations[self.calls[tensor.call].operation].name for tensor in outputs)
        return Graph(
            operations=dict(self.operations),
            calls=tuple(self.calls),
            inputs=tuple(self.ins),
            outputs=outputs,
            input_names=tuple(self.in_names),
            output_names=names or made_up,
            name=self.name,
        )

    def _window(
        self, x: Tensor, size: int, settings: dict[str, Setting], channels: int | None
    ) -> Shape | None:
        shapes = self.calls[x.call].shapes
        if not shapes:
            return None
        strides = settings["strides"]
        assert isinstance(strides, tuple)
        stride = strides[0]
        assert isinstance(stride, int)
        less = 0 if settings["padding"] == "same" else size - 1
        sides = tuple(
            None if side is None else (side - less + stride - 1) // stride for side in shapes[0][1:-1]
        )
        return (None, *sides, channels)


def inception() -> Graph:
    """The chapter's Inception module: four branches, 128 channels each, joined at half the size."""
    b = Builder("inception")
    x = b.input(28, 28, 192)
    two = {"strides": (2, 2), "padding": "same"}
    first = b.conv(x, 128, 1, **two)
    second = b.conv(b.conv(x, 128, 1), 128, 3, **two)
    third = b.conv(b.pool(x, 3, kind="AveragePooling2D", **two), 128, 3, padding="same")
    fourth = b.conv(b.conv(b.conv(x, 128, 1), 128, 3, padding="same"), 128, 3, **two)
    return b.graph(b.merge("Concatenate", first, second, third, fourth))


def residual() -> Graph:
    """Two convolutions and a pool, past which a 1×1 projection carries the input."""
    b = Builder("residual")
    x = b.input(28, 28, 64)
    y = b.conv(x, 128, 3, padding="same")
    y = b.conv(y, 128, 3, padding="same")
    y = b.pool(y, 2)
    shortcut = b.conv(x, 128, 1, strides=(2, 2), padding="same", activation=None)
    return b.graph(b.merge("Add", y, shortcut))


def siamese(shared: bool = True) -> Graph:
    """One LSTM for two inputs; or, not shared, one LSTM for each."""
    b = Builder("siamese")
    left, right = b.input(None, 128, name="left"), b.input(None, 128, name="right")
    lstm = b.operation("LSTM", "", units=32, return_sequences=False)
    other = lstm if shared else b.operation("LSTM", "", units=32, return_sequences=False)
    one = b.call(lstm, left, shape=(None, 32), activation="tanh")
    two = b.call(other, right, shape=(None, 32), activation="tanh")
    return b.graph(b.dense(b.merge("Concatenate", one, two), 1, activation="sigmoid"))


def multi_output() -> Graph:
    """Posts to age, income and gender."""
    b = Builder("posts")
    x = b.input(None, name="posts", dtype="int32")
    x = b.layer("Embedding", x, shape=(None, None, 256), input_dim=50000, output_dim=256)
    x = b.layer(
        "Conv1D", x, shape=(None, None, 128), activation="relu", filters=128, kernel_size=(5,), strides=(1,)
    )
    x = b.layer("MaxPooling1D", x, shape=(None, None, 128), pool_size=(5,), strides=(5,))
    x = b.layer(
        "Conv1D", x, shape=(None, None, 256), activation="relu", filters=256, kernel_size=(5,), strides=(1,)
    )
    x = b.layer("GlobalMaxPooling1D", x, shape=(None, 256))
    x = b.dense(x, 128, activation="relu")
    age = b.dense(x, 1, name="age")
    income = b.dense(x, 10, name="income", activation="softmax")
    gender = b.dense(x, 1, name="gender", activation="sigmoid")
    return b.graph(age, income, gender)


def tower(calls: int = 2, blocks: int = 43, copies: bool = False) -> Graph:
    """A deep sub-model (about three calls a block) called on several cameras: `copies` clones it instead."""
    b = Builder("cameras")
    results = []
    layers: list[int] = []

    def layer(number: int, kind: str, **settings: Setting) -> int:
        if number == len(layers):
            layers.append(b.operation(kind, f"block{number // 2}_{kind.lower()}", **settings))
        return layers[number]

    for camera in range(calls):
        if copies:
            layers = []
        x = b.input(250, 250, 3, name=f"camera_{camera}")
        number = 0
        for block in range(blocks):
            filters = 32 + 8 * (block // 4)
            path = ("xception",) if not copies else (f"xception_{camera}",)
            y = b.call(
                layer(number, "SeparableConv2D", filters=filters, kernel_size=(3, 3), strides=(1, 1)),
                x,
                path=path,
            )
            y = b.call(
                layer(number + 1, "BatchNormalization", epsilon=0.001), y, activation="relu", path=path
            )
            # Reading a model parts the calls of layers without weights: they share nothing.
            x = b.call(b.operation("Add", f"block{block}_add_{camera}"), x, y, path=path)
            number += 2
        results.append(x)
    return b.graph(b.merge("Concatenate", *results))


def changed(graph: Graph, call: int, activation: str | None = None, **settings: Setting) -> Graph:
    """The graph with settings of one call's layer changed (`activation` too, where it is given)."""
    operation = graph.operation_of(call)
    operations = {
        **graph.operations,
        operation.id: replace(operation, settings={**operation.settings, **settings}),
    }
    calls = tuple(
        replace(known, activation=activation) if activation and known.id == call else known
        for known in graph.calls
    )
    return replace(graph, operations=operations, calls=calls)


def rewired(graph: Graph, call: int, slot: int, source: int) -> Graph:
    """The graph with one input of one call taken from another call (`in_order` puts calls back in order)."""
    calls = []
    for known in graph.calls:
        if known.id == call:
            inputs = list(known.inputs)
            inputs[slot] = Tensor(source)
            known = replace(known, inputs=tuple(inputs))
        calls.append(known)
    return replace(graph, calls=tuple(calls))


def in_order(graph: Graph) -> Graph:
    """The graph with its calls in topological order again."""
    waiting, done = list(graph.calls), list[Call]()
    while waiting:
        known = {call.id for call in done}
        ready = [call for call in waiting if all(tensor.call in known for tensor in call.inputs)]
        done += ready
        waiting = [call for call in waiting if call not in ready]
    return replace(graph, calls=tuple(done))


def without(graph: Graph, *gone: int) -> Graph:
    """The graph with calls taken out: their readers read what they read."""
    calls = []
    through: dict[int, tuple[Tensor, ...]] = {}
    for known in graph.calls:
        inputs = tuple(t for tensor in known.inputs for t in through.get(tensor.call, (tensor,)))
        if known.id in gone:
            through[known.id] = inputs
        else:
            calls.append(replace(known, inputs=inputs))
    outputs = tuple(t for tensor in graph.outputs for t in through.get(tensor.call, (tensor,)))
    return replace(graph, calls=tuple(calls), outputs=outputs)


def without_branch(graph: Graph, merge: int, slot: int) -> Graph:
    """The graph without one branch of a merge, and without what then leads nowhere."""
    calls = [
        replace(known, inputs=(*known.inputs[:slot], *known.inputs[slot + 1 :]))
        if known.id == merge
        else known
        for known in graph.calls
    ]
    return pruned(replace(graph, calls=tuple(calls)))


def pruned(graph: Graph) -> Graph:
    """The graph without calls that no output needs, as Keras leaves them out."""
    needed = {tensor.call for tensor in (*graph.outputs, *graph.inputs)}
    for known in reversed(graph.calls):
        if known.id in needed:
            needed.update(tensor.call for tensor in known.inputs)
    return replace(graph, calls=tuple(known for known in graph.calls if known.id in needed))


def shuffled(graph: Graph, seed: int = 0) -> Graph:
    """The same graph under other ids and names, its calls in another order, free operands mixed."""
    rng = random.Random(seed)
    operation_ids = rng.sample(range(1000), len(graph.operations))
    operations = dict(zip(graph.operations, operation_ids, strict=True))
    waiting, done = list(graph.calls), dict[int, int]()
    ids = rng.sample(range(1000, 3000), len(waiting))
    calls = []
    while waiting:
        ready = [call for call in waiting if all(tensor.call in done for tensor in call.inputs)]
        call = rng.choice(ready)
        waiting.remove(call)
        done[call.id] = ids.pop()
        inputs = [Tensor(done[tensor.call], tensor.index) for tensor in call.inputs]
        if graph.operation_of(call).kind in (
            "Add",
            "Multiply",
            "Concatenate",
            "Average",
            "Maximum",
            "Minimum",
        ):
            rng.shuffle(inputs)
        calls.append(
            replace(call, id=done[call.id], operation=operations[call.operation], inputs=tuple(inputs))
        )
    return Graph(
        operations={
            operations[known.id]: replace(
                known, id=operations[known.id], name=f"layer_{operations[known.id]}"
            )
            for known in rng.sample(list(graph.operations.values()), len(graph.operations))
        },
        calls=tuple(calls),
        inputs=tuple(Tensor(done[tensor.call], tensor.index) for tensor in graph.inputs),
        outputs=tuple(Tensor(done[tensor.call], tensor.index) for tensor in graph.outputs),
        input_names=graph.input_names,
        output_names=graph.output_names,
    )
