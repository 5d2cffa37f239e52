"""The figures of a made-up class are the ones that were planted in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.class_report import (
    AssignmentFigures,
    ClassReport,
    NoReports,
    class_report,
    reports_below,
)
from autograder.feedback import ClassList, GivenScores, report_path
from autograder.messages import Localized, Message, render
from tests.class_report import classes


@pytest.fixture(scope="module")
def inception(whole: ClassReport) -> AssignmentFigures:
    return whole.assignments[0]


def test_assignments_are_in_the_courses_order_and_students_by_name(whole: ClassReport) -> None:
    assert [one.id for one in whole.assignments] == ["inception", "after-it"]
    assert whole.students == [*(f"s{number:02}" for number in range(38)), "s98"]
    assert [(one.student, one.assignment) for one in whole.scores[:3]] == [
        ("s00", "inception"),
        ("s00", "after-it"),
        ("s01", "inception"),
    ]


def test_without_a_course_they_are_by_their_ids(output: Path) -> None:
    assert [one.id for one in class_report(reports_below(output)).assignments] == ["after-it", "inception"]


def test_students_go_by_the_roster_s_names_and_then_by_their_ids(output: Path) -> None:
    names = {"s00": "Young, Ara", "s07": "Ahn, Yuna", "s03": "Ahn, Yuna", "s98": ""}
    class_list = ClassList(lambda student: names.get(student, ""), ["inception"])
    made = class_report(reports_below(output), class_list)

    assert made.students[:3] == ["s03", "s07", "s01"]
    assert made.students[-1] == "s00"
    assert made.names == {"s00": "Young, Ara", "s07": "Ahn, Yuna", "s03": "Ahn, Yuna"}
    assert [(one.student, one.assignment) for one in made.scores[-2:]] == [
        ("s00", "inception"),
        ("s00", "after-it"),
    ]


def test_scores_of_the_gradebook_go_before_those_of_the_reports(output: Path) -> None:
    """What went wrong still comes from the reports, also where the gradebook has no score."""
    given = [
        GivenScores("s00", "inception", 2.5, 4.0, {"module": 1.5, "sizes": 1.0}, ("module",)),
        GivenScores("s12", "inception", None, 4.0, {"module": 0.0, "sizes": 0.0}),
        GivenScores("s98", "inception", 0.0, 4.0, {"module": 0.0, "sizes": 0.0}),
        GivenScores("new", "inception", 4.5, 4.0, {"module": 3.0, "sizes": 1.5}, ("sizes",)),
        GivenScores("new", "essay", 1.0, 2.0, {"text": 1.0}, ("text",)),
    ]
    titles = {"essay": Localized(en="An essay")}
    paths = [path for path in reports_below(output) if path.parent.name in ("s00", "s12", "s13", "s98")]
    made = class_report(paths, ClassList(assignments=["inception"]), titles=titles, given=given)
    scores = {(one.student, one.assignment): one for one in made.scores}

    assert {key for key, one in scores.items() if one.pending} == {
        ("s12", "inception"),
        ("s13", "inception"),
        ("s00", "after-it"),
    }
    assert {key for key, one in scores.items() if one.by_hand} == {
        ("s00", "inception"),
        ("new", "inception"),
        ("new", "essay"),
    }
    assert scores["new", "inception"].report is None
    assert [(one.id, one.title.in_language("en")) for one in made.assignments[1:]] == [
        ("after-it", "After it"),
        ("essay", "An essay"),
    ]
    first = made.assignments[0]
    assert (first.submissions, first.not_graded, first.full) == (5, 2, 1)
    assert first.mean == pytest.approx((2.5 + 0 + 4.5) / 4 / 3)
    assert first.distribution == [1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1]
    module = first.tasks[0]
    assert (module.tried, module.full, module.difficulty) == (3, 0, 0.5)
    assert [one.count for one in module.mistakes] == [2]
    assert [render(said, "en").split(" is not known")[0] for said in made.left_out] == [
        "What went wrong in 2 of 7 submissions"
    ]


def test_the_scores_of_an_assignment_lie_where_they_were_put(inception: AssignmentFigures) -> None:
    """12 with 4 of 4 points, 17 with 2 of 4, 9 with none; one could not be read."""
    assert (inception.submissions, inception.not_graded, inception.not_handed_in) == (39, 1, 0)
    assert inception.distribution == [9, 0, 0, 0, 0, 17, 0, 0, 0, 0, 12]
    assert inception.full == 12
    assert inception.mean == pytest.approx((12 + 17 / 2) / 38)
    assert inception.median == 0.5
    assert inception.limits == 1
    assert inception.seconds_median == inception.seconds_most == 0.18


def test_who_has_not_handed_in_is_counted(whole: ClassReport) -> None:
    assert (whole.assignments[1].submissions, whole.assignments[1].not_handed_in) == (1, 38)


def test_every_graded_submission_is_counted_once_at_each_check(inception: AssignmentFigures) -> None:
    """Passed, failed, never come to, not tried."""
    counts = {
        check.id: (check.passed, check.failed, check.skipped, check.not_tried, check.broken)
        for task in inception.tasks
        for check in task.checks
    }

    assert counts == {"join": (29, 5, 0, 4, 0), "size": (12, 17, 5, 4, 0), "effect": (29, 5, 0, 4, 0)}
    assert [(task.tried, task.not_tried, task.full, task.limits) for task in inception.tasks] == [
        (34, 4, 12, 1),
        (34, 4, 29, 0),
    ]


def test_difficulty_is_the_share_of_the_points(inception: AssignmentFigures) -> None:
    assert inception.tasks[0].difficulty == pytest.approx((12 * 3 + 17 * 1) / (38 * 3))
    assert inception.tasks[0].checks[1].difficulty == pytest.approx(12 / 38)


def test_discrimination_is_the_point_biserial_coefficient(inception: AssignmentFigures) -> None:
    """By hand, for the first and the last check: the rest is 3 points, 1 or none."""
    passed, count = 29 / 38, 38
    rest = [3.0] * 12 + [1.0] * 17 + [0.0] * 9
    mean = sum(rest) / count
    deviation = (sum((one - mean) ** 2 for one in rest) / count) ** 0.5
    difference = sum(rest) / 29 - 0.0
    by_hand = difference / deviation * (passed * (1 - passed)) ** 0.5

    assert inception.tasks[0].checks[0].discrimination == pytest.approx(by_hand, abs=1e-6)
    assert inception.tasks[1].checks[0].discrimination == pytest.approx(by_hand, abs=1e-6)
    assert inception.tasks[1].discrimination == inception.tasks[1].checks[0].discrimination


def test_mistakes_are_told_apart_and_counted(inception: AssignmentFigures) -> None:
    module, sizes = inception.tasks

    assert [(one.kind, one.count) for one in module.mistakes] == [
        ("difference", classes.POOL),
        ("error", classes.UNDEFINED),
        ("value", classes.SMALL),
        ("value", classes.SMALLER),
    ]
    assert [(one.kind, one.count) for one in sizes.mistakes] == [("value", classes.UNDEFINED)]


def test_one_mistake_is_said_in_the_words_that_most_have_read(inception: AssignmentFigures) -> None:
    """Two names of one layer are one mistake, and so are different lines with the same error."""
    pool, undefined, small, _ = inception.tasks[0].mistakes

    assert pool.students == [f"s{number}" for number in range(12, 23)]
    assert isinstance(pool.message.values["layer"], Message)
    assert "branch_c" in str(pool.message.values)
    assert pool.example.student == "s12"
    assert Path(pool.example.report).is_file()
    assert undefined.lines == ["y = x0", "y = x1"]
    assert (small.found, small.wanted) == (classes.sized(26).found, classes.sized(26).wanted)


def test_what_nobody_has_begun_is_no_mistake(inception: AssignmentFigures) -> None:
    idle = {f"s{number}" for number in range(34, 38)}

    assert not any(idle & {*one.students} for task in inception.tasks for one in task.mistakes)


def test_a_damaged_report_is_left_out_and_named(tmp_path: Path) -> None:
    output = classes.written(classes.submissions()[:2], tmp_path)
    damaged = report_path(output, "s01", "inception")
    damaged.write_text(damaged.read_text(encoding="utf-8").replace('"score": 4.0', '"score": 5.0'), "utf-8")

    summed = class_report(reports_below(output))

    assert summed.students == ["s00"]
    assert [str(damaged)] == [said.values["path"] for said in summed.left_out]
    damaged.write_text("{", "utf-8")
    with pytest.raises(NoReports, match=str(damaged)):
        class_report([damaged])


def test_reports_are_found_in_their_folder_and_in_the_one_above(output: Path, tmp_path: Path) -> None:
    assert reports_below(output) == reports_below(output / "reports")
    with pytest.raises(NoReports, match="There are no reports in"):
        reports_below(tmp_path)


def test_a_folder_of_any_name_is_read_and_written_down(tmp_path: Path) -> None:
    """Its name is bytes to the system, and the report on the class is text."""
    output = classes.written(classes.submissions()[:1], tmp_path / os.fsdecode(b"\xff"))

    report = class_report(reports_below(output))

    assert report.students == ["s00"]
    assert report.model_dump_json()
