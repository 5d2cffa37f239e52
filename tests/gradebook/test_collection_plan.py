"""Of a class's download each student's newest notebook of the assignment is collected, the rest is said."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path, PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course import Course, load_course
from autograder.gradebook.collect import Collected, Plan, _made_ids, plan_collection
from autograder.gradebook.downloads import Download
from autograder.gradebook.roster import Listed, Roster, is_student_id
from autograder.messages import render
from tests.gradebook.courses import ROOT
from tests.gradebook.downloaded import notebook, put

INCEPTION = notebook("branch-sizes", "inception-module")
OTHER = notebook("two-inputs", "feed-by-name")
SCRATCH = notebook()


@pytest.fixture(scope="module")
def course() -> Course:
    return load_course(ROOT / "course.yml")


def planned(root: Path, course: Course, files: dict[str, str | bytes], roster: Roster | None = None) -> Plan:
    for name, content in files.items():
        put(root, name, content)
    paths = sorted(path.relative_to(root) for path in root.rglob("*") if path.is_file())
    return plan_collection(root, paths, course, course.assignment("inception"), roster)


def collected(plan: Plan) -> dict[str, tuple[str, str]]:
    return {str(path): (entry.student_id, entry.file_id) for path, entry in plan.collected.items()}


def said(plan: Plan) -> list[str]:
    return [render(message, "en") for messages in plan.said.values() for message in messages]


def test_a_notebook_is_known_by_its_cells(tmp_path: Path, course: Course) -> None:
    """By nbgrader's metadata, or by the lines that are graded where an editor has dropped it."""
    bare = notebook("inception-network", marked=False)
    plan = planned(
        tmp_path,
        course,
        {
            "kim_1_10_과제_최종.ipynb": INCEPTION,
            "lee_2_11_inception (1).ipynb": bare,
            "park_3_12_inception.ipynb": OTHER,
            "choi_4_13_capstone.ipynb": notebook("branch-sizes", "two-inputs"),
        },
    )

    assert collected(plan) == {
        "kim_1_10_과제_최종.ipynb": ("kim-1", "inception.ipynb"),
        "lee_2_11_inception (1).ipynb": ("lee-2", "inception.ipynb"),
        "choi_4_13_capstone.ipynb": ("choi-4", "inception.ipynb"),
    }
    assert said(plan) == [
        "park_3_12_inception.ipynb is skipped: its cells belong to `multi-input`, and `inception` is being "
        "collected. Collect `multi-input` with it."
    ]


@pytest.mark.parametrize("content", ["", "{", "[]", b"\xff\xfe", '{"cells": 1}'])
def test_what_cannot_be_read_is_collected_and_said(
    tmp_path: Path, course: Course, content: str | bytes
) -> None:
    """The grader's report tells the student."""
    plan = planned(tmp_path, course, {"kim_1_10_work.ipynb": content})

    assert collected(plan) == {"kim_1_10_work.ipynb": ("kim-1", "inception.ipynb")}
    assert said(plan)[0].endswith("It is collected anyway, and its report will say so.")


def test_a_notebook_without_a_task_is_collected_and_said(tmp_path: Path, course: Course) -> None:
    plan = planned(tmp_path, course, {"kim_1_10_work.ipynb": SCRATCH})

    assert collected(plan) == {"kim_1_10_work.ipynb": ("kim-1", "inception.ipynb")}
    assert said(plan) == [
        "kim_1_10_work.ipynb has no cell of a task of the course; it is collected as `inception` anyway."
    ]


