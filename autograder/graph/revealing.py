"""What others are shown of a graph: its outline, and no names that Keras made up."""

from __future__ import annotations

import re
from dataclasses import replace

from autograder.graph.label import is_automatic
from autograder.graph.model import Graph


def outline(graph: Graph) -> Graph:
    """Return the graph's calls, wires and shapes, without settings and activations.

    >>> import keras
    >>> from autograder.checks import subject_of
    >>> from autograder.graph import compare, outline
    >>> x = keras.Input((8,), name="x")
    >>> narrow, wide = (
    ...     subject_of(keras.Model(x, keras.layers.Dense(units)(x))).model.graph for units in (4, 8)
    ... )
    >>> [difference.kind for difference in compare(narrow, wide)]
    ['setting']
    >>> [difference.kind for difference in compare(outline(narrow), outline(wide))]
    ['shape']
    """
    return replace(
        graph,
        operations={
            number: replace(operation, settings={}) for number, operation in graph.operations.items()
        },
        calls=tuple(replace(call, activation=None) for call in graph.calls),
    )


def chosen_names(graph: Graph) -> Graph:
    """Return the graph with only the names that somebody chose: Keras's own differ from session to session.

    Nested models keep their names, numbered anew, because nothing else tells them apart.

    >>> import keras
    >>> from autograder.checks import subject_of
    >>> from autograder.graph import chosen_names
    >>> x = keras.Input((8,), name="x")
    >>> graph = subject_of(keras.Model(x, keras.layers.Dense(4)(x))).model.graph
    >>> [operation.name for operation in chosen_names(graph).operations.values()]
    ['x', '']
    """
    models: dict[str, str] = {}
    for call in graph.calls:
        for name in call.path:
            if name not in models:
                plain = re.sub(r"_\d+$", "", name)
                models[name] = f"{plain}_{len(models)}" if is_automatic(name, "Model") else name
    outputs = [
        "" if is_automatic(name, graph.operation_of(tensor.call).kind) else name
        for name, tensor in zip(graph.output_names, graph.outputs, strict=True)
    ]
    return replace(
        graph,
        name="" if is_automatic(graph.name, "Model") else graph.name,
        operations={
            number: replace(operation, name="") if is_automatic(operation.name, operation.kind) else operation
            for number, operation in graph.operations.items()
        },
        calls=tuple(replace(call, path=tuple(models[name] for name in call.path)) for call in graph.calls),
        input_names=tuple("" if is_automatic(name, "Input") else name for name in graph.input_names),
        output_names=tuple(outputs),
    )
