"""The vocabulary of graders: `expect(subject)` and what can be expected of it.

Each expectation passes silently or raises `CheckFailure` with what a learner needs to read. An expected value
that is not given comes from the reference solution.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from autograder.checks.subject import Model, Subject, shapes_text
from autograder.checks.values import plain_value, same, shown
from autograder.checks.verdict import CheckFailure, Failure
from autograder.graph import Call, Difference, Graph, Shape, count_parameters, labelled
from autograder.messages import Message, message, verbatim

ELEMENTWISE = ("Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract")
MERGES = (*ELEMENTWISE, "Concatenate", "Dot")


def expect(subject: Subject, *, hint: Message | None = None) -> Expectation:
    """Begin an expectation about a subject; `hint` is shown where it is not met."""
    return Expectation(subject, hint)


class Expectation:
    """What can be expected of a task's models, or of the value it hands in."""

    def __init__(self, subject: Subject, hint: Message | None) -> None:
        self.subject = subject
        self.hint = hint

    def builds(self) -> None:
        """There is a model for every probe, made of layers that can be judged."""
        if not self.subject.models:
            self._fail(
                message("A model, or a function that builds one, is asked for."),
                found=kind_of(self.subject.value),
                wanted=message("a Keras model built with the functional API"),
            )
        for model in self.subject.models:
            if model.failure is not None:
                hint = model.failure.hint or self.hint
                raise CheckFailure(model.failure.model_copy(update={"hint": hint}))
            graph = _graph(model)
            for call in graph:
                operation = graph.operation_of(call)
                if not operation.inspectable:
                    self._fail(
                        message("A part of the model cannot be inspected, so it cannot be judged."),
                        found=message("{layer} is {origin}", layer=operation.name, origin=operation.origin),
                        wanted=message("layers and operations that Keras itself provides"),
                        where=model.where,
                    )

    def has_output_shapes(self, *shapes: Shape) -> None:
        """Each model's output has its shape, batch axis first: `(None, 14, 14, 512)`.

        One shape is given per probe; without any, the reference's outputs are wanted.
        """
        for index, model in enumerate(self.subject.models):
            found = output_shapes(_graph(model))
            wanted = [shapes[index]] if index < len(shapes) else output_shapes(self._wanted(index))
            if found != wanted:
                self._fail(
                    message("The output does not have the shape that is asked for."),
                    found=verbatim(shapes_text(found)),
                    wanted=verbatim(shapes_text(wanted)),
                    where=model.where,
                )

    def has_parameters(self, count: int | None = None) -> None:
        """Each model has that many parameters, a shared layer counted once; or as many as the reference."""
        for index, model in enumerate(self.subject.models):
            found = count_parameters(_graph(model))
            wanted = count if count is not None else count_parameters(self._wanted(index))
            if found != wanted:
                self._fail(
                    message("The number of parameters is not the expected one."),
                    found=verbatim(f"{found:,}"),
                    wanted=verbatim(f"{wanted:,}"),
                    where=model.where,
                )

    def joins_by(self, kind: str) -> None:
        """Branches are joined, and nowhere by another operation than `kind`."""
        for model in self.subject.models:
            graph = _graph(model)
            merges = graph.of_kind(*MERGES)
            if not merges:
                self._fail(
                    message("The branches are never joined."),
                    found=message("no layer that reads more than one branch"),
                    wanted=verbatim(kind),
                    where=model.where,
                )
            for call in merges:
                if graph.operation_of(call).kind != kind:
                    self._fail(
                        message("The branches are joined by another operation than the one asked for."),
                        found=verbatim(graph.operation_of(call).kind),
                        wanted=verbatim(kind),
                        where=at(graph, call),
                    )

    def calls(self, kind: str, count: int) -> None:
        """Each model calls operations of `kind` that many times."""
        for model in self.subject.models:
            graph = _graph(model)
            found = len(graph.of_kind(kind))
            if found != count:
                self._fail(
                    message("The model does not have as many `{kind}` as are asked for.", kind=kind),
                    found=verbatim(str(found)),
                    wanted=verbatim(str(count)),
                    where=model.where,
                )

    def adds_equal_shapes(self) -> None:
        """What is joined element by element has one shape: nothing is stretched silently to fit."""
        for model in self.subject.models:
            graph = _graph(model)
            for call in graph.of_kind(*ELEMENTWISE):
                shapes = [graph.shape(tensor) for tensor in call.inputs]
                if len(set(shapes)) > 1:
                    self._fail(
                        message(
                            "Tensors of different shapes are joined: Keras stretches the smaller silently."
                        ),
                        found=verbatim(shapes_text(shapes)),
                        wanted=message("operands of one and the same shape"),
                        where=at(graph, call),
                    )

    def matches(self, *, branch_order_free: bool = True, names: bool = False) -> None:
        """The graph is the reference's, up to what a canonical graph forgives.

        Args:
            branch_order_free: whether the branches of a concatenation may come in any order.
            names: whether inputs and outputs must have the reference's names.
        """
        for index, model in enumerate(self.subject.models):
            differences = self.subject.compared(index, branch_order_free=branch_order_free, names=names)
            if differences:
                raise CheckFailure(self._explained(differences, model))

    def equals(self, wanted: Any = None) -> None:
        """The value handed in is `wanted`, or the reference's; of a dict, the first wrong entry is named."""
        if self.subject.value is None:
            self._fail(
                message("A plain value is asked for."),
                found=message("a model"),
                wanted=message("a dict, a number or a list"),
            )
        found = plain_value(self.subject.value)
        if wanted is None:
            assert self.subject.reference is not None, "this expectation needs the reference solution"
            wanted = plain_value(self.subject.reference.value)
        if isinstance(wanted, Mapping):
            self._entries(found, wanted)
        elif not same(found, wanted):
            self._fail(message("The value is not right."), found=verbatim(shown(found)))

    def _entries(self, found: Any, wanted: Mapping[str, Any]) -> None:
        if not isinstance(found, dict):
            self._fail(
                message("A dict is asked for."),
                found=kind_of(self.subject.value),
                wanted=_names(list(wanted)),
            )
        if found.keys() != wanted.keys():
            self._fail(
                message("The dict does not have the keys that are asked for."),
                found=_names(list(found)),
                wanted=_names(list(wanted)),
            )
        for key, value in wanted.items():
            if not same(found[key], value):
                # What is wanted stays unsaid: it is what the learner is to work out.
                self._fail(
                    message("The entry {key} is not right.", key=repr(key)), found=verbatim(shown(found[key]))
                )

    def _explained(self, differences: list[Difference], model: Model) -> Failure:
        first, others = differences[0], len(differences) - 1
        rationale = first.message
        if others:
            rationale = message(
                "{first} (Other differences: {count}; the picture marks them.)",
                first=first.message,
                count=others,
            )
        return Failure(
            rationale=rationale,
            found=verbatim(first.found) if first.found else None,
            wanted=verbatim(first.wanted) if first.wanted else None,
            where=first.where or model.where,
            hint=self.hint,
        )

    def _wanted(self, index: int) -> Graph:
        assert self.subject.reference is not None, "this expectation needs the reference solution"
        return _graph(self.subject.reference.models[index])

    def _fail(
        self,
        rationale: Message,
        *,
        found: Message | None = None,
        wanted: Message | None = None,
        where: Message | None = None,
    ) -> NoReturn:
        raise CheckFailure(
            Failure(rationale=rationale, found=found, wanted=wanted, where=where, hint=self.hint)
        )


def output_shapes(graph: Graph) -> list[Shape]:
    """The shapes of a graph's outputs, in the model's order."""
    return [graph.shape(tensor) for tensor in graph.outputs]


def at(graph: Graph, call: Call) -> Message:
    """Where a call is, for a message."""
    return message("at {layer}", layer=labelled(graph, call))


def kind_of(value: dict[str, Any] | None) -> Message:
    """What a learner handed in where something else is asked for."""
    if value is None:
        return message("a model")
    match value["kind"]:
        case "none":
            return verbatim("None")
        case "opaque":
            return message("an object of the class {name}", name=str(value["type"]))
        case "tensor":
            return message("a tensor, which is no model yet")
        case "layer":
            return message("a layer, which is no model yet")
        case "function":
            return message("a function")
        case _:
            return verbatim(shown(plain_value(value)))


def _names(keys: Sequence[Any]) -> Message:
    return verbatim(", ".join(repr(key) for key in keys) or "{}")


def _graph(model: Model) -> Graph:
    assert model.graph is not None, "a check looks at a model before a check that it builds"
    return model.graph
