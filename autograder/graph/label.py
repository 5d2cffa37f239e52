"""Names calls for people: by the learner's own name for the layer, or by its kind and settings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from autograder.graph.model import Call, Graph, Operation, Setting
from autograder.messages import Language, Message, clean, message, render, verbatim

NAME_LIMIT = 40

_FIRST_ARGUMENTS: dict[str, tuple[str, ...]] = {
    "Dense": ("units",),
    "EinsumDense": ("equation",),
    "Embedding": ("input_dim", "output_dim"),
    "LSTM": ("units",),
    "GRU": ("units",),
    "SimpleRNN": ("units",),
    "Dropout": ("rate",),
    "Reshape": ("target_shape",),
    "RepeatVector": ("n",),
    "Permute": ("dims",),
    "Activation": ("function",),
}
_USUAL: dict[str, tuple[Setting, ...]] = {
    "strides": (None, 1),
    "padding": ("valid",),
    "dilation_rate": (1,),
    "groups": (1,),
    "return_sequences": (False,),
    "go_backwards": (False,),
    "use_bias": (True,),
    "axis": (None, -1),
}
"""Settings that are named only when they have another value than these."""


_MADE_UP = frozenset(
    (
        "",
        "inputlayer",
        "kerastensor",
        "functional",
        "sequential",
        "model",
        "activation",
        "relu",
        "softmax",
        "identity",
    )
)
"""Other names that Keras gives, where a call's kind is not the class that its layer was made from."""


def is_automatic(name: str, kind: str) -> bool:
    """Return whether Keras made `name` up for that kind: `conv2d`, `conv2d_3`, `input_layer_1`.

    >>> from autograder.graph import is_automatic
    >>> is_automatic("conv2d_3", "Conv2D"), is_automatic("branch", "Conv2D")
    (True, False)
    """
    plain = re.sub(r"(_\d+)?(CLONE)*$", "", name).replace("_", "").lower()
    return plain == kind.lower() or plain in _MADE_UP


def code(text: str) -> str:
    """Return `text` as code: cleaned, cut to the limit, and between backticks.

    >>> from autograder.graph import code
    >>> code("head")
    '`head`'
    """
    return f"`{clean(text, NAME_LIMIT).replace('`', '')}`"


def short_form(operation: Operation) -> str:
    """Return an operation as its author might write it: `Conv2D(128, 3, strides=2)`."""
    settings = operation.settings
    first = [collapsed(settings[name]) for name in _first_arguments(operation.kind, settings)]
    told = [written(value) for value in first]
    for name in _told(operation):
        more = f"{name}={written(collapsed(operation.written.get(name, settings[name])))}"
        if len(operation.kind) + 2 + len(", ".join([*told, more])) <= NAME_LIMIT:
            told.append(more)
    return f"{operation.kind}({', '.join(told)})" if told else operation.kind


def key_settings(operation: Operation) -> list[str]:
    """Return the settings of an operation that a picture shows, the most telling first."""
    settings = operation.settings
    first = _first_arguments(operation.kind, settings)
    if first == ["pool_size"]:
        shown = [f"pool_size={written(collapsed(settings['pool_size']))}"]
    else:
        shown = [written(collapsed(settings[name])) for name in first]
    return shown + [
        f"{name}={written(collapsed(operation.written.get(name, settings[name])))}"
        for name in _told(operation)
    ]


def collapsed(value: Setting) -> Setting:
    """Return `(2, 2)` as 2, which Keras takes for the same."""
    same = isinstance(value, tuple) and value and all(item == value[0] for item in value)
    return value[0] if same and isinstance(value, tuple) and not isinstance(value[0], tuple) else value


def written(value: Setting) -> str:
    """Return a setting's value as a learner would write it in Python."""
    if isinstance(value, tuple):
        inner = ", ".join(written(item) for item in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, str):
        return '"' + clean(value, NAME_LIMIT) + '"'
    if isinstance(value, float):
        return f"{value:.6g}" if not value.is_integer() else f"{value:.1f}"
    return str(value)


def base_name(operation: Operation) -> str:
    """Return the name of an operation, whichever of its calls is meant."""
    if is_automatic(operation.name, operation.kind):
        return clean(short_form(operation), NAME_LIMIT)
    return clean(operation.name, NAME_LIMIT).replace("`", "")