@pytest.mark.parametrize(
    ("files", "winner"),
    [
        # Canvas: the last of a series, however its ids run; of two series the later upload.
        (["kim_1_30_a.ipynb", "kim_1_20_a-1.ipynb", "kim_LATE_1_10_a-2.ipynb"], "kim_LATE_1_10_a-2.ipynb"),
        (["kim_1_20_a-9.ipynb", "kim_1_20_a-10.ipynb"], "kim_1_20_a-10.ipynb"),
        (["kim_1_10_b-7.ipynb", "kim_1_20_a.ipynb"], "kim_1_20_a.ipynb"),
        # Blackboard: the last attempt.
        (
            [
                "I_kim_attempt_2026-11-20-10-30-15_b.ipynb",
                "I_kim_attempt_2026-11-21-10-30-15_a.ipynb",
                "I_kim_attempt_2026-11-19-10-30-15_c.ipynb",
            ],
            "I_kim_attempt_2026-11-21-10-30-15_a.ipynb",
        ),
        # Moodle: what a browser had saved again.
        (
            ["김_1_assignsubmission_file/a.ipynb", "김_1_assignsubmission_file/a (2).ipynb"],
            "김_1_assignsubmission_file/a (2).ipynb",
        ),
    ],
)
def test_the_newest_is_collected_and_the_others_are_said(
    tmp_path: Path, course: Course, files: list[str], winner: str
) -> None:
    plan = planned(tmp_path, course, dict.fromkeys(files, INCEPTION))

    assert list(collected(plan)) == [winner]
    assert sorted(
        sentence.split(" is skipped:")[0] for sentence in said(plan) if "skipped" in sentence
    ) == sorted(set(files) - {winner})
    assert all(f"{winner} is the newest" in sentence for sentence in said(plan) if "skipped" in sentence)


def test_a_scratch_notebook_beside_the_assignment_is_not_it(tmp_path: Path, course: Course) -> None:
    """Even if it was handed in later; a broken one is, for the student has to be told."""
    scratch = planned(tmp_path / "a", course, {"kim_1_10_a.ipynb": INCEPTION, "kim_1_20_b.ipynb": SCRATCH})
    broken = planned(tmp_path / "b", course, {"kim_1_10_a.ipynb": INCEPTION, "kim_1_20_a-1.ipynb": "{"})

    assert list(collected(scratch)) == ["kim_1_10_a.ipynb"]
    assert list(collected(broken)) == ["kim_1_20_a-1.ipynb"]


def test_who_hands_in_no_notebook_is_not_lost(tmp_path: Path, course: Course) -> None:
    """And does not set the time of the submission."""
    plan = planned(
        tmp_path,
        course,
        {
            "김_1_assignsubmission_file_/timestamp.txt": "2020-01-01",
            "김_1_assignsubmission_file_/a/photo.png": b"",
            "김_1_assignsubmission_file_/b/photo.png": b"",
        },
    )

    assert sorted(collected(plan).values()) == [
        ("김", "photo (2).png"),
        ("김", "photo.png"),
        ("김", "timestamp (2).txt"),
    ]
    assert len(said(plan)) == 3


def test_companions_and_what_lies_beside_a_notebook_are_not_collected(tmp_path: Path, course: Course) -> None:
    plan = planned(
        tmp_path,
        course,
        {
            "I_kim_attempt_2026-11-20-10-30-15.txt": "Name: Kim",
            "I_kim_attempt_2026-11-20-10-30-15_a.ipynb": INCEPTION,
            "I_kim_attempt_2026-11-20-10-30-15_a.png": b"",
            "I_lee_attempt_2026-11-20-10-30-15.txt": "Name: Lee",
        },
    )

    assert list(collected(plan)) == ["I_kim_attempt_2026-11-20-10-30-15_a.ipynb"]


def test_blackboard_s_times_are_of_the_course_s_zone(tmp_path: Path, course: Course) -> None:
    """Half past ten in Seoul is half past one in Greenwich."""
    blackboard = course.platforms.blackboard.model_copy(update={"timezone": "Asia/Seoul"})
    platforms = course.platforms.model_copy(update={"blackboard": blackboard})
    seoul = course.model_copy(update={"platforms": platforms})
    name = "I_kim_attempt_2026-11-20-10-30-15_a.ipynb"
    plan = planned(tmp_path, seoul, {name: INCEPTION})

    assert plan.collected == {
        PurePath(name): Collected("kim", "inception.ipynb", datetime(2026, 11, 20, 1, 30, 15))
    }


def test_a_late_mark_is_said(tmp_path: Path, course: Course) -> None:
    plan = planned(tmp_path, course, {"kim_LATE_1_10_a.ipynb": INCEPTION})

    assert said(plan) == [
        "kim_LATE_1_10_a.ipynb: Canvas marks it as late, but does not say by how much, "
        "so no points are deducted. To deduct points, write the time into "
        "timestamp.txt of the submission of `kim-1`, like this: 2026-11-20 23:00:00 +0900"
    ]


