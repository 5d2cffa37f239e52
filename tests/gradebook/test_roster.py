"""The class list is read as spreadsheets write it; what is wrong with it is a sentence with its line."""

from __future__ import annotations

import csv
import io
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course import Course, load_course
from autograder.gradebook import roster
from autograder.gradebook.roster import MOST_FAULTS, Listed, Roster, RosterError, course_roster, load_roster
from autograder.messages import render
from tests.gradebook.courses import ROOT


def roster_of(folder: Path, text: str, encoding: str = "utf-8") -> Roster:
    path = folder / "roster.csv"
    path.write_bytes(text.encode(encoding))
    return load_roster(path)


@pytest.fixture(scope="module")
def course() -> Course:
    return load_course(ROOT / "course.yml")


def ids(found) -> list[str]:
    return [listed.student_id for listed in found]


def notes(roster: Roster) -> list[str]:
    return [render(said, "en") for said in roster.notes]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_spreadsheets_write_it_in_many_ways(tmp_path: Path, encoding: str, separator: str, end: str) -> None:
    """With a byte order mark or without, commas, semicolons or tabs, either kind of line end."""
    text = f"student_id,name,Email{end}kim,김서연,kim@example.com{end}{end}lee,이하늘{end}"
    roster = roster_of(tmp_path, text.replace(",", separator), encoding)

    assert [(listed.student_id, listed.name, listed.email) for listed in roster.students] == [
        ("kim", "김서연", "kim@example.com"),
        ("lee", "이하늘", ""),
    ]
    assert notes(roster) == []


def test_lines_are_counted_as_an_editor_does(tmp_path: Path) -> None:
    """A quoted field may go over several lines."""
    roster = roster_of(tmp_path, 'student_id,name\nkim,"Kim\nSeoyeon"\n\nlee,Lee\n')

    assert [listed.line for listed in roster.students] == [2, 5]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("kim,Seoyeon,Kim,", "Kim, Seoyeon"),
        ("kim,서연,김,", "김서연"),
        ("kim,,,Kim Seoyeon", "Kim Seoyeon"),
        ("kim,,Kim,", "Kim"),
        ("kim,,,", ""),
    ],
)
def test_a_student_has_a_name_to_be_sorted_by(tmp_path: Path, line: str, name: str) -> None:
    """Whatever the roster has of it, and however the folder's name is composed."""
    roster = roster_of(tmp_path, f"student_id,first_name,last_name,name\n{line}\n이,,,Lee\n")

    assert roster.name_of("kim") == name
    assert roster.name_of(unicodedata.normalize("NFD", "이")) == "Lee"
    assert roster.name_of("nobody") == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "name,email\nKim,\n",
            "roster.csv, line 1: the heading has no column `student_id`; it names the folder of each "
            "student's submissions.",
        ),
        (
            "",
            "roster.csv, line 1: the heading has no column `student_id`; it names the folder of each "
            "student's submissions.",
        ),
        (
            "student_id,email,email\n",
            "roster.csv, line 1: the column `email` appears twice; keep one.",
        ),
        (
            "student_id,name\nkim,Kim\n,Lee\n",
            "roster.csv, line 3: `student_id` is empty; name the folder of the student's submissions.",
        ),
        (
            "student_id\n../../etc\n",
            'roster.csv, line 2: `student_id` is "../../etc", which cannot be the name of a folder; use '
            "letters, digits, hyphens.",
        ),
        (
            "student_id,name\nkim,Kim, Seoyeon\n",
            "roster.csv, line 2: the line has 3 fields, the heading 2 columns; put a field "
            "that contains the separator into quotation marks.",
        ),
        (
            'student_id,name\nkim,"Kim\n',
            "roster.csv, line 2: a quotation mark is left open or is in the middle of a "
            "field; put the field into quotation marks, and double those inside it.",
        ),
    ],
)
def test_a_fault_is_a_sentence_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(RosterError) as raised:
        roster_of(tmp_path, text)

    assert [render(message, "en") for message in raised.value.messages] == [said]


def test_every_faulty_line_is_said(tmp_path: Path) -> None:
    with pytest.raises(RosterError) as raised:
        roster_of(tmp_path, "student_id,name\n,Kim\nlee,Lee\n.,Park\n")

    assert ["line 2" in str(raised.value), "line 4" in str(raised.value)] == [True, True]
    assert len(raised.value.messages) == 2


def test_thousands_of_faulty_lines_are_counted(tmp_path: Path) -> None:
    with pytest.raises(RosterError) as raised:
        roster_of(tmp_path, "student_id,name\n" + ",Kim\n" * 1000)

    assert len(raised.value.messages) == MOST_FAULTS + 1
    assert str(raised.value).endswith(f"roster.csv: more lines like these: {1000 - MOST_FAULTS}.")


def test_what_is_not_there_or_not_utf_8_is_said(tmp_path: Path) -> None:
    with pytest.raises(RosterError, match=r"nowhere\.csv does not exist: put the class list there"):
        load_roster(tmp_path / "nowhere.csv")
    with pytest.raises(RosterError, match="not text in UTF-8: in the spreadsheet, save it as"):
        roster_of(tmp_path, "student_id,name\nkim,김서연\n", "cp949")


def test_a_student_twice_is_said_and_read_once(tmp_path: Path) -> None:
    roster = roster_of(tmp_path, "student_id,email\nkim,a@example.com\nkim,b@example.com\n")

    assert [listed.email for listed in roster.students] == ["a@example.com"]
    assert notes(roster) == [
        "roster.csv, line 3: `kim` is already in line 2; this line is not read. Delete one of the two."
    ]


