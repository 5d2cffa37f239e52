"""Knows the errors of names that Keras does not have: misspelt, in another module, or of an older version."""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.checks.errors import old_names
from autograder.checks.errors.kinds import Meaning, Raised, kind
from autograder.checks.errors.old_names import OldName
from autograder.checks.errors.public_names import (
    alike,
    attributes,
    closest,
    homes,
    names_by_module,
    parameters,
    public,
)
from autograder.messages import Message, message

_IDENTIFIERS = {
    "activation function": "keras.activations",
    "constraint": "keras.constraints",
    "initializer": "keras.initializers",
    "loss": "keras.losses",
    "metric": "keras.metrics",
    "optimizer": "keras.optimizers",
    "regularizer": "keras.regularizers",
}
# The short names of losses and metrics are in no module.
_SHORT = {
    "keras.losses": ("mse", "mae", "mape", "msle"),
    "keras.metrics": ("accuracy", "acc", "mse", "mae", "mape", "msle"),
}


def _letters() -> Message:
    return message("Compare the name letter by letter.")


def _old(name: str, old: OldName) -> Meaning:
    if not old.now:
        return Meaning(
            message("`{name}` belongs to an older Keras; version {version} dropped it.", name=name,
                    version=old.dropped),
            message("Build the same from the layers and functions that Keras has today."),
            "dropped",
        )  # fmt: skip
    return Meaning(
        message(
            "`{name}` belongs to an older Keras; since Keras {version} it is `{now}`.",
            name=name,
            version=old.dropped,
            now=old.now,
        ),
        message("Write the new name; examples for Keras 1 and 2 have more such names."),
        "old-name",
    )


def _in_module(match: re.Match[str], raised: Raised) -> Meaning:
    if "python.keras" in match["module"]:
        return _old(match["module"], OldName("keras", "3"))
    mode = re.search(r"\bmode {0,9}= {0,9}['\"](?P<mode>\w{1,20})['\"]", raised.line)
    if match["name"].lower() == "merge" and mode is not None and mode["mode"] in old_names.MERGES:
        now = f"keras.layers.{old_names.MERGES[mode['mode']]}"
        return _old(f"keras.layers.{match['name']}", OldName(now, "2"))
    return _unknown(public(match["module"]), match["name"])


def _unknown(module: str, name: str) -> Meaning:
    if (old := old_names.place(f"{module}.{name}")) is not None:
        return _old(f"{module}.{name}", old)
    look = _letters()
    if name[0].islower() and module == "keras.layers":
        look = message("Compare the name letter by letter; names of layers begin with a capital letter.")
    if known := alike(name, module):
        return Meaning(
            message(
                "`{module}` has nothing called `{name}`, but it has {known}.",
                module=module,
                name=name,
                known=", ".join(f"`{one}`" for one in known),
            ),
            look,
            "misspelt",
        )
    elsewhere = [one for one in homes(name) if one != module]
    if elsewhere:
        return Meaning(
            message(
                "`{module}` has nothing called `{name}`; `{home}` has.",
                module=module,
                name=name,
                home=elsewhere[0],
            ),
            message("Write `{written}`.", written=f"{elsewhere[0]}.{name}"),
            "in-another-module",
        )
    return Meaning(
        message("`{module}` has nothing called `{name}`.", module=module, name=name), look, "misspelt"
    )


def _no_module(match: re.Match[str], raised: Raised) -> Meaning:
    module = match["name"]
    imported = re.search(r"\bimport {1,9}(?P<name>\w{1,60})", raised.line) if "from" in raised.line else None
    if imported is not None and (old := old_names.place(f"{module}.{imported['name']}")) is not None:
        return _old(f"{module}.{imported['name']}", old)
    if (old := old_names.place(module)) is not None:
        return _old(module, old)
    home, _, name = module.rpartition(".")
    if home in names_by_module():
        return _unknown(home, name)
    return Meaning(
        message("Keras has no module called `{name}`.", name=module),
        message("Everything public is in `keras` itself or one step below it, as in `keras.layers`."),
        "no-such-module",
    )


