"""Knows Python's own errors, where they are common in notebooks: None, names, calls, syntax."""

from __future__ import annotations

import re
from collections.abc import Collection

from autograder.checks.errors.kinds import Meaning, Raised, kind, none_is_returned, returned_nothing
from autograder.checks.errors.public_names import closest, homes
from autograder.messages import message

# What the first cell of a notebook imports, by the name it is imported under.
_IMPORTS = {
    "np": "import numpy as np",
    "numpy": "import numpy",
    "keras": "import keras",
    "layers": "from keras import layers",
    "ops": "from keras import ops",
    "tf": "import tensorflow as tf",
    "tensorflow": "import tensorflow",
    "plt": "import matplotlib.pyplot as plt",
    "pd": "import pandas as pd",
    "K": "from keras import ops",
    "check": "from autograder import check, hint",
    "hint": "from autograder import check, hint",
}
_AS_TENSOR = ("shape", "dtype", "ndim")
_PADDINGS = ("same", "valid", "causal")


def _none(match: re.Match[str], _: Raised) -> Meaning:
    name = match.groupdict().get("name")
    if name is None or name in _AS_TENSOR:
        return Meaning(
            message("`None` is used where a tensor or another value should be."), returned_nothing(), "none"
        )
    return Meaning(
        message("The name before `.{name}` holds `None`.", name=name),
        none_is_returned(),
        "none-has-no-method",
    )


def _arguments(match: re.Match[str], _: Raised) -> Meaning:
    look = message("Compare the call with the `def` line, argument by argument.")
    if match["missing"]:
        return Meaning(
            message(
                "`{function}` is called without its argument `{argument}`.",
                function=match["function"],
                argument=match["missing"],
            ),
            look,
            "argument-missing",
        )
    if " takes 0 " in match[0]:
        look = message(
            "Call it without an argument, `{function}()`, and use what it returns.",
            function=match["function"],
        )
    return Meaning(
        message("`{function}` is called with more arguments than it has.", function=match["function"]),
        look,
        "argument-too-many",
    )


def _name(match: re.Match[str], raised: Raised) -> Meaning:
    name = match["name"]
    if name in _IMPORTS:
        return Meaning(
            message("`{name}` is not imported yet.", name=name),
            message(
                "Run the cell with the imports; it needs the line `{line}`.",
                line=_IMPORTS[name],
            ),
            "not-imported",
        )
    if "keras.activations" in (found := homes(name)):
        return Meaning(
            message("`{name}` is the name of an activation; here it is not in quotes.", name=name),
            message('Write `activation="{name}"`, with quotes.', name=name),
            "activation-without-quotes",
        )
    if name in _PADDINGS:
        return Meaning(
            message("`{name}` is a kind of padding; here it is not in quotes.", name=name),
            message('Write `padding="{name}"`, with quotes.', name=name),
            "padding-without-quotes",
        )
    if found:
        home = found[0].replace("keras.layers", "layers")
        return Meaning(
            message(
                "`{name}` is part of `{module}`, and is not imported by itself.", name=name, module=found[0]
            ),
            message("Write `{written}`.", written=f"{home}.{name}"),
            "name-of-keras",
        )
    if near := _near(name, raised.names):
        return Meaning(
            message("Nothing is called `{name}` yet; did you mean `{known}`?", name=name, known=near),
            message("Compare the name letter by letter with the line that makes it."),
            "name-misspelt",
        )
    return Meaning(
        message("Nothing is called `{name}` yet.", name=name),
        message(
            "Is the name spelled the same where it is made, and has that line or cell run? A text needs "
            "quotes."
        ),
        "name",
    )


def _near(name: str, names: Collection[str]) -> str | None:
    """Return the name most like another; `branch_b` is no slip for `branch_a`: its line is missing."""
    others = sorted(one for one in names if one[:-1] != name[:-1] or one.lower() == name.lower())
    return next(iter(closest(name, others)), None)


def _before(match: re.Match[str], _: Raised) -> Meaning:
    return Meaning(
        message("Inside the function, `{name}` is used before it has a value.", name=match["name"]),
        message(
            "Give `{name}` a value before the line that reads it, or read a name that has one, such as those "
            "in the parentheses after `def`.",
            name=match["name"],
        ),
        "used-before-assignment",
    )


def _package(match: re.Match[str], _: Raised) -> Meaning:
    return Meaning(
        message("There is no package called `{name}` here.", name=match["name"].split(".")[0]),
        message("The notebooks need only what their first cell imports: leave this import out."),
        "package",
    )


