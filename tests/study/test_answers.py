"""An answer that was changed is no starter code, even where it still makes the same."""

from __future__ import annotations

from autograder.course.starter import text_digest
from autograder.study.answers import made_by, was_changed

STARTER = "def build(x):\n    return x"
CHECK = 'check("build", build)'


def test_the_cell_that_made_what_is_checked_decides() -> None:
    digest = text_digest(STARTER)

    assert not was_changed(digest, ["import keras", f"\n{STARTER}\n", CHECK])
    assert was_changed(digest, [STARTER, "def build(x):\n    return 1 * x", CHECK])
    assert not was_changed(digest, ["def build(x):\n    return 1 * x", STARTER, CHECK])


def test_other_cells_do_not() -> None:
    assert not was_changed(text_digest(STARTER), [STARTER, "builder = 3", "print(build)", CHECK])


def test_where_nothing_is_known_nothing_was_changed() -> None:
    """No history (a script), no such cell in it, or no digest."""
    assert not was_changed(text_digest(STARTER), [])
    assert not was_changed(text_digest(STARTER), [CHECK])
    assert not was_changed(None, ["def build(x):\n    return 1 * x", CHECK])


def test_a_magic_makes_nothing() -> None:
    assert made_by("%matplotlib inline\nx = 1") == set()
    assert made_by("x, (y, z) = 1, (2, 3)\nfor i in z:\n    w = i\n\nclass A: ...") == {
        "x",
        "y",
        "z",
        "i",
        "w",
        "A",
    }
