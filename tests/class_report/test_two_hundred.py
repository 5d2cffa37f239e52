"""A class of 200 with planted mistakes, checks and pairs: the report finds just these."""

from __future__ import annotations

import pytest

from autograder.class_report import AssignmentFigures, class_report, reports_below
from autograder.class_report.model import Alike, SameText
from tests.class_report import classes
from tests.class_report.two_hundred import APART, FEW, GROUPS, SINGLE, passes, students, submissions


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> AssignmentFigures:
    output = classes.written([*submissions()], tmp_path_factory.mktemp("two hundred"))
    (assignment,) = class_report(reports_below(output)).assignments
    return assignment


def point_biserial(check: str) -> float:
    """The coefficient of a single check with the rest of the points, by its textbook's formula."""
    points = {"full": 3.0, "undefined": 0.0, "idle": 0.0}
    rows = []
    number = 0
    for group in GROUPS:
        for _ in range(group.count):
            got = {name: passes(number, group.name, name) for name in SINGLE}
            rest = points.get(group.name, 1.0) + sum(passed for name, passed in got.items() if name != check)
            rows.append((got[check], rest))
            number += 1
    rest_of = [[rest for passed, rest in rows if passed is way] for way in (True, False)]
    mean = sum(rest for _, rest in rows) / len(rows)
    deviation = (sum((rest - mean) ** 2 for _, rest in rows) / len(rows)) ** 0.5
    share = len(rest_of[0]) / len(rows)
    with_it, without = (sum(some) / len(some) for some in rest_of)
    return (with_it - without) / deviation * (share * (1 - share)) ** 0.5


def test_just_what_was_planted_is_found(found: AssignmentFigures) -> None:
    """Classes of mistakes, how many, who, how difficult, what tells apart, and whose answers are alike."""
    module, *single = found.tasks
    units, undefined = sorted([*students("units"), *students("two")]), students("undefined")
    right, wrong = students("full"), students("units")

    assert (found.submissions, found.full, sum(found.distribution)) == (200, 0, 200)
    assert [(one.kind, one.count, one.students) for one in module.mistakes] == [
        ("difference", 26, units),
        ("difference", 18, students("skip")),
        ("error", 15, undefined),
        ("value", 12, students("sized 26")),
        ("difference", 10, students("extra")),
        ("difference", 6, students("six")),
        ("value", 5, students("sized 25")),
        ("difference", 3, students("three")),
    ]
    assert module.mistakes[2].lines == ["y = x0", "y = x1"]
    assert [(one.full, one.tried, one.not_tried) for one in found.tasks] == [
        (86, 181, 19),
        (86, 181, 19),
        (91, 181, 19),
        (95, 181, 19),
    ]
    assert {one.id: one.discrimination for one in single} == {
        name: pytest.approx(point_biserial(name), abs=1e-6) for name in SINGLE
    }
    assert [one.checks[0].discrimination for one in single] == [one.discrimination for one in single]
    assert [round(one.discrimination or 0, 3) for one in single] == [0.666, 0.185, -0.649]
    assert [one.difficulty for one in single] == pytest.approx([86 / 200, 91 / 200, 95 / 200])
    assert module.map is not None
    assert (module.map.learners, module.map.elsewhere) == (24 + 18 + 10 + 2 + 3 + 6, 10 + 2 + 3 + 6)
    assert [(at.call, at.count) for at in module.map.calls] == [(1, 24 + 2 + 3 + 6), (2, 18)]
    assert module.alike == [
        Alike(differences=2, students=students("two")),
        Alike(differences=2, students=students("three")),
    ]
    assert module.same_text == [
        SameText(
            students=[wrong[0], wrong[5]],
            characters=6 * 39,
            right=False,
            passages=["\n".join(lines) for lines in APART],
        ),
        SameText(students=right[:2], characters=4 * 39, right=True, passages=["\n".join(FEW)]),
    ]
    assert [(one.alike, one.same_text) for one in single] == [([], [])] * 3
