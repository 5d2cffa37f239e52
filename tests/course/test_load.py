from __future__ import annotations

import json
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.course import CourseError, find_course, load_course
from autograder.course.model import ProbeInput
from autograder.messages import render

from .conftest import COURSE_YML


def faults_of(path: Path, text: str) -> list[str]:
    """What is said of a `course.yml` with that text, its folder left out."""
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CourseError) as raised:
        load_course(path)
    return [render(said, "en").replace(f"{path.parent}/", "") for said in raised.value.messages]


def test_a_course_is_what_its_file_says(course_file: Path) -> None:
    """Titles, limits, tasks and probes are read; what is left out has its default."""
    course = load_course(course_file)
    adding = course.assignment("adding")

    assert course_file.parent.resolve() == course.root
    assert course.title.in_language("ko") == "작은 과정"
    assert course.languages == ("en", "ko")
    assert course.isolation == "contained"
    assert course.limits.memory == 2 * 1024**3
    assert course.limits.cell_seconds == 30
    assert None is adding.due
    assert [task.id for task in adding.tasks] == ["one-sum", "sum-block"]
    assert (
        (ProbeInput(shape=(28, 28, 64)),),
        (ProbeInput(shape=(None, None, 3)), ProbeInput(shape=(7,), dtype="int32")),
    ) == adding.task("sum-block").probes


def test_platforms_and_the_roster_are_read(course_file: Path) -> None:
    """The roster's path is one from the course's folder; what is left out is empty."""
    course_file.write_text(
        COURSE_YML.replace(
            "limits:", "roster: class/roster.csv\nplatforms: {canvas: {columns: {adding: Sums}}}\nlimits:"
        ),
        encoding="utf-8",
    )
    course = load_course(course_file)

    assert course.roster_path == course.root / "class" / "roster.csv"
    assert course.platforms.canvas.columns == {"adding": "Sums"}
    assert (course.platforms.moodle.columns, course.platforms.blackboard.timezone) == ({}, None)


def test_a_due_date_keeps_its_offset(course_file: Path) -> None:
    """Midnight in Seoul is not midnight in Greenwich."""
    course_file.write_text(
        COURSE_YML.replace("due: null", "due: 2026-12-01T23:59:00+09:00"), encoding="utf-8"
    )

    assert datetime(2026, 12, 1, 23, 59, tzinfo=timezone(timedelta(hours=9))) == (
        load_course(course_file).assignments[0].due
    )


