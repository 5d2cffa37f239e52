"""Models built anew by Keras from their evidence: the models of wrong answers that are made on evidence."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import keras

Evidence = Mapping[str, Any]


def models_in(document: Mapping[str, Any]) -> Iterator[Evidence]:
    """Yield the evidence of a document's models: of those on its probes, or of the one handed over."""
    if document["probes"]:
        values = [probe["result"] for probe in document["probes"]]
    else:
        values = document["arguments"][:1]
    for value in values:
        if value is not None and value["kind"] == "model":
            yield value["model"]


def rebuild(evidence: Evidence) -> keras.Model:
    """Return the model that some evidence tells of, with weights of its own.

    Raises:
        LookupError: it cannot be built: a class of the learner's own, a wrapper, a model without calls.
        Exception: Keras refuses to build it.
    """
    if evidence["graph"] is None:
        raise LookupError("a model without a graph")
    return _Builder(evidence).model(evidence["graph"], evidence["name"], "Functional")


def function_of(document: Mapping[str, Any]) -> Callable[[Any], Any]:
    """Return a function of one tensor that makes the calls that a learner's function made on a probe.

    They are those of the probe with the tensor's shape, and else of the first one. It raises what `rebuild`
    raises, and LookupError where the function made no model of the probes.
    """
    made = list(models_in(document))

    def function(tensor: Any) -> Any:
        if not made:
            raise LookupError("no model")
        alike = (one for one in made if _input_shape(one) == list(tensor.shape))
        return _Builder(evidence := next(alike, made[0])).replay(evidence["graph"], [tensor])

    return function


def _input_shape(evidence: Evidence) -> list[int | None]:
    graph = evidence["graphs"][evidence["graph"]]
    call, output = graph["inputs"][0]
    shape: list[int | None] = graph["calls"][call]["outputs"][output]["shape"]
    return shape


class _Builder:
    def __init__(self, evidence: Evidence) -> None:
        self._entries: Sequence[Mapping[str, Any]] = evidence["operations"]
        self._graphs: Sequence[Mapping[str, Any]] = evidence["graphs"]
        self._made: dict[int, Any] = {}

    def model(self, index: int, name: str, class_name: str) -> keras.Model:
        """Return one of the graphs as a model of a class that has that name."""
        graph = self._graphs[index]
        inputs = [self._input(graph["calls"][call], output) for call, output in graph["inputs"]]
        outputs = self.replay(index, inputs)
        # The rows of a model that holds this one show its class: a `Sequential` must not turn `Functional`.
        kind = keras.Model if class_name == "Functional" else type(class_name, (keras.Model,), {})
        return kind(_structured(inputs, graph["input_keys"]), outputs, name=name)

    def replay(self, index: int, inputs: Sequence[Any]) -> Any:
        """Make one graph's calls, reading `inputs`; return its outputs: a tensor, a list, or a dict."""
        graph = self._graphs[index]
        results: dict[int, list[Any]] = {}
        for (call, output), tensor in zip(graph["inputs"], inputs, strict=True):
            results.setdefault(call, [None] * (output + 1))[output] = tensor
        for call in graph["calls"]:
            if call["id"] not in results:
                args = [_argument(value, results) for value in call["args"]]
                kwargs = {name: _argument(value, results) for name, value in call["kwargs"].items()}
                entry = self._entries[call["operation"]]
                if entry["graph"] is not None:
                    args = [_structured(args[0], self._graphs[entry["graph"]]["input_keys"])]
                made = self._operation(call["operation"])(*args, **kwargs)
                results[call["id"]] = keras.tree.flatten(made)
        outputs = [results[call][output] for call, output in graph["outputs"]]
        return _structured(outputs, graph["output_keys"])

    def _input(self, call: Mapping[str, Any], output: int) -> Any:
        if self._entries[call["operation"]]["class_name"] == "InputLayer":
            return self._operation(call["operation"]).output
        shape = call["outputs"][output]
        return keras.Input(batch_shape=shape["shape"], dtype=shape["dtype"])

    def _operation(self, number: int) -> Any:
        if number not in self._made:
            entry = self._entries[number]
            if entry["graph"] is not None:
                made = self.model(entry["graph"], entry["name"], entry["class_name"])
            elif entry["custom"] or entry["config"] is None:
                raise LookupError(f"{entry['module']}.{entry['class_name']}")
            else:
                kind = getattr(importlib.import_module(entry["module"]), entry["class_name"])
                made = kind.from_config({name: _setting(value) for name, value in entry["config"].items()})
            self._made[number] = made
        return self._made[number]


def _setting(value: Any) -> Any:
    if isinstance(value, dict) and "operation" in value:
        raise LookupError("a layer inside another one")
    if isinstance(value, dict) and set(value) == {"function"}:
        module, _, name = value["function"].rpartition(".")
        return getattr(importlib.import_module(module), name)
    return value


def _argument(argument: Mapping[str, Any], results: Mapping[int, Sequence[Any]]) -> Any:
    ((kind, value),) = argument.items()
    if kind == "tensor":
        return results[value[0]][value[1]]
    if kind == "list":
        return [_argument(item, results) for item in value]
    if kind == "slice":
        return slice(*value)
    if kind == "value":
        return value
    raise LookupError(f"a call with {kind}")


def _structured(tensors: Sequence[Any], keys: Sequence[str] | None) -> Any:
    if keys:
        return dict(zip(keys, tensors, strict=True))
    return tensors[0] if len(tensors) == 1 else list(tensors)
