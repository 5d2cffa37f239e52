"""Makes lists, tuples and dicts with an element too few, too many, or in another's place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TypeVar

import libcst

from autograder.audit.mutation.source.code import Change, Code

Element = TypeVar("Element", libcst.Arg, libcst.BaseElement, libcst.BaseDictElement)


def container_changes(code: Code) -> Iterator[Change]:
    """Yield the code with elements dropped, swapped or doubled, and entries dropped or swapped."""
    sequences: list[libcst.List | libcst.Tuple] = [*code.nodes(libcst.List), *code.nodes(libcst.Tuple)]
    for sequence in sequences:
        yield from _elements(code, sequence)
    for mapping in code.nodes(libcst.Dict):
        yield from _entries(code, mapping)


def without(elements: Sequence[Element], place: int) -> list[Element]:
    """Return the elements without one; the last of them ends as the last one did."""
    kept = [element for number, element in enumerate(elements) if number != place]
    if kept:
        kept[-1] = kept[-1].with_changes(comma=elements[-1].comma)
    return kept


def _elements(code: Code, sequence: libcst.List | libcst.Tuple) -> Iterator[Change]:
    elements = sequence.elements
    for place, element in enumerate(elements):
        said = code.said(element)
        yield code.change("element dropped", element, f"without {said}", {sequence: _put(sequence, place)})
        doubled = libcst.FlattenSentinel([element.with_changes(comma=_COMMA), element])
        yield code.change("element doubled", element, f"{said} twice", {element: doubled})
    yield from _exchanged(code, "elements exchanged", elements)


def _put(sequence: libcst.List | libcst.Tuple, place: int) -> libcst.CSTNode:
    kept = without(sequence.elements, place)
    if isinstance(sequence, libcst.Tuple) and len(kept) == 1:
        kept[0] = kept[0].with_changes(comma=libcst.Comma())
    return sequence.with_changes(elements=kept)


def _entries(code: Code, mapping: libcst.Dict) -> Iterator[Change]:
    for place, entry in enumerate(mapping.elements):
        fewer = mapping.with_changes(elements=without(mapping.elements, place))
        yield code.change("entry dropped", entry, f"without {code.said(entry)}", {mapping: fewer})
    yield from _exchanged(code, "entries exchanged", mapping.elements)


def _exchanged(
    code: Code, operator: str, elements: Sequence[libcst.BaseElement | libcst.BaseDictElement]
) -> Iterator[Change]:
    """Yield the code with the values of two neighbours in each other's place."""
    for first, second in pairwise(elements):
        if not first.value.deep_equals(second.value):
            what = f"{code.said(first.value)} and {code.said(second.value)} exchanged"
            turned = {first.value: second.value, second.value: first.value}
            yield code.change(operator, first, what, turned)


_COMMA = libcst.Comma(whitespace_after=libcst.SimpleWhitespace(" "))