@pytest.mark.parametrize(
    ("there", "instead", "said"),
    [
        ("version: 1", "version: 2", "course.yml, line 1: `version` is 2; it should be 1."),
        (
            "points: 4",
            "points: four",
            'course.yml, line 16: `assignments[0].tasks[0].points` is "four"; it should be a number above 0.',
        ),
        (
            "points: 4",
            'points: "4"',
            'course.yml, line 16: `assignments[0].tasks[0].points` is "4"; it should be a number above 0.',
        ),
        (
            "points: 4",
            "points: .nan",
            "course.yml, line 16: `assignments[0].tasks[0].points` is nan; it should be a number above 0.",
        ),
        (
            "points: 4",
            "points: 3",
            "course.yml, line 10: `assignments[0].points`: the tasks of `adding` add up to 9 points, "
            "and the assignment is worth 10.",
        ),
        (
            "id: one-sum",
            "id: One sum",
            'course.yml, line 14: `assignments[0].tasks[0].id` is "One sum"; it should be an id of small '
            "letters, digits and hyphens, such as `first-steps`.",
        ),
        (
            "memory: 2 GiB",
            "memory: plenty",
            'course.yml, line 5: `limits.memory` is "plenty"; it should be a size such as `6 GiB`.',
        ),
        (
            "memory: 2 GiB",
            "memroy: 2 GiB",
            "course.yml, line 5: `limits.memroy` is not a valid key here.",
        ),
        (
            "    minutes: 15\n",
            "",
            "course.yml, line 7: `assignments[0].minutes` is missing; it should be a whole number of minutes "
            "of at least 1.",
        ),
        (
            "{en: One sum, ko: 합 하나}",
            "{en: One sum}",
            "course.yml, line 15: `assignments[0].tasks[0].title.ko` is missing; it should be a Korean text.",
        ),
        (
            "{en: One sum, ko: 합 하나}",
            "{en: One sum, ko: ' '}",
            "course.yml, line 15: `assignments[0].tasks[0].title.ko`: the text is empty.",
        ),
        (
            "due: null",
            "due: 2026-12-01",
            'course.yml, line 12: `assignments[0].due` is "2026-12-01"; it should be null, or a date and '
            "time with its offset, such as `2026-12-01T23:59:00+09:00`.",
        ),
        (
            "minutes: 15",
            "minutes: 15.5",
            "course.yml, line 11: `assignments[0].minutes` is 15.5; it should be a whole number of minutes "
            "of at least 1.",
        ),
        (
            "minutes: 15",
            "minutes: 15\n    presupposes: multiplying",
            'course.yml, line 12: `assignments[0].presupposes` is "multiplying"; it should be a list of ids '
            "of assignments that come before this one.",
        ),
        (
            "minutes: 15",
            "minutes: 15\n    presupposes: [multiplying]",
            "course.yml, line 12: `assignments[0].presupposes[0]`: the course has no assignment "
            "`multiplying`; it has `adding`.",
        ),
        (
            "minutes: 15",
            "minutes: 15\n    presupposes: [adding]",
            "course.yml, line 12: `assignments[0].presupposes[0]`: `adding` does not come "
            "before this one in the course, so it cannot be a prerequisite.",
        ),
        (
            "points: 4",
            "points: 4\n        stub_scores: 4",
            "course.yml, line 17: `assignments[0].tasks[0].stub_scores`: the starter code would get 4 of 4 "
            "points; it should leave something to do.",
        ),
        (
            "limits:",
            "roster: []\nlimits:",
            "course.yml, line 4: `roster` is []; it should be the path of a CSV file, such as `roster.csv`.",
        ),
        (
            "limits:",
            "platforms: {canvas: {columns: {adding: 4711}}}\nlimits:",
            "course.yml, line 4: `platforms.canvas.columns.adding` is 4711; it should be the heading of a "
            "column.",
        ),
        (
            "limits:",
            "platforms: {moodle: {columns: {multiplying: Times}}}\nlimits:",
            "course.yml, line 4: `platforms.moodle.columns.multiplying`: the course has no assignment "
            "`multiplying`; it has `adding`.",
        ),
        (
            "limits:",
            "platforms: {blackboard: {timezone: Seoul}}\nlimits:",
            'course.yml, line 4: `platforms.blackboard.timezone` is "Seoul"; it should be the name of a time '
            "zone, such as `Asia/Seoul`.",
        ),
        (
            "limits:",
            "platforms: {brightspace: {}}\nlimits:",
            "course.yml, line 4: `platforms.brightspace` is not a valid key here.",
        ),
        (
            "expects: value",
            "expects: tensor",
            'course.yml, line 17: `assignments[0].tasks[0].expects` is "tensor"; it should be `model`, '
            "`function`, `value`, `plot` or `text`.",
        ),
        (
            "hints: [{en: Count., ko: 세어 보자.}]",
            "hints: Count.",
            'course.yml, line 18: `assignments[0].tasks[0].hints` is "Count."; it should be a list of hints, '
            "each in every language of the course.",
        ),
        (
            "[en, ko]",
            "[en, english]",
            'course.yml, line 3: `languages[1]` is "english"; it should be a list of languages by their '
            "tags, such as `en` and `ko`, each at most once.",
        ),
        (
            "limits:",
            "rules: {points: none}\nlimits:",
            'course.yml, line 4: `rules.points` is "none"; it should be a number above 0.',
        ),
        (
            "limits:",
            "rules: [points]\nlimits:",
            "course.yml, line 4: `rules` is ['points']; it should be a mapping of rules, such as "
            "`{points: 10, tasks: [2, 5], hints: 3}`.",
        ),
        (
            "limits:",
            "graders: 7\nlimits:",
            "course.yml, line 4: `graders` is 7; it should be the path of a folder, such as `graders`.",
        ),
        (
            "{en: Look again., ko: 다시 살펴보자.}",
            "{en: Look again., ko: ''}",
            "course.yml, line 26: `assignments[0].tasks[1].hints[1].ko`: the text is empty.",
        ),
        ("[en, ko]", "[en, en]", "course.yml, line 3: `languages`: a language is listed twice."),
        (
            "[[28, 28, 64]]",
            "[[28, 28, -1]]",
            "course.yml, line 24: `assignments[0].tasks[1].probes[0][0].shape[2]` is -1; it should be a list "
            "of sizes without the batch axis, `null` where a size is open.",
        ),
        (
            "expects: function",
            "expects: model",
            "course.yml, line 23: `assignments[0].tasks[1].probes`: only a function has probes; this task "
            "expects a model.",
        ),
        (
            "expects: value",
            "expects: function",
            "course.yml, line 17: `assignments[0].tasks[0].expects`: a function needs `probes`, the inputs "
            "it is called on.",
        ),
    ],
)
def test_a_fault_is_named_with_its_place(course_file: Path, there: str, instead: str, said: str) -> None:
    """The sentence has the file, the line, the key, what was found and what is wanted."""
    assert there in COURSE_YML

    assert [said] == faults_of(course_file, COURSE_YML.replace(there, instead))