def _keyword(function: str, name: str, written: str) -> Meaning:
    """Return what an argument that a function lacks means; `written` is the function as it was called."""
    known = parameters(function)
    if name == "lr" and function.endswith(".compile"):
        return Meaning(
            message("`compile` has no learning rate; the optimizer has."),
            message("Write `optimizer=keras.optimizers.Adam(learning_rate=0.001)`."),
            "learning-rate-in-compile",
        )
    old = old_names.keyword(name)
    if old is not None and (not known or old.now in known or not old.now.isidentifier()):
        return _old(name, old)
    if near := closest(name, known):
        return Meaning(
            message(
                "`{function}` has no argument `{name}`, but it has `{known}`.",
                function=written,
                name=name,
                known=near[0],
            ),
            _letters(),
            "argument-misspelt",
        )
    if name == "activation":
        return Meaning(
            message("`{function}` has no activation of its own.", function=written),
            message("Which layer before or after it should have the activation?"),
            "argument-of-another-layer",
        )
    return Meaning(
        message("`{function}` has no argument `{name}`.", function=written, name=name),
        message("Which layer or function does this argument belong to?"),
        "argument-of-another-layer",
    )


def _unrecognized(match: re.Match[str], _: Raised) -> Meaning | None:
    # Other kinds of error explain these better.
    if match["name"] in ("inputs", "outputs", "go_backwards"):
        return None
    return _keyword(match["layer"], match["name"], match["layer"])


def _of_optimizer(match: re.Match[str], raised: Raised) -> Meaning:
    found = re.search(r"\b(?P<name>Ada\w{0,10}|Nadam|Ftrl|Lion|RMSprop|SGD)\(", raised.line)
    name = found["name"] if found else "Adam"
    return _keyword(name, match["name"], name)


def _unexpected(match: re.Match[str], _: Raised) -> Meaning:
    function = match["function"].rsplit(".", 1)[-1]
    owner = "Model." if "Trainer." in match["function"] else ""
    if not owner and not homes(function):
        return Meaning(
            message("`{function}` has no argument `{name}`.", function=function, name=match["name"]),
            message("Compare the call with the `def` line, argument by argument."),
            "argument-unknown",
        )
    return _keyword(f"{owner}{function}", match["name"], function)


def _of_the_call(match: re.Match[str], _: Raised) -> Meaning:
    return Meaning(
        message("`{name}` was given where a layer is called; the call does not take it.", name=match["name"]),
        message(
            "What describes the layer belongs in the first parentheses: `Dense(10, {name}=...)(x)`.",
            name=match["name"],
        ),
        "argument-of-the-call",
    )


def _missing_old(match: re.Match[str], raised: Raised) -> Meaning | None:
    """Return what is wrong where the argument that a layer misses was given under its old name; else None."""
    for name in re.findall(r"\b(\w{1,60}) {0,9}=(?!=)", raised.line):
        old = old_names.keyword(name)
        if old is not None and old.now == match["name"]:
            return _old(name, old)
    return None


def _class(match: re.Match[str], _: Raised) -> Meaning:
    return Meaning(
        message("`{name}` is a class, and here an object made from it is needed.", name=match["name"]),
        message("Write `{name}()`, with parentheses.", name=match["name"]),
        "class-for-an-object",
    )


def misspelt(what: str, name: str) -> Meaning | None:
    """Return what the name of a loss or metric means that `compile` has taken and that Keras does not have.

    None where Keras has it, or has nothing much like it: then it may be the learner's own.
    """
    known = _known(_IDENTIFIERS[what])
    if not name.isidentifier() or name in known or name[0].isupper():
        return None
    return _called(what, name) if closest(name, known) or _two_in_one(name, known) else None


def _two_in_one(name: str, known: Sequence[str]) -> tuple[str, str] | None:
    """Return the two names that one is made of: Python joins texts that have no comma between them."""
    halves = ((name[:place], name[place:]) for place in range(1, len(name)))
    return next((pair for pair in halves if pair[0] in known and pair[1] in known), None)


def _known(module: str) -> list[str]:
    names = [*names_by_module().get(module, ()), *_SHORT.get(module, ())]
    snake = [re.sub(r"(?<=[a-z])(?=[A-Z])", "_", one).lower() for one in names]
    return [one for one in dict.fromkeys(snake) if one not in _HELPERS]


def _identifier(match: re.Match[str], _: Raised) -> Meaning | None:
    name, what = match["name"].strip("'\""), match["what"]
    if not re.fullmatch(r"\w{1,60}", name) or name.isdigit():
        return None
    return _called(what, name)


def _called(what: str, name: str) -> Meaning:
    known = _known(_IDENTIFIERS[what])
    if (pair := _two_in_one(name, known)) is not None:
        return Meaning(
            message("`{name}` is two names in one: `{first}` and `{second}`.", name=name, first=pair[0],
                    second=pair[1]),
            message("Put a comma between the two; without one, Python makes one text of them."),
            "comma-between-texts",
        )  # fmt: skip
    near = closest(name, known)
    says = (
        message("There is no {what} called `{name}`; did you mean `{known}`?", what=_what(what), name=name,
                known=near[0])
        if near
        else message("There is no {what} called `{name}`.", what=_what(what), name=name)
    )  # fmt: skip
    return Meaning(says, _letters(), f"unknown-{what.split()[0]}")


