"""nbgrader's command, Formgrader's button and `autograder grade --gradebook` give the same, task by task.

`make test-nbgrader` compares them on every assignment and on all that can happen to a submission; `make test`
on those that differ in what becomes of them on these ways.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.course import Assignment, Course, load_course
from autograder.feedback import read_report, report_paths
from autograder.release.cache import built_release
from tests.examples import EVERY_EXAMPLE, EXAMPLES, expected
from tests.gradebook.courses import (
    ROOT,
    Scores,
    formgrader,
    grade,
    hand_in,
    make_course,
    nbgrader,
    scores,
    url_of,
)

pytestmark = pytest.mark.slow

ASSIGNMENTS = [assignment.id for assignment in load_course(ROOT / "course.yml").assignments]
# nbgrader takes half a second of a processor for each submission.
WITH_LESS = ("multi-output", "capstone")
NOT_BEGUN = ("loss-weights",)
LEARNERS = {
    "kim-seoyeon": [name for name in ASSIGNMENTS if name not in (*WITH_LESS, *NOT_BEGUN)],
    "jung-haeun": WITH_LESS,
    "lee-minjun": NOT_BEGUN,
}
# Of the accidents each kind once: everybody's first, and the second of those to whom another kind happened.
FIRST, SECOND = "inception", "residual-projection"
WITH_ANOTHER = ("smith-oliver", "tanaka-yui", "kowalska-anna", "yoon-jaewon")
# Of the other assignments one that has full marks, one that has some and one that has none; the direct way
# grades all in `e2e/test_examples`. Of cells that stop with an error, one whose memory is at its end.
SOME = {"shared-lstm", FIRST, "capstone", "loss-weights"}
LIKE_ANOTHER = {(FIRST, "smith-oliver"), (FIRST, "han-sora"), (FIRST, "hussein-leila")}
# The button runs the command, a student of one assignment at a time: right, wrong and unreadable work, an
# older format and a file of another name.
PRESSED = {
    (FIRST, student)
    for student in ("kim-seoyeon", "mueller-jonas", "tanaka-yui", "kowalska-anna", "brown-emma")
}


EXPECTED = {
    "class": {
        student: {
            assignment: expected("class")[student][assignment]
            for assignment in assignments
            if EVERY_EXAMPLE or assignment in SOME
        }
        for student, assignments in LEARNERS.items()
    },
    "accidents": {
        student: {
            assignment: said
            for assignment, said in entries.items()
            if (assignment == FIRST or student in WITH_ANOTHER)
            and (EVERY_EXAMPLE or (assignment, student) not in LIKE_ANOTHER)
        }
        for student, entries in expected("accidents").items()
    },
}


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is in `assignments/` has been built before: here nobody asks what a release is.

    `test_release` asks whether what is generated is what is there, and the linter whether that is built.
    """

    def files(course: Course, assignment: Assignment, _targets: object) -> dict[Path, str]:
        folders = [course.released(assignment, language).parent for language in course.languages]
        return {path: path.read_text(encoding="utf-8") for folder in folders for path in folder.iterdir()}

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        with pytest.MonkeyPatch.context() as building:
            building.setattr("autograder.course.release.release_files", files)
            building.setattr("autograder.release.targets.targets", lambda _course: None)
            course = load_course(ROOT / "course.yml")
            for assignment in course.assignments:
                built_release(course, assignment)
        yield