def test_an_id_used_twice_is_named_at_both_places(course_file: Path) -> None:
    """A task's id is unique in the course, because `check` and `hint` know nothing but the id."""
    said = faults_of(course_file, COURSE_YML.replace("id: sum-block", "id: one-sum"))

    assert said == [
        f"course.yml, line {line}: `assignments[0].tasks[{number}].id`: two tasks are called `one-sum`; "
        "an id is used once."
        for number, line in enumerate((14, 19))
    ]


def test_two_assignments_do_not_share_a_column(course_file: Path) -> None:
    """The platform would take one's grades for the other's."""
    second = (
        COURSE_YML.split("assignments:\n")[1]
        .replace("id: adding", "id: summing")
        .replace("id: one-sum", "id: one-more")
        .replace("id: sum-block", "id: more-blocks")
    )
    columns = "platforms: {canvas: {columns: {adding: Sums, summing: Sums}}}\nlimits:"
    said = faults_of(course_file, COURSE_YML.replace("limits:", columns) + second)

    assert said == [
        f"course.yml, line 4: `platforms.canvas.columns.{name}`: two assignments have the heading `Sums`; "
        "each needs its own."
        for name in ("adding", "summing")
    ]


def test_every_fault_is_said_at_once(course_file: Path) -> None:
    """Three slips are three sentences, so that they can be mended in one go."""
    spoiled = (
        COURSE_YML.replace("version: 1", "version: 0").replace("minutes", "minuets").replace("2 GiB", "2")
    )

    assert len(faults_of(course_file, spoiled)) == 4


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "course.yml is not a course: it should be a mapping with `version: 1`."),
        ("- a list\n", "course.yml is not a course: it should be a mapping with `version: 1`."),
        (
            "version: 1\nversion: 1\n",
            'course.yml, line 2: this is not YAML: found duplicate key "version" with value "1" '
            '(original value: "1").',
        ),
        (
            "title: [1\nversion: 1\n",
            "course.yml, line 2: this is not YAML: expected ',' or ']', but got ':'.",
        ),
    ],
)
def test_what_is_no_yaml_or_no_course_is_a_sentence(course_file: Path, text: str, said: str) -> None:
    """A file of another kind is named as such, with the line where that can be said."""
    assert [said] == faults_of(course_file, text)


