"""Holds what every expectation has: its subject, its hint, and how it fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from autograder.checks.errors.kinds import none_is_returned
from autograder.checks.subject import Model, Subject, shapes_text
from autograder.checks.values import kind_of
from autograder.checks.verdict import CheckFailure, Failure, NothingSeen
from autograder.evidence import Value
from autograder.graph import Call, Difference, Graph, Shape, Tensor, code, labelled, uninspectable
from autograder.messages import Message, message, verbatim


class Expecting:
    """An expectation about a subject; `hint` is shown where it is not met."""

    def __init__(self, subject: Subject, hint: Message | None) -> None:
        self.subject = subject
        self.hint = hint

    @property
    def models(self) -> Sequence[Model]:
        """The models to look at; where there are none, the check fails, since no demand on a model is met."""
        if not self.subject.models:
            self.fail(
                message("This task needs a model, or a function that builds one."),
                found=kind_of(self.subject.value),
                wanted=message("a Keras model built with the functional API"),
                hint=none_is_returned() if _is_none(self.subject.value) else None,
                hinted=False,
            )
        return self.subject.models

    def seen(self) -> list[tuple[int, Model, Graph]]:
        """Return the models that exist, each with its index and its graph.

        Raises:
            NothingSeen: there are none.
        """
        found = [
            (index, model, model.graph)
            for index, model in enumerate(self.models)
            if model.graph is not None and _nothing_in(model) is None
        ]
        if not found:
            self.graph(self.models[0])
        return found

    def every(self, count: int | None = None) -> list[tuple[int, Model, Graph]]:
        """Return all models, or the first `count`, each with its index and its graph.

        Raises:
            NothingSeen: one of them is missing, so the demand is not met for every size.
        """
        return [(index, model, self.graph(model)) for index, model in enumerate(self.models[:count])]

    def graph(self, model: Model) -> Graph:
        """Return the graph of a model.

        Raises:
            NothingSeen: there is none, or nothing in it.
        """
        nothing = _nothing_in(model)
        if nothing is not None:
            # The check's own hint is about what it looks at, not about an error.
            hint = nothing.hint or model.look or (self.hint if model.failure is None else None)
            raise NothingSeen(nothing.model_copy(update={"hint": hint}))
        assert model.graph is not None, "a model has a graph or a failure"
        return model.graph

    def wanted(self, index: int) -> Graph:
        """Return the graph of the reference's `index`-th model."""
        assert self.subject.reference is not None, "this expectation needs the reference solution"
        graph = self.subject.reference.models[index].graph
        assert graph is not None, "the reference solution made no model"
        return graph

    def cause(self, index: int, causes: Callable[[Difference, Graph, Graph], bool]) -> Difference | None:
        """Return the first difference of the `index`-th model that causes a fact about the whole of it.

        None where no such difference is known.
        """
        found, wanted = self.subject.models[index].graph, self.subject.target(index)
        if found is None or wanted is None:
            return None
        differences = self.subject.differences_of(index)
        return next((one for one in differences if causes(one, found, wanted)), None)

    def place(self, index: int, cause: Difference | None) -> Message | None:
        """Return where in the `index`-th model a cause is; only which model it is where no cause is known."""
        when = self.subject.models[index].where
        if cause is None or when is None:
            return when if cause is None else cause.where
        return message("{place}, {when}", place=cause.where, when=when)

    def where(self, index: int) -> Message | None:
        """Return where to look in the `index`-th model: at its first difference, where one is known."""
        model = self.subject.models[index]
        difference = next(iter(self.subject.differences_of(index)), None)
        if difference is None or model.graph is None:
            return model.where
        place = place_of(difference, model.graph)
        return place if model.where is None else message("{place}, {when}", place=place, when=model.where)

    def fail(
        self,
        rationale: Message,
        *,
        found: Message | None = None,
        wanted: Message | None = None,
        where: Message | None = None,
        hint: Message | None = None,
        cause: Difference | None = None,
        hinted: bool = True,
    ) -> NoReturn:
        """End the check.

        `hint` is for this fault alone, where the check's own hint is about another. Where `rationale` tells a
        cause, the check's own hint is left out: it knows only of the fact, and might point somewhere else.
        `hinted` is False where the check's own hint is about something other than this fault.
        """
        hint = hint or (self.hint if cause is None and hinted else None)
        raise CheckFailure(Failure(rationale=rationale, found=found, wanted=wanted, where=where, hint=hint))


def _is_none(value: Value | None) -> bool:
    return value is not None and value["kind"] == "none"


def _nothing_in(model: Model) -> Failure | None:
    """Return why a model cannot be judged at all: it is missing, hides all its layers, or has none."""
    graph = model.graph
    if graph is None:
        return model.failure
    if not graph.outputs:
        return hidden(graph, graph.calls[0], model)
    if set(graph.outputs) <= set(graph.inputs):
        return Failure(
            rationale=message("The output is the input itself: no layer was called on it."),
            found=message("an input"),
            wanted=message("the last layer's output"),
            where=model.where,
        )
    return None


def hidden(graph: Graph, call: Call, model: Model) -> Failure:
    """Return the failure of a call that hides its code."""
    operation = graph.operation_of(call)
    return Failure(
        rationale=uninspectable.why(operation),
        found=uninspectable.found(operation),
        wanted=uninspectable.instead(operation),
        where=model.where,
    )


def shapes_of(graph: Graph, tensors: Sequence[Tensor], model: Model) -> list[Shape]:
    """Return the shapes of tensors of a model's graph.

    Raises:
        NothingSeen: one of them was made by a part that hides its code, so its shape is not known.
    """
    if any(tensor.index >= len(graph.call(tensor.call).shapes) for tensor in tensors):
        unseen = next((call for call in graph if not graph.operation_of(call).inspectable), graph.calls[0])
        raise NothingSeen(hidden(graph, unseen, model))
    return [graph.shape(tensor) for tensor in tensors]


def at(graph: Graph, call: Call) -> Message:
    """Return where a call is, for a message."""
    return message("at {layer}", layer=labelled(graph, call))


def place_of(difference: Difference, graph: Graph) -> Message:
    """Return where a difference is: at which layer and in which setting, or else between which layers."""
    if difference.kind == "missing" and difference.wanted is not None:
        return message("{where}: {wanted} is missing", where=difference.where, wanted=difference.wanted)
    if not difference.found_calls:
        return difference.where
    layer = labelled(graph, difference.found_calls[0])
    if difference.kind == "setting" and difference.setting is not None:
        return message("at {layer}: {setting}", layer=layer, setting=code(difference.setting))
    return message("at {layer}", layer=layer)


def names_text(keys: Sequence[Any]) -> Message:
    """Return names or keys as a learner would type them."""
    return verbatim(", ".join(repr(key) for key in keys) or "{}")


__all__ = ["Expecting", "at", "hidden", "names_text", "shapes_of", "shapes_text"]