class Labels:
    """The labels of a graph's calls and layers. No two calls have the same label, and no two layers.

    Layers that would have the same name are told apart by their branch, or by the layer after or before them,
    as far as these differ; otherwise, and where each leads to the next, they are counted. A call of a shared
    layer is told apart by the input that it alone depends on, where the author named that input; otherwise
    the calls are counted.

    `numbers` has each layer's number among those of its kind, by operation id, only where there are several.
    `layers` has the names of the layers, by operation id.
    """

    def __init__(self, graph: Graph) -> None:
        self._calls: dict[int, list[Call]] = {}
        for call in graph.calls:
            self._calls.setdefault(call.operation, []).append(call)
        alike: dict[str, list[int]] = {}
        for operation in self._calls:
            alike.setdefault(graph.operations[operation].kind, []).append(operation)
        several = [operations for operations in alike.values() if len(operations) > 1]
        self.numbers: Mapping[int, int] = {
            operation: number for group in several for number, operation in enumerate(group, start=1)
        }
        self.layers: Mapping[int, Message] = _layers(graph, self._calls)
        self._origins = _origins(graph) if len(self._calls) < len(graph.calls) else {}

    def of(self, call: Call) -> Message:
        """Return a call's label for another message: code between backticks, and which call it is."""
        layer, calls = self.layers[call.operation], self._calls[call.operation]
        if len(calls) == 1:
            return layer
        number = calls.index(call)
        origin = _told_apart(self._origins.get(other.id) for other in calls)[number]
        if origin:
            return message("{layer} (called for the input {input})", layer=layer, input=code(origin))
        return message("{layer} ({which} call)", layer=layer, which=ordinal(number + 1))


def ordinal(number: int) -> Message:
    """Return `1st`, `2nd`, `3rd`, `4th`, …"""
    if number // 10 % 10 != 1:
        if number % 10 == 1:
            return message("{number}st", number=number)
        if number % 10 == 2:
            return message("{number}nd", number=number)
        if number % 10 == 3:
            return message("{number}rd", number=number)
    return message("{number}th", number=number)


def _layers(graph: Graph, calls: Mapping[int, Sequence[Call]]) -> dict[int, Message]:
    groups: dict[str, list[int]] = {}
    for operation in calls:
        groups.setdefault(base_name(graph.operations[operation]), []).append(operation)
    alone = {group[0]: name for name, group in groups.items() if len(group) == 1}
    made = {operation: verbatim(code(name)) for operation, name in alone.items()}
    if len(alone) < len(calls):
        places = _Places(graph, alone)
        for name, group in groups.items():
            if len(group) > 1:
                made.update(
                    zip(group, places.named(code(name), [calls[one][0] for one in group]), strict=True)
                )
    return made


class _Places:
    """The places of layers that have the same name; `alone` are the names that only one layer has."""

    def __init__(self, graph: Graph, alone: Mapping[int, str]) -> None:
        self._graph = graph
        self._alone = alone
        self._readers: dict[int, list[tuple[Call, int]]] = {}
        self._above: dict[int, int] = {}
        """The calls that lead to each call, as the bits of a number."""
        for call in graph.calls:
            self._above[call.id] = 0
            for slot, tensor in enumerate(call.inputs, start=1):
                self._readers.setdefault(tensor.call, []).append((call, slot))
                self._above[call.id] |= self._above[tensor.call] | 1 << tensor.call
        self._branches = self._branches_of(graph)

    def named(self, layer: str, calls: Sequence[Call]) -> list[Message]:
        """Return `layer` with the place of each of those calls, so that no two get the same name."""
        counted = [
            message("{layer} ({which} of {count})", layer=layer, which=ordinal(number), count=len(calls))
            for number in range(1, len(calls) + 1)
        ]
        if all(self._above[after.id] >> before.id & 1 for before, after in pairwise(calls)):
            return counted
        inside = [self._branches.get(call.id) for call in calls]
        readers = (self._readers.get(call.id, ()) for call in calls)
        following = _told_apart(self._only(call for call, _ in reading) for reading in readers)
        preceding = _told_apart(
            self._only(self._graph.call(one.call) for one in call.inputs) for call in calls
        )
        places = []
        for number, (branch, after, before) in enumerate(zip(inside, following, preceding, strict=True)):
            if branch and inside.count(branch) > 1:
                which = ordinal(inside[: number + 1].count(branch))
                places.append(
                    message("{layer} ({which} in branch {branch})", layer=layer, which=which, branch=branch)
                )
            elif branch:
                places.append(message("{layer} (branch {branch})", layer=layer, branch=branch))
            elif after:
                places.append(message("{layer} (before {after})", layer=layer, after=code(after)))
            elif before:
                places.append(message("{layer} (after {before})", layer=layer, before=code(before)))
            else:
                places.append(counted[number])
        return places

    def _only(self, calls: Iterable[Call]) -> str | None:
        """Return the name of the only layer among some calls, if no other layer has that name."""
        operations = {call.operation for call in calls}
        return self._alone.get(operations.pop()) if len(operations) == 1 else None

    def _branches_of(self, graph: Graph) -> dict[int, int]:
        """Return each call's branch of the next merge, from 1; calls with several readers have none."""
        branches: dict[int, int] = {}
        for call in reversed(graph.calls):
            if len(self._readers.get(call.id, ())) == 1:
                [(reader, slot)] = self._readers[call.id]
                if len(reader.inputs) > 1:
                    branches[call.id] = slot
                elif reader.id in branches:
                    branches[call.id] = branches[reader.id]
        return branches


