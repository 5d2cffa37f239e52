"""Two learners have made the same mistake where the structure is the same, whatever names they have given."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from autograder.class_report.mistakes import mistake_in, structure
from autograder.feedback import Drawing, TaskReport
from autograder.graph import Graph, compare, plain, plain_difference
from autograder.messages import Message, message, verbatim
from tests.feedback.builders import check, failure, task
from tests.graph.builders import Builder


def chain(*names: str, units: int = 8, skip: bool = False, twice: bool = False) -> Graph:
    """A model of two layers and their sum; the second may read something else, or have one more after it."""
    build = Builder()
    start = build.input(8, name="x")
    first = build.layer("Dense", start, name=names[0], shape=(None, 8), units=units)
    second = build.layer("Dense", start if skip else first, name=names[1], shape=(None, 8), units=8)
    if twice:
        second = build.layer("Dropout", second, name=names[2], shape=(None, 8), rate=0.5)
    end = build.layer("Add", first, second, shape=(None, 8))
    return build.graph(end)


def known_by(found: Graph) -> object:
    (difference,) = compare(found, chain("a", "b"))
    return structure(plain_difference(difference), plain(found))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda *names: chain(*names, units=7),
        lambda *names: chain(*names, skip=True),
        lambda *names: chain(*names, twice=True),
    ],
    ids=["setting", "edge", "extra"],
)
def test_a_difference_is_known_without_the_names_of_layers(wrong: Callable[..., Graph]) -> None:
    assert known_by(wrong("a", "b", "c")) == known_by(wrong("erste", "zweite", "dritte"))


def test_other_differences_are_known_by_something_else() -> None:
    several = [
        chain(*"abc", units=7),
        chain(*"abc", units=6),
        chain(*"abc", skip=True),
        chain(*"abc", twice=True),
    ]

    assert len({*map(known_by, several)}) == len(several)


def failed(**changes: Message | None) -> TaskReport:
    """A task whose one check failed so."""
    return task([check("size", "failed", failed=failure(**changes))])


def test_a_derived_fact_is_the_difference_that_it_names_as_its_cause() -> None:
    """Of a wrong number of parameters, the layer and the setting that make it wrong."""
    graph = chain("a", "b", units=7)
    (difference,) = compare(graph, chain("a", "b"))
    where = message(
        "at {layer}: {setting}",
        layer=difference.message.values["layer"],
        setting=difference.message.values["setting"],
    )
    derived = failed(rationale=message("The number of parameters is not the expected one."), where=where)
    drawing = Drawing(graph=plain(graph), differences=[plain_difference(difference)])

    seen = mistake_in(derived.model_copy(update={"drawing": drawing}))

    assert seen is not None
    assert (seen.kind, seen.message, seen.key) == ("difference", difference.message, known_by(graph))


def test_an_error_without_a_meaning_is_known_by_its_text_without_names_and_numbers() -> None:
    def error(name: str, text: str) -> TaskReport:
        return failed(found=Message(text="{name}: {text}", values={"name": name, "text": text}))

    keys = [
        seen.key
        for one in (
            error("ValueError", "layer 'mine_3' got 4 axes\n at 0x7f"),
            error("ValueError", "layer 'yours' got 2 axes"),
            error("TypeError", "layer 'yours' got 2 axes"),
        )
        if (seen := mistake_in(one)) is not None
    ]

    assert keys[0] == keys[1] != keys[2]


def test_a_value_is_told_apart_by_what_was_found_and_not_by_who_named_it() -> None:
    def value(name: str, found: str) -> TaskReport:
        return failed(
            rationale=message("`{name}` is wrong.", name=name), found=verbatim(found), wanted=verbatim("14")
        )

    keys = [
        seen.key
        for one in (value("a", "13"), value("b", "13"), value("a", "12"))
        if (seen := mistake_in(one))
    ]

    assert keys[0] == keys[1] != keys[2]


def test_who_has_not_begun_has_made_no_mistake() -> None:
    assert mistake_in(failed().model_copy(update={"attempted": False})) is None
    assert mistake_in(task([check("size")])) is None


def test_a_picture_that_cannot_be_read_costs_the_picture() -> None:
    """Its plain data is validated by nobody; the failure is told all the same."""
    odd = failed().model_copy(update={"drawing": Drawing(graph={}, differences=[{"kind": "setting"}])})

    seen = mistake_in(odd)

    assert seen is not None
    assert (seen.kind, seen.message) == ("value", failure().rationale)
