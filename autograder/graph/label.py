"""How a call is named to people: by the learner's own name for its layer, or by its kind and settings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

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
"""Settings that are worth naming when they have another value than these."""


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
"""What else Keras calls things, where a call's kind is not the class that its layer was made from."""


def is_automatic(name: str, kind: str) -> bool:
    """Whether Keras made `name` up for an operation of that kind: `conv2d`, `conv2d_3`, `input_layer_1`."""
    plain = re.sub(r"(_\d+)?(CLONE)*$", "", name).replace("_", "").lower()
    return plain == kind.lower() or plain in _MADE_UP


def code(text: str) -> str:
    """`text` set as code: cleaned, cut, and between backticks."""
    return f"`{clean(text, NAME_LIMIT).replace('`', '')}`"


def short_form(operation: Operation) -> str:
    """An operation as its author might write it: `Conv2D(128, 3, strides=2)`."""
    settings = operation.settings
    first = [collapsed(settings[name]) for name in _first_arguments(operation.kind, settings)]
    told = [written(value) for value in first]
    for name in _told(operation):
        more = f"{name}={written(collapsed(operation.written.get(name, settings[name])))}"
        if len(operation.kind) + 2 + len(", ".join([*told, more])) <= NAME_LIMIT:
            told.append(more)
    return f"{operation.kind}({', '.join(told)})" if told else operation.kind


def key_settings(operation: Operation) -> list[str]:
    """The settings of a call that a picture shows, most telling first."""
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
    """`(2, 2)` as 2: what Keras takes the one for."""
    same = isinstance(value, tuple) and value and all(item == value[0] for item in value)
    return value[0] if same and isinstance(value, tuple) and not isinstance(value[0], tuple) else value


def written(value: Setting) -> str:
    """A setting's value as a learner would write it in Python."""
    if isinstance(value, tuple):
        inner = ", ".join(written(item) for item in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, str):
        return '"' + clean(value, NAME_LIMIT) + '"'
    if isinstance(value, float):
        return f"{value:.6g}" if not value.is_integer() else f"{value:.1f}"
    return str(value)


def base_name(operation: Operation) -> str:
    """The name of an operation, whichever of its calls is meant."""
    if is_automatic(operation.name, operation.kind):
        return clean(short_form(operation), NAME_LIMIT)
    return clean(operation.name, NAME_LIMIT).replace("`", "")


class Labels:
    """What a graph's calls and layers are called. No two calls have the same label, and no two layers.

    A call of a shared layer is named by the input that it alone leads back to, where its author gave that a
    name; else by its number.

    `numbers` are a layer's number among those of its kind, by operation id; only where there are several.
    `layers` are the names of the layers as code, by operation id.
    """

    def __init__(self, graph: Graph) -> None:
        self._calls: dict[int, list[int]] = {}
        for call in graph.calls:
            self._calls.setdefault(call.operation, []).append(call.id)
        alike: dict[str, list[int]] = {}
        for operation in self._calls:
            alike.setdefault(graph.operations[operation].kind, []).append(operation)
        several = [operations for operations in alike.values() if len(operations) > 1]
        self.numbers: Mapping[int, int] = {
            operation: number for group in several for number, operation in enumerate(group, start=1)
        }
        self.layers: Mapping[int, str] = self._layers(graph)
        self._origins = _origins(graph) if len(self._calls) < len(graph.calls) else {}

    def of(self, call: Call) -> Message:
        """Return a call's label for another message: code between backticks, and which call of how many."""
        layer, calls = self.layers[call.operation], self._calls[call.operation]
        if len(calls) == 1:
            return verbatim(layer)
        origins = [self._origins.get(other) for other in calls]
        origin = self._origins.get(call.id)
        if origin and None not in origins and len(set(origins)) == len(origins):
            return message("{layer} (called for the input {input})", layer=layer, input=code(origin))
        number = calls.index(call.id) + 1
        return message("{layer}, call {number} of {count}", layer=layer, number=number, count=len(calls))

    def _layers(self, graph: Graph) -> dict[int, str]:
        names = {operation: base_name(graph.operations[operation]) for operation in self._calls}
        times = Counter(names.values())
        taken: set[str] = set()
        made: dict[int, str] = {}
        for operation, name in names.items():
            shown = code(name) + (f" #{self.numbers.get(operation, 1)}" if times[name] > 1 else "")
            while shown in taken:
                shown += "'"
            taken.add(shown)
            made[operation] = shown
        return made


def _origins(graph: Graph) -> dict[int, str]:
    """The only named input that leads to each call, for the calls that there is just one for."""
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
    """Return the label of a call, or of the call with that id, to stand in another message."""
    return Labels(graph).of(graph.call(call) if isinstance(call, int) else call)


def label(graph: Graph, call: Call | int, language: Language = "en") -> str:
    """Return a call's label in words: `` `lstm`, call 2 of 2 ``."""
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
