"""Makes starter code, which replaces the solution in the notebook that students get.

An author writes the solution and, commented out in the same region, the broken code to start from:

    ### BEGIN SOLUTION
    return layers.add([y, projection])
    ### BEGIN STUB
    # return layers.add([y, x])
    ### END STUB
    ### END SOLUTION

The region's markers are nbgrader's, which would clear all of it; here the stub takes its place. A text that
a person grades has no starter code: what stands around the region is the prompt that students find there.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection

from autograder.messages import AutograderError, Language

BEGIN_SOLUTION = "### BEGIN SOLUTION"
END_SOLUTION = "### END SOLUTION"
BEGIN_STUB = "### BEGIN STUB"
END_STUB = "### END STUB"
MARKERS = (BEGIN_SOLUTION, BEGIN_STUB, END_STUB, END_SOLUTION)

_IN_A_MARKER = ("BEGIN SOLUTION", "END SOLUTION", "BEGIN STUB", "END STUB")
_LANGUAGE = re.compile(r"<!--[ \t]*([A-Za-z-]+)[ \t]*-->")
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
    """Return the cell's source with each solution region replaced by its stub.

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


def placeholder(source: str, language: Language, languages: Collection[Language]) -> str:
    """Return the text of an answer's cell in the notebook of a language: all except the author's own answer.

    The lines below one such as `<!-- en -->` are for that language only.

    Args:
        source: the cell's text, with its solution region.
        language: one of `languages`.
        languages: the course's.

    Raises:
        MarkerError: a marker is missing, out of place, or not on a line of its own; nothing is given out
            then.
    """
    kept: list[str] = []
    inside, spoken = False, language
    lines = source.split("\n")
    for number, line in enumerate(lines, start=1):
        marker, named = line.strip(), _LANGUAGE.fullmatch(line.strip())
        if marker == (END_SOLUTION if inside else BEGIN_SOLUTION):
            inside = not inside
        elif any(word in line for word in _IN_A_MARKER):
            # nbgrader takes it for a marker, too: half a region would be given out in one of both ways.
            raise MarkerError(number, END_SOLUTION if inside else BEGIN_SOLUTION)
        elif named and named[1] in languages:
            spoken = named[1]
        elif not inside and spoken == language:
            kept.append(line)
    if inside:
        raise MarkerError(len(lines), END_SOLUTION)
    if BEGIN_SOLUTION not in source:
        raise MarkerError(1, BEGIN_SOLUTION)
    return "\n".join(kept).strip()


def text_digest(source: str) -> str:
    """Return the digest of a cell's text without the white space around it, to recognise starter code by."""
    return hashlib.blake2s(source.strip().encode(), digest_size=12).hexdigest()


def solution(source: str) -> str:
    """Return the cell's source without stubs and markers: the reference solution."""
    kept: list[str] = []
    in_stub = False
    for line in source.split("\n"):
        marker = line.strip()
        if marker in _FOLLOWS:
            in_stub = marker == BEGIN_STUB
        elif not in_stub:
            kept.append(line)
    return "\n".join(kept)
