"""A picture told in words, for those who hear it."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.graph.comparison.difference import Difference
from autograder.graph.comparison.isomorphism import Net
from autograder.graph.comparison.phrases import in_a_row, shapes_written
from autograder.graph.comparison.place import named
from autograder.graph.model import Graph
from autograder.messages import Language, message, render

CALLS_TOLD = 40


def sentence(difference: Difference, language: Language) -> str:
    """A difference in words, with its place where the words do not say it."""
    if difference.kind in ("missing", "extra"):
        return render(difference.message, language)
    said = message("{difference} Look {where}.", difference=difference.message, where=difference.where)
    return render(said, language)


def account(graph: Graph, told: Sequence[str], language: Language) -> str:
    """What the picture shows: how many calls, what each takes and gives, and what differs."""
    net = Net(graph, ())
    said = [message("A graph of {count} calls.", count=len(graph.calls))]
    for node, call in enumerate(graph.calls[:CALLS_TOLD]):
        if not call.inputs:
            said.append(
                message(
                    "The shape of {input} is {shape}.",
                    input=named(net, node),
                    shape=shapes_written(call.shapes),
                )
            )
            continue
        said.append(
            message(
                "{layer} takes {sources} and gives {shape}.",
                layer=named(net, node),
                sources=in_a_row(net, [source for source, _ in net.inputs[node]]),
                shape=shapes_written(call.shapes),
            )
        )
    if len(graph.calls) > CALLS_TOLD:
        said.append(message("{count} more calls follow.", count=len(graph.calls) - CALLS_TOLD))
    return " ".join([*(render(line, language) for line in said), *told])
