"""Draws a graph as SVG that needs no script, no font and no other file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from html import escape
from types import MappingProxyType

from autograder.graph.comparison.difference import Difference
from autograder.graph.drawing import style
from autograder.graph.drawing.layout import Layout, Point, arrange
from autograder.graph.drawing.lines import account, sentence
from autograder.graph.drawing.scene import Box, Scene, Wire, scene
from autograder.graph.label import NAME_LIMIT
from autograder.graph.model import Graph
from autograder.messages import Language, Message, clean, message, render

MARGIN = 18.0
PADDING = 12.0
LINE = 16.0
DETAILS_WIDTH = 190.0
DETAIL_LINES = 3
LEAST_WIDTH = 64.0
LEGEND_WIDTH = 480.0
LEGEND_SIZE = 12.0
TITLE_LIMIT = 120
DIFFERENCES_SHOWN = 20


def draw(
    graph: Graph,
    *,
    differences: Sequence[Difference] = (),
    language: Language = "en",
    title: str | None = None,
    themes: bool = True,
    notes: Mapping[int, Message] = MappingProxyType({}),
) -> str:
    """Draw a graph as SVG, a box for every call, with `differences` marked and described below the picture.

    Without `themes`, the picture always has light colours, and its rules use no variables. `notes` are
    further lines in the boxes of calls, by the calls' ids.

    The same arguments always give the same text; several pictures can share one page.

    >>> import keras
    >>> from autograder.checks import subject_of
    >>> from autograder.graph import draw
    >>> x = keras.Input((8,), name="x")
    >>> graph = subject_of(keras.Model(x, keras.layers.Dense(4, name="head")(x))).model.graph
    >>> draw(graph, title="What I have built")[:4]
    '<svg'
    """
    shown = differences[:DIFFERENCES_SHOWN]
    pictured = scene(graph, shown, notes)
    faces = [_Face(box, language) for box in pictured.boxes]
    layout = arrange([face.size for face in faces], [(wire.source, wire.target) for wire in pictured.wires])
    heading = clean(title, TITLE_LIMIT) if title else ""
    told = [sentence(difference, language) for difference in shown]
    if len(differences) > len(shown):
        more = message("… and other differences: {count}.", count=len(differences) - len(shown))
        told.append(render(more, language))
    kinds = [difference.kind for difference in shown]
    across = max(layout.width, LEGEND_WIDTH if told else 0.0, style.width(heading, 15, bold=True))
    top = MARGIN + (28.0 if heading else 0.0)
    left = MARGIN + (across - layout.width) / 2
    legend, legend_height = _legend(told, kinds, across, top + layout.height + 22.0)
    total_width = across + 2 * MARGIN
    total_height = top + layout.height + legend_height + MARGIN
    body = [
        f'<rect class="paper" width="{_n(total_width)}" height="{_n(total_height)}" rx="10"/>',
        _text("heading", MARGIN, MARGIN + 13, escape(heading)) if heading else "",
        f'<g transform="translate({_n(left)} {_n(top)})">',
        *(_wire(wire, points) for wire, points in zip(pictured.wires, layout.wires, strict=True)),
        *(face.drawn(centre) for face, centre in zip(faces, layout.centres, strict=True)),
        *_marks(pictured, faces, layout, kinds),
        "</g>",
        *legend,
    ]
    inside = "".join(body)
    name = heading or render(message("The model as a graph of layer calls"), language)
    description = account(graph, told, language)
    # The id comes from the content, so that two different pictures on a page never share one.
    scope = "g" + hashlib.sha256(f"{language}{name}{description}{inside}".encode()).hexdigest()[:12]
    sheet = style.stylesheet(scope) if themes else style.plain_stylesheet(scope)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" id="{scope}" class="graph" role="img" lang="{language}" '
        f'aria-labelledby="{scope}-title" aria-describedby="{scope}-desc" width="{_n(total_width)}" '
        f'height="{_n(total_height)}" viewBox="0 0 {_n(total_width)} {_n(total_height)}" '
        f'style="max-width:100%;height:auto">'
        f'<title id="{scope}-title">{escape(name)}</title>'
        f'<desc id="{scope}-desc">{escape(description)}</desc>'
        f"<style>{sheet}</style>{inside}</svg>"
    )


class _Face:
    """A box's text, broken into lines, and the size that it needs."""

    def __init__(self, box: Box, language: Language) -> None:
        self.box = box
        title = clean(render(box.title, language), NAME_LIMIT)
        details = [clean(detail, NAME_LIMIT) for detail in box.details]
        separator = " → " if box.form == "ghost" else ", "
        lines = list(style.wrapped(separator.join(details), DETAILS_WIDTH, 11, mono=True)) if details else []
        if len(lines) > DETAIL_LINES:
            lines = [*lines[: DETAIL_LINES - 1], lines[DETAIL_LINES - 1] + " …"]
        self.lines: list[tuple[str, str]] = [("title", title)]
        if box.badge is not None:
            self.lines.append(("badge", clean(render(box.badge, language), NAME_LIMIT)))
        if box.name:
            self.lines.append(("name", clean(box.name, NAME_LIMIT)))
        self.lines += [("detail", line) for line in lines]
        if box.note is not None:
            self.lines.append(("shape", clean(render(box.note, language), NAME_LIMIT)))
        if box.shape:
            self.lines.append(("shape", clean(box.shape, NAME_LIMIT)))
        self.round = box.form in ("merge", "input", "output")
        self.size = self._size()

    @property
    def ring(self) -> float:
        """The distance between the box and the outline that says "this differs"."""
        return 5.0 if self.box.marks and self.box.form != "ghost" else 0.0

    def _size(self) -> tuple[float, float]:
        widest = max(
            style.width(
                text, 13 if look == "title" else 11, look in ("name", "detail"), look in ("title", "badge")
            )
            for look, text in self.lines
        )
        sides = PADDING + (6.0 if self.round else 0.0)
        height = LINE * len(self.lines) + (10.0 if len(self.lines) == 1 else 14.0)
        return max(round(widest + 2 * sides), LEAST_WIDTH) + 2 * self.ring, height + 2 * self.ring

    def drawn(self, centre: Point) -> str:
        """Draw the box with its text, around that point."""
        width, height = self.size[0] - 2 * self.ring, self.size[1] - 2 * self.ring
        x, y = centre[0] - width / 2, centre[1] - height / 2
        corner = min(height / 2, 22.0) if self.round else 7.0
        rect = f'width="{_n(width)}" height="{_n(height)}" rx="{_n(corner)}"/>'
        form = "end" if self.box.form in ("input", "output") else self.box.form
        parts = [f'<g class="{"call " if self.box.form != "output" else ""}{form}{self._share()}">']
        if self.box.share is not None or self.box.form == "group":
            back = "back" if self.box.share is not None else "box"
            parts.append(f'<rect class="{back}" x="{_n(x + 5)}" y="{_n(y + 5)}" {rect}')
        parts.append(f'<rect class="box" x="{_n(x)}" y="{_n(y)}" {rect}')
        if self.box.share is not None:
            parts.append(f'<rect class="tint" x="{_n(x)}" y="{_n(y)}" {rect}')
        if self.ring:
            around = f'width="{_n(width + 10)}" height="{_n(height + 10)}" rx="{_n(corner + 5)}"/>'
            parts.append(f'<rect class="differs" x="{_n(x - 5)}" y="{_n(y - 5)}" {around}')
        at = centre[1] - LINE * len(self.lines) / 2 + 12.0
        for look, text in self.lines:
            parts.append(_text(f"{look} middle", centre[0], at, escape(text)))
            at += LINE
        return "".join([*parts, "</g>"])

    def _share(self) -> str:
        return "" if self.box.share is None else f" s{self.box.share % len(style.SHARED_LIGHT)}"


