"""Makes calls read, make or share something else: rewired, removed, doubled, inserted, cloned, merged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from autograder.audit.mutation.edit import (
    Edit,
    Model,
    Reference,
    add_call,
    add_operation,
    layer,
    readers,
    redirect,
    references,
)

Call = dict[str, Any]

_MERGES = {
    "Add": "keras.src.layers.merging.add",
    "Concatenate": "keras.src.layers.merging.concatenate",
    "Multiply": "keras.src.layers.merging.multiply",
    "Average": "keras.src.layers.merging.average",
    "Maximum": "keras.src.layers.merging.maximum",
}
_ORDERED = ("Concatenate", "Subtract", "Dot")
_INSERTED = (
    layer("keras.src.layers.activations.relu", "ReLU"),
    layer("keras.src.layers.regularization.dropout", "Dropout", rate=0.5),
    layer("keras.src.layers.normalization.batch_normalization", "BatchNormalization"),
    layer("keras.src.layers.activations.softmax", "Softmax", axis=-1),
)


def wiring_edits(model: Model) -> Iterator[Edit]:
    """Yield every change of the calls of a model and of the models in it."""
    for position in range(len(model["graphs"])):
        graph = _Graph(model, position)
        for call in graph.calls:
            if any(references(call)):
                yield from _rewired(graph, call)
                yield from _merged(graph, call)
                yield from _beside(graph, call)
        yield from _shared(graph)


class _Graph:
    """One of a model's graphs, to be looked at: `position` is its place in the table."""

    def __init__(self, model: Model, position: int) -> None:
        self.model = model
        self.position = position
        self.calls: list[Call] = model["graphs"][position]["calls"]

    def entry(self, call: Call) -> dict[str, Any]:
        """Return the operation of a call."""
        found: dict[str, Any] = self.model["operations"][call["operation"]]
        return found

    def name(self, call: Call) -> str:
        """Return the name of a call's operation."""
        return str(self.entry(call)["name"])

    def maker(self, tensor: Reference) -> str:
        """Return the name of the operation that makes a tensor."""
        return self.name(self.calls[tensor[0]])

    def edit(
        self, operator: str, what: str, touched: tuple[str, ...], change: Callable[..., None], **about: Any
    ) -> Edit:
        """Return an edit of this graph: `change(model, graph, **about)`."""

        def apply(model: Model) -> None:
            change(model, model["graphs"][self.position], **about)

        return Edit(operator, what, apply, touched)


def _rewired(graph: _Graph, call: Call) -> Iterator[Edit]:
    """Yield the call with each input from every earlier tensor, and with its inputs in reverse."""
    name = graph.name(call)
    sources = list(references(call))
    for place, source in enumerate(sources):
        for other in graph.calls[: call["id"]]:
            for output in range(len(other["outputs"])):
                tensor = [other["id"], output]
                if tensor != source:
                    touched = name, graph.maker(tensor), graph.maker(source)
                    what = f"{name} reads {touched[1]}, not {touched[2]}"
                    about = {"call": call["id"], "place": place, "tensor": tensor}
                    yield graph.edit("rewired", what, touched, _rewire, **about)
    if len(sources) > 1 and graph.entry(call)["class_name"] in _ORDERED:
        what = f"{name} takes its inputs in reverse"
        yield graph.edit("merge order", what, (name,), _turn, call=call["id"])


def _merged(graph: _Graph, call: Call) -> Iterator[Edit]:
    """Yield the call as another merge, without one of its inputs, and replaced by one of them."""
    entry, name = graph.entry(call), graph.name(call)
    sources = [list(one) for one in references(call)]
    if entry["class_name"] not in _MERGES or len(sources) < 2:
        return
    for kind in _MERGES:
        if kind != entry["class_name"]:
            what = f"{name} is of the kind {kind}"
            yield graph.edit("merge type", what, (name,), _become, operation=call["operation"], kind=kind)
    for place, source in enumerate(sources):
        touched = name, graph.maker(source)
        only = f"only {touched[1]} instead of {name}"
        yield graph.edit("branch alone", only, touched, _bypass, call=call["id"], source=source)
        if len(sources) > 2:
            without = f"{name} without {touched[1]}"
            yield graph.edit("branch dropped", without, touched, _leave_out, call=call["id"], place=place)


