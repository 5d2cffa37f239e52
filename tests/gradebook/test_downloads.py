"""Names as Canvas, Moodle and Blackboard write them."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from pathlib import Path, PurePath

import pytest

from autograder.gradebook.downloads import copy_number, read_downloads, readings, within_another
from autograder.gradebook.roster import Listed, Roster

NOON = datetime(2026, 11, 20, 12, 0, 0)


def told(name: str) -> tuple:
    (reading,) = readings(name)
    return reading.platform, reading.who, reading.number, reading.file, reading.late, reading.attempt


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "kimseoyeon_12345_67890_inception.ipynb",
            ("canvas", "kimseoyeon", "12345", "inception.ipynb", False, None),
        ),
        (
            "김서연_LATE_12345_67890_과제_최종.ipynb",
            ("canvas", "김서연", "12345", "과제_최종.ipynb", True, None),
        ),
        (
            "oneil_1_2_O'Neil, Mary-Ann (1).ipynb",
            ("canvas", "oneil", "1", "O'Neil, Mary-Ann (1).ipynb", False, None),
        ),
        ("kim_1_2_3_4_x.ipynb", ("canvas", "kim", "1", "3_4_x.ipynb", False, None)),
        ("LATE_anon_Ab3xZ_67890_x.ipynb", ("canvas", "Ab3xZ", "", "x.ipynb", True, None)),
        ("kim_LATE_12345_text.html", ("canvas", "kim", "12345", "", True, None)),
        (
            "김서연_1234567_assignsubmission_file_inception.ipynb",
            ("moodle", "김서연", "1234567", "inception.ipynb", False, None),
        ),
        (
            "O'Neil-Smith, Mary Ann_7_assignsubmission_file_",
            ("moodle", "O'Neil-Smith, Mary Ann", "7", "", False, None),
        ),
        ("김서연_1234567_assignsubmission_file", ("moodle", "김서연", "1234567", "", False, None)),
        (
            "Inception_kim.s_attempt_2026-11-20-12-00-00_inception.ipynb",
            ("blackboard", "kim.s", "", "inception.ipynb", False, NOON),
        ),
        (
            "인셉션 과제_2026123_attempt_2026-11-20-12-00-00_a_attempt_b.ipynb",
            ("blackboard", "2026123", "", "a_attempt_b.ipynb", False, NOON),
        ),
    ],
)
def test_a_name_says_whose_the_file_is(name: str, said: tuple) -> None:
    """However its syllables are put together."""
    assert told(name) == said
    assert told(unicodedata.normalize("NFD", name)) == said


@pytest.mark.parametrize(
    "name",
    [
        "inception.ipynb",
        "kim_inception.ipynb",
        "kim_1_inception.ipynb",
        "x_kim_attempt_2026-13-40-10-30-15_x.ipynb",
        "x_kim_attempt_0001-01-01-00-00-00_x.ipynb",
        "x_kim_attempt_9999-12-31-23-59-59_x.ipynb",
        "",
    ],
)
def test_other_names_say_nothing(name: str) -> None:
    assert readings(name) == []


def test_what_blackboard_writes_beside_an_attempt_is_a_companion() -> None:
    """A student's own .txt file is none."""
    (companion,) = readings("Inception_kim.s_attempt_2026-11-20-12-00-00.txt")
    (own,) = readings("Inception_kim.s_attempt_2026-11-20-12-00-00_notes.txt")

    assert (companion.companion, own.companion) == (True, False)


def test_canvas_counts_what_is_handed_in_again() -> None:
    assert [
        readings(f"kim_1_2_{name}")[0].series for name in ("a.ipynb", "a-1.ipynb", "a-12.ipynb", "b-c.ipynb")
    ] == [
        ("a", 0),
        ("a", 1),
        ("a", 12),
        ("b-c", 0),
    ]


def test_a_browser_counts_what_it_saves_again() -> None:
    assert [copy_number(name) for name in ("a.ipynb", "a (1).ipynb", "a(12).ipynb", "a (b).ipynb")] == [
        0,
        1,
        12,
        0,
    ]