def _marks(pictured: Scene, faces: Sequence[_Face], layout: Layout, kinds: Sequence[str]) -> list[str]:
    """Draw the numbered marks at the corners of boxes, and crosses on wrong wires."""
    drawn = []
    for face, centre in zip(faces, layout.centres, strict=True):
        x = centre[0] + face.size[0] / 2 + (-4 if face.ring else 5)
        for place, number in enumerate(face.box.marks):
            drawn.append(mark(kinds[number - 1], number, x - 24 * place, centre[1] - face.size[1] / 2 + 3))
    for wire, points in zip(pictured.wires, layout.wires, strict=True):
        if wire.form == "wrong":
            x, y = _halfway(points)
            drawn.append(f'<path class="cross" d="M{_n(x - 6)} {_n(y - 6)}l12 12m0 -12l-12 12"/>')
    return drawn


def _wire(wire: Wire, points: Sequence[Point]) -> str:
    """Draw a wire, with its head, that runs straight down through rows and bends between them."""
    (x, y), *rest = points
    end_x, end_y = points[-1]
    path = [f"M{_n(x)} {_n(y)}"]
    for number, (to_x, to_y) in enumerate(rest):
        last = number == len(rest) - 1
        to_y = to_y - 7 if last else to_y
        if abs(to_x - x) < 0.5 or to_y - y < 1:
            path.append(f"L{_n(to_x)} {_n(to_y)}")
        else:
            middle = (y + to_y) / 2
            path.append(f"C{_n(x)} {_n(middle)} {_n(to_x)} {_n(middle)} {_n(to_x)} {_n(to_y)}")
        x, y = to_x, to_y
    form = {"plain": "", "ghost": " absent"}.get(wire.form, f" {wire.form}")
    head = f"M{_n(end_x)} {_n(end_y)}l-4.5 -8.5h9z"
    return f'<path class="wire{form}" d="{"".join(path)}"/><path class="head{form}" d="{head}"/>'


