"""The map counts at each call and wire of the wanted graph how many learners went wrong there."""

from __future__ import annotations

from autograder.class_report import ClassReport
from autograder.class_report.model import TaskMap
from autograder.class_report.pages import drawing_of
from autograder.class_report.task_map import MapTally
from autograder.feedback import Drawing, Target
from autograder.graph import Graph, compare, outline, plain, plain_difference
from tests.class_report import classes
from tests.class_report.test_mistakes import chain
from tests.feedback.builders import check, failure, task
from tests.graph.builders import inception


def map_of(*found: Graph, wanted: Graph) -> TaskMap | None:
    """The map of a task that those models were handed in for; the target is shown in outline."""
    tally = MapTally()
    for graph in found:
        differences = [plain_difference(difference) for difference in compare(graph, wanted)]
        failed = task([check("size", "failed", failed=failure())])
        drawing = Drawing(graph=plain(graph), differences=differences)
        target = Target(graph=plain(outline(wanted)), shows="outline")
        tally.add(failed.model_copy(update={"drawing": drawing, "target": target}))
    return tally.task_map()


def test_the_planted_mistake_is_at_its_call_and_nowhere_else(whole: ClassReport) -> None:
    (pool,) = inception().of_kind("AveragePooling2D")
    drawn = whole.assignments[0].tasks[0].map

    assert drawn is not None
    assert (drawn.learners, drawn.elsewhere) == (classes.POOL, 0)
    assert [(at.call, at.count) for at in drawn.calls] == [(pool.id, classes.POOL)]
    assert [(mark.kind, mark.calls, mark.wires, mark.count) for mark in drawn.marks] == [
        ("setting", [pool.id], [], classes.POOL)
    ]
    assert whole.assignments[0].tasks[1].map is None


def test_places_are_counted_whatever_learners_call_their_layers() -> None:
    """Two read the wrong tensor, one has a wrong setting, and one a layer too many."""
    drawn = map_of(
        chain("a", "b", skip=True),
        chain("eins", "zwei", skip=True),
        chain("one", "two", units=7),
        chain("a", "b", "c", twice=True),
        wanted=chain("x", "y"),
    )

    assert drawn is not None
    assert (drawn.learners, drawn.elsewhere) == (4, 1)
    assert [(mark.kind, mark.calls, mark.wires, mark.count) for mark in drawn.marks] == [
        ("edge", [2], [(1, 2)], 2),
        ("setting", [1], [], 1),
    ]
    assert [(at.call, at.count) for at in drawn.calls] == [(1, 1), (2, 2)]


def test_the_graph_that_most_were_compared_with_is_drawn() -> None:
    """A function is called on inputs of several sizes, and may give a graph of another length for each."""
    tally = MapTally()
    for wanted in (chain("x", "y"), chain("x", "y", "z", twice=True), chain("x", "y", "z", twice=True)):
        wrong = chain("a", "b", "c", skip=True, twice=len(wanted.calls) > 4)
        differences = [plain_difference(difference) for difference in compare(wrong, wanted)]
        failed = task([check("size", "failed", failed=failure())])
        drawing = Drawing(graph=plain(wrong), differences=differences)
        target = Target(graph=plain(wanted), shows="everything")
        tally.add(failed.model_copy(update={"drawing": drawing, "target": target}))
    drawn = tally.task_map()

    assert drawn is not None
    assert (drawn.learners, len(drawn.graph["calls"])) == (2, 5)


def test_without_a_target_there_is_no_map() -> None:
    tally = MapTally()
    tally.add(task([check("size", "failed", failed=failure())], drawing=classes.pooled(classes.NAMES[0])))

    assert tally.task_map() is None


def test_the_drawing_says_how_many_in_words_at_the_call_and_below(whole: ClassReport) -> None:
    drawn = whole.assignments[0].tasks[0].map
    assert drawn is not None

    english, korean = drawing_of(drawn, "en"), drawing_of(drawn, "ko")

    assert "11 of 11 went wrong here" in english
    assert "11 of 11: In " in english
    assert 'class="differs"' in english
    assert "11명 중 11명이 여기서 틀림" in korean
