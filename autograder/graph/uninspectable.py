"""Says why a part of a model cannot be inspected, and what to write instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

from autograder.graph.label import code
from autograder.graph.model import Operation
from autograder.messages import Message, message, verbatim

Reason = Literal[
    "own_layer",
    "own_model",
    "own_call",
    "lambda",
    "no_input",
    "no_graph",
    "another_library",
    "function_argument",
    "own_function",
    "object_setting",
    "wrapped_model",
    "bounding_boxes",
    "called_differently",
    "object_argument",
    "not_listed",
]
"""The reasons why nothing but its class is known of an operation."""

REASONS: tuple[Reason, ...] = get_args(Reason)

_MODELS = frozenset({"Model", "Functional", "Sequential"})
_OF_KERAS: dict[str, Reason] = {
    "Lambda": "lambda",
    "Sequential": "no_input",
    "Model": "no_graph",
    "Functional": "wrapped_model",
    "MaxNumBoundingBoxes": "bounding_boxes",
    **dict.fromkeys(("FlaxLayer", "JaxLayer", "TorchModuleWrapper", "TFSMLayer"), "another_library"),
    **dict.fromkeys(
        (
            *("Map", "Scan", "AssociativeScan", "Switch", "WhileLoop", "ForiLoop", "Cond"),
            *("VectorizedMap", "JVP"),
        ),
        "function_argument",
    ),
}
"""The classes of Keras whose content a graph does not show, with the reason."""


def reason_of(entry: Mapping[str, Any]) -> Reason:
    """Return why an operation cannot be inspected, from its entry in the evidence."""
    if entry["graph"] is not None:
        return "wrapped_model"
    if not entry["custom"]:
        return _OF_KERAS.get(entry["class_name"], "not_listed")
    base = entry.get("base") or {}
    if (base.get("module"), base.get("name")) == (entry["module"], entry["class_name"]):
        return "own_call"
    return "own_model" if base.get("name") in _MODELS else "own_layer"


def reason_of_model(kind: Mapping[str, Any]) -> Reason:
    """Return why a whole model has no graph, from its class in the evidence."""
    if not str(kind["module"]).startswith("keras."):
        return "own_model"
    return "own_call" if kind["name"] == "Functional" else _OF_KERAS.get(kind["name"], "not_listed")


def why(operation: Operation) -> Message:
    """Return the sentence that says why an operation cannot be inspected."""
    thing = _thing(operation)
    match operation.reason:
        case "own_layer":
            return message(
                "{thing} is a class of your own: the code inside a class cannot be seen, so it "
                "cannot be graded.",
                thing=thing,
            )
        case "own_model":
            return message(
                "{thing} is a model class of your own: the code in its `call` cannot be seen, "
                "so it cannot be graded.",
                thing=thing,
            )
        case "own_call":
            return message(
                "The `call` of {thing} was replaced by code of your own, which cannot be seen "
                "and so cannot be graded.",
                thing=thing,
            )
        case "lambda":
            return message(
                "A `Lambda` layer hides Python code: it cannot be seen, so what it computes cannot be graded."
            )
        case "no_input":
            return message(
                "This `Sequential` model has no input yet: its layers have no shapes, so there "
                "is nothing to grade."
            )
        case "no_graph":
            return message("This `Model` has neither inputs nor outputs: there is nothing to grade.")
        case "another_library":
            return message(
                "{thing} runs code of another library: it cannot be seen, so it cannot be graded.",
                thing=thing,
            )
        case "function_argument":
            return message(
                "{thing} is given a Python function: its code cannot be seen, so it cannot be graded.",
                thing=thing,
            )
        case "own_function":
            return message(
                "{setting} is a function of your own: its code cannot be seen, so it cannot be graded.",
                setting=code(operation.origin.partition(" ")[0]),
            )
        case "object_setting":
            return message(
                "{setting} is an object whose content is not known, so it cannot be graded.",
                setting=code(operation.origin.partition(" ")[0]),
            )
        case "wrapped_model":
            return message(
                "A whole model is wrapped: its layers cannot be seen there, so they cannot be graded."
            )
        case "bounding_boxes":
            return message(
                "{thing} prepares bounding boxes together with images: a graph does not tell the two apart.",
                thing=thing,
            )
        case "called_differently":
            return message(
                "{thing} is called with different settings; a graph can show only one of them.",
                thing=thing,
            )
        case "object_argument":
            return message(
                "{thing} is called with an object that is neither a tensor nor a number, so it "
                "cannot be graded.",
                thing=thing,
            )
        case _:
            return message(
                "{thing} is not among the Keras layers and functions that can be graded.", thing=thing
            )


def instead(operation: Operation) -> Message:
    """Return what to write instead of an operation that cannot be inspected."""
    match operation.reason:
        case "own_layer":
            return message("a function that calls layers of Keras")
        case "own_model" | "no_graph":
            return message("`keras.Model(inputs, outputs)`, made of layers of Keras")
        case "own_call":
            return message("the layer as Keras provides it")
        case "lambda" | "function_argument":
            return message("the same with layers of Keras or functions of `keras.ops`, called on the tensors")
        case "no_input":
            return message("`keras.Input(...)` as its first entry")
        case "own_function" if "activation" in operation.origin.partition(" ")[0]:
            return message("an activation of Keras, such as `relu`")
        case "own_function" | "object_setting":
            return message("a value that Keras names: a number, a text or a list of them")
        case "wrapped_model":
            return message("each of the model's layers wrapped by itself")
        case "bounding_boxes":
            return message("data that are prepared before they reach the model")
        case "called_differently":
            return message("the same settings in every call, or a layer for each")
        case "object_argument":
            return message("tensors and numbers as arguments")
        case _:
            return message("layers and operations that Keras itself provides")


def found(operation: Operation) -> Message:
    """Return what was found: the layer's name, and the class that cannot be inspected."""
    thing = _thing(operation)
    return verbatim(f"{code(operation.name)}: {thing}" if operation.name else thing)


def _thing(operation: Operation) -> str:
    """Return the class that cannot be inspected, as code; for a wrapper, the class inside it."""
    name = operation.origin.partition("(")[0].rpartition(".")[2]
    return code(name or operation.kind)
