"""What Keras's common errors mean: a translation of what it says into what is wrong with the graph."""

from __future__ import annotations

import difflib
import importlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from autograder.messages import Message, message


@dataclass(frozen=True)
class Meaning:
    """What an error means, in one sentence, and where to look."""

    says: Message
    look: Message


_Told = Callable[[re.Match[str]], Meaning]


def meaning_of(error: str, text: str, line: str = "") -> Meaning | None:
    """What an error of Keras means, if it is one that is known.

    Args:
        error: the exception's class, `ValueError`.
        text: what it says.
        line: the learner's line that it came from, where that is known.
    """
    for pattern, told in _ERRORS:
        if match := pattern.search(f"{error}: {text}"):
            return told(match)
    if error == "KeyError" and re.search(r"\.(fit|evaluate|train_on_batch|test_on_batch)\(", line):
        return _missing_key(text.strip("'\""))
    return None


def _sizes(text: str) -> list[list[str]]:
    shapes = [
        [size.strip() for size in shape.split(",") if size.strip()]
        for shape in re.findall(r"\(([\w\s,]*)\)", text)
    ]
    return [shape[1:] if shape[:1] == ["None"] and len(shape) > 1 else shape for shape in shapes]


def _sum(match: re.Match[str]) -> Meaning:
    look = message("Write the shape behind every layer of both operands; where do they part?")
    shapes = _sizes(match["shapes"].replace("[", "(").replace("]", ")"))
    if len(shapes) == 2 and len(shapes[0]) == len(shapes[1]) > 1:
        if shapes[0][:-1] != shapes[1][:-1]:
            return Meaning(
                message("Only tensors of one height and width can be added up, and these differ in size."),
                look,
            )
        return Meaning(
            message(
                "Tensors that are added up have the same number of channels, or one has a single channel."
            ),
            look,
        )
    return Meaning(message("Only tensors of one shape can be added up."), look)


def _concatenation(match: re.Match[str]) -> Meaning:
    shapes = _sizes(match["shapes"])
    if len({len(shape) for shape in shapes}) > 1:
        says = message("Tensors that are concatenated have the same number of axes, and these have not.")
    else:
        says = message(
            "Tensors that are concatenated may differ in their channels alone, and these differ in size."
        )
    return Meaning(
        says, message("Compare the shapes in what Keras says; which branch ends with another size?")
    )


def _unconnected(_: re.Match[str]) -> Meaning:
    return Meaning(
        message("Going back from the outputs, one does not come out at the inputs that the model was given."),
        message(
            "Which `keras.Input` does each line go back to, and which of them was handed to `keras.Model`?"
        ),
    )


def _unknown_layer(match: re.Match[str]) -> Meaning:
    name = match["name"]
    look = message("Compare the name letter by letter.")
    if name[0].islower() and match["module"] == "keras.layers":
        look = message("Compare the name letter by letter; names of layers begin with a capital.")
    known = _alike(name, match["module"])
    if not known:
        return Meaning(message("Keras has nothing that is called `{name}`.", name=name), look)
    return Meaning(
        message(
            "Keras has nothing that is called `{name}`, but it has {known}.",
            name=name,
            known=", ".join(f"`{found}`" for found in known),
        ),
        look,
    )


@lru_cache(256)
def _alike(name: str, module: str) -> Sequence[str]:
    """What may have been meant: the most similar name; of layers for one, two and three axes all of them.

    A class makes few slips, and each of them often: those of the starter code.
    """
    known = _public_names(module)
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if not close:
        lower = {found.lower(): found for found in known}
        close = [lower[found] for found in difflib.get_close_matches(name.lower(), list(lower), n=1)]
    if close and not re.search(r"\dD$", name, re.IGNORECASE) and re.search(r"\dD$", close[0]):
        return [found for found in known if re.fullmatch(re.escape(close[0][:-2]) + r"\dD", found)]
    return close


