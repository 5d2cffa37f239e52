"""Nobody forges a point, sees a canary, or harms a neighbour, by any technique and at every level."""

from __future__ import annotations

import csv
import re
import statistics
from collections.abc import Callable, Sequence
from operator import attrgetter
from pathlib import Path

import pytest

from autograder import class_report
from tests.attacks.battlefield import CANARIES, HONEST, PRINTED, Outcome, fight, processes_with
from tests.attacks.outliving import MARK
from tests.attacks.techniques import CANARY, CORPUS, FAMILIES, Technique, tried
from tests.feedback.markup import dangers, parsed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

PATIENCE = 3
"""How many times as long a second try may take."""
# A learner's own sequences begin with one of these; the table's own colours are off in a pipe.
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def test_there_are_many_techniques_and_each_is_another() -> None:
    assert len(CORPUS) >= 60
    assert {technique.family for technique in CORPUS} == set(FAMILIES)
    ids = [str(technique) for technique in CORPUS]
    aims = [technique.aim for technique in CORPUS]
    assert len(set(ids)) == len(ids)
    assert len(set(aims)) == len(aims)


def test_every_technique_is_tried(outcomes: dict[str, Outcome]) -> None:
    """Each at one level, and at each level what the walls of the jail decide."""
    tried_at = {
        level: [str(one) for each in outcome.corpus for one in each.members or [each]]
        for level, outcome in outcomes.items()
    }

    assert sorted(next(iter(tried_at.values()))) == sorted(str(technique) for technique in CORPUS)
    walled = {"reading", "leaking", "outliving", "exhausting", "escaping", "poisoning"}
    assert all({name.partition("-")[0] for name in names} >= walled for names in tried_at.values())


def test_the_class_was_graded_at_the_level_that_is_meant(outcome: Outcome) -> None:
    assert outcome.returncode == 0, outcome.said
    assert "Traceback" not in outcome.said
    levels = {outcome.report(technique).isolation.level for technique in outcome.corpus}
    assert levels == {outcome.level}


Holds = Callable[[Outcome, Technique], bool]


@pytest.fixture
def settled(
    outcome: Outcome, technique: Technique, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Holds], Outcome]:
    """The outcome, or a second one where something does not hold.

    A busy machine may make an honest run exceed its limits; alone it has longer ones. With it come those in front
    of the same honest learner: one of them may be what has done the harm.
    """

    def fought(holds: Holds) -> Outcome:
        if holds(outcome, technique):
            return outcome
        again = tmp_path_factory.mktemp("again")
        row = outcome.row(technique)
        return fight(again, outcome.level, row, in_a_row=len(row), patience=PATIENCE)

    return fought


def test_it_gets_what_its_model_is_worth(settled: Callable[[Holds], Outcome], technique: Technique) -> None:
    found = settled(Outcome.honestly_graded)

    assert found.honestly_graded(technique), found.report(technique).tasks


def test_the_next_learner_gets_full_marks(settled: Callable[[Holds], Outcome], technique: Technique) -> None:
    found = settled(Outcome.unharmed)

    assert found.unharmed(technique), found.neighbour(technique)


def test_what_is_tried_together_is_tried_to_its_end(outcome: Outcome) -> None:
    for technique in filter(attrgetter("members"), outcome.corpus):
        text = outcome.notebook(outcome.students[str(technique)]).read_text(encoding="utf-8")
        assert [one for one in technique.members if tried(one) not in text] == [], technique


def test_the_next_learner_waits_no_longer_than_others(
    outcome: Outcome, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Ten times an honest run's usual time is too long, unless it is the machine's mood and does not come again."""
    usual = statistics.median(outcome.neighbour(technique).timings.run for technique in outcome.corpus)

    def slowed(fought: Outcome, corpus: Sequence[Technique]) -> list[Technique]:
        return [one for one in corpus if fought.neighbour(one).timings.run > 10 * usual + 1]

    slow = slowed(outcome, outcome.corpus)
    if slow:
        again = fight(tmp_path_factory.mktemp("again"), outcome.level, slow)
        slow = slowed(again, slow)
    assert slow == []


def test_no_canary_is_seen_and_nothing_forbidden_was_done(outcome: Outcome) -> None:
    assert outcome.seen() == {}


def test_a_canary_would_be_seen(outcome: Outcome) -> None:
    """The planted strings are where they were planted, and what is written is really looked at."""
    places = {
        "hidden": outcome.grounds.checkout / "graders" / "hidden" / "test_inception.py",
        "solution": outcome.grounds.checkout / "solutions" / "inception" / "inception.ipynb",
        "gradebook": outcome.grounds.folder / "gradebook.db",
        "neighbour": outcome.grounds.folder / "submitted" / "000-neighbour" / HONEST / f"{HONEST}.ipynb",
    }
    for kind, place in places.items():
        assert CANARIES[kind] in place.read_text(encoding="utf-8")
    assert len(list(outcome.written())) > 3 * len(outcome.corpus)
    neighbours = set(outcome.neighbours.values())
    shown = [student for student in neighbours if outcome.notebook(student).exists()]
    assert len(shown) > len(neighbours) / 20
    for student in shown:
        text = outcome.notebook(student).read_text(encoding="utf-8")
        assert CANARIES["neighbour"] in text
        assert f"{CANARY}{PRINTED}" in text


def test_nothing_on_the_machine_was_changed(outcome: Outcome) -> None:
    assert outcome.touched == []


def test_nothing_goes_on(outcome: Outcome) -> None:
    assert processes_with(MARK) == []


def test_no_page_does_anything(outcome: Outcome) -> None:
    pages = {name: text for name, text in outcome.written() if name.endswith(".html")}

    assert pages
    # The class page has one script, of ours and allowed by its digest (tests/class_report/test_pages.py).
    own = {"class.html": ["<script>"]}
    assert {name: found for name, text in pages.items() if (found := dangers(parsed(text)))} == own
    script = Path(class_report.__file__).with_name("templates") / "class.js"
    (found,) = parsed(pages["class.html"]).named("script")
    assert found.text.strip() == script.read_text(encoding="utf-8").strip()
    assert all("Content-Security-Policy" in text for text in pages.values())


def test_the_terminal_obeys_nobody(outcome: Outcome) -> None:
    assert CONTROLS.findall(outcome.said) == []


def test_no_cell_of_the_table_is_a_formula(outcome: Outcome) -> None:
    text = (outcome.output / "grades.csv").read_text(encoding="utf-8-sig")
    cells = [cell for row in csv.reader(text.splitlines()) for cell in row]

    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