KINDS = (
    kind("none-has-no-method", r"'NoneType' object has no attribute '(?P<name>\w{1,60})'", _none),
    kind(
        "none",
        r"'NoneType' object (?:is not|does not support)|cannot unpack non-iterable NoneType|"
        r"Invalid dtype: NoneType|"
        r"unsupported operand type\(s\) for [^:\n]{1,20}: (?:'NoneType'|'\w{1,60}' and 'NoneType')",
        _none,
    ),
    kind(
        "module-called",
        r"'module' object is not callable",
        message("A module was called as if it were a function."),
        message("Which of its classes or functions is meant, as in `layers.Dense(10)`?"),
    ),
    kind(
        "list-called",
        r"'(?:list|dict)' object is not callable",
        message("A list or dict is followed by parentheses; an entry is taken with square brackets."),
        message("Write `model.layers[0]`, with square brackets."),
    ),
    kind(
        "tuple-called",
        r"'tuple' object is not callable",
        message("A tuple was called as if it were a function."),
        message("Write `x.shape` without parentheses. In a list of tuples, look for a missing comma."),
    ),
    kind(
        "number-looped-over",
        r"'(?:int|float)' object is not iterable",
        message("A number was given where a list or something else with several entries is needed."),
        message("A loop that runs `n` times is written `for _ in range(n)`."),
    ),
    kind(
        "unpacked",
        r"(?:too many|not enough) values to unpack",
        message("The number of names on the left of `=` is not the number of values on the right."),
        message("How many values does the right side return?"),
    ),
    kind(
        "text-and-number",
        r"can only concatenate str|"
        r"unsupported operand type\(s\) for [^:\n]{1,20}: '(?:str|int)' and '(?:str|int)'",
        message("A text and a number cannot be added."),
        message("Which of the two is in quotes, and should it be?"),
    ),
    kind("package", r"No module named '(?P<name>(?!keras\b|tensorflow\b)[\w.]{1,100})'", _package),
    kind(
        "download",
        r"URL fetch failure on ",
        message("Keras tried to download a file, and could not."),
        message("With `weights=None` a network starts from random weights, and nothing is downloaded."),
    ),
    kind("name", r"NameError: name '(?P<name>\w{1,100})' is not defined", _name),
    kind(
        "used-before-assignment",
        r"(?:UnboundLocalError|NameError): (?:cannot access )?(?:local|free) variable '(?P<name>\w{1,100})'",
        _before,
    ),
    kind(
        "argument",
        r"TypeError: (?P<function>[a-z_]\w{0,100})\(\) (?:missing \d{1,3} required positional arguments?: "
        r"'(?P<missing>\w{1,100})'|takes (?:from )?\d{1,3} )",
        _arguments,
    ),
    kind(
        "memory",
        r"MemoryError|OOM when allocating|Unable to allocate",
        message("This array or layer needs more memory than there is."),
        message("Multiply the sizes in this line: is one of them larger than you meant?"),
    ),
    kind(
        "open-bracket",
        # A notebook's code is compiled as if more could follow, and Python then says less.
        r"SyntaxError: (?:'[\[({]' was never closed|incomplete input)",
        message("A bracket or a quote is opened and never closed."),
        message("Count the brackets in this line; the error may show only in a later one."),
    ),
    kind(
        "bracket",
        r"SyntaxError: (?:unmatched '|closing parenthesis)",
        message("A closing bracket does not match the opening one."),
        message("Go through the line from the inside out and pair the brackets."),
    ),
    kind(
        "comma",
        r"SyntaxError: invalid syntax\. Perhaps you forgot a comma",
        message("A comma is missing between two arguments or entries."),
        message("Look at the place that the arrow marks."),
    ),
    kind(
        "open-text",
        r"SyntaxError: (?:unterminated|EOL while scanning)",
        message("A text is opened with a quote and never closed."),
        message("Look for the quote that is missing at the end of the text."),
    ),
    kind(
        "colon",
        r"SyntaxError: expected ':'",
        message("A colon is missing at the end of the line."),
        message("Lines with `def`, `for`, `if` and `else` end with a colon."),
    ),
    kind(
        "indent",
        r"IndentationError: |TabError: ",
        message("The lines are not indented alike."),
        message("The lines of a function begin at the same column, four spaces after `def`."),
    ),
    kind(
        "return-outside",
        r"SyntaxError: 'return' outside function",
        message("`return` is outside a function."),
        message("Is the line indented as far as the other lines of the function?"),
    ),
    kind(
        "assignment",
        r"SyntaxError: cannot assign to",
        message("The left side of `=` is not a name."),
        message("The name comes first: `x = layers.Dense(10)(x)`. In a dict, write `:` instead of `=`."),
    ),
    kind(
        "order-of-arguments",
        r"SyntaxError: positional argument follows keyword argument",
        message("An argument without a name follows one with a name."),
        message("Put the arguments without names first, or name them all."),
    ),
    kind(
        "argument-twice",
        r"SyntaxError: keyword argument repeated",
        message("The same argument is given twice."),
        message("Keep one of the two."),
    ),
    kind(
        "syntax",
        r"SyntaxError: invalid syntax",
        message("Python cannot read this line."),
        message("Look at the place that the arrow marks, and at the end of the line before it."),
    ),
)