def _halfway(points: Sequence[Point]) -> Point:
    """Return a point on the wire, in the first bend."""
    one, other = points[1], points[2] if len(points) > 2 else points[-1]
    return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2


def _legend(told: Sequence[str], kinds: Sequence[str], across: float, top: float) -> tuple[list[str], float]:
    """Draw the differences in words, each after its mark, and return their height as well."""
    drawn: list[str] = []
    y = top + 10.0
    for number, text in enumerate(told, start=1):
        if number <= len(kinds):
            drawn.append(mark(kinds[number - 1], number, MARGIN + 11, y))
        inside = False
        for line in style.wrapped(text, across - 34, LEGEND_SIZE):
            drawn.append(_text("said", MARGIN + 32, y + 4, _with_code(line, inside)))
            inside ^= line.count("`") % 2 == 1
            y += 17.0
        y += 9.0
    return drawn, (y - top + 8.0 if told else 0.0)


def _text(look: str, x: float, y: float, text: str) -> str:
    return f'<text class="{look}" x="{_n(x)}" y="{_n(y)}">{text}</text>'


def _with_code(line: str, inside: bool) -> str:
    """Set the parts of a line between backticks as code; `inside` says that it begins within such a part."""
    parts = [escape(part) for part in line.split("`")]
    return "".join(
        f'<tspan class="code">{part}</tspan>' if part and (number % 2 == 1) != inside else part
        for number, part in enumerate(parts)
    )


def _n(value: float) -> str:
    """Return a coordinate as a text that is short and the same on every machine."""
    return f"{value:.1f}".removesuffix(".0")


_SHAPES = {
    # A triangle: something is different from what it should be.
    "setting": "M0 -12L12.5 9.5H-12.5Z",
    "operator": "M0 -12L12.5 9.5H-12.5Z",
    "shape": "M0 -12L12.5 9.5H-12.5Z",
    # A square on its corner: sharing is wrong.
    "sharing": "M0 -13L13 0L0 13L-13 0Z",
    # A stop sign: something is extra.
    "extra": "M-4.5 -11H4.5L11 -4.5V4.5L4.5 11H-4.5L-11 4.5V-4.5Z",
    # A square: something is missing.
    "missing": "M-10 -10H10V10H-10Z",
    "input": "M-10 -10H10V10H-10Z",
    "output": "M-10 -10H10V10H-10Z",
}
_ROUND = "M-11 0A11 11 0 1 1 11 0A11 11 0 1 1 -11 0Z"


def mark(kind: str, number: int, x: float, y: float) -> str:
    """Draw the mark of a difference of that kind, around that point."""
    shape = _SHAPES.get(kind, _ROUND)
    low = 7 if shape.startswith("M0 -12L") else 4
    return (
        f'<g class="difference {kind}" transform="translate({x:.1f} {y:.1f})">'
        f'<path class="mark" d="{shape}"/><text class="number" y="{low}">{number}</text></g>'
    )
