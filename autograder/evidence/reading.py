"""Reads evidence outside the jail: JSON within caps, checked against the schema, and nothing else."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any, NoReturn

from autograder.evidence import schema
from autograder.evidence.forms import (
    a_flag,
    a_list,
    a_number,
    a_shape,
    a_text,
    an_index,
    an_object,
    over,
    plain_json,
    refuse,
    too_deep,
)
from autograder.evidence.schema import Evidence, EvidenceError, Probe, ProbeError, ProbeInput
from autograder.messages import message


def read(document: bytes | str) -> Evidence:
    """Parse and validate one evidence document.

    Raises:
        EvidenceError: it is not JSON, exceeds a cap, or does not match the schema; the message says which.

    >>> import json
    >>> from autograder.evidence import capture, read
    >>> read(json.dumps(capture("answer", [42]))).arguments
    ({'kind': 'number', 'value': 42},)
    >>> read('{"evidence": 1}')
    Traceback (most recent call last):
        ...
    autograder.evidence.schema.EvidenceError: task should be a text
    """
    size = len(document) if isinstance(document, bytes) else len(document.encode("utf-8", "surrogatepass"))
    if size > schema.MAX_BYTES:
        over(message("The evidence is larger than {limit} bytes.", limit=schema.MAX_BYTES))
    try:
        text = document.decode("utf-8") if isinstance(document, bytes) else document
        parsed = json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        too_deep()
    except ValueError:
        raise EvidenceError(message("The evidence is not valid JSON.")) from None
    return _Reader().document(parsed)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


class _Reader:
    """A check of one parsed document, which counts operations and calls over all of it."""

    def __init__(self) -> None:
        self._operations = 0
        self._calls = 0
        self._values: dict[str, Callable[[dict[str, Any], str, int], None]] = {
            "none": lambda *_: None,
            "number": lambda value, place, _: a_number(value.get("value"), f"{place}.value"),
            "bool": lambda value, place, _: a_flag(value.get("value"), f"{place}.value"),
            "text": lambda value, place, _: a_text(value.get("value"), f"{place}.value", schema.MAX_TEXT),
            "list": self._list_value,
            "dict": self._dict_value,
            "array": lambda value, place, _: self._array(value, place),
            "table": self._table,
            "plot": lambda value, place, _: self._plot(value, place),
            "model": lambda value, place, _: self._model(value.get("model"), f"{place}.model"),
            "layer": lambda value, place, _: self._layer(value, place),
            "tensor": lambda value, place, _: self._symbol(value, place),
            "function": lambda value, place, _: a_text(value.get("name"), f"{place}.name", schema.MAX_NAME),
            "opaque": lambda value, place, _: a_text(value.get("type"), f"{place}.type", schema.MAX_NAME),
        }

    def document(self, parsed: Any) -> Evidence:
        document = an_object(parsed, "the document")
        if type(document.get("evidence")) is not int or document["evidence"] != schema.VERSION:
            refuse("evidence", f"{schema.VERSION}")
        a_text(document.get("task"), "task", schema.MAX_NAME)
        arguments = a_list(document.get("arguments"), "arguments", schema.MAX_ITEMS)
        for index, argument in enumerate(arguments):
            self._value(argument, f"arguments[{index}]", 1)
        probes = a_list(document.get("probes", []), "probes", schema.MAX_PROBES)
        altered = document.get("altered", "")
        a_text(altered, "altered", schema.MAX_NAME)
        return Evidence(
            task=document["task"],
            arguments=tuple(arguments),
            probes=tuple(self._probe(probe, f"probes[{index}]") for index, probe in enumerate(probes)),
            altered=altered,
        )

    # Values

    def _value(self, value: Any, place: str, depth: int) -> None:
        if depth > schema.MAX_DEPTH:
            too_deep()
        found = an_object(value, place)
        kind = found.get("kind")
        check = self._values.get(kind) if type(kind) is str else None
        if check is None:
            refuse(f"{place}.kind", "a kind of value")
        check(found, place, depth)

    def _list_value(self, value: dict[str, Any], place: str, depth: int) -> None:
        if value.get("type") not in ("list", "tuple"):
            refuse(f"{place}.type", "list or tuple")
        for index, item in enumerate(a_list(value.get("items"), f"{place}.items", schema.MAX_ITEMS)):
            self._value(item, f"{place}.items[{index}]", depth + 1)

    def _dict_value(self, value: dict[str, Any], place: str, depth: int) -> None:
        for index, pair in enumerate(a_list(value.get("items"), f"{place}.items", schema.MAX_ITEMS)):
            here = f"{place}.items[{index}]"
            if type(pair) is not list or len(pair) != 2:
                refuse(here, "a key and a value")
            self._value(pair[0], here, depth + 1)
            self._value(pair[1], here, depth + 1)

    def _array(self, value: Any, place: str) -> None:
        found = an_object(value, place)
        a_shape(found.get("shape"), f"{place}.shape", known=True)
        a_text(found.get("dtype"), f"{place}.dtype", schema.MAX_NAME)
        a_flag(found.get("truncated"), f"{place}.truncated")
        values = a_list(found.get("values"), f"{place}.values", schema.MAX_ARRAY_VALUES)
        for item in values:
            if type(item) is not bool:
                a_number(item, f"{place}.values")
        size = math.prod(found["shape"])
        if found["truncated"] != (size > schema.MAX_ARRAY_VALUES):
            refuse(f"{place}.truncated", "whether there are more values")
        if len(values) != min(size, schema.MAX_ARRAY_VALUES):
            refuse(f"{place}.values", "as many as its shape holds")

    def _table(self, value: dict[str, Any], place: str, depth: int) -> None:
        an_index(value.get("rows"), f"{place}.rows", schema.MAX_INTEGER)
        told = min(value["rows"], schema.MAX_ARRAY_VALUES)
        for index, entry in enumerate(a_list(value.get("columns"), f"{place}.columns", schema.MAX_COLUMNS)):
            here = f"{place}.columns[{index}]"
            column = an_object(entry, here)
            a_text(column.get("name"), f"{here}.name", schema.MAX_NAME)
            a_text(column.get("dtype"), f"{here}.dtype", schema.MAX_NAME)
            values = an_object(column.get("values"), f"{here}.values")
            self._value(values, f"{here}.values", depth + 1)
            if values["kind"] == "array":
                rows = values["shape"] == [value["rows"]] and len(values["values"]) == told
            else:
                rows = values["kind"] == "list" and len(values["items"]) == told
                rows = rows and all(item["kind"] in schema.CELLS for item in values["items"])
            if not rows:
                refuse(f"{here}.values", "an entry for each row")

    def _plot(self, value: dict[str, Any], place: str) -> None:
        a_text(value.get("title"), f"{place}.title", schema.MAX_NAME)
        for index, entry in enumerate(a_list(value.get("axes"), f"{place}.axes", schema.MAX_AXES)):
            here = f"{place}.axes[{index}]"
            axes = an_object(entry, here)
            for key in ("title", "x_label", "y_label", "x_scale", "y_scale"):
                a_text(axes.get(key), f"{here}.{key}", schema.MAX_NAME)
            for key in ("x_limits", "y_limits"):
                limits = a_list(axes.get(key), f"{here}.{key}", 2)
                if len(limits) != 2:
                    refuse(f"{here}.{key}", "two numbers")
                for limit in limits:
                    a_number(limit, f"{here}.{key}")
            if "legend" not in axes:
                refuse(f"{here}.legend", "told or null")
            if axes["legend"] is not None:
                for text in a_list(axes["legend"], f"{here}.legend", schema.MAX_SERIES):
                    a_text(text, f"{here}.legend", schema.MAX_NAME)
            for key in ("lines", "points", "bars"):
                for number, one in enumerate(a_list(axes.get(key), f"{here}.{key}", schema.MAX_SERIES)):
                    self._series(one, f"{here}.{key}[{number}]")
            for shape in a_list(axes.get("images"), f"{here}.images", schema.MAX_SERIES):
                a_shape(shape, f"{here}.images", known=True)
            an_index(axes.get("others"), f"{here}.others", schema.MAX_INTEGER)

    def _series(self, value: Any, place: str) -> None:
        series = an_object(value, place)
        a_text(series.get("label"), f"{place}.label", schema.MAX_NAME)
        for key in ("x", "y"):
            self._array(series.get(key), f"{place}.{key}")
        if len(series["x"]["shape"]) != 1 or series["x"]["shape"] != series["y"]["shape"]:
            refuse(place, "an x for each y")
        if len(series["x"]["values"]) != len(series["y"]["values"]):
            refuse(place, "an x for each y")

    def _layer(self, value: dict[str, Any], place: str) -> None:
        operations, graphs = self._tables(value, place)
        self._operation(value.get("operation"), f"{place}.operation", None, len(operations), len(graphs))

    def _symbol(self, value: dict[str, Any], place: str) -> None:
        a_shape(value.get("shape"), f"{place}.shape")
        a_text(value.get("dtype"), f"{place}.dtype", schema.MAX_NAME)

    # Probes

    def _probe(self, value: Any, place: str) -> Probe:
        probe = an_object(value, place)
        inputs = []
        for index, entry in enumerate(a_list(probe.get("inputs"), f"{place}.inputs", schema.MAX_PROBES)):
            here = f"{place}.inputs[{index}]"
            an_object(entry, here)
            if "value" in entry:
                plain_json(entry["value"], f"{here}.value", 0)
                inputs.append(ProbeInput(None, value=entry["value"]))
                continue
            a_shape(entry.get("shape"), f"{here}.shape")
            a_text(entry.get("dtype"), f"{here}.dtype", schema.MAX_NAME)
            inputs.append(ProbeInput(tuple(entry["shape"]), entry["dtype"]))
        a_text(probe.get("returned"), f"{place}.returned", schema.MAX_NAME)
        result = probe.get("result")
        if result is not None:
            self._value(result, f"{place}.result", 1)
        model = result["model"] if result is not None and result["kind"] == "model" else None
        error = probe.get("error")
        return Probe(
            inputs=tuple(inputs),
            result=model,
            value=result if model is None else None,
            returned=probe["returned"],
            error=None if error is None else self._error(error, f"{place}.error"),
        )

    def _error(self, value: Any, place: str) -> ProbeError:
        error = an_object(value, place)
        a_text(error.get("type"), f"{place}.type", schema.MAX_NAME)
        a_text(error.get("message"), f"{place}.message", schema.MAX_ERROR_TEXT)
        if error.get("line") is not None:
            a_text(error["line"], f"{place}.line", schema.MAX_NAME)
        if error.get("line_number") is not None:
            an_index(error["line_number"], f"{place}.line_number", schema.MAX_INTEGER)
        if error.get("function") is not None:
            a_text(error["function"], f"{place}.function", schema.MAX_NAME)
        told = (error.get(name) for name in ("line", "line_number", "function"))
        return ProbeError(error["type"], error["message"], *told)

    # Models

    def _model(self, value: Any, place: str) -> None:
        model = an_object(value, place)
        a_text(model.get("name"), f"{place}.name", schema.MAX_NAME)
        self._class(model.get("class"), f"{place}.class")
        _, graphs = self._tables(model, place)
        if "graph" not in model:
            refuse(f"{place}.graph", "told or null")
        if model["graph"] is not None:
            an_index(model["graph"], f"{place}.graph", len(graphs))
        if model.get("compile") is not None:
            plain_json(an_object(model["compile"], f"{place}.compile"), f"{place}.compile", 0)

    def _tables(self, value: dict[str, Any], place: str) -> tuple[list[Any], list[Any]]:
        """Check the operations and graphs of a model or a layer, and return them."""
        operations = a_list(value.get("operations"), f"{place}.operations", schema.MAX_OPERATIONS)
        graphs = a_list(value.get("graphs"), f"{place}.graphs", schema.MAX_OPERATIONS)
        self._operations += len(operations)
        if self._operations > schema.MAX_OPERATIONS:
            over(message("The evidence has more than {limit} layers.", limit=schema.MAX_OPERATIONS))
        for index, operation in enumerate(operations):
            self._operation(operation, f"{place}.operations[{index}]", index, len(operations), len(graphs))
        for index, graph in enumerate(graphs):
            self._graph(graph, f"{place}.graphs[{index}]", operations)
        self._nesting(operations, graphs, place)
        return operations, graphs

    def _class(self, value: Any, place: str) -> None:
        found = an_object(value, place)
        a_text(found.get("module"), f"{place}.module", schema.MAX_NAME)
        a_text(found.get("name"), f"{place}.name", schema.MAX_NAME)

    def _operation(self, value: Any, place: str, index: int | None, operations: int, graphs: int) -> None:
        operation = an_object(value, place)
        an_index(operation.get("id"), f"{place}.id", operations)
        if index is not None and operation["id"] != index:
            refuse(f"{place}.id", f"{index}")
        for key in ("module", "class_name", "name"):
            a_text(operation.get(key), f"{place}.{key}", schema.MAX_NAME)
        a_flag(operation.get("custom"), f"{place}.custom")
        for key in ("base", "graph", "config"):
            if key not in operation:
                refuse(f"{place}.{key}", "told or null")
        if operation.get("base") is not None:
            self._class(operation["base"], f"{place}.base")
        if "stand_in" in operation:
            here = f"{place}.stand_in"
            stood_in = a_list(operation["stand_in"], here, 2)
            if len(stood_in) != 2:
                refuse(here, "a task and a number")
            a_text(stood_in[0], here, schema.MAX_NAME)
            an_index(stood_in[1], here, schema.MAX_PROBES)
        if operation.get("graph") is not None:
            an_index(operation["graph"], f"{place}.graph", graphs)
        config = operation.get("config")
        if config is not None:
            plain_json(an_object(config, f"{place}.config"), f"{place}.config", 0)
            for key, item in config.items():
                for wrapped in item if type(item) is list else [item]:
                    if type(wrapped) is dict and "operation" in wrapped:
                        an_index(wrapped["operation"], f"{place}.config.{key}", operations)

    def _graph(self, value: Any, place: str, operations: list[Any]) -> None:
        graph = an_object(value, place)
        calls = a_list(graph.get("calls"), f"{place}.calls", schema.MAX_CALLS)
        self._calls += len(calls)
        if self._calls > schema.MAX_CALLS:
            over(message("The evidence has more than {limit} layer calls.", limit=schema.MAX_CALLS))
        results: list[int] = []
        for index, call in enumerate(calls):
            here = f"{place}.calls[{index}]"
            an_object(call, here)
            if type(call.get("id")) is not int or call["id"] != index:
                refuse(f"{here}.id", f"{index}")
            an_index(call.get("operation"), f"{here}.operation", len(operations))
            for number, argument in enumerate(a_list(call.get("args"), f"{here}.args", schema.MAX_ITEMS)):
                self._argument(argument, f"{here}.args[{number}]", results, 0)
            for key, argument in an_object(call.get("kwargs"), f"{here}.kwargs").items():
                a_text(key, f"{here}.kwargs", schema.MAX_NAME)
                self._argument(argument, f"{here}.kwargs.{key}", results, 0)
            outputs = a_list(call.get("outputs"), f"{here}.outputs", schema.MAX_ITEMS)
            for output in outputs:
                self._symbol(an_object(output, f"{here}.outputs"), f"{here}.outputs")
            results.append(len(outputs))
        for side in ("input", "output"):
            references = a_list(graph.get(f"{side}s"), f"{place}.{side}s", schema.MAX_ITEMS)
            for reference in references:
                self._reference(reference, f"{place}.{side}s", results)
            for field in (f"{side}_names", f"{side}_keys"):
                names = graph.get(field)
                if names is None and field.endswith("keys"):
                    continue
                told = a_list(names, f"{place}.{field}", schema.MAX_ITEMS)
                if len(told) != len(references):
                    refuse(f"{place}.{field}", f"one for each {side}")
                for name in told:
                    a_text(name, f"{place}.{field}", schema.MAX_NAME)

    def _argument(self, value: Any, place: str, results: list[int], nesting: int) -> None:
        argument = an_object(value, place)
        if len(argument) != 1 or nesting > schema.MAX_DEPTH:
            refuse(place, "an argument")
        ((kind, item),) = argument.items()
        if kind == "tensor":
            self._reference(item, place, results)
        elif kind == "list":
            for index, entry in enumerate(a_list(item, place, schema.MAX_ITEMS)):
                self._argument(entry, f"{place}[{index}]", results, nesting + 1)
        elif kind == "value":
            if item is not None and type(item) not in (bool, int, float, str):
                refuse(place, "a plain value")
            plain_json(item, place, 0)
        elif kind == "slice":
            if len(a_list(item, place, 3)) != 3:
                refuse(place, "a slice")
            for part in item:
                if part is not None and type(part) is not int:
                    refuse(place, "a slice")
        elif kind == "array":
            self._array(item, place)
        elif kind == "opaque":
            a_text(item, place, schema.MAX_NAME)
        else:
            refuse(place, "an argument")

    def _reference(self, value: Any, place: str, results: list[int]) -> None:
        if type(value) is not list or len(value) != 2:
            refuse(place, "a call and an output of it")
        an_index(value[0], place, len(results))
        an_index(value[1], place, results[value[0]])

    def _nesting(self, operations: list[Any], graphs: list[Any], place: str) -> None:
        """Refuse models nested in themselves, and nestings that become too large when written out."""
        sizes: dict[int, int] = {}

        def size(index: int, above: tuple[int, ...]) -> int:
            if index in above or len(above) > schema.MAX_DEPTH:
                refuse(f"{place}.graphs[{index}]", "outside itself")
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
                    over(message("The evidence has more than {limit} layer calls.", limit=limit))
            return sizes[index]

        for index in range(len(graphs)):
            size(index, ())

    @staticmethod
    def _fits(call: dict[str, Any], inner: dict[str, Any], place: str) -> None:
        given = call["args"][0].get("list") if len(call["args"]) == 1 else None
        if given is None or call["kwargs"] or len(given) != len(inner["inputs"]):
            refuse(place, "called with the inputs of the nested model")
        if any("tensor" not in argument for argument in given):
            refuse(place, "called with tensors")
        if len(call["outputs"]) != len(inner["outputs"]):
            refuse(f"{place}.outputs", "the outputs of the nested model")
