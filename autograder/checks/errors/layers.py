"""Knows the errors of creating layers and calling them on tensors."""

from __future__ import annotations

import re

from autograder.checks.errors.kinds import (
    Meaning,
    Raised,
    first_and_second,
    kind,
    layer_for_a_tensor,
    returned_nothing,
)
from autograder.messages import Message, message

_MERGES = r"Add|Average|Concatenate|Dot|Maximum|Minimum|Multiply|Subtract"
_FUNCTIONS = r"add|average|concatenate|dot|maximum|minimum|multiply|subtract"


def _shapes(text: str) -> list[list[str]]:
    """Return the shapes that a text names, without their batch axes."""
    found = re.findall(r"[(\[]((?:None|\d{1,18})(?:, ?(?:None|\d{1,18})){0,20},?)[)\]]", text)
    shapes = [[size.strip() for size in shape.split(",") if size.strip()] for shape in found]
    return [shape[1:] if shape[:1] == ["None"] and len(shape) > 1 else shape for shape in shapes]


def _written(shape: list[str]) -> str:
    return "(" + ", ".join(shape) + ("," if len(shape) == 1 else "") + ")"


def _elementwise(match: re.Match[str], _: Raised) -> Meaning:
    look = message("Write down the shape after each layer on both sides. Where do they begin to differ?")
    shapes = _shapes(match["shapes"])
    if len(shapes) != 2:
        says = message("Tensors of these shapes cannot be combined element by element.")
        return Meaning(says, look, "elementwise")
    first, second = map(_written, shapes)
    if len(shapes[0]) != len(shapes[1]):
        says = message(
            "These tensors cannot be combined element by element: they do not have the same number of axes "
            "({first} and {second}).",
            first=first,
            second=second,
        )
        return Meaning(says, look, "elementwise-axes")
    if shapes[0][:-1] != shapes[1][:-1]:
        says = message(
            "These tensors cannot be combined element by element: they differ in size ({first} and "
            "{second}).",
            first=first,
            second=second,
        )
        return Meaning(says, look, "elementwise-sizes")
    says = message(
        "These tensors cannot be combined element by element: they differ in their number of channels "
        "({first} and {second}).",
        first=first,
        second=second,
    )
    return Meaning(says, look, "elementwise-channels")


def _concatenation(match: re.Match[str], _: Raised) -> Meaning:
    look = message("Compare the shapes in Keras's message: which branch ends with another size?")
    if len({len(shape) for shape in _shapes(match["shapes"])}) > 1:
        says = message("Concatenated tensors must have the same number of axes; these do not.")
        return Meaning(says, look, "concatenate-axes")
    says = message(
        "Concatenated tensors may differ only along the axis that they are joined on, usually the channels; "
        "these differ in size as well."
    )
    return Meaning(says, look, "concatenate-sizes")


def _too_many(_: re.Match[str], raised: Raised) -> Meaning:
    merge = re.search(rf"\b(?P<name>{_MERGES})\(", raised.line)
    says = message("A layer takes its input as one argument, and here it was called on several.")
    look = message(
        "Put the tensors into one list: `{name}()([a, b])`.", name=merge["name"] if merge else "Concatenate"
    )
    return Meaning(says, look, "called-on-several")


def _merge_of_one(_: re.Match[str], raised: Raised) -> Meaning:
    if re.search(rf"\b(?:{_MERGES})\( {{0,9}}\[", raised.line):
        return _merge_created(_, raised)
    if "input_shape=[None" in raised.text:
        says = message("The list of tensors that are to be joined holds `None`.")
        return Meaning(says, returned_nothing(), "none-in-a-list")
    function = re.search(rf"\b(?P<name>{_FUNCTIONS})\(", raised.line)
    merge = re.search(rf"\b(?P<name>{_MERGES})\(", raised.line)
    says = message("A layer that joins tensors needs all of them in one list; here it did not get a list.")
    if function is not None:
        look = message("Write the tensors between square brackets: `{name}([a, b])`.", name=function["name"])
    else:
        look = message(
            "Put the tensors into one list: `{name}()([a, b])`.", name=merge["name"] if merge else "Add"
        )
    return Meaning(says, look, "merge-without-a-list")


def _merge_function(match: re.Match[str], _: Raised) -> Meaning:
    return Meaning(
        message("`{name}` takes one list of tensors, and here it got several arguments.", name=match["name"]),
        message("Write the tensors between square brackets: `{name}([a, b])`.", name=match["name"]),
        "merge-function-of-several",
    )


