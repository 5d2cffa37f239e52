"""Starter code: what a solution cell becomes in the notebook that students get.

An author writes the solution and, commented out in the same region, the broken code to start from:

    ### BEGIN SOLUTION
    return layers.add([y, projection])
    ### BEGIN STUB
    # return layers.add([y, x])
    ### END STUB
    ### END SOLUTION

The region's markers are nbgrader's, which would clear all of it; here the stub takes its place.
"""

from __future__ import annotations

import hashlib
import re

from autograder.messages import AutograderError

BEGIN_SOLUTION = "### BEGIN SOLUTION"
END_SOLUTION = "### END SOLUTION"
BEGIN_STUB = "### BEGIN STUB"
END_STUB = "### END STUB"
MARKERS = (BEGIN_SOLUTION, BEGIN_STUB, END_STUB, END_SOLUTION)

_COMMENTED = re.compile(r"(\s*)# ?(.*)")
# The marker that may come next, by the marker that came last.
_FOLLOWS = {
    END_SOLUTION: BEGIN_SOLUTION,
    BEGIN_SOLUTION: BEGIN_STUB,
    BEGIN_STUB: END_STUB,
    END_STUB: END_SOLUTION,
}


class MarkerError(AutograderError, ValueError):
    """The markers of a solution cell do not pair up; `line` is the line of the cell, counted from 1."""

    def __init__(self, line: int, wanted: str) -> None:
        super().__init__(f"line {line}: {wanted} is wanted")
        self.line = line
        self.wanted = wanted


def starter(source: str) -> str:
    """The cell's source with each solution region replaced by its stub.

    Raises:
        MarkerError: a marker is missing or out of place, or a line of the stub is not commented out.
    """
    kept: list[str] = []
    last = END_SOLUTION
    lines = source.split("\n")
    for number, line in enumerate(lines, start=1):
        marker = line.strip()
        if marker in _FOLLOWS:
            if marker != _FOLLOWS[last]:
                raise MarkerError(number, _FOLLOWS[last])
            last = marker
        elif last == END_SOLUTION:
            kept.append(line)
        elif last == BEGIN_STUB and marker:
            match = _COMMENTED.fullmatch(line)
            if match is None:
                raise MarkerError(number, "#")
            kept.append((match[1] + match[2]).rstrip())
        elif last == BEGIN_STUB:
            kept.append("")
    if last != END_SOLUTION:
        raise MarkerError(len(lines), _FOLLOWS[last])
    if BEGIN_SOLUTION not in source:
        raise MarkerError(1, BEGIN_SOLUTION)
    return "\n".join(kept)


def text_digest(source: str) -> str:
    """The digest of a cell's text, white space around it aside: by it starter code is known again."""
    return hashlib.blake2s(source.strip().encode(), digest_size=12).hexdigest()


def solution(source: str) -> str:
    """The cell's source with the stubs and all markers left out: what the reference solution says."""
    kept: list[str] = []
    in_stub = False
    for line in source.split("\n"):
        marker = line.strip()
        if marker in _FOLLOWS:
            in_stub = marker == BEGIN_STUB
        elif not in_stub:
            kept.append(line)
    return "\n".join(kept)
