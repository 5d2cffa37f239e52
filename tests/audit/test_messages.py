"""A message explains where it names the place, found and wanted, in both languages; it tells no secret."""

from __future__ import annotations

import json
from typing import Any

import keras
import pytest
from keras import layers

from autograder.audit.messages import unexplained, unteachable, untold
from autograder.audit.places import Place, place_of
from autograder.checks import Failure, Subject
from autograder.checks.subject import read_subject
from autograder.evidence import capture, read
from autograder.grading.restore import RestoredCell
from autograder.messages import LANGUAGES, Message, message, verbatim


def subject(thing: Any, reference: Any) -> Subject:
    """The subject of an answer, with the reference's beside it."""
    found, wanted = (
        read_subject("task", [read(json.dumps(capture("task", [one])))]) for one in (thing, reference)
    )
    found.reference = wanted
    return found


def model(units: int = 4) -> keras.Model:
    x = keras.Input((3,), name="x")
    return keras.Model(x, layers.Dense(2, name="last")(layers.Dense(units, name="first")(x)))


def said(
    where: str = "at {layer}", found: bool = True, wanted: bool = True, layer: str = "`first`"
) -> Failure:
    return Failure(
        rationale=message("The value is wrong."),
        found=verbatim("3") if found else None,
        wanted=verbatim("4") if wanted else None,
        where=Message(text=where, values={"layer": layer}),
    )


def test_a_message_that_names_the_layer_explains() -> None:
    wrong = subject(model(5), model())

    assert unexplained(said(), Place(("first",), ("units",)), wrong, LANGUAGES) == []


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (None, "no message"),
        (said(found=False), "says nothing of what was found"),
        (said(wanted=False), "says nothing of what is wanted"),
        (said(layer="`last`"), "does not name the place (en)"),
        (said(layer="`firstborn`"), "does not name the place (ko)"),
    ],
)
def test_a_message_that_says_less_does_not_explain(failure: Failure | None, reason: str) -> None:
    assert reason in unexplained(failure, Place(("first",)), subject(model(5), model()), LANGUAGES)


def test_a_fact_without_its_cause_does_not_explain() -> None:
    """Even where the place is named: what follows from a mistake is not the mistake."""
    fact = said().model_copy(update={"rationale": message("The parameter count is wrong.")})
    reasons = unexplained(fact, Place(("first",), ("units",)), subject(model(5), model()), LANGUAGES)

    assert reasons == ["tells what follows from the mistake, and not the mistake"]


def test_what_a_plain_value_should_be_is_the_answer_and_stays_unsaid() -> None:
    wrong = subject({"first": 3, "last": 4}, {"first": 2, "last": 4})

    assert place_of(wrong).touched == ("first",)
    assert unexplained(said(wanted=False, layer="'first'"), place_of(wrong), wrong, LANGUAGES) == []
    assert unexplained(said(wanted=False, layer="'last'"), place_of(wrong), wrong, LANGUAGES) != []


def test_a_model_differs_where_its_graph_its_names_or_its_compile_arguments_do() -> None:
    compiled, reference = model(5), model()
    compiled.compile("adam", "mse")
    reference.compile("adam", "mae")

    place = place_of(subject(compiled, reference))

    assert place.touched == ("first", "last")
    assert place.settings == ("units", "loss")


@pytest.mark.parametrize(
    ("rationale", "fault"),
    [
        (message("It is wrong. Look at it. Then look again. Or ask."), "has more than 3 sentences (en)"),
        (verbatim("nobody has translated this"), "is not translated (ko)"),
        (message("Write `shortcut = layers.Conv2D(4, 1)(x)`."), "tells 'shortcut' of the solution (en)"),
    ],
)
def test_a_message_is_short_translated_and_tells_no_secret(rationale: Message, fault: str) -> None:
    assert fault in unteachable(Failure(rationale=rationale), ["shortcut"], LANGUAGES)


def test_sentences_of_the_course_teach() -> None:
    """What stands as code ends no sentence, and a part of a word is no name."""
    assert unteachable(said(layer="`Dense(0.5)`. "), ["numb", "laye"], LANGUAGES) == []


CELLS = [
    RestoredCell("helper", "def given_out(x):\n    return x", 0),
    RestoredCell("first-answer", "shortcut = layers.Conv2D(4, 1)(x)", 1),
    RestoredCell("first", 'check("first", shortcut)', 2, "first"),
    RestoredCell("second-answer", "widened = layers.Conv2D(9, 1)(x)", 3),
    RestoredCell("second", 'check("second", widened)', 4, "second"),
    RestoredCell("third-answer", "narrowed = layers.Conv2D(2, 1)(x)", 5),
    RestoredCell("third", 'check("third", narrowed)', 6, "third"),
]


def told(line: str, task: str, changed: dict[str, str]) -> list[str]:
    secrets = [cell.source for cell in CELLS if cell.id.endswith("-answer")]
    quoting = Failure(rationale=message("The value is wrong."), where=verbatim(f"in `{line}`"))
    return unteachable(quoting, untold(secrets, CELLS, task, changed), LANGUAGES)


def test_a_line_of_an_earlier_answer_is_the_learners_own_and_no_leak() -> None:
    wrong = {"second-answer": "widened = layers.Conv2D(0, 1)(x)"}

    assert told("shortcut = layers.Conv2D(4, 1)(x)", "second", wrong) == []
    assert told("widened = layers.Conv2D(0, 1)(x)", "second", wrong) == []
    assert told("return x", "second", wrong) == []


def test_a_line_of_the_solution_that_the_learner_has_not_written_is_a_leak() -> None:
    """Neither the line in whose place the wrong one stands, nor one of a later task."""
    wrong = {"second-answer": "widened = layers.Conv2D(0, 1)(x)"}

    assert len(told("widened = layers.Conv2D(9, 1)(x)", "second", wrong)) == len(LANGUAGES)
    assert len(told("narrowed = layers.Conv2D(2, 1)(x)", "second", wrong)) == len(LANGUAGES)


def test_an_answer_known_by_its_evidence_alone_is_not_taken_for_the_solutions() -> None:
    assert len(told("widened = layers.Conv2D(9, 1)(x)", "second", {"second-answer": ""})) == len(LANGUAGES)
