"""Reads the evidence of one task into what a check looks at: graphs, with the reference's beside them."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

from autograder.checks.errors import meaning_of
from autograder.checks.errors.kinds import first_and_second, layer_for_a_tensor
from autograder.checks.values import kind_of, shown
from autograder.checks.verdict import Failure
from autograder.evidence import (
    Evidence,
    ModelEvidence,
    Probe,
    ProbeError,
    ProbeInput,
    ProbeRequest,
    Value,
    capture,
    read,
)
from autograder.graph import (
    Difference,
    Graph,
    GraphError,
    Parts,
    canonical,
    compare,
    outline,
    read_model,
    with_shapes,
)
from autograder.messages import Message, message

# What a function of tensors may return: a tensor, or several.
_OF_TENSORS = ("KerasTensor", "list", "tuple", "dict")


@dataclass
class Model:
    """One model that a learner made, or what came in its place.

    `given` says what a function was called with; it is empty for a model that was handed in itself. Exactly
    one of `graph` and `failure` is set. `value` is what a function returned where that is not a model; `look`
    says where to look after an error, unless a check knows better. `returned_model` says that a function of
    tensors returned a model instead of a tensor, `sequential` that the model is a `Sequential`.

    >>> import keras
    >>> from autograder.checks import subject_of
    >>> from autograder.messages import render
    >>> model = subject_of(keras.layers.Dense(4), probes=[[{"shape": [8]}]]).model
    >>> render(model.where, "en")
    'when called on an input of shape (8,)'
    """

    given: tuple[ProbeInput, ...] = ()
    graph: Graph | None = None
    failure: Failure | None = None
    value: Value | None = None
    look: Message | None = None
    returned_model: bool = False
    sequential: bool = False

    @property
    def where(self) -> Message | None:
        """The call of the learner's function that made this; None for a model that was handed in."""
        if not self.given:
            return None
        shapes = [item.shape for item in self.given if item.shape is not None]
        if len(shapes) == len(self.given):
            if len(shapes) > 1:
                return message("when called on inputs of the shapes {shapes}", shapes=shapes_text(shapes))
            return message("when called on an input of shape {shape}", shape=shapes_text(shapes))
        told = [shown(item.value) if item.shape is None else shapes_text([item.shape]) for item in self.given]
        return message("when called with {arguments}", arguments=", ".join(told))


@dataclass
class Subject:
    """A task's evidence: the models it shows, or the plain value it hands in.

    `built_on` are the earlier tasks whose stand-ins its models were made with. `absence` says why there is
    nothing to look at, where that is so; `stopped` is the error of the task's own cell, where the cell ended
    before everything that is looked at had been made. `reference` is the same task of the reference solution;
    `in_outline` says that only its outline is known, as in a learner's own kernel.

    >>> import keras
    >>> from autograder.checks import subject_of
    >>> x = keras.Input((8,))
    >>> subject = subject_of(keras.Model(x, keras.layers.Dense(4)(x)))
    >>> [len(graph.calls) for graph in subject.graphs]
    [2]
    >>> subject_of([1, 2]).models
    []
    """

    task: str
    models: list[Model] = field(default_factory=list)
    value: Any = None
    built_on: frozenset[str] = frozenset()
    absence: Failure | None = None
    stopped: Failure | None = None
    reference: Subject | None = None
    in_outline: bool = False
    _compared: dict[tuple[int, bool, bool], list[Difference]] = field(default_factory=dict, init=False)

    @property
    def model(self) -> Model:
        """The first model."""
        return self.models[0]

    @cached_property
    def graphs(self) -> list[Graph]:
        """The graphs of all models that could be read."""
        return [model.graph for model in self.models if model.graph is not None]

    def picture(self) -> tuple[int | None, Sequence[Difference]]:
        """Return the model to draw and what to mark in it.

        Differences that a check has found come first, then what sets a model apart from the reference's.
        """
        for (index, _, _), found in self._compared.items():
            if found:
                return index, found
        for index in range(len(self.models)):
            if differences := self.differences_of(index):
                return index, differences
        return next((index for index, model in enumerate(self.models) if model.graph is not None), None), ()

    def alone(self, index: int) -> Subject:
        """Return a subject with the `index`-th model alone, and with its counterpart in the reference."""
        wanted = self.reference
        if wanted is not None:
            wanted = replace(wanted, models=wanted.models[index : index + 1])
        return replace(self, models=[self.models[index]], reference=wanted)

    def target(self, index: int) -> Graph | None:
        """Return what the `index`-th model should be, as far as it is known."""
        models = self.reference.models if self.reference is not None else []
        return models[index].graph if index < len(models) else None

    def differences_of(self, index: int) -> Sequence[Difference]:
        """Return what sets the `index`-th model apart from the reference's, if known.

        Names and branch order are left aside.
        """
        if self.target(index) is None or self.models[index].graph is None:
            return ()
        return self.compared(index, branch_order_free=True, names=False)

    def compared(self, index: int, *, branch_order_free: bool, names: bool) -> list[Difference]:
        """Return the differences between the `index`-th model and the reference's."""
        asked = (index, branch_order_free, names)
        if asked not in self._compared:
            found, wanted = self.models[index].graph, self._wanted(index)
            assert found is not None
            self._compared[asked] = compare(
                outline(found) if self.in_outline else found,
                wanted,
                names=names,
                free_order=("Concatenate",) if branch_order_free else (),
            )
        return self._compared[asked]

    def _wanted(self, index: int) -> Graph:
        assert self.reference is not None, "a grader compares with a reference that was not run"
        graph = self.reference.models[index].graph
        assert graph is not None, "the reference solution made no model"
        return graph


