"""Reads a model's evidence into a raw graph: nested models expanded, classes allow-listed, settings plain."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from autograder.graph import activations, allowed, compile_effects, uninspectable
from autograder.graph.errors import GraphError
from autograder.graph.model import Call, Graph, Misfit, Operation, Setting, Tensor
from autograder.graph.settings import APPLIES_ACTIVATION, UninspectableError, input_settings, settings_of
from autograder.graph.shapes import MERGES
from autograder.messages import AutograderError, message

# Keras itself fills in whether a call is training, and its masks.
_NOT_ARGUMENTS = frozenset({"training", "mask", "query_mask", "value_mask", "key_mask"})
_MAX_WRAPPERS = 8
_MAX_PARTS = 1_000
_MAX_CALLS = 50_000

Parts = Mapping[str, Sequence[Graph]]
"""What earlier tasks make in the reference solution: by task, the graph of each known call."""


def read_model(evidence: Mapping[str, Any], parts: Parts = MappingProxyType({})) -> Graph:
    """Return the graph of a captured model as it was written: not canonical, with only the inputs' shapes.

    A model without a graph (subclassed, or not built yet) becomes one call that cannot be inspected, and so
    does a stand-in that stands for none of the `parts`.

    Raises:
        GraphError: the outputs depend on an input that the model does not have. Older versions of Keras
            build such a model; newer ones refuse it.

    >>> import keras
    >>> from autograder.evidence import capture
    >>> from autograder.graph import label, read_model
    >>> x = keras.Input((8,), name="x")
    >>> model = keras.Model(x, keras.layers.Dense(4, name="head")(x))
    >>> graph = read_model(capture("task", [model])["arguments"][0]["model"])
    >>> [(label(graph, call), graph.operation_of(call).kind) for call in graph]
    [('`x`', 'Input'), ('`head`', 'Dense')]
    """
    reader = _Reader(evidence, parts)
    if evidence["graph"] is None:
        return reader.uninspectable_model()
    return reader.graph()


class _NotApartError(AutograderError):
    """A model whose layers cannot be wrapped one by one."""


class _Reader:
    def __init__(self, evidence: Mapping[str, Any], parts: Parts) -> None:
        self._evidence = evidence
        self._known = parts
        self._entries: Sequence[Mapping[str, Any]] = evidence["operations"]
        self._graphs: Sequence[Mapping[str, Any]] = evidence["graphs"]
        self._operations: dict[int, Operation] = {}
        self._same: dict[int, int] = {}
        self._around: dict[tuple[Any, ...], int] = {}
        self._shapes: dict[int, tuple[int | None, ...]] = {}
        self._told: dict[int, list[dict[str, Setting]]] = {}
        self._calls: list[Call] = []
        self._first: dict[int, int] = {}
        self._misfit: Misfit | None = None

    def uninspectable_model(self) -> Graph:
        kind = self._evidence["class"]
        genuine = str(kind["module"]).startswith("keras.")
        name = kind["name"] if genuine else f"{kind['module']}.{kind['name']}"
        origin, reason = f"{kind['module']}.{kind['name']}", uninspectable.reason_of_model(kind)
        operation = Operation(0, name, self._evidence["name"], {}, False, origin, reason)
        return Graph({0: operation}, (Call(0, 0),), (), (), name=self._evidence["name"])

    def graph(self) -> Graph:
        index = self._evidence["graph"]
        written = self._graphs[index]
        outputs = self._write(index, None, ())
        # Keras lets a model name an input twice, and then wants an array for each time.
        places = {call: Tensor(place) for place, call in enumerate(_inputs(written))}
        inputs = tuple(places[call] for call, _ in written["inputs"])
        output_names = tuple(written.get("output_keys") or written["output_names"])
        return Graph(
            operations=self._finished(),
            calls=tuple(self._calls),
            inputs=inputs,
            outputs=tuple(outputs),
            input_names=tuple(written.get("input_keys") or written["input_names"]),
            output_names=output_names,
            compiled=compile_effects.read_compile(
                self._evidence.get("compile"), output_names, keyed=bool(written.get("output_keys"))
            ),
            name=self._evidence["name"],
            keyed=frozenset(side for side in ("inputs", "outputs") if written.get(f"{side[:-1]}_keys")),
            misfit=self._misfit,
        )

    def _misfit_of(self, written: Mapping[str, Any], call: Mapping[str, Any]) -> Misfit | None:
        """Return how a nested model was built for another last axis than a tensor that it is called on.

        A model without weights takes any, and so has no misfit.
        """
        entry = self._entries[call["operation"]]
        inner = self._graphs[entry["graph"]]
        inside = (self._entries[one["operation"]] for one in inner["calls"])
        kinds = [allowed.by_class(one["module"], one["class_name"]) for one in inside]
        if not any(found is None or allowed.holds_weights(found.kind) for found in kinds):
            return None
        for (place, output), argument in zip(inner["inputs"], call["args"][0]["list"], strict=False):
            source, number = argument["tensor"]
            built = tuple(inner["calls"][place]["outputs"][output]["shape"])
            given = tuple(written["calls"][source]["outputs"][number]["shape"])
            ends = {*built[-1:], *given[-1:]}
            if len(built) == len(given) and len(ends) == 2 and None not in ends:
                return Misfit(entry["name"], built[1:], given[1:])
        return None

    def _finished(self) -> dict[int, Operation]:
        """Return the operations, with their calls' arguments that are not tensors among their settings."""
        used = dict.fromkeys(call.operation for call in self._calls)
        finished = {}
        for number in used:
            operation = self._operations[number]
            told = self._told.get(number, [{}])
            if not operation.inspectable:
                finished[number] = operation
                continue
            if any(other != told[0] for other in told[1:]):
                operation = _not_inspectable(operation, "called_differently")
            elif any(_is_opaque(value) for value in told[0].values()):
                operation = _not_inspectable(operation, "object_argument")
            elif told[0]:
                operation = replace(operation, settings={**operation.settings, **told[0]})
            finished[number] = operation
        return finished

    def _write(
        self,
        index: int,
        feeds: Sequence[Tensor] | None,
        path: tuple[str, ...],
        *,
        each_step: bool = False,
    ) -> list[Tensor]:
        """Write out one graph's calls, with `feeds` in place of its inputs, and return its outputs.

        Args:
            index: the graph's number in the evidence.
            feeds: the tensors that it is called on; None for the model itself.
            path: the names of the models that it is nested in, outermost first.
            each_step: whether it is called at each step of a `TimeDistributed`.

        Raises:
            _NotApartError: that cannot be done layer by layer.
        """
        written = self._graphs[index]
        results: dict[int, list[Tensor]] = {}
        for call, position in _inputs(written).items():
            if feeds is None:
                results[call] = self._add(self._operation(written["calls"][call]["operation"]), (), path, 1)
            else:
                results[call] = [feeds[position]]
        for call in written["calls"]:
            if call["id"] in results:
                continue
            entry = self._entries[call["operation"]]
            if entry["graph"] is not None:
                given = [_tensor(argument["tensor"], results) for argument in call["args"][0]["list"]]
                self._misfit = self._misfit or self._misfit_of(written, call)
                results[call["id"]] = self._write(
                    entry["graph"], given, (*path, entry["name"]), each_step=each_step
                )
                continue
            apart = None if each_step else self._taken_apart(call, results, path)
            if apart is not None:
                results[call["id"]] = apart
                continue
            parts = [call["operation"]] if each_step else self._parts(call["operation"])
            if parts != [call["operation"]] and "tensor" in (call["args"] or [{}])[0]:
                given = [_tensor(call["args"][0]["tensor"], results)]
                for part in parts:
                    given = self._add(self._operation(part), tuple(given), (*path, entry["name"]), 1)
                results[call["id"]] = given
                continue
            stood_for = self._stood_for(entry)
            if stood_for is not None:
                if each_step:
                    raise _NotApartError
                given = []
                for argument in call["args"]:
                    _gather("", argument, results, given)
                if len(given) == len(stood_for.inputs):
                    results[call["id"]] = self._put_in(stood_for, call["operation"], given, path)
                    continue
            number = self._operation(call["operation"])
            if self._operations[number].kind == "Input":
                raise GraphError(
                    message(
                        "The outputs hang on the input {name}, which is not one of the model's inputs.",
                        name=str(entry["name"]),
                    )
                )
            inputs, told = self._arguments(self._operations[number], entry, call, results)
            if each_step:
                number = self._at_each_step(number, inputs, told)
            self._told.setdefault(number, []).append(told)
            results[call["id"]] = self._add(number, tuple(inputs), path, len(call["outputs"]))
        return [_tensor(reference, results) for reference in written["outputs"]]

    def _stood_for(self, entry: Mapping[str, Any]) -> Graph | None:
        """Return the reference solution's graph where this model has a stand-in; None where there is none."""
        task, number = entry.get("stand_in") or ("", 0)
        known = self._known.get(task, ())
        return known[number] if number < len(known) and len(self._calls) < _MAX_CALLS else None

    def _put_in(
        self, part: Graph, stand_in: int, given: Sequence[Tensor], path: tuple[str, ...]
    ) -> list[Tensor]:
        """Write out a part's calls on the tensors that its stand-in was given, and return its outputs."""
        # One call of the function makes one stand-in. Where that is called again, as part of a model that is
        # called twice, the weights are the same.
        first = self._first.setdefault(
            stand_in, max([2 * len(self._entries), *(number + 1 for number in self._operations)])
        )
        calls = {tensor.call: tensor for tensor in part.inputs}
        results = {call: [given[part.inputs.index(tensor)]] for call, tensor in calls.items()}
        for call in part.calls:
            if call.id in results:
                continue
            operation = replace(part.operation_of(call), id=first + call.operation)
            self._operations[operation.id] = operation
            made = replace(
                call,
                id=len(self._calls),
                operation=operation.id,
                inputs=tuple(results[tensor.call][tensor.index] for tensor in call.inputs),
                shapes=(),
                path=(*path, *call.path),
            )
            self._calls.append(made)
            results[call.id] = [Tensor(made.id, index) for index in range(max(1, len(call.shapes)))]
        return [results[tensor.call][tensor.index] for tensor in part.outputs]

    def _parts(self, number: int) -> list[int]:
        """Return the layers that a `Pipeline` calls one after another; for other operations, only itself."""
        parts: list[int] = []
        waiting = [number]
        # Evidence may hold a pipeline that holds itself.
        for _ in range(_MAX_PARTS):
            if not waiting:
                return parts
            first = waiting.pop(0)
            inner = self._layers_of_pipeline(first)
            if inner is None:
                parts.append(first)
            else:
                waiting[:0] = inner
        return [number]

    def _layers_of_pipeline(self, number: int) -> list[int] | None:
        entry = self._entries[number]
        found = None if entry["custom"] else allowed.by_class(entry["module"], entry["class_name"])
        inner = (entry["config"] or {}).get("layers")
        if found is None or found.kind != "Pipeline" or not isinstance(inner, list):
            return None
        numbers = [layer.get("operation") for layer in inner if isinstance(layer, dict)]
        known = [number for number in numbers if type(number) is int]
        return known if len(known) == len(inner) else None

    def _taken_apart(
        self, call: Mapping[str, Any], results: Mapping[int, list[Tensor]], path: tuple[str, ...]
    ) -> list[Tensor] | None:
        """Write a `TimeDistributed` around a whole model as one around each of its layers.

        Returns the outputs; None for any other operation, and for a model with a call that cannot be wrapped.
        """
        entry = self._entries[call["operation"]]
        found = None if entry["custom"] else allowed.by_class(entry["module"], entry["class_name"])
        inner = (entry["config"] or {}).get("layer")
        number = inner.get("operation") if isinstance(inner, dict) else None
        if found is None or found.kind != "TimeDistributed" or type(number) is not int:
            return None
        index = self._entries[number]["graph"]
        given = call["args"][0].get("tensor") if call["args"] else None
        if index is None or given is None or len(self._graphs[index]["inputs"]) != 1:
            return None
        before, told = len(self._calls), {known: list(value) for known, value in self._told.items()}
        try:
            return self._write(index, [_tensor(given, results)], (*path, entry["name"]), each_step=True)
        except _NotApartError:
            del self._calls[before:]
            self._told = told
            return None

    def _at_each_step(self, number: int, inputs: Sequence[Tensor], told: Mapping[str, Setting]) -> int:
        """Return the operation that does at each step what the given one does in a wrapped model."""
        operation = self._operations[number]
        if not operation.inspectable or _same_at_each_step(operation):
            return number
        found = allowed.by_kind(operation.kind)
        if found is None or not found.is_layer or len(inputs) != 1 or told:
            raise _NotApartError
        settings = {f"layer.{name}": value for name, value in operation.settings.items()}
        settings = {"layer.kind": operation.kind, **settings}
        same = self._around.setdefault(
            ("TimeDistributed", (number,), tuple(settings.items())), number + len(self._entries)
        )
        self._operations.setdefault(same, Operation(same, "TimeDistributed", operation.name, settings))
        return same

    def _add(
        self, number: int, inputs: tuple[Tensor, ...], path: tuple[str, ...], outputs: int
    ) -> list[Tensor]:
        if len(self._calls) >= _MAX_CALLS:
            raise GraphError(message("The evidence has more than {limit} layer calls.", limit=_MAX_CALLS))
        operation = self._operations[number]
        activation = operation.settings.get("activation", operation.settings.get("layer.activation"))
        applies = operation.kind in APPLIES_ACTIVATION or _wraps_activation(operation)
        call = Call(
            id=len(self._calls),
            operation=number,
            inputs=inputs,
            shapes=(self._shapes[number],) if number in self._shapes else (),
            activation=str(activation) if applies and activation not in (None, "linear") else None,
            path=path,
        )
        self._calls.append(call)
        return [Tensor(call.id, index) for index in range(outputs)]

    # Operations

    def _operation(self, number: int) -> int:
        """Return the number of an entry's operation; like wrappers around one layer are one operation."""
        if number in self._same:
            return self._same[number]
        entry = self._entries[number]
        operation = self._read_operation(number, entry)
        config = entry["config"] or {}
        inner = tuple(
            value["operation"]
            for value in config.values()
            if isinstance(value, dict) and "operation" in value
        )
        same = number
        if inner and operation.kind == "TimeDistributed":
            same = self._around.setdefault((operation.kind, inner, tuple(operation.settings.items())), number)
        self._same[number] = same
        self._operations.setdefault(same, operation)
        return same

    def _read_operation(self, number: int, entry: Mapping[str, Any]) -> Operation:
        found = None if entry["custom"] else allowed.by_class(entry["module"], entry["class_name"])
        if found is None or entry["graph"] is not None:
            return self._uninspectable(number, entry)
        if entry["config"] is None:
            return Operation(
                number, found.kind, entry["name"], {}, False, f"config {found.kind}", "object_setting"
            )
        if found.kind == "Input":
            settings, shape = input_settings(entry["config"])
            if shape is not None:
                self._shapes[number] = shape
            return Operation(number, found.kind, entry["name"], settings)
        try:
            settings = settings_of(found, entry["config"], self._wrapped)
        except UninspectableError as problem:
            return Operation(number, found.kind, entry["name"], {}, False, problem.origin, problem.reason)
        return Operation(number, found.kind, entry["name"], settings)

    def _wrapped(self, number: int, depth: int = 0) -> tuple[str, dict[str, Setting]]:
        entry = self._entries[number]
        found = None if entry["custom"] else allowed.by_class(entry["module"], entry["class_name"])
        if found is None or entry["config"] is None or depth > _MAX_WRAPPERS:
            raise UninspectableError(_origin(entry), uninspectable.reason_of(entry))
        return found.kind, settings_of(found, entry["config"], lambda inner: self._wrapped(inner, depth + 1))

    @staticmethod
    def _uninspectable(number: int, entry: Mapping[str, Any]) -> Operation:
        genuine = not entry["custom"] and str(entry["module"]).startswith("keras.")
        kind = entry["class_name"] if genuine else f"{entry['module']}.{entry['class_name']}"
        return Operation(
            number, kind, entry["name"], {}, False, _origin(entry), uninspectable.reason_of(entry)
        )

    # Arguments

    def _arguments(
        self,
        operation: Operation,
        entry: Mapping[str, Any],
        call: Mapping[str, Any],
        results: Mapping[int, list[Tensor]],
    ) -> tuple[list[Tensor], dict[str, Setting]]:
        """Return the tensors of a call in order, and its other arguments that are not the default."""
        found = allowed.by_class(entry["module"], entry["class_name"]) if operation.inspectable else None
        parameters = parameters_of_call(found)
        names = list(parameters)
        bound = [
            (names[index] if index < len(names) else f"{index}", value)
            for index, value in enumerate(call["args"])
        ]
        bound.extend(call["kwargs"].items())
        tensors: list[Tensor] = []
        roles: list[str] = []
        told: dict[str, Setting] = {}
        for name, argument in bound:
            if name in _NOT_ARGUMENTS:
                continue
            inner_roles, constants = _gather(name, argument, results, tensors)
            roles.extend(inner_roles)
            for place, value in constants.items():
                if place != name or parameters.get(name, inspect.Parameter.empty) != value:
                    told[f"call.{place}"] = value
        if found is not None and not _usual(roles, names):
            told["call.roles"] = tuple(roles)
        return tensors, told