def _beside(graph: _Graph, call: Call) -> Iterator[Edit]:
    """Yield edits that remove the layer, double it, or put another one behind it."""
    entry, name = graph.entry(call), graph.name(call)
    sources = [list(one) for one in references(call)]
    if len(call["outputs"]) != 1:
        return
    if len(sources) == 1:
        about = {"call": call["id"], "source": sources[0]}
        yield graph.edit("layer removed", f"without {name}", (name,), _bypass, **about)
        if entry["graph"] is None:
            about = {"call": call["id"], "entry": entry, "like": call}
            touched = name, _other_name(entry)
            yield graph.edit("layer doubled", f"{name} twice", touched, _insert, **about)
    for extra in _INSERTED:
        what = f"{extra['class_name']} behind {name}"
        touched = name, _other_name(extra)
        yield graph.edit("layer inserted", what, touched, _insert, call=call["id"], entry=extra)


def _shared(graph: _Graph) -> Iterator[Edit]:
    """Yield a shared layer cloned for one of its calls, and two layers with the same settings made one."""
    times = Counter(call["operation"] for call in graph.calls)
    alike: dict[str, Call] = {}
    for call in graph.calls:
        entry, name = graph.entry(call), graph.name(call)
        if times[call["operation"]] > 1:
            what = f"another {name} at one call"
            yield graph.edit("shared layer cloned", what, (name, _other_name(entry)), _clone, call=call["id"])
        elif entry["config"] and entry["class_name"] != "InputLayer":
            settings = {key: value for key, value in entry["config"].items() if key != "name"}
            first = alike.setdefault(f"{entry['module']}.{entry['class_name']} {settings}", call)
            if first is not call:
                what = f"{graph.name(first)} in the place of {name}"
                about = {"call": call["id"], "operation": first["operation"]}
                yield graph.edit("layers merged", what, (name, graph.name(first)), _share, **about)


def _other_name(entry: dict[str, Any]) -> str:
    """Return what a second layer like an operation is called."""
    return f"{entry['name']}_other"


def _rewire(_model: Model, graph: Any, call: int, place: int, tensor: Reference) -> None:
    list(references(graph["calls"][call]))[place][:] = tensor


def _turn(_model: Model, graph: Any, call: int) -> None:
    places = list(references(graph["calls"][call]))
    for place, tensor in zip(places, [list(one) for one in reversed(places)], strict=True):
        place[:] = tensor


def _become(model: Model, _graph: Any, operation: int, kind: str) -> None:
    made = model["operations"][operation]
    config = {"name": made["name"], **({"axis": -1} if kind == "Concatenate" else {})}
    made.update(module=_MERGES[kind], class_name=kind, config=config)


def _bypass(_model: Model, graph: Any, call: int, source: Reference) -> None:
    redirect(list(readers(graph, [call, 0])), source)


def _leave_out(_model: Model, graph: Any, call: int, place: int) -> None:
    del graph["calls"][call]["args"][0]["list"][place]


def _insert(model: Model, graph: Any, call: int, entry: dict[str, Any], like: Call | None = None) -> None:
    places = list(readers(graph, [call, 0]))
    made = add_operation(model, entry, _other_name(entry))
    redirect(places, add_call(graph, made, [call, 0], like))


def _clone(model: Model, graph: Any, call: int) -> None:
    shared = graph["calls"][call]["operation"]
    entry = model["operations"][shared]
    graph["calls"][call]["operation"] = add_operation(model, entry, _other_name(entry))


def _share(_model: Model, graph: Any, call: int, operation: int) -> None:
    graph["calls"][call]["operation"] = operation
