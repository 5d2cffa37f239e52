"""Turns what a learner passes to `check(...)` into evidence. Runs next to learner code and never raises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograder.evidence.schema import MAX_NAME, MAX_PROBES, VERSION, ProbeRequest


def capture(task: str, arguments: Sequence[Any], probes: Sequence[ProbeRequest] = ()) -> dict[str, Any]:
    """Return the evidence of one `check(task, *arguments)` call.

    Args:
        task: the task's id.
        arguments: what the learner passed: models, layers, functions, numbers, lists, dicts, arrays.
        probes: the inputs on which the first function among the arguments is called.

    >>> from autograder.evidence import capture
    >>> capture("answer", [42])
    {'evidence': 1, 'task': 'answer', 'arguments': [{'kind': 'number', 'value': 42}], 'probes': []}
    """
    # Keras is imported only when there is something to capture, so that importing `check` stays quick.
    from autograder.evidence import plainly
    from autograder.evidence.probing import probe
    from autograder.evidence.values import Values, is_function, is_layer

    values = Values()

    document: dict[str, Any] = {
        "evidence": VERSION,
        "task": plainly.text(task, MAX_NAME) if issubclass(type(task), str) else "",
        "arguments": [values.value(argument) for argument in arguments],
        "probes": [],
    }
    # Without a function, another callable is probed, for it may do the same; but a layer only on tensors:
    # `deep_network = deep_network(3)` has replaced a function of a number by a model.
    of_tensors = not any("value" in entry for inputs in probes for entry in inputs)
    function = next((argument for argument in arguments if is_function(argument)), None)
    if function is None and probes:
        others = (argument for argument in arguments if of_tensors or not is_layer(argument))
        function = next((argument for argument in others if callable(argument)), None)
    if function is not None:
        document["probes"] = [probe(function, inputs, values.value) for inputs in list(probes)[:MAX_PROBES]]
    return document