def parameters_of_call(found: allowed.Allowed | None) -> dict[str, Any]:
    """Return the parameters of an operation's `call`, with their defaults."""
    return {} if found is None else dict(allowed.parameters_of(found.cls, "call"))


def _usual(roles: Sequence[str], names: Sequence[str]) -> bool:
    """Return whether the tensors fill the first parameters, one each, or as a list the first one."""
    if not names:
        return list(roles) == [f"{index}" for index in range(len(roles))]
    as_list = [f"{names[0]}.{index}" for index in range(len(roles))]
    return list(roles) in (list(names[: len(roles)]), as_list)


def _gather(
    place: str, argument: Mapping[str, Any], results: Mapping[int, list[Tensor]], tensors: list[Tensor]
) -> tuple[list[str], dict[str, Setting]]:
    """Append an argument's tensors to `tensors`, and return their places and its constants by place."""
    ((kind, value),) = argument.items()
    if kind == "tensor":
        tensors.append(_tensor(value, results))
        return [place], {}
    if kind == "list" and _holds_tensors(argument):
        roles: list[str] = []
        constants: dict[str, Setting] = {}
        for index, item in enumerate(value):
            inner_roles, inner_constants = _gather(f"{place}.{index}", item, results, tensors)
            roles.extend(inner_roles)
            constants.update(inner_constants)
        return roles, constants
    return [], {place: _constant(argument)}