def shapes_text(shapes: Sequence[Sequence[int | None]]) -> str:
    """Return shapes as a learner would write them: `(28, 28, 64)`."""
    return ", ".join(
        "(" + ", ".join(str(size) for size in shape) + ("," if len(shape) == 1 else "") + ")"
        for shape in shapes
    )


def subject_of(handed_in: Any, reference: Any = None, probes: Sequence[ProbeRequest] = ()) -> Subject:
    """Return what a check sees of an object, for trying a check or an expectation at a Python prompt.

    In grading, what a learner hands in is captured in the jail and read outside; this does both here.

    Args:
        handed_in: what a learner would pass to `check` after the task's id.
        reference: what the reference solution hands in; without it, nothing is compared.
        probes: what a function is called on, once for each: `[[{"shape": [28, 28, 3]}]]`, or
            `[[{"value": 2}]]`.

    >>> from autograder.checks import expect, subject_of
    >>> expect(subject_of(0.87, reference=0.91)).is_close(tolerance=0.01)
    Traceback (most recent call last):
        ...
    autograder.checks.verdict.CheckFailure: The number is wrong.
    """
    document = json.dumps(capture("task", [handed_in], probes))
    subject = read_subject("task", [read(document)])
    if reference is not None:
        subject.reference = subject_of(reference, probes=probes)
    return subject


def read_subject(
    task: str,
    documents: Sequence[Evidence],
    probes: Sequence[ProbeRequest] = (),
    parts: Parts = MappingProxyType({}),
    names: Callable[[], Collection[str]] = tuple,
) -> Subject:
    """Return the subject that a task's evidence makes; where `check` was called twice, the last call counts.

    Args:
        task: the task's id.
        documents: its evidence.
        probes: what its function was to be called on, if the task asks for a function. One that was not
            called on all of these is not that function.
        parts: what is put in the place of earlier tasks' stand-ins.
        names: returns the names that the notebook defines, to explain errors with.

    >>> import json
    >>> from autograder.checks import plain_value, read_subject
    >>> from autograder.evidence import capture, read
    >>> left = json.dumps(capture("answer", [42]))
    >>> plain_value(read_subject("answer", [read(left)]).value)
    42
    """
    if not documents:
        return Subject(task, absence=Failure(rationale=message("This task's check was never reached.")))
    evidence = documents[-1]
    if probes and [_asked(probe) for probe in evidence.probes] != [_plain(probe) for probe in probes]:
        return Subject(task, absence=_no_function(evidence))
    if evidence.probes:
        results = [probe.result for probe in evidence.probes if probe.result is not None]
        models = [_probed(probe, parts, names) for probe in evidence.probes]
        return Subject(task, models=models, built_on=_stood_in(results, parts))
    if not evidence.arguments:
        return Subject(task, absence=Failure(rationale=message("`check` was called without an object.")))
    value = evidence.arguments[0]
    if value["kind"] == "model":
        models = [_model(value["model"], (), parts)]
        return Subject(task, models=models, built_on=_stood_in([value["model"]], parts))
    return Subject(task, value=value)


def _stood_in(models: Sequence[ModelEvidence], parts: Parts) -> frozenset[str]:
    named = (operation.get("stand_in") for model in models for operation in model["operations"])
    return frozenset(stand_in[0] for stand_in in named if stand_in and stand_in[0] in parts)