def test_what_is_named_like_another_s_is_said_and_is_the_owner_s(tmp_path: Path, course: Course) -> None:
    """Once of each archive: a class's own download may be called like a student's file."""
    plan = planned(
        tmp_path,
        course,
        {"kim_1_2_.zip/lee_3_4_a.ipynb": INCEPTION, "kim_1_2_.zip/park_5_6_a.ipynb": INCEPTION},
    )

    assert [student for student, _ in collected(plan).values()] == ["kim-1"]
    assert [sentence for sentence in said(plan) if "is named like" in sentence] == [
        "kim_1_2_.zip/lee_3_4_a.ipynb is named like the download of somebody else, but lies in what "
        "`kim-1` has handed in, and counts as that. Should kim_1_2_.zip be the download of a class, "
        "rename it to submissions.zip and collect again."
    ]


def test_a_file_of_no_platform_is_said(tmp_path: Path, course: Course) -> None:
    plan = planned(tmp_path, course, {"inception.ipynb": INCEPTION})

    assert collected(plan) == {}
    assert said(plan) == [
        "inception.ipynb is skipped: its name does not come from Canvas, Moodle or "
        "Blackboard, so its owner is unknown. Put the file into the archive folder as "
        "it was downloaded."
    ]


def test_the_roster_says_who_it_is_and_strangers_are_said(tmp_path: Path, course: Course) -> None:
    """A stranger is collected, and never as somebody who is listed."""
    roster = Roster(
        Path("roster.csv"),
        (Listed("2026-001", 2, canvas_id="1"), Listed("lee-2", 3, canvas_id="7"), Listed("a", 4, name="Park"),
         Listed("b", 5, name="Park")),
    )  # fmt: skip
    plan = planned(
        tmp_path,
        course,
        {"kim_1_10_a.ipynb": INCEPTION, "lee_2_11_a.ipynb": INCEPTION, "park_3_12_a.ipynb": INCEPTION},
        roster,
    )
    ids = {path: student for path, (student, _) in collected(plan).items()}
    stranger = ids["lee_2_11_a.ipynb"]

    assert (ids["kim_1_10_a.ipynb"], ids["park_3_12_a.ipynb"]) == ("2026-001", "park-3")
    assert stranger.startswith("lee-2-")
    assert said(plan) == [
        f"lee_2_11_a.ipynb: its owner is not in roster.csv, so it is collected for `{stranger}`. Add "
        "a line with `canvas_id` 2, or add that to the student's line, and collect again.",
        "park_3_12_a.ipynb: several lines of roster.csv may be meant, so it is collected for `park-3`. Add "
        "`canvas_id` 3 to the right line and collect again.",
    ]


def test_two_of_one_name_are_two(tmp_path: Path, course: Course) -> None:
    """Moodle's number parts them where no roster does."""
    files = [f"김서연_{number}_assignsubmission_file_a.ipynb" for number in (11, 12)]
    plan = planned(tmp_path, course, dict.fromkeys(files, INCEPTION))

    assert [student for student, _ in collected(plan).values()] == ["김서연-11", "김서연-12"]


downloads = st.builds(
    Download,
    st.sampled_from(["canvas", "moodle", "blackboard"]),
    st.one_of(st.sampled_from(["..", ".", "a/b", "a b", "A-B", "O'Neil", "김 서연"]), st.text(max_size=200)),
    st.sampled_from(["", "1", "2"]),
)


@given(st.lists(downloads, max_size=8, unique_by=lambda download: download.person))
def test_each_stranger_has_a_folder_of_their_own(strangers: list[Download]) -> None:
    """A valid name, another one for each even where case is not told apart, and none that is listed."""
    roster = Roster(Path("roster.csv"), (Listed("a-b", 2), Listed("a-1", 3)))
    made = _made_ids(strangers, roster)

    assert made.keys() == {download.person for download in strangers}
    assert len({name.casefold() for name in made.values()} | {"a-b", "a-1"}) == len(strangers) + 2
    assert [name for name in made.values() if not is_student_id(name)] == []


def test_two_of_one_name_have_folders_that_can_be_made_however_long_their_numbers_are() -> None:
    made = _made_ids([Download("moodle", "kim", f"{'9' * 200}{last}") for last in (1, 2)], None)

    assert len(set(made.values())) == 2
    assert [name for name in made.values() if not is_student_id(name)] == []
