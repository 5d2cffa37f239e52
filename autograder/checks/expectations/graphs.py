"""Holds expectations about a task's models: shapes, merges, sharing, names, the whole graph."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from autograder.checks.expectations.base import Expecting, at, hidden, names_text, shapes_of
from autograder.checks.expectations.causes import changes_calls, changes_shape, changes_weights
from autograder.checks.subject import Model, shapes_text
from autograder.checks.verdict import CheckFailure, Failure, NothingSeen
from autograder.graph import (
    Call,
    Difference,
    Graph,
    GraphError,
    Labels,
    Operation,
    Shape,
    code,
    count_parameters,
)
from autograder.messages import Message, message, verbatim

ELEMENTWISE = ("Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract")
# The kinds of difference that are about a layer's own settings, not about which layers exist.
_OF_SETTINGS = ("setting", "shape")
MERGES = (*ELEMENTWISE, "Concatenate", "Dot")


# These follow from the layers of a model: said alone only where no difference is known that causes them.
WRONG_SHAPE = message("The output has the wrong shape.")
WRONG_PARAMETERS = message("The parameter count is wrong.")
FACTS = (WRONG_SHAPE.text, WRONG_PARAMETERS.text, "The model has the wrong number of `{kind}` calls.")


class GraphExpectations(Expecting):
    """What can be expected of a task's models."""

    def builds(self) -> None:
        """Expect a model for every probe, made of layers that can be judged.

        >>> import keras
        >>> from autograder.checks import expect, subject_of
        >>> def block(x):
        ...     keras.layers.Dense(4)(x)
        >>> expect(subject_of(block, probes=[[{"shape": [8]}]])).builds()
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.NothingSeen: Your function does not return the tensor that its layers made.
        """
        for model in self.models:
            graph = self.graph(model)
            if model.returned_model:
                self.fail(
                    message("Your function returns a model, not the tensor that its layers made."),
                    found=message("a model"),
                    wanted=message("the last layer's output"),
                    where=model.where,
                    hint=message(
                        "Remove `keras.Model` from the `return` line: the code that calls your "
                        "function makes the model."
                    ),
                )
            for name, tensor in zip(graph.input_names, graph.inputs, strict=False):
                # Keras puts an input of its own there, with a name that ends so.
                if name.endswith("CLONE"):
                    self.fail(
                        message("The model starts from the output of a layer instead of from an input."),
                        found=message(
                            "a tensor of shape {shape}; no layer before it is part of the model",
                            shape=shapes_text([graph.shape(tensor)]),
                        ),
                        wanted=message("the tensors that `keras.Input` has made"),
                        where=model.where,
                        hint=message("Look at the first argument of `keras.Model`."),
                    )
            for call in graph:
                if not graph.operation_of(call).inspectable:
                    failure = hidden(graph, call, model)
                    raise CheckFailure(failure.model_copy(update={"hint": self.hint}))

    def is_functional(self) -> None:
        """Expect each model to be made of tensors, from inputs to outputs, and to be no `Sequential`.

        >>> import keras
        >>> from autograder.checks import expect, subject_of
        >>> model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4)])
        >>> expect(subject_of(model)).is_functional()
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: The model is a `Sequential` model; build it with the
        functional API.
        """
        for _, model, _ in self.seen():
            if model.sequential:
                self.fail(
                    message("The model is a `Sequential` model; build it with the functional API."),
                    found=verbatim("keras.Sequential([...])"),
                    wanted=message("layers that are called on tensors, and `keras.Model(inputs, outputs)`"),
                    where=model.where,
                )

    def has_output_shapes(self, *shapes: Shape | list[Shape]) -> None:
        """Expect each model's output to have its shape, batch axis first: `(None, 14, 14, 512)`.

        One shape, or for several outputs a list of shapes, is given for each of the first probes; where none
        is given, all models are to have the reference's shapes.

        >>> import keras
        >>> from autograder.checks import expect, subject_of
        >>> x = keras.Input((8,))
        >>> model = subject_of(keras.Model(x, keras.layers.Dense(4)(x)))
        >>> expect(model).has_output_shapes((None, 4))
        >>> expect(model).has_output_shapes((None, 8))
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: The output has the wrong shape.
        """
        for index, model, graph in self.every(len(shapes) or None):
            found = shapes_of(graph, graph.outputs, model)
            if shapes:
                given = shapes[index]
                wanted = given if isinstance(given, list) else [given]
            else:
                reference = self.wanted(index)
                wanted = shapes_of(reference, reference.outputs, model)
            if found != wanted:
                cause = self.cause(index, changes_shape)
                self.fail(
                    message("{cause} Because of this, the output has the wrong shape.", cause=cause.message)
                    if cause
                    else WRONG_SHAPE,
                    found=verbatim(shapes_text(found)),
                    wanted=verbatim(shapes_text(wanted)),
                    where=self.place(index, cause),
                    cause=cause,
                )

    def has_parameters(self, *counts: int) -> None:
        """Expect each model to have that many parameters, a shared layer counted once.

        A single count is for every model; several are for the first probes, one for each. Where none is
        given, all models are to have as many as the reference's.

        >>> import keras
        >>> from autograder.checks import expect, subject_of
        >>> x = keras.Input((8,))
        >>> model = subject_of(keras.Model(x, keras.layers.Dense(4)(x)))
        >>> expect(model).has_parameters(36)
        >>> expect(model).has_parameters(32)
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: The parameter count is wrong.
        """
        for index, _, graph in self.every(len(counts) if len(counts) > 1 else None):
            given = counts[min(index, len(counts) - 1)] if counts else None
            wanted = count_parameters(self.wanted(index)) if given is None else given
            try:
                found = count_parameters(graph)
            except GraphError as error:
                # Keras builds no such layer, but a setting can still be changed afterwards.
                self.fail(
                    message("The parameters of a layer cannot be counted."),
                    found=error.message,
                    wanted=verbatim(f"{wanted:,}"),
                    where=self.where(index),
                )
            if found != wanted:
                cause = self.cause(index, changes_weights) or self.cause(index, changes_shape)
                self.fail(
                    message("{cause} Because of this, the parameter count is wrong.", cause=cause.message)
                    if cause
                    else WRONG_PARAMETERS,
                    found=verbatim(f"{found:,}"),
                    wanted=verbatim(f"{wanted:,}"),
                    where=self.place(index, cause),
                    cause=cause,
                )

    def joins_by(self, kind: str) -> None:
        """Expect branches to be joined, and nowhere by an operation other than `kind`.

        >>> import keras
        >>> from autograder.checks import expect, subject_of
        >>> x = keras.Input((8,))
        >>> model = subject_of(keras.Model(x, keras.layers.add([x, keras.layers.Dense(8)(x)])))
        >>> expect(model).joins_by("Add")
        >>> expect(model).joins_by("Concatenate")
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: The branches are joined by the wrong operation.
        """
        for index, _, graph in self.seen():
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
                        message("The branches are joined by the wrong operation."),
                        found=verbatim(graph.operation_of(call).kind),
                        wanted=verbatim(kind),
                        where=at(graph, call),
                    )

    def calls(self, kind: str, count: int) -> None:
        """Expect each model to call operations of `kind` that many times.

        >>> import keras
        >>> from autograder.checks import expect, subject_of
        >>> x = keras.Input((8,))
        >>> model = subject_of(keras.Model(x, keras.layers.add([x, keras.layers.Dense(8)(x)])))
        >>> expect(model).calls("Dense", 1)
        >>> expect(model).calls("Dense", 2)
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: The model has the wrong number of `Dense` calls.
        """
        for index, _, graph in self.seen():
            found = len(graph.of_kind(kind))
            if found != count:
                cause = self.cause(index, partial(changes_calls, kind=kind))
                self.fail(
                    message(
                        "{cause} Because of this, the number of `{kind}` calls is wrong.",
                        cause=cause.message,
                        kind=kind,
                    )
                    if cause
                    else message("The model has the wrong number of `{kind}` calls.", kind=kind),
                    found=verbatim(str(found)),
                    wanted=verbatim(str(count)),
                    where=self.place(index, cause),
                    cause=cause,
                )

    def adds_equal_shapes(self) -> None:
        """Expect tensors combined element by element to have one shape: nothing is broadcast silently.

        >>> import keras
        >>> from autograder.checks import expect, subject_of
        >>> x = keras.Input((8,))
        >>> model = subject_of(keras.Model(x, keras.layers.add([x, keras.layers.Dense(1)(x)])))
        >>> expect(model).adds_equal_shapes()
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: Tensors of different shapes are added: Keras silently
        broadcasts the smaller one.
        """
        for index, model, graph in self.seen():
            for call in graph.of_kind(*ELEMENTWISE):
                shapes = shapes_of(graph, call.inputs, model)
                if len(set(shapes)) > 1:
                    cause = self.cause(index, changes_shape)
                    self.fail(
                        message(
                            "{cause} Because of this, tensors of different shapes are combined.",
                            cause=cause.message,
                        )
                        if cause
                        else message(
                            "Tensors of different shapes are added: "
                            "Keras silently broadcasts the smaller one."
                        )
                        if graph.operation_of(call).kind == "Add"
                        else message(
                            "Tensors of different shapes are combined: Keras silently broadcasts the "
                            "smaller one."
                        ),
                        found=verbatim(shapes_text(shapes)),
                        wanted=message("tensors of the same shape"),
                        where=self.place(index, cause) if cause else at(graph, call),
                        cause=cause,
                    )

    def shares(self, kind: str, calls: int = 2) -> None:
        """Expect each layer of `kind` to be called on that many different tensors, sharing its weights.

        >>> import keras
        >>> from autograder.checks import expect, subject_of
        >>> sentences = [keras.Input((None, 16)), keras.Input((None, 16))]
        >>> read = keras.layers.LSTM(4)
        >>> expect(subject_of(keras.Model(sentences, [read(one) for one in sentences]))).shares("LSTM")
        >>> apart = [keras.layers.LSTM(4)(one) for one in sentences]
        >>> expect(subject_of(keras.Model(sentences, apart))).shares("LSTM")
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: Each tensor is read by a layer of its own, so the weights are
        not shared.
        """
        for index, _, graph in self.seen():
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
                        found=message(
                            "every call of {layer} reads the same tensor",
                            layer=Labels(graph).layers[operation.id],
                        ),
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
                message("Each tensor is read by a layer of its own, so the weights are not shared."),
                found=message("{count} separate `{kind}` layers", count=len(found), kind=kind),
                wanted=_layers_called(sum(len(graph.calls_of(one.id)) for one in found), calls),
                where=at(graph, graph.calls_of(found[-1].id)[0]),
            )
        self.fail(
            message("A layer is called too few times; only calls that the output depends on are counted.")
            if len(made) < calls
            else message("A layer is called too many times."),
            found=message(
                "calls of {layer}: {count}",
                layer=Labels(graph).layers[made[0].operation],
                count=len(made),
            ),
            wanted=verbatim(str(calls)),
            where=at(graph, made[-1]),
        )

    def has_input_names(self, *names: str) -> None:
        """Expect each model's inputs to have those names, or the reference's, in that order.

        >>> import keras
        >>> from autograder.checks import expect, subject_of
        >>> x = keras.Input((8,), name="txt")
        >>> expect(subject_of(keras.Model(x, keras.layers.Dense(4)(x)))).has_input_names("text")
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: Input 1 is named `txt`; it should be named `text`.
        """
        self._named("input_names", names)

    def has_output_names(self, *names: str) -> None:
        """Expect each model's outputs to have those names, or the reference's, in that order.

        >>> import keras
        >>> from autograder.checks import expect, subject_of
        >>> x = keras.Input((8,))
        >>> model = keras.Model(x, keras.layers.Dense(1, name="age")(x))
        >>> expect(subject_of(model)).has_output_names("age")
        """
        self._named("output_names", names)

    def _named(self, side: str, names: tuple[str, ...]) -> None:
        for index, model, graph in self.seen():
            found: tuple[str, ...] = getattr(graph, side)
            wanted = names or getattr(self.wanted(index), side)
            if tuple(found) != tuple(wanted):
                rationale = _misnamed(side, found, wanted, keyed=side.split("_")[0] + "s" in graph.keyed)
                self.fail(
                    rationale,
                    found=names_text(found),
                    wanted=names_text(wanted),
                    where=model.where,
                    # A check's own hint is about the names and does not help where only their order is wrong.
                    hinted=sorted(found) != sorted(wanted),
                )

    def matches(self, *, branch_order_free: bool = True, names: bool = False) -> None:
        """Expect the graph to be the reference's, up to what a canonical graph forgives.

        Args:
            branch_order_free: whether the branches of a concatenation may come in any order.
            names: whether inputs and outputs must have the reference's names.

        >>> import keras
        >>> from autograder.checks import expect, subject_of
        >>> x = keras.Input((8,))
        >>> narrow, wide = (keras.Model(x, keras.layers.Dense(units)(x)) for units in (4, 8))
        >>> expect(subject_of(wide, reference=wide)).matches()
        >>> expect(subject_of(narrow, reference=wide)).matches()
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: In `Dense(4)`, `units` is 4; it should be 8.
        """
        for index, model, graph in self.every():
            self._can_be_used(graph, model)
            differences = self.subject.compared(index, branch_order_free=branch_order_free, names=names)
            if differences:
                raise CheckFailure(self._explained(differences, model))

    def _can_be_used(self, graph: Graph, model: Model) -> None:
        if (misfit := graph.misfit) is not None:
            self.fail(
                message(
                    "Keras builds this model, but it stops with an error when it is used: {name} was built "
                    "for another number of channels than it is called on.",
                    name=code(misfit.name),
                ),
                found=message("it was built for {shape}", shape=shapes_text([misfit.built])),
                wanted=message("an input of the shape {shape}", shape=shapes_text([misfit.given])),
                where=model.where,
                hint=message(
                    "Compare the shape in `keras.Input(...)` with that of the tensor that the model is "
                    "called on."
                ),
            )

    def has_structure(self, *, branch_order_free: bool = True) -> None:
        """Expect the layers to be the reference's, connected and shared alike, whatever their settings.

        Where fewer than half of the probes have a model, this is not said of the function.

        Args:
            branch_order_free: whether the branches of a concatenation may come in any order.

        >>> import keras
        >>> from autograder.checks import expect, subject_of
        >>> x = keras.Input((8,))
        >>> narrow, wide = (keras.Model(x, keras.layers.Dense(units)(x)) for units in (4, 8))
        >>> expect(subject_of(narrow, reference=wide)).has_structure()
        >>> deep = keras.Model(x, keras.layers.Dense(8)(keras.layers.Dense(8)(x)))
        >>> expect(subject_of(deep, reference=wide)).has_structure()
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: `Dense(8)` (2nd of 2) is an extra call between `Dense(8)` (1st
        of 2) and the output; remove it.
        """
        seen = self.seen()
        if 2 * len(seen) < len(self.models):
            seen = self.every()
        for index, model, _ in seen:
            compared = self.subject.compared(index, branch_order_free=branch_order_free, names=False)
            differences = [one for one in compared if one.kind not in _OF_SETTINGS]
            if differences:
                raise CheckFailure(self._explained(differences, model))

    def has_settings(self, *, branch_order_free: bool = True) -> None:
        """Expect every layer that is there to have the reference's settings (sizes, activations).

        There must be a model for every probe.

        Where more than half of the layers are others, nothing can be said of their settings.

        Args:
            branch_order_free: whether the branches of a concatenation may come in any order.

        >>> import keras
        >>> from autograder.checks import expect, subject_of
        >>> x = keras.Input((8,))
        >>> narrow, wide = (keras.Model(x, keras.layers.Dense(units)(x)) for units in (4, 8))
        >>> expect(subject_of(narrow, reference=wide)).has_settings()
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: In `Dense(4)`, `units` is 4; it should be 8.
        """
        for index, model, _ in self.every():
            differences = self.subject.compared(index, branch_order_free=branch_order_free, names=False)
            wanted = self.wanted(index)
            layers = [call for call in wanted if wanted.operation_of(call).kind != "Input"]
            others = {
                call
                for difference in differences
                if difference.kind in ("missing", "operator", "uninspectable")
                for call in difference.wanted_calls
            }
            if 2 * len(others) > len(layers):
                raise NothingSeen(self._explained(differences, model))
            if wrong := [difference for difference in differences if difference.kind in _OF_SETTINGS]:
                raise CheckFailure(self._explained(wrong, model))

    def _explained(self, differences: list[Difference], model: Model) -> Failure:
        first, others = differences[0], len(differences) - 1
        rationale = first.message
        if others:
            rationale = message("{first} (Other differences: {count}.)", first=first.message, count=others)
        return Failure(
            rationale=rationale,
            found=first.found,
            wanted=first.wanted,
            where=first.where
            if model.where is None
            else message("{place}, {when}", place=first.where, when=model.where),
            hint=self.hint,
        )


