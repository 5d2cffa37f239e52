"""An answer that is still the starter code is no attempt; one letter, or an own cell, makes it one."""

from __future__ import annotations

import pytest

from autograder.grading.recognise import GivenOut, SourceCell
from autograder.grading.restore import RestoredCell, untouched

STARTER = "total = 11"
SOURCE = GivenOut(
    (
        SourceCell("sum-answer", "c1", STARTER, locked=False, graded=False, metadata={}),
        SourceCell("sum", "c2", 'check("sum", total)', locked=True, graded=True, metadata={}),
        SourceCell("product-answer", "c3", "product = 0", locked=False, graded=False, metadata={}),
        SourceCell("product", "c4", 'check("product", product)', locked=True, graded=True, metadata={}),
    ),
    frozenset({"import keras"}),
    {},
)


def cells(answer: str = STARTER, product: str = "product = 0", own: str = "") -> list[RestoredCell]:
    texts = [
        ("i", "import keras", None),
        ("c1", answer, None),
        ("c2", 'check("sum", total)', "sum"),
        ("own", own, None),
        ("c3", product, None),
        ("c4", 'check("product", product)', "product"),
    ]
    return [RestoredCell(name, text, place, task) for place, (name, text, task) in enumerate(texts) if text]


def test_a_notebook_as_it_was_given_out_is_untouched() -> None:
    assert untouched(cells(), SOURCE) == {"sum", "product"}


def test_white_space_around_an_answer_is_no_attempt() -> None:
    assert "sum" in untouched(cells(answer=f"\n{STARTER}  \n"), SOURCE)


def test_an_answer_that_was_changed_is_an_attempt() -> None:
    assert untouched(cells(answer="total = 3"), SOURCE) == {"product"}


def test_a_cell_of_ones_own_may_be_the_attempt() -> None:
    """At the tasks below it, that is; the ones above had been checked by then."""
    assert untouched(cells(own="product = 6"), SOURCE) == {"sum"}


@pytest.mark.parametrize("missing", ["c1", "c2"])
def test_what_is_not_there_is_not_taken_for_untouched(missing: str) -> None:
    left = [cell for cell in cells() if cell.id != missing]

    assert "sum" not in untouched(left, SOURCE)