def _merge_created(_: re.Match[str], raised: Raised) -> Meaning:
    found = re.search(rf"\b(?P<name>{_MERGES})\(", raised.line)
    return Meaning(
        message("The tensors were passed where the layer is created, not where it is called."),
        message(
            "Use two pairs of parentheses, `{name}()([a, b])`: the first create the layer, the second "
            "call it.",
            name=found["name"] if found else "Add",
        ),
        "tensors-where-a-layer-is-created",
    )


def _input_count(match: re.Match[str], raised: Raised) -> Meaning:
    wanted, found = int(match["wanted"]), int(match["found"])
    if wanted == 1:
        look = message("Join the tensors first, or call the layer on each of them.")
    else:
        look = message("Pass one tensor or array for each input, in a list or in a dict.")
    data = re.search(r"\.(fit|predict|evaluate)\(", raised.line) is not None
    return Meaning(
        message("The number of inputs should be {wanted}, and it is {found}.", wanted=wanted, found=found),
        look,
        "data-input-count" if data else "input-count",
    )


def _axes(match: re.Match[str], _: Raised) -> Meaning:
    wanted, found = int(match["wanted"]), int(match["found"])
    look = message("What does the layer before it return: a sequence or a vector, an image or a row?")
    if (wanted, found) == (3, 2):
        look = message(
            "Does this layer read a sequence, one vector per step? Then this must come before it: an input "
            "of a shape such as `(None, 128)`, an `Embedding` of whole numbers, or a recurrent layer with "
            "`return_sequences=True`."
        )
    return Meaning(
        message(
            "The layer `{layer}` reads tensors with {wanted} axes, and it was called on one with {found}.",
            layer=match["layer"],
            wanted=wanted,
            found=found,
        ),
        look,
        "axes",
    )


def _first_size(match: re.Match[str], _: Raised) -> Meaning:
    return Meaning(
        message(
            "The layer created its weights for {wanted} numbers at its first call; now it is called on "
            "{found}.",
            wanted=int(match["wanted"]),
            found=int(match["found"]),
        ),
        message("Is one layer called where each call should have a layer of its own?"),
        "called-on-another-size",
    )


def _as_setting(_: re.Match[str], __: Raised) -> Meaning:
    return Meaning(
        message("A tensor was passed where the layer is created, not where it is called."),
        first_and_second(),
        "tensor-as-setting",
    )


def _looped(_: re.Match[str], raised: Raised) -> Meaning:
    if re.search(r"\bInput\(", raised.line):
        return Meaning(
            message("`keras.Input` takes a shape, and here it was given a tensor."),
            message("To go on from a tensor, call the next layer on it; it needs no `keras.Input`."),
            "tensor-as-input-shape",
        )
    if re.search(r"\b\w{0,40}(?:Conv|Pool)\w{0,40}\(", raised.line):
        return Meaning(
            message("A tensor was passed where the layer expects a size."),
            first_and_second(),
            "tensor-as-size",
        )
    return Meaning(
        message(
            "A tensor of the model cannot be unpacked or looped over: it has a shape, but no numbers yet."
        ),
        message("Use a layer or a function of `keras.ops` to take parts of it."),
        "loop-over-a-tensor",
    )


def _missing_size(match: re.Match[str], _: Raised) -> Meaning:
    return Meaning(
        message(
            "`{layer}` is created without its `{argument}`.", layer=match["layer"], argument=match["name"]
        ),
        first_and_second(),
        "missing-size",
    )


def _not_a_tensor(match: re.Match[str], raised: Raised) -> Meaning:
    found = match["type"]
    if "<built-in function input>" in raised.text:
        return Meaning(
            message("`input` is a function of Python's own, and no tensor of yours."),
            message("Compare the name with the line that makes the tensor, letter by letter."),
            "called-on-input",
        )
    if found == "NoneType":
        return Meaning(
            message("A layer is called on `None`, where a tensor should be."),
            returned_nothing(),
            "called-on-none",
        )
    if found in ("function", "builtin_function_or_method", "method"):
        return Meaning(
            message("A layer is called on a function, where a tensor should be."),
            message("Call the function, and use what it returns: `block(x)`."),
            "called-on-a-function",
        )
    if found.startswith("keras.") and ".models." in found:
        return Meaning(
            message("A model is given where a tensor should be."),
            message("Call the model on a tensor, and use what it returns: `model(x)`."),
            "model-for-a-tensor",
        )
    if found.startswith("keras.") and ".layers." in found:
        return Meaning(
            layer_for_a_tensor(found.rsplit(".", 1)[-1]),
            first_and_second(),
            "layer-for-a-tensor",
        )
    return Meaning(
        message("A layer is called on something that is not a tensor."),
        message("Look at the second pair of parentheses: which name is there, and what does it hold?"),
        "called-on-something-else",
    )