@cache
def _public_names(module: str) -> tuple[str, ...]:
    # The name comes from what a learner's code said: nothing else is imported for it.
    if module not in ("keras", "keras.layers", "keras.models", "keras.ops", "keras.utils"):
        return ()
    return tuple(name for name in dir(importlib.import_module(module)) if not name.startswith("_"))


def _unknown_size(_: re.Match[str]) -> Meaning:
    return Meaning(
        message("A layer with weights must know the size of its input's last axis, which is open here."),
        message("Which layer makes one vector out of a sequence, however long that is?"),
    )


def _axes(match: re.Match[str]) -> Meaning:
    return Meaning(
        message(
            "The layer `{layer}` reads tensors with {wanted} axes, and it was given one with {found}.",
            layer=match["layer"],
            wanted=int(match["wanted"]),
            found=int(match["found"]),
        ),
        message("What does the layer before it give back: a sequence or a vector, an image or a row?"),
    )


def _too_small(_: re.Match[str]) -> Meaning:
    return Meaning(
        message("The window is larger than what is left of the image."),
        message("How much height and width is left before this layer, and what has taken the rest?"),
    )


def _size_argument(_: re.Match[str]) -> Meaning:
    return Meaning(
        message("A tensor stands where the layer wants its size."),
        message(
            "The first parentheses say what the layer is, the second what it is called on: `Dense(10)(x)`."
        ),
    )


def _missing_size(match: re.Match[str]) -> Meaning:
    return Meaning(
        message(
            "`{layer}` is created without its `{argument}`.", layer=match["layer"], argument=match["name"]
        ),
        message(
            "The first parentheses say what the layer is, the second what it is called on: `Dense(10)(x)`."
        ),
    )


def _symbolic(_: re.Match[str]) -> Meaning:
    return Meaning(
        message("A tensor of the model has a shape and no numbers yet, and only Keras can compute with it."),
        message("Use a layer or a function of `keras.ops` there."),
    )


def _no_tensor(_: re.Match[str]) -> Meaning:
    return Meaning(
        message("A model is made from tensors, and something else was handed in."),
        message("Which name holds what the last layer gave back?"),
    )


def _no_input(match: re.Match[str]) -> Meaning:
    if match[0].endswith("'None"):
        return Meaning(
            message("A layer is called on `None`, where a tensor should be."),
            message("Which function gave that back? Without a `return` line it gives back `None`."),
        )
    return Meaning(
        message("A layer is called on something that is no tensor."),
        message("Look at the second pair of parentheses: which name stands there, and what does it hold?"),
    )


def _uncalled(match: re.Match[str]) -> Meaning:
    return Meaning(
        message(
            "A `{layer}` that was created and not called stands where a tensor should be.",
            layer=match["layer"],
        ),
        message(
            "The first parentheses say what the layer is, the second what it is called on: `Dense(10)(x)`."
        ),
    )


def _no_shape(match: re.Match[str]) -> Meaning:
    return Meaning(
        message("A shape is a tuple, even one of a single size."),
        message("Write a comma behind the number: `({found},)`.", found=match["found"]),
    )


def _used_before(match: re.Match[str]) -> Meaning:
    return Meaning(
        message(
            "The layer has made its weights for {wanted} numbers when it was first called, and now it is "
            "given {found}.",
            wanted=int(match["wanted"]),
            found=int(match["found"]),
        ),
        message("Is one layer called where each call should have a layer of its own?"),
    )


def _input_count(match: re.Match[str]) -> Meaning:
    return Meaning(
        message(
            "The model wants {wanted} inputs, and it was given {found}.",
            wanted=int(match["wanted"]),
            found=int(match["found"]),
        ),
        message("Hand over one tensor or array for each input, in a list or in a dict."),
    )


def _input_name(match: re.Match[str]) -> Meaning:
    return Meaning(
        message("No array was handed over for the input `{name}`.", name=match["name"]),
        message("Compare the keys of your dict with the names of the inputs, letter by letter."),
    )


def _loss_keys(_: re.Match[str]) -> Meaning:
    return Meaning(
        message("The keys of the losses are not the names of the outputs."),
        message("Compare each key with `model.output_names`: which one is missing, which one is too many?"),
    )