def test_control_characters_are_no_yaml(course_file: Path) -> None:
    """A binary file is refused by a sentence, not by a traceback."""
    (said,) = faults_of(course_file, "version: \x07")

    assert said.startswith("course.yml is not YAML: unacceptable character")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The sentence has the path that was looked for."""
    with pytest.raises(CourseError) as raised:
        load_course(tmp_path / "course.yml")

    assert f"{tmp_path}/course.yml does not exist." == str(raised.value)


def test_a_folder_is_not_read_as_a_course(tmp_path: Path) -> None:
    """What the system says of an unreadable file is passed on."""
    with pytest.raises(CourseError) as raised:
        load_course(tmp_path)

    assert f"{tmp_path} cannot be read: Is a directory." == str(raised.value)


def test_another_encoding_is_named(course_file: Path) -> None:
    """A file saved in a Korean code page is not taken for broken YAML."""
    course_file.write_bytes("title: 과정".encode("euc-kr"))
    with pytest.raises(CourseError) as raised:
        load_course(course_file)

    assert str(raised.value).endswith("course.yml is not text in UTF-8.")


def test_the_course_is_found_from_any_folder_in_it(course_file: Path) -> None:
    """Like git, a command may be run anywhere below the course."""
    below = course_file.parent / "solutions" / "adding"

    assert course_file.resolve() == find_course(below)


def test_outside_a_course_the_cure_is_said(tmp_path: Path) -> None:
    """Where no folder above has a `course.yml`, the sentence says where to go."""
    with pytest.raises(CourseError, match="run the command inside the course's folder"):
        find_course(tmp_path)


def test_unknown_ids_are_answered_with_the_known_ones(course_file: Path) -> None:
    """A mistyped assignment or task is answered with what there is."""
    course = load_course(course_file)
    with pytest.raises(CourseError) as assignment:
        course.assignment("add")
    with pytest.raises(CourseError) as task:
        course.assignment("adding").task("sum")
    with pytest.raises(CourseError) as anywhere:
        course.find_task("sum")

    assert str(assignment.value) == "The course has no assignment `add`; it has `adding`."
    assert str(task.value) == "`adding` has no task `sum`; it has `one-sum`, `sum-block`."
    assert str(anywhere.value) == "The course has no task `sum`; it has `one-sum`, `sum-block`."


def test_a_task_is_found_across_the_course(course_file: Path) -> None:
    """`check("sum-block", ...)` says no assignment, and needs none."""
    assignment, task = load_course(course_file).find_task("sum-block")

    assert (assignment.id, task.points) == ("adding", 6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.data())
def test_no_slip_of_the_keyboard_is_a_traceback(course_file: Path, data: st.DataObject) -> None:
    """Whatever few letters are lost or put in, the file is a course or it is a CourseError."""
    start = data.draw(st.integers(0, len(COURSE_YML)))
    end = data.draw(st.integers(start, min(len(COURSE_YML), start + 20)))
    put_in = data.draw(st.text(alphabet="[]{}:-#&*!|>'\"%@` \n\tab1é한", max_size=6))
    course_file.write_text(COURSE_YML[:start] + put_in + COURSE_YML[end:], encoding="utf-8")

    try:
        found: tuple[object, ...] = load_course(course_file).assignments
    except CourseError as error:
        found = error.messages

    assert len(found) > 0


def test_a_course_is_in_the_languages_that_it_lists(course_file: Path) -> None:
    """In one, or in another than the engine speaks: no text in a further language is asked for."""
    written = COURSE_YML.replace("[en, ko]", "[de]").replace("en: ", "de: ")
    course_file.write_text(written.replace("ko: 합 하나", "ko: 합"), encoding="utf-8")

    course = load_course(course_file)

    assert course.languages == ("de",)
    assert course.title.in_language("de") == "Small"
    # Whoever reads another language gets what there is.
    assert course.title.in_language("fr") == "Small"


def test_every_language_of_the_course_is_asked_for(course_file: Path) -> None:
    said = faults_of(course_file, COURSE_YML.replace("[en, ko]", "[en, ko, de]"))

    assert said[0] == "course.yml, line 2: `title.de` is missing; it should be a text in the language `de`."
    # The course's title, an assignment's, two tasks' and their three hints.
    assert len(said) == 7


def multiplied(depth: int) -> str:
    """Lists of nine aliases each, of lists of nine aliases each, ...: each line has nine times the last."""
    lists = "".join(
        f"x{level}: &x{level} [{', '.join([f'*x{level - 1}'] * 9)}]\n" for level in range(1, depth)
    )
    return f"x0: &x0 [a, a]\n{lists}"


MERGED = "x0: &x0 {a: 1}\n" + "".join(
    f"x{level}: &x{level} {{<<: [{', '.join([f'*x{level - 1}'] * 9)}]}}\n" for level in range(1, 9)
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (multiplied(40), "line 6: with all that its aliases repeat this has more than 100,000 entries"),
        (multiplied(8).replace("x7:", "title:"), "line 6: with all that its aliases repeat"),
        (MERGED, "line 6: with all that its aliases repeat"),
        ("title: &title [*title]\n", "line 1: this holds itself by an alias"),
        ("a: &a {b: {<<: *a}}\n", "line 1: this holds itself by an alias"),
        ("a: " + "[" * 50 + "]" * 50, "line 1: this is nested deeper than 40 levels"),
        ("a: " + "[" * 1000 + "]" * 1000, "course.yml is not a course: it is nested deeper"),
        ("version: 1\nid: !!binary AAAA\n", "line 2: `!!binary` is no kind of value"),
        ("id: !!python/object:os.system {}\n", "line 1: `!!python/object:os.system` is no kind of value"),
        ("id: !!bool maybe\n", "line 1: `maybe` is not what `!!bool` says it is"),
        ("id: 0x_\n", "line 1: `0x_` is not what `!!int` says it is"),
        ('id: "\\ud800"\n', "line 1: the character U+D800 cannot be written in a text"),
        ('"a\\0": 1\n', "line 1: the character U+0000 cannot be written in a text"),
        ("1: a\n", "line 1: the key `1` is no text; put it in quotes"),
        ("[a, b]: 1\n", "line 1: a list or a mapping cannot be a key"),
        (f"id: {'9' * 400}\n", "line 1: a number of 400 characters is more than can be meant"),
        (f"id: 0x{'f' * 9000}\n", "line 1: a number of 9,002 characters"),
        ("#" * 2**20 + "\n", "course.yml cannot be read: Larger than 1024 KiB"),
    ],
)
def test_what_only_fills_the_memory_is_refused_at_once(course_file: Path, text: str, said: str) -> None:
    (fault,) = faults_of(course_file, text)

    assert said in fault


def test_an_alias_may_repeat_what_is_meant_twice(course_file: Path) -> None:
    written = COURSE_YML.replace("title: {en: One sum", "title: &sum {en: One sum")
    course_file.write_text(written.replace("title: {en: A block, ko: 블록}", "title: *sum"), encoding="utf-8")
    first, second = load_course(course_file).assignment("adding").tasks

    assert first.title == second.title


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("memory: 99999999999999 GiB", '`limits.memory` is "99999999999999 GiB"; it should be a size'),
        (f"memory: {'9' * 400} GiB", "`limits.memory`"),
        (
            "memory: 2 GiB\n  cell_seconds: 1.0e+300",
            "`limits.cell_seconds` is 1e+300; it may be 604,800 at most",
        ),
        ("memory: 2 GiB\n  processes: 9999999999", "`limits.processes`"),
    ],
)
def test_a_limit_is_one_that_a_machine_can_keep(course_file: Path, written: str, line: str) -> None:
    (fault,) = faults_of(course_file, COURSE_YML.replace("memory: 2 GiB", written))

    assert line in fault


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(st.characters(codec=None)).map(lambda text: text.encode("utf-8", "replace").decode()),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["version", "title", "limits", "tasks", "id"]), inner)
        ),
        max_leaves=12,
    )
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_it_holds_it_is_a_course_or_is_said_not_to_be(course_file: Path, content: object) -> None:
    course_file.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(CourseError) as raised:
        load_course(course_file)
    assert all(render(said, language) for said in raised.value.messages for language in ("en", "ko"))


def test_a_pipe_keeps_nobody_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "course.yml")
    with pytest.raises(CourseError, match="cannot be read: Not a regular file"):
        load_course(tmp_path / "course.yml")