def _layers_combined(match: re.Match[str], _: Raised) -> Meaning | None:
    if "NoneType" in (match["left"], match["right"]):
        return None
    name = match["left"] if match["left"] != "KerasTensor" else match["right"]
    if not name[:1].isupper():
        return None
    return Meaning(
        layer_for_a_tensor(name),
        first_and_second(),
        "layer-for-a-tensor",
    )


def _uncalled(match: re.Match[str], _: Raised) -> Meaning:
    return Meaning(
        message(
            "The layer or model `{layer}` was never called, so it has no `{what}` yet.",
            layer=match["layer"],
            what=match["what"],
        ),
        message("Call it on a tensor, and use what the call returns: `y = layer(x)`."),
        "never-called",
    )


def _padding(match: re.Match[str], raised: Raised) -> Meaning:
    if re.search(r"Conv(?:olution)?\dD\( {0,9}\w{1,40} {0,9}, {0,9}\d{1,9} {0,9}, {0,9}\d{1,9}", raised.line):
        return Meaning(
            message(
                "The third number of `Conv2D(128, 3, 3)` is the stride; Keras 1 read it as the kernel's "
                "width."
            ),
            message("Give the kernel as one argument and name the others: `Conv2D(128, 3, activation=...)`."),
            "third-number-is-the-stride",
        )
    return Meaning(
        message('`padding` should be `"same"` or `"valid"`; it is `{found}`.', found=match["found"]),
        message("Compare the word letter by letter; is it in the place of another argument?"),
        "padding",
    )


def _number_for_padding(_: re.Match[str], raised: Raised) -> Meaning | None:
    if not re.search(r"\b\w{0,40}(?:Conv|Pool)\w{0,40}\(", raised.line):
        return None
    return Meaning(
        message("A number is in the place of `padding`."),
        message(
            'Keras reads arguments without a name in its own order. Name them: `strides=2, padding="same"`.'
        ),
        "number-for-padding",
    )


def _size(match: re.Match[str], _: Raised) -> Meaning:
    found = match["found"]
    if found == "Ellipsis":
        return _blank(match, _)
    if found == "None":
        return Meaning(
            message("In a shape, `None` is written without quotes."),
            message('Write `(None, 64)`: `None` is a value, `"None"` is a text.'),
            "none-as-text",
        )
    return Meaning(
        message("A size must be a whole number above zero; this one is `{found}`.", found=found),
        message("Write numbers without quotes and without a decimal point."),
        "size",
    )


def _blank(_: re.Match[str], __: Raised) -> Meaning:
    return Meaning(
        message("A blank of the starter code (`...`) is not filled in yet."),
        message("Replace every `...` in this cell by what the task asks for."),
        "blank",
    )


def _no_shape(match: re.Match[str], _: Raised) -> Meaning:
    return Meaning(
        message("A shape is a tuple, even if it has a single size."),
        message("Put a comma after the number: `({found},)`.", found=match["found"]),
        "shape-without-a-comma",
    )


def _tuple(match: re.Match[str], _: Raised) -> Meaning:
    return Meaning(
        message(
            "`{argument}` should be {count} whole numbers above zero, or one for all.",
            argument=match["name"],
            count=int(match["count"]),
        ),
        message("Write one number, `3`, or a tuple with one for each axis, `(3, 3)`."),
        "sizes-per-axis",
    )


def _wrapper(match: re.Match[str], _: Raised) -> Meaning:
    return Meaning(
        message("`{wrapper}` wraps a layer, and here it was given something else.", wrapper=match["wrapper"]),
        message(
            "Create the inner layer between the first parentheses, and put the tensor between the second: "
            "`{wrapper}(layers.LSTM(32))(x)`.",
            wrapper=match["wrapper"],
        ),
        "wrapper",
    )


def _exactly_two(match: re.Match[str], _: Raised) -> Meaning:
    return Meaning(
        message("`{layer}` takes exactly two tensors.", layer=match["layer"]),
        message("How many tensors are in the list that it is called on?"),
        "exactly-two",
    )


def _symbolic() -> tuple[Message, Message]:
    return (
        message("A tensor of the model has a shape but no numbers yet, and only Keras can compute with it."),
        message("Use a layer or a function of `keras.ops` there."),
    )