@pytest.fixture(scope="module")
def handed_in(releases: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole course generated, and those submissions of the examples handed in."""
    course = make_course(tmp_path_factory.mktemp("handed-in") / "course")
    answers = formgrader(course, "generate", *ASSIGNMENTS)
    assert [answer["success"] for answer in answers] == [True] * len(ASSIGNMENTS), answers
    # Somebody's loop runs into it, each time that the class is graded; a solution might on a busy machine.
    text = (course / "course.yml").read_text(encoding="utf-8")
    assert "cell_seconds: 10" in text
    (course / "course.yml").write_text(text.replace("cell_seconds: 10", "cell_seconds: 2"), encoding="utf-8")
    for students in EXPECTED.values():
        for student, entries in students.items():
            for assignment in entries:
                hand_in(course, student, assignment)
    return course


Graded = tuple[Path, Scores]


@pytest.fixture(scope="module")
def graded(handed_in: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Graded]:
    """The course graded one way, once, and every score in its gradebook."""
    kept: dict[str, Graded] = {}

    def once(way: str) -> Graded:
        if way not in kept:
            course = shutil.copytree(handed_in, tmp_path_factory.mktemp(way) / "course")
            _WAYS[way](course)
            kept[way] = course, scores(url_of(course))
        return kept[way]

    return once


def by_command(course: Path) -> None:
    done = nbgrader(course, "autograde", "*")
    assert done.returncode == 0, done.stderr


def by_button(course: Path) -> None:
    answers = formgrader(course, "autograde", *sorted("/".join(pressed) for pressed in PRESSED))
    failed = [answer for answer in answers if not answer["success"]]
    assert failed == []


def directly(course: Path) -> None:
    done = grade(course, "--output", course / "out")
    assert done.returncode == 0, done.stderr


_WAYS = {"command": by_command, "button": by_button, "direct": directly}


@pytest.mark.parametrize("way", _WAYS)
def test_every_submission_gets_what_is_written_beside_it(graded, way: str) -> None:
    found = graded(way)[1]
    points = {
        task.id: assignment.id
        for assignment in load_course(ROOT / "course.yml").assignments
        for task in assignment.tasks
    }
    wanted = {}
    for students in EXPECTED.values():
        for student, entries in students.items():
            for assignment, said in entries.items():
                if way == "button" and (assignment, student) not in PRESSED:
                    continue
                tasks = [task for task, owner in points.items() if owner == assignment]
                given = said.get("scores", dict.fromkeys(tasks, 0))
                wanted |= {(assignment, student, task): float(given[task]) for task in tasks}

    assert found == wanted


def test_three_ways_give_equal_scores(graded) -> None:
    commanded, pressed = graded("command")[1], graded("button")[1]

    assert commanded == graded("direct")[1]
    assert pressed == {key: score for key, score in commanded.items() if key[:2] in PRESSED}


def test_three_ways_leave_the_same_notebooks(graded) -> None:
    """Byte for byte, but for what a learner's own code prints differently from run to run."""
    places = {way: graded(way)[0] / "autograded" for way in _WAYS}
    notebooks = {
        way: {path.relative_to(place): path.read_bytes() for path in place.rglob("*.ipynb")}
        for way, place in places.items()
    }

    direct = notebooks["direct"]
    pressed = {name: text for name, text in direct.items() if name.parts[1::-1] in PRESSED}
    assert len(pressed) == len(PRESSED)
    for way, wanted in {"command": direct, "button": pressed}.items():
        assert notebooks[way].keys() == wanted.keys(), way
        assert [str(name) for name, text in notebooks[way].items() if text != wanted[name]] == [], way


def test_the_reports_say_what_the_gradebook_says(graded) -> None:
    course, found = graded("direct")
    reports = [read_report(path) for path in report_paths(course / "out")]

    assert {
        (report.assignment, report.student, task.id): task.score
        for report in reports
        for task in report.tasks
    } == found


@pytest.mark.parametrize("way", _WAYS)
def test_a_renamed_notebook_stays_where_it_is_and_is_named(graded, way: str) -> None:
    course = graded(way)[0]
    place = Path("submitted", "brown-emma", FIRST)
    origin = EXAMPLES / "accidents" / place / "Inception_Emma_final.ipynb"

    assert (course / place / origin.name).read_bytes() == origin.read_bytes()
    autograded = course / "autograded" / "brown-emma" / FIRST / f"{FIRST}.ipynb"
    assert origin.name in autograded.read_text(encoding="utf-8")
