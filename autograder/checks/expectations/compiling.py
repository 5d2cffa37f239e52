"""Holds expectations about what `compile` was told: its effect on each output, however it was written."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

from autograder.checks.errors.spelling import misspelt
from autograder.checks.expectations.base import Expecting, names_text
from autograder.checks.subject import Model
from autograder.checks.values import shown
from autograder.graph import Compiled, Graph, code, is_automatic, resolved_metric
from autograder.messages import Message, message, verbatim


class CompileExpectations(Expecting):
    """What can be expected of the compile arguments of a task's models."""

    def is_compiled(self) -> None:
        """Expect each model to have been compiled.

        >>> import keras
        >>> from autograder.checks import expect, subject_of
        >>> x = keras.Input((8,))
        >>> expect(subject_of(keras.Model(x, keras.layers.Dense(4)(x)))).is_compiled()
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: The model has not been compiled.
        """
        for model in self.models:
            self._compiled(model)

    def has_optimizer(self, name: str | None = None) -> None:
        """Expect each model to be compiled with that optimizer, or with the reference's.

        >>> import keras
        >>> from autograder.checks import expect, subject_of
        >>> x = keras.Input((8,))
        >>> model = keras.Model(x, keras.layers.Dense(1)(x))
        >>> model.compile("sgd", loss="mse")
        >>> expect(subject_of(model)).has_optimizer("adam")
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: The model is compiled with the wrong optimizer.
        """
        for index, model in enumerate(self.models):
            found = self._compiled(model).optimizer
            wanted = name.lower() if name else self._reference(index).optimizer
            if found != wanted:
                self.fail(
                    message("The model is compiled with the wrong optimizer."),
                    found=verbatim(found or "None"),
                    wanted=verbatim(wanted or "None"),
                    where=model.where,
                )

    def has_losses(
        self, wanted: Mapping[str, str | None] | None = None, *, described: Message | None = None
    ) -> None:
        """Expect each output to have its loss, in effect, and no key to name an output that does not exist.

        Args:
            wanted: by output; the reference's where it is not given.
            described: what is said of the right loss where its name is what the learner is to find.

        >>> import keras
        >>> from autograder.checks import expect, subject_of
        >>> x = keras.Input((8,))
        >>> heads = [keras.layers.Dense(1, name="age")(x), keras.layers.Dense(1, name="income")(x)]
        >>> model = keras.Model(x, heads)
        >>> model.compile("adam", loss=["mse", "mae"])
        >>> wanted = {"age": "mean_squared_error", "income": "mean_absolute_error"}
        >>> expect(subject_of(model)).has_losses(wanted)
        >>> model.compile("adam", loss={"age": "mse"})
        >>> expect(subject_of(model)).has_losses(wanted)
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: There is no loss for the output `income`, so it is not
        trained.
        """
        for model, told, name, loss in self._effects("losses", wanted, _lost_loss):
            found = told.get(name)
            if found is None and loss is not None:
                self.fail(
                    message(
                        "There is no loss for {output}, so it is not trained.", output=self._end(model, name)
                    ),
                    found=_told(told),
                    wanted=message("a loss for every output"),
                    where=model.where,
                )
            if found != loss:
                self.fail(
                    _with_meaning(
                        message("The loss of {output} is wrong.", output=self._end(model, name)),
                        "loss",
                        found,
                    ),
                    found=verbatim(str(found)),
                    wanted=described or verbatim(str(loss)),
                    where=model.where,
                    hint=_for_loss(found or "", loss or ""),
                )

    def has_loss_weights(self, wanted: Mapping[str, float] | None = None) -> None:
        """Expect each output's loss to have its weight, in effect, and no key to name a missing output.

        >>> import keras
        >>> from autograder.checks import expect, subject_of
        >>> x = keras.Input((8,))
        >>> heads = [keras.layers.Dense(1, name="age")(x), keras.layers.Dense(1, name="income")(x)]
        >>> model = keras.Model(x, heads)
        >>> model.compile("adam", loss=["mse", "mae"], loss_weights=[1.0, 0.5])
        >>> expect(subject_of(model)).has_loss_weights({"age": 1.0, "income": 0.5})
        >>> expect(subject_of(model)).has_loss_weights({"age": 0.5, "income": 0.5})
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: The loss of the output `age` has the wrong weight.
        """
        for model, told, name, weight in self._effects("loss_weights", wanted, _lost_weight):
            found = told.get(name)
            if found is None and weight is not None:
                self.fail(
                    message("The loss of {output} has no weight.", output=self._end(model, name)),
                    found=_told(told),
                    wanted=message("a weight for every output"),
                    where=model.where,
                )
            if isinstance(found, str):
                self.fail(
                    message("The weight of {output} is a text.", output=self._end(model, name)),
                    found=verbatim(shown(found)),
                    wanted=message("a number, without quotes"),
                    where=model.where,
                )
            if found is not None and weight is not None and math.isclose(found, weight, rel_tol=1e-6):
                # Keras multiplies in single precision, where 0.3 / 3 is 0.1.
                continue
            if found != weight:
                self.fail(
                    message(
                        "The loss of {output} has the wrong weight: with a list of losses, Keras reads "
                        "a dict of weights in the alphabetical order of its keys.",
                        output=self._end(model, name),
                    )
                    if self._compiled(model).weights_by_alphabet
                    else message("The loss of {output} has the wrong weight.", output=self._end(model, name)),
                    found=verbatim(f"{found:g}" if found is not None else "None"),
                    wanted=verbatim(f"{weight:g}" if weight is not None else "None"),
                    where=model.where,
                )

    def has_metrics(self, wanted: Mapping[str, Sequence[str]] | None = None) -> None:
        """Expect each output to have its metrics, in any order, and no key to name a missing output.

        >>> import keras
        >>> from autograder.checks import expect, subject_of
        >>> x = keras.Input((8,))
        >>> heads = [keras.layers.Dense(1, name="age")(x), keras.layers.Dense(1, name="income")(x)]
        >>> model = keras.Model(x, heads)
        >>> model.compile("adam", loss=["mse", "mae"], metrics=[["mae"], []])
        >>> expect(subject_of(model)).has_metrics({"age": ["mean_absolute_error"], "income": []})
        >>> expect(subject_of(model)).has_metrics({"income": ["mean_absolute_error"]})
        Traceback (most recent call last):
            ...
        autograder.checks.verdict.CheckFailure: The metrics of the output `income` are wrong.
        """
        for model, told, name, metrics in self._effects("metrics", wanted, _lost_metric):
            found = told.get(name, ())
            graph = self.graph(model)
            if resolved(found, name, graph) != resolved(metrics, name, graph):
                wrong = next((one for one in found if one not in metrics), None)
                self.fail(
                    _with_meaning(
                        message("The metrics of {output} are wrong.", output=self._end(model, name)),
                        "metric",
                        wrong,
                    ),
                    found=names_text(found) if found else message("no metric"),
                    wanted=names_text(metrics) if metrics else message("no metric"),
                    where=model.where,
                    # A check's own hint tells how to write metrics, which the learner has already done here.
                    hinted=not found,
                )

    def _effects(
        self,
        argument: Literal["losses", "loss_weights", "metrics"],
        wanted: Mapping[str, Any] | None,
        lost: Callable[[str], Message],
    ) -> Iterator[tuple[Model, Mapping[str, Any], str, Any]]:
        """Yield, for each output of each model: the model, what it was told, the name, what is wanted.

        A key that names no output fails first, with the message that `lost` returns.
        """
        for index, model in enumerate(self.models):
            compiled = self._compiled(model)
            told = getattr(compiled, argument)
            right = _renamed(getattr(self._reference(index), argument) if wanted is None else wanted, told)
            if unmatched := getattr(compiled, f"unmatched_{argument}"):
                self.fail(
                    lost(repr(unmatched[0])),
                    found=names_text(unmatched),
                    wanted=names_text(tuple(right)),
                    where=model.where,
                    hint=message(
                        "Compare each key with the model's `output_names`: Keras uses no other names."
                    ),
                )
            keras_name = {"losses": "loss"}.get(argument, argument)
            if keras_name in compiled.surplus:
                self.fail(
                    message(
                        "The list in `{argument}` has more entries than the model has outputs; Keras "
                        "raises an error only when training begins.",
                        argument=keras_name,
                    ),
                    found=verbatim(str(compiled.surplus[keras_name])),
                    wanted=verbatim(str(len(right))),
                    where=model.where,
                )
            for name, value in right.items():
                yield model, told, name, value

    def _end(self, model: Model, name: str) -> Message:
        """Return an output as sentences name it: an only output that nobody has named is "the output"."""
        graph = self.graph(model)
        if len(graph.outputs) == 1 and _is_made_up(graph, name):
            return message("the output")
        return message("the output {name}", name=code(name))

    def _compiled(self, model: Model) -> Compiled:
        compiled = self.graph(model).compiled
        if compiled is None:
            self.fail(
                message("The model has not been compiled."),
                found=message("a model without a loss"),
                wanted=message("`model.compile(...)` before the check"),
                where=model.where,
                hinted=False,
            )
        return compiled

    def _reference(self, index: int) -> Compiled:
        compiled = self.wanted(index).compiled
        assert compiled is not None, "the reference solution does not compile its model"
        return compiled