KINDS = (
    kind(
        "blank",
        r"\bellipsis'? object is not callable|Invalid dtype: ellipsis|Received: \w{1,40}=Ellipsis",
        _blank,
    ),
    kind(
        "elementwise",
        r"Inputs have incompatible shapes\. Received shapes (?P<shapes>[^\n]{1,300})",
        _elementwise,
    ),
    kind(
        "elementwise",
        r"Cannot broadcast shape.{0,200}?Input shapes are: (?P<shapes>[^\n]{1,300})",
        _elementwise,
    ),
    kind(
        "concatenate",
        r"`Concatenate` layer requires inputs with matching.{0,100}?Received: (?P<shapes>[^\n]{1,500})",
        _concatenation,
    ),
    kind(
        "concatenate",
        r"Every value in `xs` must have the same shape except on the `axis` dim(?P<shapes>[^\n]{1,300})",
        _concatenation,
    ),
    kind(
        "dot",
        r"Incompatible input shapes: axis values",
        message("The two tensors cannot be multiplied along these axes: their lengths there differ."),
        message("Compare both shapes at the axes that `axes` names."),
    ),
    kind("called-on-several", r"TypeError: too many positional arguments", _too_many),
    kind("merge-without-a-list", r"should be called on a list of (?:at least 1 )?input", _merge_of_one),
    kind(
        "merge-function-of-several",
        rf"TypeError: (?P<name>{_FUNCTIONS})\(\) takes (?:from \d to )?\d positional arguments? "
        r"but \d{1,3} were given",
        _merge_function,
    ),
    kind(
        "tensors-where-a-layer-is-created",
        r"Merge\.__init__\(\) takes 1 positional argument but \d{1,3} were given",
        _merge_created,
    ),
    kind("exactly-two", r"A `(?P<layer>\w{1,40})` layer should be called on exactly 2 inputs", _exactly_two),
    kind(
        "input-count",
        r"expects (?P<wanted>\d{1,9}) (?:named )?input.{0,400}?received (?P<found>\d{1,9}) input tensors",
        _input_count,
    ),
    kind(
        "axes",
        r"of layer ['\"](?P<layer>[^'\"\n]{1,100})['\"] is incompatible with the layer: "
        r"expected (?:min_|max_)?ndim=(?P<wanted>\d{1,9}), found ndim=(?P<found>\d{1,9})",
        _axes,
    ),
    kind(
        "called-on-another-size",
        r"expected axis -1 of input shape to have value (?P<wanted>\d{1,18}), but received input with shape "
        r"\((?:[^)\n]{1,100}, )?(?P<found>\d{1,18})\)",
        _first_size,
    ),
    kind(
        "convolution-of-other-axes",
        r"Kernel shape must have the same length as input",
        message(
            "The tensor does not have as many axes as this layer reads: `Conv1D` reads sequences, `Conv2D` "
            "images, `Conv3D` volumes."
        ),
        message("What does the layer before it return: a sequence or a vector, an image or a row?"),
    ),
    kind(
        "open-size",
        r"Shapes used to initialize variables must be fully-defined",
        message("A layer with weights must know the size of its input's last axis, which is open here."),
        message(
            "Which layer makes one vector out of a sequence, however long that is? In the shape of an input, "
            "the open size is the first: `(None, 128)`."
        ),
    ),
    kind(
        "window-too-large",
        r"Computed output size would be (?:zero or )?negative",
        message("The window is larger than what is left of the image."),
        message("How large is the image when it reaches this layer, and which layers have shrunk it?"),
    ),
    kind(
        "tensor-as-size",
        r"Received an invalid value for `\w{1,40}`.{0,100}?KerasTensor",
        message("A tensor was passed where the layer expects a size."),
        first_and_second(),
    ),
    kind(
        "tensor-as-activation",
        r"Could not interpret activation function identifier: <KerasTensor",
        message("A tensor was passed where the layer expects its activation."),
        first_and_second(),
    ),
    kind(
        "missing-size",
        r"TypeError: (?P<layer>[A-Z]\w{0,60})\.__init__\(\) missing \d{1,3} required positional arguments?: "
        r"'(?P<name>\w{1,60})'",
        _missing_size,
    ),
    kind(
        "called-on-none",
        r"Inputs to a layer should be tensors\. Got .{0,200}?\(of type <class '(?P<type>[\w.]{1,100})'",
        _not_a_tensor,
    ),
    kind(
        "called-on-something-else",
        r"Only input tensors may be passed as positional arguments.{0,300}?"
        r"\(of type <class '(?P<type>[\w.]{1,100})'",
        _not_a_tensor,
    ),
    kind(
        "called-on-none",
        r"The input '[^'\n]{0,100}' is not optional, but None was passed",
        message("A layer is called on `None`, where a tensor should be."),
        returned_nothing(),
    ),
    kind(
        "layer-for-a-tensor",
        r"unsupported operand type\(s\) for [^:\n]{1,20}: '(?P<left>\w{1,60})' and '(?P<right>\w{1,60})'",
        _layers_combined,
    ),
    kind(
        "tensor-called",
        r"'KerasTensor' object is not callable",
        message("A tensor was called as if it were a layer."),
        message(
            "The layer comes first and the tensor second: `layer(x)`. Does the name before the parentheses "
            "hold the layer, or what a call of it returned?"
        ),
    ),
    kind(
        "called-on-nothing",
        r"TypeError: missing a required argument: '(?:inputs|sequences|query|x)'",
        message("The layer is called without a tensor, or the tensor is passed under another name."),
        message("Pass the tensor without a name: `layer(x)`."),
    ),
    kind(
        "never-called",
        r"The layer (?P<layer>[^\s]{1,100}) has never been called and thus has no defined "
        r"(?P<what>input|output)",
        _uncalled,
    ),
    kind(
        "padding",
        r"`padding`[^\n]{1,100}(?:must be|one of)[^\n]{1,60}Received: (?:padding=)?(?P<found>\w{1,40})",
        _padding,
    ),
    kind("number-for-padding", r"'(?:int|float|tuple)' object has no attribute 'lower'", _number_for_padding),
    kind(
        "size",
        r"Received an invalid value for `\w{1,40}`, expected a positive integer\. "
        r"Received: \w{1,40}=(?P<found>[^\n]{1,40})",
        _size,
    ),
    kind(
        "size",
        r"Invalid value for argument `\w{1,40}`\. Expected a strictly positive.{0,60}?"
        r"=(?P<found>-?[\w.]{1,40}\b)",
        _size,
    ),
    kind("size", r"`\w{1,40}` must be a positive integer\. Received: \w{1,40}=(?P<found>[^\s]{1,40})", _size),
    kind(
        "size",
        r"Cannot convert '.{1,200}?' to a shape\. Found invalid (?:entry|dimension) "
        r"'(?P<found>[^'\n]{1,60})'",
        _size,
    ),
    kind(
        "size",
        r"Cannot convert '.{0,200}?(?P<found>-\d{1,18}).{0,200}?' to a shape\. Negative dimensions",
        _size,
    ),
    kind("shape-without-a-comma", r"Cannot convert '(?P<found>\d{1,18})' to a shape", _no_shape),
    kind(
        "shape-missing",
        r"You must pass a `shape` argument",
        message("`keras.Input` needs the shape of one sample."),
        message("Write the shape without the batch axis: `keras.Input(shape=(28, 28, 1))`."),
    ),
    kind(
        "sizes-per-axis",
        r"The `(?P<name>\w{1,40})` argument must be a tuple of (?P<count>\d) integers",
        _tuple,
    ),
    kind(
        "rate",
        r"Invalid value received for argument `rate`",
        message("`rate` is the share of the numbers that is dropped: from 0 to less than 1."),
        message("Write a share, not a count or a percentage: `Dropout(0.5)`."),
    ),
    kind(
        "reshape",
        r"The total size of the tensor must be unchanged",
        message("The new shape must hold as many numbers as the old one."),
        message("Multiply the sizes of both shapes, without the batch axis."),
    ),
    kind("wrapper", r"Please initialize `(?P<wrapper>\w{1,40})` layer with a", _wrapper),
    kind(
        "bidirectional",
        r"could not be deserialized properly.{0,2500}go_backwards",
        message("`Bidirectional` wraps a recurrent layer, and here it was given another one."),
        message("Which layer reads the sequence step by step: `LSTM`, `GRU`?"),
    ),
    kind(
        "name-of-a-layer",
        r"Argument `name` must be a string and cannot contain character",
        message("A name must be a text without a slash."),
        message('Write the name in quotes: `name="posts"`.'),
    ),
    kind("tensor-in-numpy", r"A KerasTensor (?:cannot be used as input to a|is symbolic)", *_symbolic()),
    kind(
        "tensor-in-python",
        r"not '?KerasTensor'?|object of type 'KerasTensor' has no len|"
        r"'KerasTensor' object (?:has no attribute|does not support item assignment)",
        *_symbolic(),
    ),
    kind(
        "tensor-as-truth",
        r"KerasTensor cannot be used as a boolean",
        message("`if` cannot ask a tensor of the model: it has no numbers while the model is built."),
        message("Decide by a plain number or by a shape, or use `keras.ops.where`."),
    ),
    kind(
        "tensor-as-setting",
        r"The `data_format` argument must be one of .{1,80}Received: data_format=<[Kk]eras[Tt]ensor",
        _as_setting,
    ),
    kind("loop-over-a-tensor", r"Iterating over a symbolic KerasTensor", _looped),
)
