"""Models of a few learners that are wrong in the same several places in the same way are named together."""

from __future__ import annotations

from autograder.class_report.alike import MOST_LEARNERS, AlikeTally
from autograder.class_report.model import Alike
from autograder.feedback import Drawing, TaskReport
from autograder.graph import Graph, compare, plain, plain_difference
from tests.class_report.test_mistakes import chain
from tests.feedback.builders import check, failure, task


def handed_in(found: Graph) -> TaskReport:
    """A task for which that model was handed in."""
    differences = [plain_difference(difference) for difference in compare(found, chain("x", "y"))]
    shown = Drawing(graph=plain(found), differences=differences)
    return task([check("size", "failed", failed=failure())], drawing=shown)


def alike(*models: Graph) -> list[Alike]:
    tally = AlikeTally()
    for number, model in enumerate(models):
        tally.add(handed_in(model), f"s{number}")
    return tally.alike()


def twice_wrong(*names: str, units: int = 7) -> Graph:
    """A wrong setting, and a layer too many."""
    return chain(*names, units=units, twice=True)


def test_a_pair_with_the_same_two_mistakes_is_named_whatever_the_layers_are_called() -> None:
    other = twice_wrong("a", "b", "c", units=6)

    assert alike(twice_wrong("a", "b", "c"), other, twice_wrong("eins", "zwei", "drei")) == [
        Alike(differences=2, students=["s0", "s2"])
    ]


def test_right_models_and_single_mistakes_say_nothing() -> None:
    assert alike(chain("a", "b"), chain("c", "d"), chain("a", "b", units=7), chain("c", "d", units=7)) == []


def test_what_many_have_is_no_pair() -> None:
    several = [twice_wrong("a", "b", f"c{number}") for number in range(MOST_LEARNERS + 1)]

    assert [len(one.students) for one in alike(*several[:-1])] == [MOST_LEARNERS]
    assert alike(*several) == []