def _told_apart(names: Iterable[str | None]) -> list[str | None]:
    """Return the names, with None in place of those that occur more than once."""
    names = list(names)
    times = Counter(names)
    return [name if times[name] == 1 else None for name in names]


def _origins(graph: Graph) -> dict[int, str]:
    """Return the name of the input that leads to each call, where there is only one and it has a name."""
    names = {
        tensor.call: name
        for tensor, name in zip(graph.inputs, graph.input_names, strict=False)
        if name and not is_automatic(name, "Input")
    }
    entrances = {tensor.call for tensor in graph.inputs}
    above: dict[int, frozenset[int]] = {}
    for call in graph.calls:
        reached = [above.get(tensor.call, frozenset()) for tensor in call.inputs]
        above[call.id] = frozenset({call.id}) if call.id in entrances else frozenset().union(*reached)
    only = {call: next(iter(inputs)) for call, inputs in above.items() if len(inputs) == 1}
    return {call: names[entrance] for call, entrance in only.items() if entrance in names}


def labelled(graph: Graph, call: Call | int) -> Message:
    """Return the label of a call, or of the call with that id, to stand in another message.

    >>> import keras
    >>> from autograder.checks import subject_of
    >>> from autograder.graph import labelled
    >>> from autograder.messages import message, render
    >>> x = keras.Input((8,), name="x")
    >>> graph = subject_of(keras.Model(x, keras.layers.Dense(4, name="head")(x))).model.graph
    >>> render(message("Look at {layer}.", layer=labelled(graph, 1)), "en")
    'Look at `head`.'
    """
    return Labels(graph).of(graph.call(call) if isinstance(call, int) else call)


def label(graph: Graph, call: Call | int, language: Language = "en") -> str:
    """Return a call's label in words: `` `lstm` (2nd call) ``.

    >>> import keras
    >>> from autograder.checks import subject_of
    >>> from autograder.graph import label
    >>> x = keras.Input((8,), name="x")
    >>> graph = subject_of(keras.Model(x, keras.layers.Dense(4, name="head")(x))).model.graph
    >>> [label(graph, call) for call in graph]
    ['`x`', '`head`']
    """
    return render(labelled(graph, call), language)


def _first_arguments(kind: str, settings: Mapping[str, Setting]) -> list[str]:
    names: tuple[str, ...] = _FIRST_ARGUMENTS.get(kind, ())
    if not names and "kernel_size" in settings:
        names = ("filters", "kernel_size")
    elif not names and "pool_size" in settings:
        names = ("pool_size",)
    return [name for name in names if name in settings]


def _told(operation: Operation) -> list[str]:
    told = []
    for name, usual in _USUAL.items():
        if name not in operation.settings:
            continue
        value = collapsed(operation.settings[name])
        if name == "strides" and "pool_size" in operation.settings:
            usual = (None, collapsed(operation.settings["pool_size"]))
        if value not in usual and not (name == "axis" and operation.kind != "Concatenate"):
            told.append(name)
    return told