def _misnamed(side: str, found: Sequence[str], wanted: Sequence[str], *, keyed: bool) -> Message:
    """Return what is wrong with the names of inputs or outputs; `keyed` says that a dict held them."""
    inputs = side == "input_names"
    missing_names = [name for name in wanted if name not in found]
    extra_names = [name for name in found if name not in wanted]
    missing, extra = names_text(missing_names), names_text(extra_names)
    if sorted(found) == sorted(wanted) and keyed:
        if inputs:
            return message(
                "The inputs are in the wrong order: Keras sorts the keys of a dict of inputs. Pass a list to "
                "`keras.Model` instead."
            )
        return message(
            "The outputs are in the wrong order: Keras sorts the keys of a dict of outputs. Pass a list to "
            "`keras.Model` instead."
        )
    if sorted(found) == sorted(wanted):
        if inputs:
            return message("The inputs are in the wrong order.")
        return message("The outputs are in the wrong order.")
    if len(found) < len(wanted) and set(found) <= set(wanted):
        if inputs:
            return message("The model has no input named {missing}.", missing=missing)
        return message("The model has no output named {missing}.", missing=missing)
    if len(found) > len(wanted) and set(wanted) == set(found):
        twice = names_text([name for name in wanted if list(found).count(name) > 1])
        if inputs:
            return message("The same input is given more than once: {twice}.", twice=twice)
        return message("The same output is given more than once: {twice}.", twice=twice)
    if len(found) > len(wanted) and set(wanted) < set(found):
        if inputs:
            return message("The model should not have an input named {extra}.", extra=extra)
        return message("The model should not have an output named {extra}.", extra=extra)
    if len(found) == len(wanted):
        number = next(place for place, name in enumerate(found) if name != wanted[place])
        moved = found[number] in wanted or wanted[number] in found
        if moved and extra_names:
            number = found.index(extra_names[0])
        said: dict[str, Message | int | float | str] = {
            "number": number + 1,
            "found": code(found[number]),
            "wanted": code(missing_names[0] if moved and missing_names else wanted[number]),
        }
        # The name wanted here belongs to another one: renaming would make two of the same name.
        if moved and inputs:
            return message("Input {number} is named {found}, and none is named {wanted}.", **said)
        if moved:
            return message("Output {number} is named {found}, and none is named {wanted}.", **said)
        if inputs:
            return message("Input {number} is named {found}; it should be named {wanted}.", **said)
        return message("Output {number} is named {found}; it should be named {wanted}.", **said)
    count = {"found": len(found), "wanted": len(wanted)}
    if inputs:
        return message("The number of inputs is {found}; it should be {wanted}.", **count)
    return message("The number of outputs is {found}; it should be {wanted}.", **count)


def _layers_called(made: int, calls: int) -> Message:
    """Return how many layers there should be, where `made` calls exist and each layer should have `calls`."""
    if made == calls:
        return message("one layer, called {count} times", count=calls)
    if made % calls:
        return message("each layer called {calls} times", calls=calls)
    return message("{count} layers, each called {calls} times", count=made // calls, calls=calls)


def _operations(graph: Graph, kind: str) -> list[Operation]:
    return list({call.operation: graph.operation_of(call) for call in graph.of_kind(kind)}.values())