_HELPERS = ("get", "serialize", "deserialize")


def _what(what: str) -> Message:
    return {
        "activation function": message("activation"),
        "constraint": message("constraint"),
        "initializer": message("initializer"),
        "loss": message("loss"),
        "metric": message("metric"),
        "optimizer": message("optimizer"),
        "regularizer": message("regularizer"),
    }[what]


def _attribute(match: re.Match[str], _: Raised) -> Meaning | None:
    owner, name = match["owner"], match["name"]
    homes_of_owner = homes(owner)
    if owner != "Functional" and "keras.layers" not in homes_of_owner and "keras" not in homes_of_owner:
        return None
    if (old := old_names.method(name)) is not None:
        return _old(name, old)
    if owner == "KerasTensor":
        return None
    if name in ("compile", "fit", "predict", "evaluate", "summary"):
        return Meaning(
            message("`{name}` is there for models, and this is a layer.", name=name),
            message("Make a model first: `keras.Model(inputs, outputs)`."),
            "layer-for-a-model",
        )
    known = attributes("Model" if owner in ("Functional", "Sequential") else owner)
    if near := closest(name, known):
        return Meaning(
            message(
                "`{owner}` has no `{name}`, but it has `{known}`.", owner=owner, name=name, known=near[0]
            ),
            _letters(),
            "attribute-misspelt",
        )
    return Meaning(
        message("`{owner}` has no `{name}`.", owner=owner, name=name), _letters(), "attribute-misspelt"
    )


def _tensorflow(match: re.Match[str], _: Raised) -> Meaning:
    old = old_names.place(f"tensorflow.{match['name']}")
    if old is not None:
        return _old(f"tf.{match['name']}", old)
    return Meaning(
        message("TensorFlow has nothing called `{name}`.", name=match["name"]),
        message("This course needs only Keras; for computing with tensors there is `keras.ops`."),
        "tensorflow",
    )


KINDS = (
    kind(
        "misspelt",
        r"module '(?P<module>keras[\w.]{0,60})' has no attribute '(?P<name>\w{1,100})'",
        _in_module,
    ),
    kind(
        "misspelt",
        r"cannot import name '(?P<name>\w{1,100})' from "
        r"'(?P<module>(?:tensorflow\.)?(?:python\.)?keras[\w.]{0,60})'",
        _in_module,
    ),
    kind(
        "no-such-module",
        r"No module named '(?P<name>(?:tensorflow\.)?(?:python\.)?keras[\w.]{0,100})'",
        _no_module,
    ),
    kind(
        "old-name",
        r"`keras\.optimizers\.legacy` is not supported",
        _old("keras.optimizers.legacy", OldName("keras.optimizers", "3")).says,
        _old("keras.optimizers.legacy", OldName("keras.optimizers", "3")).look,
    ),
    kind("tensorflow", r"module 'tensorflow' has no attribute '(?P<name>\w{1,60})'", _tensorflow),
    kind(
        "argument-misspelt",
        r"Unrecognized keyword arguments passed to (?P<layer>\w{1,60}): \{'(?P<name>\w{1,60})'",
        _unrecognized,
    ),
    kind("argument-misspelt", r"Argument\(s\) not recognized: \{'(?P<name>\w{1,60})'", _of_optimizer),
    kind(
        "argument-misspelt",
        r"TypeError: (?P<function>[\w.]{1,100})\(\) got an unexpected keyword argument '(?P<name>\w{1,60})'",
        _unexpected,
    ),
    kind(
        "argument-of-the-call",
        r"TypeError: got an unexpected keyword argument '(?P<name>\w{1,60})'",
        _of_the_call,
    ),
    kind(
        "old-name",
        r"__init__\(\) missing \d{1,3} required positional arguments?: '(?P<name>\w{1,60})'",
        _missing_old,
    ),
    kind(
        "class-for-an-object",
        rf"Could not interpret (?:{'|'.join(_IDENTIFIERS)}) identifier: "
        r"<class '(?:\w{1,60}\.){1,9}(?P<name>\w{1,60})'>",
        _class,
    ),
    kind(
        "unknown-name",
        rf"Could not interpret (?P<what>{'|'.join(_IDENTIFIERS)}) identifier: (?P<name>[^\s]{{1,60}})",
        _identifier,
    ),
    kind(
        "attribute-misspelt",
        r"'(?P<owner>\w{1,60})' object has no attribute '(?P<name>\w{1,60})'",
        _attribute,
    ),
)
