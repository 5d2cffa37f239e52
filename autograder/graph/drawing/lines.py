"""Describes a model in words: line by line for a terminal, and for people who use a screen reader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.graph.comparison.difference import Difference
from autograder.graph.comparison.isomorphism import Net
from autograder.graph.comparison.wording import in_a_row, named, shapes_written
from autograder.graph.drawing.scene import Box, scene
from autograder.graph.label import NAME_LIMIT
from autograder.graph.model import Graph
from autograder.messages import Language, clean, message, render


@dataclass(frozen=True)
class Line:
    """One box: the numbers of the differences about it, what it is, what it reads, and its shape."""

    marks: tuple[int, ...]
    box: str
    reads: str
    shape: str


def lines(graph: Graph, differences: Sequence[Difference], language: Language) -> list[Line]:
    """Return the boxes of a graph's picture, from top to bottom; differences are numbered from 1.

    >>> import keras
    >>> from autograder.checks import subject_of
    >>> from autograder.graph import lines
    >>> x = keras.Input((8,), name="x")
    >>> graph = subject_of(keras.Model(x, keras.layers.Dense(4, name="head")(x))).model.graph
    >>> for line in lines(graph, [], "en"):
    ...     print(line.box, line.shape)
    Input x (None, 8)
    Dense head(4) (None, 4)
    output head
    """
    pictured = scene(graph, differences)
    names = _told_apart([_name(box, language) for box in pictured.boxes])
    made = []
    for number, box in enumerate(pictured.boxes):
        reads = [
            names[wire.source]
            for wire in pictured.wires
            if wire.target == number and wire.form in ("plain", "wrong", "ghost")
        ]
        details = f"({', '.join(clean(detail, NAME_LIMIT) for detail in box.details)})" if box.details else ""
        note = render(box.note, language) if box.note is not None else ""
        told = " ".join(part for part in (names[number] + details, note, _badge(box, language)) if part)
        made.append(Line(box.marks, told, ", ".join(reads), box.shape))
    return made


def told(differences: Sequence[Difference], language: Language) -> list[str]:
    """Return the differences in words, in the order of their numbers.

    >>> import keras
    >>> from autograder.checks import subject_of
    >>> from autograder.graph import compare, told
    >>> x = keras.Input((8,), name="x")
    >>> narrow, wide = (
    ...     subject_of(keras.Model(x, keras.layers.Dense(units)(x))).model.graph for units in (4, 8)
    ... )
    >>> told(compare(narrow, wide), "ko")
    ['`Dense(4)`의 `units` 값이 4입니다. 8이어야 합니다. 살펴볼 곳: 입력 `x`와 출력 사이.']
    """
    return [sentence(difference, language) for difference in differences]


def _told_apart(names: Sequence[str]) -> list[str]:
    """Return the names; those that occur more than once are numbered: `Conv2D #2`."""
    seen: Counter[str] = Counter()
    often = Counter(names)
    numbered = []
    for name in names:
        seen[name] += 1
        numbered.append(f"{name} #{seen[name]}" if often[name] > 1 else name)
    return numbered


def _name(box: Box, language: Language) -> str:
    title = clean(render(box.title, language), NAME_LIMIT)
    return f"{title} {clean(box.name, NAME_LIMIT)}" if box.name else title


def _badge(box: Box, language: Language) -> str:
    return f"[{render(box.badge, language)}]" if box.badge is not None else ""


CALLS_TOLD = 40


def sentence(difference: Difference, language: Language) -> str:
    """Return a difference in words, with its place where the words do not say it."""
    if difference.kind in ("missing", "extra"):
        return render(difference.message, language)
    said = message("{difference} The place: {where}.", difference=difference.message, where=difference.where)
    return render(said, language)


def account(graph: Graph, told: Sequence[str], language: Language) -> str:
    """Return what the picture shows: how many calls, what each takes and gives, and what differs."""
    net = Net(graph, ())
    said = [message("Layer calls in this graph: {count}.", count=len(graph.calls))]
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
                "{layer} takes {sources}; its output shape is {shape}.",
                layer=named(net, node),
                sources=in_a_row(net, [source for source, _ in net.inputs[node]]),
                shape=shapes_written(call.shapes),
            )
        )
    if len(graph.calls) > CALLS_TOLD:
        said.append(message("Further calls: {count}.", count=len(graph.calls) - CALLS_TOLD))
    return " ".join([*(render(line, language) for line in said), *told])