def _holds_tensors(argument: Mapping[str, Any]) -> bool:
    if "tensor" in argument:
        return True
    return any(_holds_tensors(item) for item in argument.get("list", ()))


def _constant(argument: Mapping[str, Any]) -> Setting:
    ((kind, value),) = argument.items()
    if kind == "list":
        return tuple(_constant(item) for item in value)
    if kind == "slice":
        return ("slice", *value)
    if kind == "array":
        return ("array", tuple(value["shape"]), tuple(value["values"]), value["dtype"])
    if kind == "opaque":
        return ("opaque", value)
    found: Setting = value
    return found


def _is_opaque(value: Setting) -> bool:
    if not isinstance(value, tuple):
        return False
    return value[:1] == ("opaque",) or any(_is_opaque(item) for item in value)


def _not_inspectable(operation: Operation, reason: uninspectable.Reason) -> Operation:
    return replace(operation, inspectable=False, origin=operation.kind, reason=reason)


def _inputs(written: Mapping[str, Any]) -> dict[int, int]:
    """Return the calls that make a graph's inputs, each with its first place among them."""
    calls = [call for call, _ in written["inputs"]]
    return {call: calls.index(call) for call in dict.fromkeys(calls)}


def _tensor(reference: Sequence[int], results: Mapping[int, list[Tensor]]) -> Tensor:
    return results[reference[0]][reference[1]]


def _same_at_each_step(operation: Operation) -> bool:
    """Return whether an operation gives the same for all steps at once as step by step."""
    axis = operation.settings.get("axis", -1)
    if type(axis) is not int or axis >= 0:
        return False
    activation = activations.of_operation(operation.kind, operation.settings)
    return operation.kind in (*MERGES, "Concatenate") or activation is not None


def _wraps_activation(operation: Operation) -> bool:
    return operation.kind == "TimeDistributed" and operation.settings.get("layer.kind") in APPLIES_ACTIVATION


def _origin(entry: Mapping[str, Any]) -> str:
    own = f"{entry['module']}.{entry['class_name']}"
    base = entry.get("base")
    return own if base is None else f"{own}({base['name']})"
