"""Knows the errors of making models from tensors, and of asking models for their parts."""

from __future__ import annotations

import re

from autograder.checks.errors.kinds import Meaning, Raised, first_and_second, kind, returned_nothing
from autograder.messages import message


def _not_tensors(match: re.Match[str], _: Raised) -> Meaning:
    value, side = match["value"], match["side"]
    if value == "None":
        return Meaning(
            message("Among the `{side}` of `keras.Model` is `None`.", side=side),
            returned_nothing(),
            "model-of-none",
        )
    if value.startswith("<") and not value.startswith("<Keras"):
        return Meaning(
            message("Among the `{side}` of `keras.Model` is a layer, where a tensor is needed.", side=side),
            message("Use what calling the layer returns: `y = layers.Dense(10)(x)`."),
            "model-of-layers",
        )
    return Meaning(
        message("Among the `{side}` of `keras.Model` is something that is not a tensor.", side=side),
        message("Which name holds what the last layer returned?"),
        "model-of-something-else",
    )


def _inputs_and_outputs(_: re.Match[str], raised: Raised) -> Meaning | None:
    if raised.line and "Model(" not in raised.line:
        return None
    return Meaning(
        message("`keras.Model` takes two things: its inputs and its outputs."),
        message("Write `keras.Model(inputs, outputs)`; several tensors on one side go into a list."),
        "inputs-and-outputs",
    )


def _names(match: re.Match[str], _: Raised) -> Meaning:
    return Meaning(
        message(
            "Two layers are named `{name}`; within one model every layer needs a different name.",
            name=match["name"],
        ),
        message("Should it be one layer that is called twice, or two layers with names of their own?"),
        "name-used-twice",
    )


def _no_such_layer(match: re.Match[str], _: Raised) -> Meaning:
    return Meaning(
        message("The model has no layer named `{name}`.", name=match["name"]),
        message("Compare the name with those that the message lists, letter by letter."),
        "no-such-layer",
    )


def _shape(match: re.Match[str], raised: Raised) -> Meaning:
    wanted, found = match["wanted"], match["found"]
    data = re.search(r"\.(fit|predict|evaluate|predict_on_batch|train_on_batch)\(", raised.line)
    if data is not None and wanted.count(",") == found.count(",") + 1 and wanted.startswith("None"):
        return Meaning(
            message("The first axis of the data counts the samples, and here it is missing."),
            message("Give even a single sample an axis in front: `x[None]` has the shape `(1, ...)`."),
            "data-without-samples",
        )
    if data is not None:
        return Meaning(
            message(
                "The data has the shape `({found})`, and the input of the model is `({wanted})`.",
                found=found,
                wanted=wanted,
            ),
            message("Compare the axes one by one; the first counts the samples and may have any length."),
            "data-shape",
        )
    return Meaning(
        message(
            "The model is called on a tensor of shape `({found})`, and its input is `({wanted})`.",
            found=found,
            wanted=wanted,
        ),
        message("Compare the axes one by one: which tensor was meant for this model?"),
        "model-on-another-shape",
    )


_SIZES = r"[None\d, ]{1,100}"

KINDS = (
    kind(
        "unconnected",
        r"is not connected to `inputs`|`inputs` not connected to `outputs`",
        message(
            "The outputs are not computed from the inputs that you gave to `keras.Model`: one of these is "
            "not used, or another one is missing."
        ),
        message(
            "Which `keras.Input` does each line lead back to, and which of them did you pass to "
            "`keras.Model`?"
        ),
    ),
    kind(
        "model-of-something-else",
        r"All `(?P<side>inputs|outputs)` values must be KerasTensors.{0,1500}?"
        r"including invalid value (?P<value>[^\s]{1,100})",
        _not_tensors,
    ),
    kind("inputs-and-outputs", r"Layer\.__init__\(\) takes 1 positional argument but", _inputs_and_outputs),
    kind(
        "inputs-and-outputs",
        r"Unrecognized keyword arguments passed to (?:Model|Functional): \{'(?:inputs|outputs)'",
        _inputs_and_outputs,
    ),
    kind(
        "name-used-twice", r"The name \"(?P<name>[^\"\n]{0,100})\" is used \d{1,9} times in the model", _names
    ),
    kind(
        "sequential-of-tensors",
        r"Only instances of `keras\.Layer` can be added to a Sequential model",
        message("A `Sequential` is made of layers, and here it was given a tensor."),
        message("Leave out the call: `layers.Dense(3)`, without `(x)`."),
    ),
    kind("no-such-layer", r"No such layer: (?P<name>[^\n]{1,100}?)\. Existing layers are", _no_such_layer),
    kind(
        "not-built",
        r"You tried to call `count_params` on layer",
        message("The model does not know the shape of its input yet, so it has no weights to count."),
        message("Begin the model with `keras.Input(...)`, or call it on a tensor first."),
    ),
    kind(
        "layer-with-square-brackets",
        r"TypeError: (?:type '[A-Z]\w{0,60}'|'(?!NoneType)[A-Z]\w{0,60}' object) is not subscriptable",
        message("A layer is followed by square brackets; parentheses create and call it."),
        first_and_second(),
    ),
    kind(
        "model-on-another-shape",
        rf"expected shape=\((?P<wanted>{_SIZES})\), found shape=\((?P<found>{_SIZES})\)",
        _shape,
    ),
    kind(
        "model-on-another-shape",
        rf"Expected shape \((?P<wanted>{_SIZES})\), but input has incompatible shape \((?P<found>{_SIZES})\)",
        _shape,
    ),
)
