"""Expectations about a task's models: shapes, merges, sharing, names, the whole graph."""

from __future__ import annotations

from autograder.checks.expectations.base import Expecting, at, graph_of, names_text, output_shapes
from autograder.checks.subject import Model, shapes_text
from autograder.checks.verdict import CheckFailure, Failure
from autograder.graph import (
    Call,
    Difference,
    Graph,
    GraphError,
    Operation,
    Shape,
    count_parameters,
    uninspectable,
)
from autograder.messages import message, verbatim

ELEMENTWISE = ("Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract")
MERGES = (*ELEMENTWISE, "Concatenate", "Dot")


class GraphExpectations(Expecting):
    """What can be expected of a task's models."""

    def builds(self) -> None:
        """There is a model for every probe, made of layers that can be judged."""
        for model in self.models:
            if model.failure is not None:
                hint = model.failure.hint or self.hint or model.look
                raise CheckFailure(model.failure.model_copy(update={"hint": hint}))
            graph = graph_of(model)
            if graph.outputs and set(graph.outputs) <= set(graph.inputs):
                self.fail(
                    message("What comes out is what went in: no layer was called on it."),
                    found=message("an input"),
                    wanted=message("the last layer's output"),
                    where=model.where,
                )
            for call in graph:
                operation = graph.operation_of(call)
                if not operation.inspectable:
                    self.fail(
                        uninspectable.why(operation),
                        found=uninspectable.found(operation),
                        wanted=uninspectable.instead(operation),
                        where=model.where,
                    )

    def has_output_shapes(self, *shapes: Shape | list[Shape]) -> None:
        """Each model's output has its shape, batch axis first: `(None, 14, 14, 512)`.

        One shape is given per probe, or a list of them for several outputs; else the reference's are wanted.
        """
        for index, model in enumerate(self.models):
            found = output_shapes(graph_of(model))
            given = shapes[index] if index < len(shapes) else output_shapes(self.wanted(index))
            wanted = given if isinstance(given, list) else [given]
            if found != wanted:
                self.fail(
                    message("The output does not have the shape that is asked for."),
                    found=verbatim(shapes_text(found)),
                    wanted=verbatim(shapes_text(wanted)),
                    where=self.where(index),
                )

    def has_parameters(self, *counts: int) -> None:
        """Each model has that many parameters, a shared layer counted once.

        One count is for every model; several are one for each of the first probes, else as the reference.
        """
        for index, model in enumerate(self.models):
            given = counts * len(self.models) if len(counts) == 1 else counts
            wanted = given[index] if index < len(given) else count_parameters(self.wanted(index))
            try:
                found = count_parameters(graph_of(model))
            except GraphError as error:
                # Keras builds no such layer; a setting can be changed afterwards all the same.
                self.fail(
                    message("The parameters of a layer cannot be counted."),
                    found=error.message,
                    wanted=verbatim(f"{wanted:,}"),
                    where=self.where(index),
                )
            if found != wanted:
                self.fail(
                    message("The number of parameters is not the expected one."),
                    found=verbatim(f"{found:,}"),
                    wanted=verbatim(f"{wanted:,}"),
                    where=self.where(index),
                )

    def joins_by(self, kind: str) -> None:
        """Branches are joined, and nowhere by another operation than `kind`."""
        for index, model in enumerate(self.models):
            graph = graph_of(model)
            merges = graph.of_kind(*MERGES)
            if not merges:
                self.fail(
                    message("The branches are never joined."),
                    found=message("no layer that reads more than one branch"),
                    wanted=verbatim(kind),
                    where=self.where(index),
                )
            for call in merges:
                if graph.operation_of(call).kind != kind:
                    self.fail(
                        message("The branches are joined by another operation than the one asked for."),
                        found=verbatim(graph.operation_of(call).kind),
                        wanted=verbatim(kind),
                        where=at(graph, call),
                    )

    def calls(self, kind: str, count: int) -> None:
        """Each model calls operations of `kind` that many times."""
        for index, model in enumerate(self.models):
            graph = graph_of(model)
            found = len(graph.of_kind(kind))
            if found != count:
                self.fail(
                    message("The model does not have as many `{kind}` as are asked for.", kind=kind),
                    found=verbatim(str(found)),
                    wanted=verbatim(str(count)),
                    where=self.where(index),
                )

    def adds_equal_shapes(self) -> None:
        """What is joined element by element has one shape: nothing is stretched silently to fit."""
        for model in self.models:
            graph = graph_of(model)
            for call in graph.of_kind(*ELEMENTWISE):
                shapes = [graph.shape(tensor) for tensor in call.inputs]
                if len(set(shapes)) > 1:
                    self.fail(
                        message(
                            "Tensors of different shapes are joined: Keras stretches the smaller silently."
                        ),
                        found=verbatim(shapes_text(shapes)),
                        wanted=message("operands of one and the same shape"),
                        where=at(graph, call),
                    )

    def shares(self, kind: str, calls: int = 2) -> None:
        """Every layer of `kind` is called on that many different tensors, with one set of weights."""
        for index, model in enumerate(self.models):
            graph = graph_of(model)
            found = _operations(graph, kind)
            if not found:
                self.fail(
                    message("There is no `{kind}` in the model.", kind=kind),
                    found=message("nothing"),
                    wanted=message("one `{kind}`, called {count} times", kind=kind, count=calls),
                    where=self.where(index),
                )
            for operation in found:
                made = graph.calls_of(operation.id)
                if len(made) > 1 and len({call.inputs for call in made}) < len(made):
                    self.fail(
                        message("One layer is called more than once on the same tensor."),
                        found=message("every call of {layer} reads the same tensor", layer=operation.name),
                        wanted=message("a call for each of {count} different tensors", count=calls),
                        where=at(graph, made[-1]),
                    )
                if len(made) != calls:
                    self._unshared(graph, found, made, kind, calls)

    def _unshared(
        self, graph: Graph, found: list[Operation], made: tuple[Call, ...], kind: str, calls: int
    ) -> None:
        if len(made) == 1 and len(found) > 1:
            self.fail(
                message("Each tensor has a layer of its own: they do not learn together."),
                found=message("{count} layers of the kind `{kind}`", count=len(found), kind=kind),
                wanted=message("one layer, called {count} times", count=calls),
                where=at(graph, graph.calls_of(found[-1].id)[0]),
            )
        self.fail(
            message("A layer is not called as often as it should be."),
            found=message(
                "calls of {layer}: {count}", layer=graph.operation_of(made[0]).name, count=len(made)
            ),
            wanted=verbatim(str(calls)),
            where=at(graph, made[-1]),
        )

    def has_input_names(self, *names: str) -> None:
        """Each model's inputs have those names, in that order; or the reference's."""
        self._named("input_names", names)

    def has_output_names(self, *names: str) -> None:
        """Each model's outputs have those names, in that order; or the reference's."""
        self._named("output_names", names)

    def _named(self, side: str, names: tuple[str, ...]) -> None:
        for index, model in enumerate(self.models):
            found: tuple[str, ...] = getattr(graph_of(model), side)
            wanted = names or getattr(self.wanted(index), side)
            if tuple(found) != tuple(wanted):
                if side == "input_names":
                    rationale = message("The inputs do not have the names, or the order, that are asked for.")
                else:
                    rationale = message(
                        "The outputs do not have the names, or the order, that are asked for."
                    )
                self.fail(rationale, found=names_text(found), wanted=names_text(wanted), where=model.where)

    def matches(self, *, branch_order_free: bool = True, names: bool = False) -> None:
        """The graph is the reference's, up to what a canonical graph forgives.

        Args:
            branch_order_free: whether the branches of a concatenation may come in any order.
            names: whether inputs and outputs must have the reference's names.
        """
        for index, model in enumerate(self.models):
            differences = self.subject.compared(index, branch_order_free=branch_order_free, names=names)
            if differences:
                raise CheckFailure(self._explained(differences, model))

    def _explained(self, differences: list[Difference], model: Model) -> Failure:
        first, others = differences[0], len(differences) - 1
        rationale = first.message
        if others:
            rationale = message("{first} (Other differences: {count}.)", first=first.message, count=others)
        return Failure(
            rationale=rationale,
            found=first.found,
            wanted=first.wanted,
            where=first.where or model.where,
            hint=self.hint,
        )


def _operations(graph: Graph, kind: str) -> list[Operation]:
    return list({call.operation: graph.operation_of(call) for call in graph.of_kind(kind)}.values())
