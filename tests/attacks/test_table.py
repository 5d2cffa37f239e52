"""SECURITY.md tells of every technique there is, and of no other."""

from __future__ import annotations

from tests.attacks.table import PAGE, with_table


def test_the_page_has_the_table_that_the_corpus_makes() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert page == with_table(page), "run `python -m tests.attacks.table`"
