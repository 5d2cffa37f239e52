"""Draws a graph as a Mermaid flowchart, for pages that lay it out themselves and show no SVG, as GitHub's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from autograder.graph.comparison.difference import Difference
from autograder.graph.drawing.scene import Box, Form, Scene, Wire, WireForm, scene
from autograder.graph.drawing.style import SHARED_LIGHT
from autograder.graph.label import NAME_LIMIT
from autograder.graph.model import Graph
from autograder.messages import Language, clean, render

BOXES_SHOWN = 120
"""With more boxes than this, a browser that lays them out takes longer than a reader waits."""
CHARACTERS = 40_000
"""Mermaid refuses a text of more than 50,000 characters."""
WIRES_SHOWN = 400
"""Mermaid refuses more than 500 wires."""

# A sign that could mean something to Mermaid or to HTML is written by its number.
_SIGN = re.compile(r"[^\w ,.()/=×→…·-]|_")
_AROUND: dict[Form, tuple[str, str]] = {
    "layer": ("[", "]"),
    "merge": ("([", "])"),
    "input": ("([", "])"),
    "output": ("([", "])"),
    "group": ("[[", "]]"),
    "ghost": ("[", "]"),
}
_ARROWS: dict[WireForm, str] = {"plain": "-->", "wrong": "--x", "absent": "-.->", "ghost": "-.->"}
# Only the rims are coloured, in a colour that is seen on white and on black: the page's theme has the others.
_WRONG = "#d9534a"


def mermaid(graph: Graph, differences: Sequence[Difference], language: Language) -> str:
    """Return the text of a flowchart: a box for every call; differences are numbered from 1, and marked.

    It is empty where the graph is too large to be drawn so. No line of it can end a fence of Markdown.

    >>> import keras
    >>> from autograder.checks import subject_of
    >>> from autograder.graph import mermaid
    >>> x = keras.Input((8,), name="x")
    >>> graph = subject_of(keras.Model(x, keras.layers.Dense(4, name="head")(x))).model.graph
    >>> mermaid(graph, [], "en").splitlines()[0]
    'flowchart TD'
    """
    pictured = scene(graph, differences)
    if len(pictured.boxes) > BOXES_SHOWN or len(pictured.wires) > WIRES_SHOWN:
        return ""
    text = "\n".join(["flowchart TD", *(f"  {line}" for line in _lines(pictured, language))])
    return text if len(text) <= CHARACTERS else ""


def _lines(pictured: Scene, language: Language) -> Iterator[str]:
    for number, box in enumerate(pictured.boxes):
        opens, closes = _AROUND[box.form]
        yield f'n{number}{opens}"{_label(box, language)}"{closes}'
    for wire in pictured.wires:
        yield f"n{wire.source} {_ARROWS[wire.form]} n{wire.target}"
    yield from _looks(pictured.boxes, pictured.wires)


def _label(box: Box, language: Language) -> str:
    """Return a box's text, line by line, with the numbers of the differences about it."""
    marks = "".join(f"[{number}]" for number in box.marks)
    separator = " → " if box.form == "ghost" else ", "
    lines = [
        f"{marks} {render(box.title, language)}".strip(),
        render(box.badge, language) if box.badge is not None else "",
        box.name,
        separator.join(box.details),
        render(box.note, language) if box.note is not None else "",
        box.shape,
    ]
    return "<br/>".join(_plain(clean(line, NAME_LIMIT)) for line in lines if line)


def _plain(text: str) -> str:
    return _SIGN.sub(lambda sign: f"#{ord(sign[0])};", text)


def _looks(boxes: Sequence[Box], wires: Sequence[Wire]) -> Iterator[str]:
    """Yield how what differs looks, and the layers that are called more than once."""
    wrong = [number for number, box in enumerate(boxes) if box.marks and box.form != "ghost"]
    for number, box in enumerate(boxes):
        if box.share is not None and not box.marks:
            yield f"style n{number} stroke:{SHARED_LIGHT[box.share % len(SHARED_LIGHT)]},stroke-width:2px"
        elif box.form == "ghost":
            yield f"style n{number} stroke:{_WRONG},stroke-width:2px,stroke-dasharray:3 4,fill:none"
    for number in wrong:
        yield f"style n{number} stroke:{_WRONG},stroke-width:3px,stroke-dasharray:9 4"
    marked = [str(number) for number, wire in enumerate(wires) if wire.form != "plain"]
    if marked:
        yield f"linkStyle {','.join(marked)} stroke:{_WRONG},stroke-width:2px"
