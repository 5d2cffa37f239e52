"""The marks of differences: a shape for each kind, with its number in it, so that no colour is needed."""

from __future__ import annotations

_SHAPES = {
    # A triangle: something is other than it should be.
    "setting": "M0 -12L12.5 9.5H-12.5Z",
    "operator": "M0 -12L12.5 9.5H-12.5Z",
    "shape": "M0 -12L12.5 9.5H-12.5Z",
    # A square on its corner: who shares with whom.
    "sharing": "M0 -13L13 0L0 13L-13 0Z",
    # A stop sign: too much.
    "extra": "M-4.5 -11H4.5L11 -4.5V4.5L4.5 11H-4.5L-11 4.5V-4.5Z",
    # A square: something is not there.
    "missing": "M-10 -10H10V10H-10Z",
    "input": "M-10 -10H10V10H-10Z",
    "output": "M-10 -10H10V10H-10Z",
}
_ROUND = "M-11 0A11 11 0 1 1 11 0A11 11 0 1 1 -11 0Z"


def mark(kind: str, number: int, x: float, y: float) -> str:
    """The mark of a difference of that kind, around that point."""
    shape = _SHAPES.get(kind, _ROUND)
    low = 7 if shape.startswith("M0 -12L") else 4
    return (
        f'<g class="difference {kind}" transform="translate({x:.1f} {y:.1f})">'
        f'<path class="mark" d="{shape}"/><text class="number" y="{low}">{number}</text></g>'
    )