def test_a_folder_or_an_archive_of_a_student_says_whose_it_is() -> None:
    """Whatever the files within are called: those names are the student's."""
    files = [
        PurePath("download/김서연_1234567_assignsubmission_file/work/이하늘_7_assignsubmission_file_x.ipynb"),
        PurePath("kim_1_2_stuff/lee_3_4_x.ipynb"),
        PurePath("park_5_6_x.ipynb"),
        PurePath("choi_7_8_x.ipynb"),
    ]
    found = read_downloads(files)

    assert [found[file].who for file in files] == ["김서연", "kim", "park", "choi"]
    assert found[files[1]].file == "lee_3_4_x.ipynb"


def test_a_class_s_archive_may_be_called_like_a_student_s() -> None:
    """`gradebook_CS_1_2_Inception` is how Blackboard calls one."""
    files = [
        PurePath(f"gradebook_CS_1_2_Inception/Inception_{who}_attempt_2026-11-20-12-00-00_x.ipynb")
        for who in ("kim.s", "lee.h")
    ]

    assert [read_downloads(files)[file].who for file in files] == ["kim.s", "lee.h"]


def test_nobody_hands_in_for_another_by_a_file_s_name() -> None:
    """What two platforms may have written is the one's that wrote the others."""
    sly = PurePath("kim_1_2_Inception_lee_attempt_2026-11-20-12-00-00_x.ipynb")
    canvas = [sly, PurePath("lee_3_4_x.ipynb"), PurePath("park_5_6_x.ipynb")]
    week = PurePath("Week_1_2_a_kim_attempt_2026-11-20-12-00-00_x.ipynb")
    blackboard = [week, PurePath("Inception_lee_attempt_2026-11-20-12-00-00_x.ipynb")]

    assert read_downloads(canvas)[sly].who == "kim"
    assert read_downloads(blackboard)[week].who == "kim"


def test_nobody_hands_in_for_another_by_an_archive() -> None:
    """Of a class of two, too, if its files were put there one by one."""
    files = [PurePath("kim_1_2_work/lee_3_4_x.ipynb"), PurePath("lee_3_9_x.ipynb")]

    assert [read_downloads(files)[file].who for file in files] == ["kim", "lee"]


@pytest.mark.parametrize(
    "outer",
    [
        "kim_1_2_.zip",
        "kim_1_2_",
        "kim_1_2_work.zip",
        "Inception_kim_attempt_2026-11-20-12-00-00_.zip",
        "Inception_kim_attempt_2026-11-20-12-00-00_",
        "kim_1_assignsubmission_file_.zip",
        "kim_1_assignsubmission_file_",
    ],
)
@pytest.mark.parametrize(
    "inner",
    [
        "lee_3_4_x.ipynb",
        "lee_3_assignsubmission_file_x.ipynb",
        "Inception_lee_attempt_2026-11-20-12-00-00_x.ipynb",
    ],
)
@pytest.mark.parametrize("above", ["", "submissions.zip/"])
def test_the_outer_name_is_the_owner_s_even_alone(outer: str, inner: str, above: str) -> None:
    """Whatever is in it, on whichever platform; an archive called `.zip` has no name of its own."""
    file = PurePath(f"{above}{outer}/{inner}")
    found = read_downloads([file])[file]

    assert found is not None
    assert found.who == "kim"
    assert within_another(file, found)


def test_the_roster_knows_where_a_name_begins() -> None:
    """A group's name goes before Moodle's names; a Blackboard user name may have underscores."""
    roster = Roster(
        Path("roster.csv"),
        (Listed("ann", 2, name="Mary-Ann Lee"), Listed("kim", 3, blackboard_username="kim_s")),
    )
    (moodle,) = readings("Group A-Mary-Ann Lee_7_assignsubmission_file_x.ipynb")
    (blackboard,) = readings("My_title_kim_s_attempt_2026-11-20-12-00-00_x.ipynb")

    assert [listed.student_id for listed in moodle.listed(roster)] == ["ann"]
    assert [listed.student_id for listed in blackboard.listed(roster)] == ["kim"]
