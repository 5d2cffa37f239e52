"""Reading evidence back, outside the jail: JSON under caps, checked against the schema, nothing else."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any, NoReturn

from autograder.evidence import schema
from autograder.evidence.schema import Evidence, EvidenceError, Probe, ProbeError, ProbeInput
from autograder.messages import Message, message


def read(document: bytes | str) -> Evidence:
    """Parse and validate one evidence document.

    Raises:
        EvidenceError: it is no JSON, over a cap, or not in the schema; the message names which.
    """
    size = len(document) if isinstance(document, bytes) else len(document.encode("utf-8", "surrogatepass"))
    if size > schema.MAX_BYTES:
        _over(message("The evidence is larger than {limit} bytes.", limit=schema.MAX_BYTES))
    try:
        text = document.decode("utf-8") if isinstance(document, bytes) else document
        parsed = json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        _too_deep()
    except ValueError:
        raise EvidenceError(message("The evidence is not valid JSON.")) from None
    return _Reader().document(parsed)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _over(problem: Message) -> NoReturn:
    raise EvidenceError(problem)


def _too_deep() -> NoReturn:
    _over(message("The evidence is nested more than {limit} levels deep.", limit=schema.MAX_DEPTH))


def _refuse(place: str, wanted: str) -> NoReturn:
    raise EvidenceError(
        message("The evidence is damaged: {place} should be {wanted}.", place=place, wanted=wanted)
    )


class _Reader:
    """Checks one parsed document; counts operations and calls over the whole of it."""

    def __init__(self) -> None:
        self._operations = 0
        self._calls = 0
        self._values: dict[str, Callable[[dict[str, Any], str, int], None]] = {
            "none": lambda *_: None,
            "number": lambda value, place, _: self._number(value.get("value"), f"{place}.value"),
            "bool": lambda value, place, _: self._flag(value.get("value"), f"{place}.value"),
            "text": lambda value, place, _: self._text(value.get("value"), f"{place}.value", schema.MAX_TEXT),
            "list": self._list_value,
            "dict": self._dict_value,
            "array": lambda value, place, _: self._array(value, place),
            "model": lambda value, place, _: self._model(value.get("model"), f"{place}.model"),
            "layer": lambda value, place, _: self._layer(value, place),
            "tensor": lambda value, place, _: self._symbol(value, place),
            "function": lambda value, place, _: self._text(
                value.get("name"), f"{place}.name", schema.MAX_NAME
            ),
            "opaque": lambda value, place, _: self._text(value.get("type"), f"{place}.type", schema.MAX_NAME),
        }

    def document(self, parsed: Any) -> Evidence:
        document = self._dict(parsed, "the document")
        if type(document.get("evidence")) is not int or document["evidence"] != schema.VERSION:
            _refuse("evidence", f"{schema.VERSION}")
        self._text(document.get("task"), "task", schema.MAX_NAME)
        arguments = self._list(document.get("arguments"), "arguments", schema.MAX_ITEMS)
        for index, argument in enumerate(arguments):
            self._value(argument, f"arguments[{index}]", 1)
        probes = self._list(document.get("probes", []), "probes", schema.MAX_PROBES)
        return Evidence(
            task=document["task"],
            arguments=tuple(arguments),
            probes=tuple(self._probe(probe, f"probes[{index}]") for index, probe in enumerate(probes)),
        )

    # Values

    def _value(self, value: Any, place: str, depth: int) -> None:
        if depth > schema.MAX_DEPTH:
            _too_deep()
        found = self._dict(value, place)
        kind = found.get("kind")
        check = self._values.get(kind) if type(kind) is str else None
        if check is None:
            _refuse(f"{place}.kind", "a kind of value")
        check(found, place, depth)

    def _list_value(self, value: dict[str, Any], place: str, depth: int) -> None:
        if value.get("type") not in ("list", "tuple"):
            _refuse(f"{place}.type", "list or tuple")
        for index, item in enumerate(self._list(value.get("items"), f"{place}.items", schema.MAX_ITEMS)):
            self._value(item, f"{place}.items[{index}]", depth + 1)

    def _dict_value(self, value: dict[str, Any], place: str, depth: int) -> None:
        for index, pair in enumerate(self._list(value.get("items"), f"{place}.items", schema.MAX_ITEMS)):
            here = f"{place}.items[{index}]"
            if type(pair) is not list or len(pair) != 2:
                _refuse(here, "a key and a value")
            self._value(pair[0], here, depth + 1)
            self._value(pair[1], here, depth + 1)

    def _array(self, value: Any, place: str) -> None:
        found = self._dict(value, place)
        self._shape(found.get("shape"), f"{place}.shape", known=True)
        self._text(found.get("dtype"), f"{place}.dtype", schema.MAX_NAME)
        self._flag(found.get("truncated"), f"{place}.truncated")
        values = self._list(found.get("values"), f"{place}.values", schema.MAX_ARRAY_VALUES)
        for item in values:
            if type(item) is not bool:
                self._number(item, f"{place}.values")
        if not found["truncated"] and math.prod(found["shape"]) != len(values):
            _refuse(f"{place}.values", "as many as its shape holds")

    def _layer(self, value: dict[str, Any], place: str) -> None:
        operations, graphs = self._tables(value, place)
        self._operation(value.get("operation"), f"{place}.operation", None, len(operations), len(graphs))

    def _symbol(self, value: dict[str, Any], place: str) -> None:
        self._shape(value.get("shape"), f"{place}.shape")
        self._text(value.get("dtype"), f"{place}.dtype", schema.MAX_NAME)

    # Probes

    def _probe(self, value: Any, place: str) -> Probe:
        probe = self._dict(value, place)
        inputs = []
        for index, entry in enumerate(self._list(probe.get("inputs"), f"{place}.inputs", schema.MAX_PROBES)):
            here = f"{place}.inputs[{index}]"
            self._dict(entry, here)
            self._shape(entry.get("shape"), f"{here}.shape")
            self._text(entry.get("dtype"), f"{here}.dtype", schema.MAX_NAME)
            inputs.append(ProbeInput(tuple(entry["shape"]), entry["dtype"]))
        self._text(probe.get("returned"), f"{place}.returned", schema.MAX_NAME)
        result = probe.get("result")
        if result is not None:
            if self._dict(result, f"{place}.result").get("kind") != "model":
                _refuse(f"{place}.result", "a model or null")
            self._value(result, f"{place}.result", 1)
        error = probe.get("error")
        return Probe(
            inputs=tuple(inputs),
            result=None if result is None else result["model"],
            returned=probe["returned"],
            error=None if error is None else self._error(error, f"{place}.error"),
        )

    def _error(self, value: Any, place: str) -> ProbeError:
        error = self._dict(value, place)
        self._text(error.get("type"), f"{place}.type", schema.MAX_NAME)
        self._text(error.get("message"), f"{place}.message", schema.MAX_ERROR_TEXT)
        if error.get("line") is not None:
            self._text(error["line"], f"{place}.line", schema.MAX_NAME)
        if error.get("line_number") is not None:
            self._index(error["line_number"], f"{place}.line_number", schema.MAX_INTEGER)
        return ProbeError(error["type"], error["message"], error.get("line"), error.get("line_number"))

    # Models

    def _model(self, value: Any, place: str) -> None:
        model = self._dict(value, place)
        self._text(model.get("name"), f"{place}.name", schema.MAX_NAME)
        self._class(model.get("class"), f"{place}.class")
        _, graphs = self._tables(model, place)
        if "graph" not in model:
            _refuse(f"{place}.graph", "told or null")
        if model["graph"] is not None:
            self._index(model["graph"], f"{place}.graph", len(graphs))
        if model.get("compile") is not None:
            self._json(self._dict(model["compile"], f"{place}.compile"), f"{place}.compile", 0)

    def _tables(self, value: dict[str, Any], place: str) -> tuple[list[Any], list[Any]]:
        """The operations and graphs of a model or a layer, each checked."""
        operations = self._list(value.get("operations"), f"{place}.operations", schema.MAX_OPERATIONS)
        graphs = self._list(value.get("graphs"), f"{place}.graphs", schema.MAX_OPERATIONS)
        self._operations += len(operations)
        if self._operations > schema.MAX_OPERATIONS:
            _over(message("The evidence holds more than {limit} layers.", limit=schema.MAX_OPERATIONS))
        for index, operation in enumerate(operations):
            self._operation(operation, f"{place}.operations[{index}]", index, len(operations), len(graphs))
        for index, graph in enumerate(graphs):
            self._graph(graph, f"{place}.graphs[{index}]", operations)
        self._nesting(operations, graphs, place)
        return operations, graphs

    def _class(self, value: Any, place: str) -> None:
        found = self._dict(value, place)
        self._text(found.get("module"), f"{place}.module", schema.MAX_NAME)
        self._text(found.get("name"), f"{place}.name", schema.MAX_NAME)

    def _operation(self, value: Any, place: str, index: int | None, operations: int, graphs: int) -> None:
        operation = self._dict(value, place)
        self._index(operation.get("id"), f"{place}.id", operations)
        if index is not None and operation["id"] != index:
            _refuse(f"{place}.id", f"{index}")
        for key in ("module", "class_name", "name"):
            self._text(operation.get(key), f"{place}.{key}", schema.MAX_NAME)
        self._flag(operation.get("custom"), f"{place}.custom")
        for key in ("base", "graph", "config"):
            if key not in operation:
                _refuse(f"{place}.{key}", "told or null")
        if operation.get("base") is not None:
            self._class(operation["base"], f"{place}.base")
        if operation.get("graph") is not None:
            self._index(operation["graph"], f"{place}.graph", graphs)
        config = operation.get("config")
        if config is not None:
            self._json(self._dict(config, f"{place}.config"), f"{place}.config", 0)
            for key, item in config.items():
                if type(item) is dict and "operation" in item:
                    self._index(item["operation"], f"{place}.config.{key}", operations)

    def _graph(self, value: Any, place: str, operations: list[Any]) -> None:
        graph = self._dict(value, place)
        calls = self._list(graph.get("calls"), f"{place}.calls", schema.MAX_CALLS)
        self._calls += len(calls)
        if self._calls > schema.MAX_CALLS:
            _over(message("The evidence holds more than {limit} layer calls.", limit=schema.MAX_CALLS))
        results: list[int] = []
        for index, call in enumerate(calls):
            here = f"{place}.calls[{index}]"
            self._dict(call, here)
            if type(call.get("id")) is not int or call["id"] != index:
                _refuse(f"{here}.id", f"{index}")
            self._index(call.get("operation"), f"{here}.operation", len(operations))
            for number, argument in enumerate(self._list(call.get("args"), f"{here}.args", schema.MAX_ITEMS)):
                self._argument(argument, f"{here}.args[{number}]", results, 0)
            for key, argument in self._dict(call.get("kwargs"), f"{here}.kwargs").items():
                self._text(key, f"{here}.kwargs", schema.MAX_NAME)
                self._argument(argument, f"{here}.kwargs.{key}", results, 0)
            outputs = self._list(call.get("outputs"), f"{here}.outputs", schema.MAX_ITEMS)
            for output in outputs:
                self._symbol(self._dict(output, f"{here}.outputs"), f"{here}.outputs")
            results.append(len(outputs))
        for side in ("input", "output"):
            references = self._list(graph.get(f"{side}s"), f"{place}.{side}s", schema.MAX_ITEMS)
            for reference in references:
                self._reference(reference, f"{place}.{side}s", results)
            for field in (f"{side}_names", f"{side}_keys"):
                names = graph.get(field)
                if names is None and field.endswith("keys"):
                    continue
                told = self._list(names, f"{place}.{field}", schema.MAX_ITEMS)
                if len(told) != len(references):
                    _refuse(f"{place}.{field}", f"one for each {side}")
                for name in told:
                    self._text(name, f"{place}.{field}", schema.MAX_NAME)

    def _argument(self, value: Any, place: str, results: list[int], nesting: int) -> None:
        argument = self._dict(value, place)
        if len(argument) != 1 or nesting > schema.MAX_DEPTH:
            _refuse(place, "an argument")
        ((kind, item),) = argument.items()
        if kind == "tensor":
            self._reference(item, place, results)
        elif kind == "list":
            for index, entry in enumerate(self._list(item, place, schema.MAX_ITEMS)):
                self._argument(entry, f"{place}[{index}]", results, nesting + 1)
        elif kind == "value":
            if item is not None and type(item) not in (bool, int, float, str):
                _refuse(place, "a plain value")
            self._json(item, place, 0)
        elif kind == "slice":
            if len(self._list(item, place, 3)) != 3:
                _refuse(place, "a slice")
            for part in item:
                if part is not None and type(part) is not int:
                    _refuse(place, "a slice")
        elif kind == "array":
            self._array(item, place)
        elif kind == "opaque":
            self._text(item, place, schema.MAX_NAME)
        else:
            _refuse(place, "an argument")

    def _reference(self, value: Any, place: str, results: list[int]) -> None:
        if type(value) is not list or len(value) != 2:
            _refuse(place, "a call and an output of it")
        self._index(value[0], place, len(results))
        self._index(value[1], place, results[value[0]])

    def _nesting(self, operations: list[Any], graphs: list[Any], place: str) -> None:
        """Refuses models nested in themselves, and nestings that grow out of bounds when written out."""
        sizes: dict[int, int] = {}

        def size(index: int, above: tuple[int, ...]) -> int:
            if index in above or len(above) > schema.MAX_DEPTH:
                _refuse(f"{place}.graphs[{index}]", "outside itself")
            if index not in sizes:
                total = 0
                for call in graphs[index]["calls"]:
                    inner = operations[call["operation"]].get("graph")
                    total += 1 if inner is None else size(inner, (*above, index))
                    if inner is not None:
                        self._fits(call, graphs[inner], f"{place}.graphs[{index}].calls[{call['id']}]")
                sizes[index] = total
                if total > schema.MAX_INLINED_CALLS:
                    limit = schema.MAX_INLINED_CALLS
                    _over(message("The evidence holds more than {limit} layer calls.", limit=limit))
            return sizes[index]

        for index in range(len(graphs)):
            size(index, ())

    @staticmethod
    def _fits(call: dict[str, Any], inner: dict[str, Any], place: str) -> None:
        given = call["args"][0].get("list") if len(call["args"]) == 1 else None
        if given is None or call["kwargs"] or len(given) != len(inner["inputs"]):
            _refuse(place, "called with the inputs of the nested model")
        if any("tensor" not in argument for argument in given):
            _refuse(place, "called with tensors")
        if len(call["outputs"]) != len(inner["outputs"]):
            _refuse(f"{place}.outputs", "the outputs of the nested model")

    # Leaves

    def _json(self, value: Any, place: str, nesting: int) -> None:
        kind = type(value)
        if kind is str:
            self._text(value, place, schema.MAX_TEXT)
        elif kind is int or kind is float:
            self._number(value, place)
        elif kind is dict:
            if nesting > schema.MAX_DEPTH:
                _too_deep()
            for key, item in value.items():
                self._text(key, place, schema.MAX_NAME)
                self._json(item, place, nesting + 1)
        elif kind is list:
            if nesting > schema.MAX_DEPTH:
                _too_deep()
            for item in self._list(value, place, schema.MAX_ITEMS):
                self._json(item, place, nesting + 1)

    @staticmethod
    def _dict(value: Any, place: str) -> dict[str, Any]:
        if type(value) is not dict:
            _refuse(place, "an object")
        found: dict[str, Any] = value
        return found

    @staticmethod
    def _list(value: Any, place: str, limit: int) -> list[Any]:
        if type(value) is not list:
            _refuse(place, "a list")
        if len(value) > limit:
            _over(message("The evidence has more than {limit} entries in {place}.", limit=limit, place=place))
        found: list[Any] = value
        return found

    @staticmethod
    def _text(value: Any, place: str, limit: int) -> None:
        if type(value) is not str:
            _refuse(place, "a text")
        if len(value) > limit:
            _over(
                message(
                    "The evidence has a text longer than {limit} characters in {place}.",
                    limit=limit,
                    place=place,
                )
            )
        if not value.isascii():
            try:
                value.encode("utf-8")
            except UnicodeEncodeError:
                _refuse(place, "a text")

    @staticmethod
    def _number(value: Any, place: str) -> None:
        kind = type(value)
        if kind is int and -schema.MAX_INTEGER < value < schema.MAX_INTEGER:
            return
        if kind is float and math.isfinite(value):
            return
        if kind is str and value in ("nan", "inf", "-inf"):
            return
        _refuse(place, "a number")

    @staticmethod
    def _index(value: Any, place: str, below: int) -> None:
        if type(value) is not int or not 0 <= value < below:
            _refuse(place, "the number of an entry that exists")

    @staticmethod
    def _flag(value: Any, place: str) -> None:
        if type(value) is not bool:
            _refuse(place, "true or false")

    def _shape(self, value: Any, place: str, known: bool = False) -> None:
        for size in self._list(value, place, schema.MAX_RANK):
            if size is None and not known:
                continue
            if type(size) is not int or not 0 <= size < schema.MAX_INTEGER:
                _refuse(place, "a shape")
