"""Knows the errors of compiling a model and of handing it data."""

from __future__ import annotations

import re

from autograder.checks.errors.kinds import Meaning, Raised, kind
from autograder.messages import Message, message


def _ask_for_names() -> Message:
    return message("Compare each key with `model.output_names`: which one is missing, which one is too many?")


def _input_name(match: re.Match[str], _: Raised) -> Meaning:
    return Meaning(
        message("There is no array for the input `{name}`.", name=match["name"]),
        message("Compare the keys of your dict with the names of the inputs, letter by letter."),
        "data-by-another-name",
    )


def _unknown_key(match: re.Match[str], _: Raised) -> Meaning:
    return Meaning(
        message("`{argument}` has the key {key}, and no output has that name.",
                argument=match["argument"], key=match["key"]),
        _ask_for_names(),
        f"{match['argument']}-keys",
    )  # fmt: skip


def _length(match: re.Match[str], _: Raised) -> Meaning:
    return Meaning(
        message(
            "The list in `{argument}` should have one entry for each output.", argument=match["argument"]
        ),
        message("Count the outputs: `model.output_names` has them in their order."),
        f"{match['argument']}-count",
    )


def _missing_key(match: re.Match[str], raised: Raised) -> Meaning | None:
    if re.search(r"\.(fit|evaluate|train_on_batch|test_on_batch)\(", raised.line):
        return Meaning(
            message(
                "A dict that was passed to `compile` has no entry for the output {name}.", name=match["key"]
            ),
            message("Look at the losses and at the loss weights: each needs a key for every output."),
            "loss_weights-keys",
        )
    if match["key"] in ("'acc'", "'val_acc'") and ".history" in raised.line:
        return Meaning(
            message("The history calls this figure `accuracy` (and `val_accuracy`), not `acc`."),
            message("Print `history.history.keys()`: these are the names that `compile` was given."),
            "history-acc",
        )
    return None


def _label_shapes(match: re.Match[str], _: Raised) -> Meaning:
    target, output = match["target"].strip(), match["output"].strip()
    labels, units = target.rsplit(",", 1)[-1].strip(), output.rsplit(",", 1)[-1].strip()
    if labels == "1" or not labels:
        return Meaning(
            message(
                "Each label is a single number, and this loss compares it with an output of {units} numbers.",
                units=units,
            ),
            message(
                "For class numbers there is `sparse_categorical_crossentropy`; otherwise encode each label "
                "as a vector of {units} numbers.",
                units=units,
            ),
            "labels-are-numbers",
        )
    return Meaning(
        message(
            "Each label has {labels} numbers, and the output of the model has {units}.",
            labels=labels,
            units=units,
        ),
        message("The last layer needs as many units as a label has numbers."),
        "labels-of-another-size",
    )


def _label_widths(match: re.Match[str], _: Raised) -> Meaning:
    return Meaning(
        message(
            "The labels and the output of the model have different sizes: {first} and {second}.",
            first=match["first"],
            second=match["second"],
        ),
        message("The last layer needs as many units as a label has numbers."),
        "labels-of-another-size",
    )


def _outside(match: re.Match[str], _: Raised) -> Meaning:
    return Meaning(
        message(
            "A label is {value}, and the output has {count} classes, numbered from 0.",
            value=match["value"],
            count=match["count"],
        ),
        message("Does the last layer have a unit for each class, and do the labels begin at 0?"),
        "label-outside",
    )


def _token(match: re.Match[str], _: Raised) -> Meaning:
    return Meaning(
        message(
            "A token is {value}, and the `Embedding` has {count} rows, numbered from 0.",
            value=match["value"],
            count=match["count"],
        ),
        message("The first argument of `Embedding` must be larger than the largest token."),
        "token-outside",
    )


def _too_few_classes(match: re.Match[str], raised: Raised) -> Meaning | None:
    if "to_categorical" not in raised.line:
        return None
    return Meaning(
        message(
            "A label is {value}, and `num_classes` leaves room for {count} classes, numbered from 0.",
            value=match["value"],
            count=match["count"],
        ),
        message("How many classes are there, the 0 included?"),
        "too-few-classes",
    )


def _in_data(match: re.Match[str], raised: Raised) -> Meaning | None:  # noqa: ARG001 - as every kind's
    if not re.search(r"\.(fit|predict|evaluate)\(", raised.line):
        return None
    return Meaning(
        message("The model was given a tensor of its own as data; it has a shape, but no numbers."),
        message("Pass NumPy arrays to `fit` and `predict`; `keras.Input` only says what they look like."),
        "tensor-as-data",
    )


def _text_count(match: re.Match[str], raised: Raised) -> Meaning | None:  # noqa: ARG001 - as every kind's
    if not re.search(r"\.(fit|predict|evaluate)\(", raised.line):
        return None
    return Meaning(
        message("A number is written as a text."),
        message("Leave out the quotes: `epochs=3`."),
        "number-as-text",
    )


_LISTS = "loss_weights|loss|metrics|weighted_metrics"

