"""The vocabulary of graders: `expect(subject)` and what can be expected of it.

Each expectation passes silently or raises `CheckFailure` with what a learner needs to read. Expected values
come from the reference solution's graph.
"""

from __future__ import annotations

from typing import Any, NoReturn

from autograder.checks.subject import Model, Subject, shapes_text
from autograder.checks.verdict import CheckFailure, Failure
from autograder.graph import Call, Difference, Graph, Shape, label
from autograder.messages import Message, message, verbatim

MERGES = ("Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract")


def expect(subject: Subject, *, hint: Message | None = None) -> Expectation:
    """Begin an expectation about a subject; `hint` is shown where it is not met."""
    return Expectation(subject, hint)


class Expectation:
    """What can be expected of a subject's models."""

    def __init__(self, subject: Subject, hint: Message | None) -> None:
        self.subject = subject
        self.hint = hint

    def builds(self) -> None:
        """There is a model for every probe, made of layers that can be judged."""
        subject = self.subject
        if not subject.models:
            self._fail(
                message("A model, or a function that builds one, is asked for."),
                found=kind_of(subject.value),
                wanted=message("a Keras model built with the functional API"),
            )
        for model in subject.models:
            if model.failure is not None:
                raise CheckFailure(model.failure.model_copy(update={"hint": model.failure.hint or self.hint}))
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

    def has_output_shapes(self) -> None:
        """Every model's outputs have the shapes of the reference's outputs."""
        for index, model in enumerate(self.subject.models):
            found = output_shapes(_graph(model))
            wanted = output_shapes(self._wanted(index))
            if found != wanted:
                self._fail(
                    message("The output does not have the shape that is asked for."),
                    found=verbatim(shapes_text(found)),
                    wanted=verbatim(shapes_text(wanted)),
                    where=model.where,
                )

    def has_parameters(self) -> None:
        """The model has as many parameters as the reference's, each layer counted once."""
        from autograder.graph import count_parameters

        for index, model in enumerate(self.subject.models):
            found, wanted = count_parameters(_graph(model)), count_parameters(self._wanted(index))
            if found != wanted:
                self._fail(
                    message("The number of parameters is not the expected one."),
                    found=verbatim(f"{found:,}"),
                    wanted=verbatim(f"{wanted:,}"),
                    where=model.where,
                )

    def joins_by(self, kind: str) -> None:
        """Wherever the reference joins branches by `kind`, the learner's model does, as often."""
        for index, model in enumerate(self.subject.models):
            graph = _graph(model)
            wanted = self._wanted(index).of_kind(kind)
            found = graph.of_kind(*MERGES)
            if len(graph.of_kind(kind)) == len(wanted):
                continue
            others = [call for call in found if graph.operation_of(call).kind != kind]
            if not found:
                self._fail(
                    message("The branches are never joined."),
                    found=message("no merge anywhere in the model"),
                    wanted=message("{count} × {kind}", kind=kind, count=len(wanted)),
                    where=model.where,
                )
            if others:
                self._fail(
                    message("The branches are joined by the wrong operation."),
                    found=verbatim(graph.operation_of(others[0]).kind),
                    wanted=verbatim(kind),
                    where=at(graph, others[0]),
                )
            self._fail(
                message("The model does not join as often as is asked for."),
                found=message("{count} × {kind}", kind=kind, count=len(graph.of_kind(kind))),
                wanted=message("{count} × {kind}", kind=kind, count=len(wanted)),
                where=model.where,
            )

    def joins_branches(self, kind: str) -> None:
        """The last `kind` before the output reads as many branches as the reference's."""
        for index, model in enumerate(self.subject.models):
            graph, reference = _graph(model), self._wanted(index)
            found, wanted = graph.of_kind(kind)[-1], reference.of_kind(kind)[-1]
            if len(found.inputs) != len(wanted.inputs):
                self._fail(
                    message("The join does not read every branch once."),
                    found=message("branches: {count}", count=len(found.inputs)),
                    wanted=message("branches: {count}", count=len(wanted.inputs)),
                    where=at(graph, found),
                )

    def adds_equal_shapes(self) -> None:
        """Whatever is added has one shape: nothing is stretched silently to fit."""
        for model in self.subject.models:
            graph = _graph(model)
            for call in graph.of_kind("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"):
                shapes = [graph.shape(tensor) for tensor in call.inputs]
                if len(set(shapes)) > 1:
                    self._fail(
                        message(
                            "Tensors of different shapes are added: Keras stretches the smaller one silently."
                        ),
                        found=verbatim(shapes_text(shapes)),
                        wanted=message("operands of one and the same shape"),
                        where=at(graph, call),
                    )

    def matches(self, *, branch_order_free: bool = True, names: bool = False) -> None:
        """The graph is the reference's graph, up to what a canonical graph forgives."""
        for index, model in enumerate(self.subject.models):
            differences = self.subject.compared(index, branch_order_free=branch_order_free, names=names)
            if differences:
                raise CheckFailure(self._explained(differences, model))

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
    return message("at {layer}", layer=label(graph, call))


def kind_of(value: dict[str, Any] | None) -> Message:
    """What a learner handed in where something else is asked for."""
    if value is None or value["kind"] == "none":
        return verbatim("None")
    if value["kind"] == "opaque":
        return verbatim(str(value["type"]))
    return verbatim(str(value["kind"]))


def _graph(model: Model) -> Graph:
    assert model.graph is not None, "a check looks at a model before a check that it builds"
    return model.graph