def _missing_key(key: str) -> Meaning:
    return Meaning(
        message("A dict that `compile` was given has no entry for the output `{name}`.", name=key),
        message("Look at the losses and at the loss weights: each needs a key for every output."),
    )


def _loss_count(_: re.Match[str]) -> Meaning:
    return Meaning(
        message("There are more losses than outputs."),
        message("A list of losses has one for each output, in the order of `model.output_names`."),
    )


def _metrics(_: re.Match[str]) -> Meaning:
    return Meaning(
        message("A model with several outputs wants to know which of them each metric is for."),
        message("Hand over a dict from the names of the outputs to their metrics."),
    )


def _labels(_: re.Match[str]) -> Meaning:
    return Meaning(
        message("The labels do not have the form that the loss takes them for."),
        message("Is a label one number or a vector, and which kind of loss is for that?"),
    )


def _names(match: re.Match[str]) -> Meaning:
    return Meaning(
        message("Two layers are called `{name}`, and a name is for one layer.", name=match["name"]),
        message("Should it be one layer that is called twice, or two layers with names of their own?"),
    )


def _uncompiled(_: re.Match[str]) -> Meaning:
    return Meaning(
        message("The model has no loss and no optimizer yet."), message("`compile` comes before `fit`.")
    )


_ERRORS: tuple[tuple[re.Pattern[str], _Told], ...] = tuple(
    (re.compile(pattern, re.DOTALL), told)
    for pattern, told in (
        (r"Inputs have incompatible shapes\. Received shapes (?P<shapes>[^\n]*)", _sum),
        (r"Cannot broadcast shape.*Input shapes are: (?P<shapes>[^\n]*)", _sum),
        (r"`Concatenate` layer requires inputs with matching.*Received: (?P<shapes>[^\n]*)", _concatenation),
        (r"is not connected to `inputs`", _unconnected),
        (r"module '(?P<module>keras[\w.]*)' has no attribute '(?P<name>\w+)'", _unknown_layer),
        (r"Shapes used to initialize variables must be fully-defined", _unknown_size),
        (
            r"of layer '(?P<layer>\w+)' is incompatible with the layer: "
            r"expected (?:min_|max_)?ndim=(?P<wanted>\d+), found ndim=(?P<found>\d+)",
            _axes,
        ),
        (r"Computed output size would be (?:zero or )?negative", _too_small),
        (r"Received an invalid value for `\w+`.*KerasTensor", _size_argument),
        (
            r"TypeError: (?P<layer>\w+)\.__init__\(\) missing \d+ required positional arguments?: "
            r"'(?P<name>\w+)'",
            _missing_size,
        ),
        (r"A KerasTensor (?:cannot be used as input to a|is symbolic)", _symbolic),
        (r"Inputs to a layer should be tensors\. Got '?\w*", _no_input),
        (r"Only input tensors may be passed.*<(?P<layer>\w+) name=", _uncalled),
        (r"Only input tensors may be passed as positional arguments", _no_input),
        (r"Cannot convert '(?P<found>\d+)' to a shape", _no_shape),
        (
            r"expected axis -1 of input shape to have value (?P<wanted>\d+), but received input with shape "
            r"\((?:[^)\n]*, )?(?P<found>\d+)\)",
            _used_before,
        ),
        (r"All `(?:inputs|outputs)` values must be KerasTensors", _no_tensor),
        (r"expects (?P<wanted>\d+) (?:named )?input.*received (?P<found>\d+) input tensors", _input_count),
        (r"Missing data for input \"(?P<name>[^\"]*)\"", _input_name),
        (r"Expected keys .* in loss dict", _loss_keys),
        (r"in the `loss` argument, can't be found", _loss_count),
        (r"Invalid `metrics`", _metrics),
        (r"Arguments `target` and `output` must have the same", _labels),
        (r"Argument `output` must have rank", _labels),
        (r"The name \"(?P<name>[^\"]*)\" is used \d+ times in the model", _names),
        (r"You must call `compile\(\)` before", _uncompiled),
    )
)