def _asked(probe: Probe) -> list[Any]:
    """Return what a function was called on, in the form in which probes ask for it."""
    return [
        entry.value if entry.shape is None else (list(entry.shape), entry.dtype) for entry in probe.inputs
    ]


def _plain(request: ProbeRequest) -> list[Any]:
    return [
        entry["value"] if "value" in entry else (list(entry["shape"]), entry.get("dtype", "float32"))
        for entry in request
    ]


def _no_function(evidence: Evidence) -> Failure:
    return Failure(
        rationale=message("This task needs a function."),
        found=kind_of(evidence.arguments[0]) if evidence.arguments else message("nothing"),
        wanted=message("the function itself, not what it returns"),
    )


def _probed(probe: Probe, parts: Parts, names: Callable[[], Collection[str]]) -> Model:
    given = probe.inputs
    where = Model(given).where
    if probe.error is not None:
        failure = error_failure(
            message("Your function stops with an error."),
            probe.error.type,
            probe.error.message,
            line=probe.error.line or "",
            names=names(),
            where=_line(probe.error, where),
        )
        return Model(given, failure=failure.model_copy(update={"hint": None}), look=failure.hint)
    if probe.result is None:
        return Model(given, failure=_nothing_returned(probe, where), value=probe.value)
    model = _model(probe.result, given, parts)
    # A model made of the returned tensors is a model, too; `returned` is the type of what was returned.
    of_tensors = any(item.shape is not None for item in given)
    model.returned_model = of_tensors and probe.returned not in _OF_TENSORS
    return model


def error_failure(
    rationale: Message,
    error: str,
    text: str,
    *,
    line: str = "",
    names: Collection[str] = (),
    where: Message | None = None,
) -> Failure:
    """Return the failure of learner code that stopped with an error, with its meaning where that is known.

    >>> from autograder.checks import error_failure
    >>> from autograder.messages import message, render
    >>> failure = error_failure(message("The cell stops."), "NameError", "name 'Dens' is not defined")
    >>> render(failure.rationale, "en")
    'The cell stops. Nothing is called `Dens` yet.'
    """
    meaning = meaning_of(error, text, line, names)
    if meaning is not None:
        rationale = Message(
            text="{stopped} {meaning}", values={"stopped": rationale, "meaning": meaning.says}
        )
    return Failure(
        rationale=rationale,
        found=Message(text="{name}: {text}", values={"name": error, "text": text}),
        where=where,
        hint=meaning.look if meaning is not None else None,
    )


def _nothing_returned(probe: Probe, where: Message | None) -> Failure:
    """Return the failure of a function that does not return a tensor, or, where it is given none, a model."""
    of_tensors = any(item.shape is not None for item in probe.inputs)
    home, _, name = probe.returned.rpartition(".")
    if of_tensors and home.startswith("keras.") and ".layers." in home:
        return Failure(
            rationale=layer_for_a_tensor(name),
            found=message("it returns {what}", what=name),
            wanted=message("the last layer's output"),
            where=where,
            hint=first_and_second(),
        )
    return Failure(
        rationale=message("Your function does not return the tensor that its layers made.")
        if of_tensors
        else message("Your function does not return a model."),
        found=message("it returns {what}", what="None" if probe.returned == "NoneType" else probe.returned),
        wanted=message("the last layer's output")
        if of_tensors
        else message("a Keras model built with the functional API"),
        where=where,
        hint=message("Does the function end with a `return` line? Which name holds the result?")
        if probe.returned == "NoneType"
        else message("Look at the `return` line: which name holds the result?"),
    )


def _line(error: ProbeError, where: Message | None) -> Message | None:
    if not error.line:
        return where
    number, line = error.line_number or 0, error.line.strip()
    if error.function and error.function.isidentifier():
        # The line may be in a function of another task, which this one calls.
        place = message(
            "line {number} in `{function}`: `{line}`", number=number, line=line, function=error.function
        )
    else:
        place = message("line {number}: `{line}`", number=number, line=line)
    return place if where is None else Message(text="{place}, {when}", values={"place": place, "when": where})


def _model(evidence: ModelEvidence, given: tuple[ProbeInput, ...], parts: Parts) -> Model:
    try:
        graph = canonical(with_shapes(read_model(evidence, parts)))
        return Model(given, graph=graph, sequential=evidence["class"]["name"] == "Sequential")
    except GraphError as error:
        failure = Failure(
            rationale=message("The model cannot be read as a graph of Keras layers."),
            found=error.message,
            where=Model(given).where,
        )
        return Model(given, failure=failure)
