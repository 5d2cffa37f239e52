"""A graph as lines of text."""

from __future__ import annotations

from autograder.graph.drawing.lines import lines
from tests.graph.builders import inception, siamese


def test_boxes_of_one_name_are_told_apart():
    """Two unnamed inputs, or one layer after another of its kind: what a line reads is one of them."""
    made = lines(inception(), (), "en")
    names = [line.box.split("(")[0] for line in made]

    assert len(set(names)) == len(names)
    assert {"Conv2D #1", "Conv2D #2"} <= set(names)
    assert all(name in names for line in made for name in line.reads.split(", ") if name)


def test_what_is_there_once_has_no_number():
    assert not any("#" in line.box for line in lines(siamese(), (), "en") if line.box.startswith("Concat"))