def test_an_id_of_two_students_is_neither_s(tmp_path: Path) -> None:
    """Else one of them would get the other's grades."""
    roster = roster_of(tmp_path, "student_id,canvas_id\nkim,7\nlee,7\npark,8\n")

    assert [listed.canvas_id for listed in roster.students] == ["", "", "8"]
    assert notes(roster) == [
        'roster.csv, lines 2, 3: `canvas_id` is "7" in each of them, so it is used for none. Correct it.'
    ]


def test_a_misspelt_column_is_said(tmp_path: Path) -> None:
    (said,) = notes(roster_of(tmp_path, "student_id,canvasid\nkim,7\n"))

    assert said.startswith(
        "roster.csv: the column `canvasid` is not read; the roster's columns are `student_id`"
    )


def test_korean_names_are_found_composed_or_not(tmp_path: Path) -> None:
    """macOS takes syllables apart, in the roster or in the download."""
    for form in ("NFC", "NFD"):
        roster = roster_of(tmp_path, unicodedata.normalize(form, "student_id,name\n김서연,김서연\n"))
        for other in ("NFC", "NFD"):
            asked = unicodedata.normalize(other, "김서연")

            assert ids(roster.on_moodle(asked, "1")) == ["김서연"]
            assert roster.student(asked) == roster.students[0]


def test_canvas_knows_by_id_and_else_by_name(tmp_path: Path) -> None:
    """A name never overrules an id: two Kims may be one name and two students."""
    roster = roster_of(
        tmp_path,
        "student_id,canvas_id,last_name,first_name\nkim1,7,Kim,Seoyeon\nkim2,,Kim,Seoyeon\n"
        "o,,O'Neil,Mary Ann\n",
    )

    assert ids(roster.on_canvas("7", "whoever")) == ["kim1"]
    assert ids(roster.on_canvas("8", "kimseoyeon")) == ["kim2"]
    assert ids(roster.on_canvas("9", "oneilmaryann")) == ["o"]
    assert ids(roster.on_canvas("9", "nobody")) == []


def test_moodle_s_number_only_parts_people_of_one_name(tmp_path: Path) -> None:
    """It is another one for each assignment, and may be somebody else's `moodle_id`."""
    roster = roster_of(
        tmp_path, "student_id,name,moodle_id\nkim1,김서연,11\nkim2,김서연,12\nlee,이하늘,13\nbare,,14\n"
    )

    assert ids(roster.on_moodle("이하늘", "12")) == ["lee"]
    assert ids(roster.on_moodle("김서연", "12")) == ["kim2"]
    assert ids(roster.on_moodle("김서연", "99")) == ["kim1", "kim2"]
    assert ids(roster.on_moodle("박지우", "13")) == []
    assert ids(roster.on_moodle("박지우", "14")) == ["bare"]


def test_blackboard_knows_by_user_name_whatever_its_case(tmp_path: Path) -> None:
    roster = roster_of(tmp_path, "student_id,blackboard_username\nkim,Kim.S\nlee,\n")

    assert ids(roster.on_blackboard("kim.s")) == ["kim"]
    assert ids(roster.on_blackboard("LEE")) == ["lee"]
    assert ids(roster.on_blackboard("kim")) == []


def test_a_long_roster_is_gone_through_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not once for each student whom a download names: that is the square of a large class."""
    students = tuple(
        Listed(f"s{number}", number, name=f"Kim {number}", canvas_id=str(number)) for number in range(200)
    )
    asked = []
    monkeypatch.setattr(roster, "same_name", lambda name: asked.append(name) or name.casefold())
    found = Roster(Path("roster.csv"), students)
    for number in range(200):
        assert ids(found.on_moodle(f"Kim {number}", "")) == [f"s{number}"]
        assert ids(found.on_canvas(str(number), "whoever")) == [f"s{number}"]
        assert ids(found.on_blackboard(f"S{number}")) == [f"s{number}"]
        assert found.student(f"s{number}") == students[number]

    assert len(asked) <= 200 * 4 + 200


def test_a_course_s_roster_is_read_again_when_it_has_changed(tmp_path: Path, course: Course) -> None:
    named = course.model_copy(update={"roster": str(tmp_path / "roster.csv")})
    roster_of(tmp_path, "student_id\nkim\n")
    first, again = course_roster(named), course_roster(named)
    roster_of(tmp_path, "student_id\nkim\nlee\n")
    changed = course_roster(named)

    assert first is again
    assert first is not None
    assert changed is not None
    assert [ids(first.students), ids(changed.students)] == [["kim"], ["kim", "lee"]]


names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)


@given(st.lists(names, min_size=1, max_size=5))
def test_whatever_a_spreadsheet_quotes_is_read_back(tmp_path_factory, written: list[str]) -> None:
    """Commas, semicolons, quotation marks, line separators: a name comes back composed and stripped."""
    buffer = io.StringIO()
    rows = csv.writer(buffer)
    rows.writerow(["student_id", "name"])
    rows.writerows([f"student-{number}", name] for number, name in enumerate(written))
    roster = roster_of(tmp_path_factory.mktemp("roster"), buffer.getvalue())

    assert [listed.name for listed in roster.students] == [
        unicodedata.normalize("NFC", name).strip() for name in written
    ]
