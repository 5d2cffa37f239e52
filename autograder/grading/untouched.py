"""Tasks that nobody has begun: their answers are the starter code as it was given out."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.grading.recognise import GivenOut
from autograder.grading.restore import RestoredCell


def untouched(cells: Sequence[RestoredCell], source: GivenOut) -> frozenset[str]:
    """The tasks whose answers still are the starter code, with no cell of the learner's own before them."""
    texts = {cell.id: cell.source.strip() for cell in cells}
    known = {origin.id for origin in source.cells}
    own = [
        number
        for number, cell in enumerate(cells)
        if cell.id not in known and cell.source.strip() and cell.source.strip() not in source.others
    ]
    places = {cell.task: number for number, cell in enumerate(cells) if cell.task is not None}
    found: set[str] = set()
    as_given_out: list[bool] = []
    for origin in source.cells:
        if not origin.graded:
            as_given_out.append(texts.get(origin.id) == origin.source.strip())
            continue
        place = places.get(origin.grade_id)
        if as_given_out and all(as_given_out) and place is not None and not any(n < place for n in own):
            found.add(origin.grade_id)
        as_given_out = []
    return frozenset(found)