def _with_meaning(rationale: Message, what: str, name: str | None) -> Message:
    """Return what is wrong, followed by what the given name means where it is misspelt."""
    meaning = misspelt(what, name) if name is not None else None
    if meaning is None:
        return rationale
    return Message(text="{wrong} {meaning}", values={"wrong": rationale, "meaning": meaning.says})


def _for_loss(found: str, wanted: str) -> Message | None:
    """Return where to look for the right loss, given a wrong one; None where nothing is known."""
    if found == f"{wanted}(from_logits=True)":
        return message("`from_logits=True` is for outputs without an activation; these have one.")
    if misspelt("loss", found) is not None:
        return message("Compare the name letter by letter.")
    if found[:1].isupper():
        return message("Write `{name}()`, with parentheses.", name=found)
    match found, wanted:
        case "sparse_categorical_crossentropy", "categorical_crossentropy":
            return message("A sparse loss takes the number of a class; here each label is a one-hot vector.")
        case "categorical_crossentropy", "sparse_categorical_crossentropy":
            return message("This loss takes one-hot vectors; here each label is the number of a class.")
        case "binary_crossentropy", "categorical_crossentropy":
            return message(
                "Binary cross-entropy takes every output for a yes-or-no question of its own; here one of "
                "several classes is right."
            )
        case "categorical_crossentropy", "binary_crossentropy":
            return message("Categorical cross-entropy chooses one of several classes; here it is yes or no.")
        case (("mean_squared_error" | "mean_absolute_error"), _) if wanted.endswith("crossentropy"):
            return message("This loss is for numbers such as a price; the outputs here are probabilities.")
        case _:
            return None