KINDS = (
    kind("data-by-another-name", r"Missing data for input \"(?P<name>[^\"\n]{0,100})\"", _input_name),
    kind(
        "loss-keys",
        r"Expected keys .{1,500}? in loss dict",
        message("The keys of the losses are not the names of the outputs."),
        _ask_for_names(),
    ),
    kind(
        "loss-keys",
        rf"In the dict argument `(?P<argument>{_LISTS})`, key (?P<key>'[^'\n]{{0,100}}') does not correspond",
        _unknown_key,
    ),
    kind(
        "loss-count",
        r"in the `loss` argument, can't be found",
        message("There are more losses than outputs."),
        message("A list of losses has one for each output, in the order of `model.output_names`."),
    ),
    kind(
        "loss_weights-count",
        r"`loss_weights` must match the number of losses",
        message("`loss_weights` does not have one number for each loss."),
        message("Count the losses and the weights; their order is that of `model.output_names`."),
    ),
    kind("loss-count", rf"when providing the `(?P<argument>{_LISTS})` argument as a list", _length),
    kind(
        "metrics-of-several",
        r"Invalid `metrics`",
        message("With several outputs, Keras needs to know which output each metric belongs to."),
        message("Pass a dict from the names of the outputs to their metrics."),
    ),
    kind(
        "labels",
        r"Arguments `target` and `output` must have the same.{0,100}?"
        r"target\.shape=\((?P<target>[^)\n]{0,100})\), "
        r"output\.shape=\((?P<output>[^)\n]{0,100})\)",
        _label_shapes,
    ),
    kind(
        "labels-are-vectors",
        r"Argument `output` must have rank",
        message("Each label is a vector, and this loss expects the number of a class."),
        message("For vectors there is `categorical_crossentropy`; does the word `sparse` belong there?"),
    ),
    kind(
        "labels-of-another-size",
        r"Dimensions must be equal, but are (?P<first>\d{1,18}) and (?P<second>\d{1,18}) for "
        r".{0,200}?compile_loss",
        _label_widths,
    ),
    kind(
        "label-outside",
        r"Received a label value of (?P<value>-?\d{1,18}) which is outside the valid range of "
        r"\[0, (?P<count>\d{1,18})\)",
        _outside,
    ),
    kind(
        "token-outside",
        r"indices\[[\d,]{1,60}\] = (?P<value>-?\d{1,18}) is not in \[0, (?P<count>\d{1,18})\)",
        _token,
    ),
    kind(
        "too-few-classes",
        r"index (?P<value>\d{1,18}) is out of bounds for axis \d{1,3} with size (?P<count>\d{1,18})",
        _too_few_classes,
    ),
    kind(
        "data-lengths",
        r"Data cardinality is ambiguous|All arrays must (?:share|have) the same",
        message("The arrays do not have the same number of samples."),
        message("Compare the first axis of each array: `x.shape[0]`, `y.shape[0]`."),
    ),
    kind(
        "data-is-a-list",
        r"Unrecognized data type: x=",
        message("The data or the labels are a plain list; Keras takes arrays."),
        message("Make an array of each list: `np.array(labels)`."),
    ),
    kind(
        "targets-count",
        r"y_true and y_pred have different structures",
        message("There are not as many arrays of labels as the model has outputs."),
        message("Pass one array for each output, in a list or in a dict with the names of the outputs."),
    ),
    kind(
        "targets-by-another-name",
        r"TypeError: (?:Expected \w{1,40}, but got \w{1,100} of type 'str'|"
        r"Cannot convert '\w{1,100}' to EagerTensor)",
        message("The keys of the labels are not the names of the outputs."),
        _ask_for_names(),
    ),
    kind(
        "data-of-objects",
        r"Invalid dtype: (?:str|object)|Unsupported object type|could not convert string to float",
        message("The data holds texts or lists, where the model needs numbers."),
        message("Look at `x.dtype`. Texts become numbers first, and rows must all have the same length."),
    ),
    kind(
        "rows-of-other-lengths",
        r"inhomogeneous shape",
        message("The rows have different lengths, and an array needs rows of the same length."),
        message("Pad or cut the rows first, for example with `keras.utils.pad_sequences`."),
    ),
    kind(
        "labels-are-texts",
        r"invalid literal for int\(\) with base 10",
        message("A text is in the place of a whole number."),
        message("Number the classes first: 0, 1, 2, …"),
    ),
    kind("tensor-as-data", r"int\(\) argument must be .{0,80}not 'NoneType'", _in_data),
    kind("number-as-text", r"'str' object cannot be interpreted as an integer", _text_count),
    kind(
        "no-data",
        r"KeyError: 'pop from an empty set'",
        message("The model was given no data."),
        message("Which name holds the arrays, and has the cell that makes them run?"),
    ),
    kind(
        "no-labels",
        r"ValueError: (?:None values not supported|Attempt to convert a value \(None\))",
        message("There are no labels to compare the outputs with."),
        message("Pass data and labels: `model.fit(x, y)`; `validation_data` takes a pair, `(x, y)`."),
    ),
    kind(
        "not-compiled",
        r"You must call `compile\(\)` before",
        message("The model has no loss and no optimizer yet."),
        message("`compile` comes before `fit`."),
    ),
    kind(
        "no-loss",
        r"No loss to compute",
        message("`compile` was given no loss, so there is nothing to train for."),
        message("Pass a loss for each output: `model.compile(optimizer=..., loss=...)`."),
    ),
    kind(
        "not-a-loss",
        r"the `loss` argument must be a callable|Could not interpret loss identifier: [\d\[({]",
        message("The loss is neither the name of a loss nor a loss object."),
        message('Write its name in quotes, `loss="mse"`, or an object, `keras.losses.MeanSquaredError()`.'),
    ),
    kind(
        "file-of-weights",
        r"The filename must end in `\.weights\.h5`",
        message("The name of a file of weights must end with `.weights.h5`."),
        message("Change the ending of the file's name."),
    ),
    kind(
        "file-of-a-model",
        r"Invalid filepath extension for saving",
        message("The name of a saved model must end with `.keras`."),
        message("Change the ending of the file's name."),
    ),
    kind("loss_weights-keys", r"KeyError: (?P<key>'[\w./-]{1,100}')$", _missing_key),
)