def _is_made_up(graph: Graph, name: str) -> bool:
    """Return whether an output of a model was named by Keras."""
    made = graph.operation_of(graph.outputs[0].call)
    return name not in graph.output_names or is_automatic(name, made.kind) or name.startswith("output")


def resolved(metrics: Sequence[str], output: str, graph: Graph) -> list[str]:
    """Return what Keras makes of metrics at an output of a model, sorted by name."""
    assert graph.compiled is not None, "a check looks at metrics before a check that the model is compiled"
    tensors = dict(zip(graph.output_names, graph.outputs, strict=False))
    shapes = graph.call(tensors[output].call).shapes if output in tensors else ()
    # The shapes of a part that hides its code are not known.
    shape = shapes[tensors[output].index] if shapes else ()
    units = shape[-1] if shape else None
    return sorted(resolved_metric(name, graph.compiled.losses.get(output), units) for name in metrics)


def _lost_loss(key: str) -> Message:
    return message(
        "The key {key} in `loss` is not the name of an output; Keras raises an error "
        "only when training begins.",
        key=key,
    )


def _lost_weight(key: str) -> Message:
    return message(
        "The key {key} in `loss_weights` is not the name of an output: Keras silently ignores it.", key=key
    )


def _lost_metric(key: str) -> Message:
    return message("The key {key} in `metrics` is not the name of an output.", key=key)


def _told(values: Mapping[str, object]) -> Message:
    """Return what was told of each output: `age: 0.25, gender: 10.0`."""
    told = [f"{name}: {value}" for name, value in values.items() if value is not None]
    return verbatim(", ".join(told) or "None")


def _renamed(right: Mapping[str, Any], found: Mapping[str, object]) -> Mapping[str, Any]:
    """Return what is wanted of each output; a model's only output may have any name."""
    if len(right) == len(found) == 1:
        return dict(zip(found, right.values(), strict=True))
    return right
