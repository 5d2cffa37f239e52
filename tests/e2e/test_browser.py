"""An instructor and a student in a real browser: Formgrader, Assignment List, a notebook, the feedback.

`make test-browsers` walks the whole way with a second student, whose answers are all right, and in Korean,
and with Formgrader in JupyterLab; here the instructor has it by itself.
Without a browser a Korean course is held by `tests/gradebook/test_korean.py`; Korean cards in JupyterLab are
held by `test_study_browser.py`.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from autograder.course import load_course
from autograder.feedback import words
from autograder.messages import LANGUAGES, message, render
from tests.e2e.browser.chromium import chromium
from tests.e2e.browser.classroom import open_classroom
from tests.e2e.browser.journey import (
    ASSIGNMENT,
    COMMENTS,
    NEW_SCORE,
    OVERRIDDEN,
    RIGHT,
    TASKS,
    WRONG,
    Journey,
    travel,
)
from tests.e2e.browser.server import ROOT
from tests.e2e.browser.ways import EVERY_WAY
from tests.examples import expected

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(chromium() is None, reason="needs Chromium: apt-get install chromium fonts-noto-cjk"),
]

ENTRY = load_course(ROOT / "course.yml").assignment(ASSIGNMENT)
POINTS = {task.id: task.points for task in ENTRY.tasks}
EXPECTED = expected("class")
TITLES = {task.id: {lang: task.title.in_language(lang) for lang in LANGUAGES} for task in ENTRY.tasks}
MATHJAX = "cdnjs.cloudflare.com"
# What is said in every language is said of wrong answers; a whole class in one language shows the rest.
EVERY_CLASS = {"en": [RIGHT, WRONG], "ko": [WRONG]}
# A second student takes a third of the time, and comes to no page and no button that the first one does not.
CLASSES = EVERY_CLASS if EVERY_WAY else {"en": [WRONG]}
IN_ENGLISH = pytest.mark.parametrize("journey", ["en"], indirect=True, scope="module")


@pytest.fixture(scope="module", params=CLASSES)
def journey(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Journey:
    """What was seen on the way in one language; `SCREENSHOTS` names a folder for the pictures."""
    students = CLASSES[request.param]
    place = tmp_path_factory.mktemp(f"classroom-{request.param}")
    stations = Path(os.environ.get("SCREENSHOTS") or place / "stations") / request.param
    stations.mkdir(parents=True, exist_ok=True)
    with open_classroom(request.param, students, place, stations) as room:
        return travel(room, request.param, validate=request.param == "en")


def test_a_class_is_seen_in_every_language() -> None:
    """By `make test-browsers`."""
    assert set(EVERY_CLASS) == set(LANGUAGES)


def test_every_button_of_formgrader_succeeds(journey: Journey) -> None:
    assert {station: dialog.title for station, dialog in journey.said.items()} == dict.fromkeys(
        journey.said, "Success"
    ), journey.said


def test_a_student_fetches_what_check_may_know_with_the_notebook(journey: Journey) -> None:
    """Byte for byte what `autograder release` has written, and nothing else."""
    released = ROOT / "assignments" / journey.language / ASSIGNMENT

    for given_out in journey.given_out.values():
        assert given_out == {path.name: path.read_bytes() for path in released.iterdir()}


def test_a_right_answer_passes_every_check_of_the_notebook(journey: Journey) -> None:
    right = [
        (student, task)
        for student in journey.students
        for task, score in EXPECTED[student][ASSIGNMENT]["scores"].items()
        if score == POINTS[task]
    ]

    assert right
    for student, task in right:
        shown = journey.checked[student, task].text

        assert TITLES[task][journey.language] in shown
        assert say("passed", journey) in shown
        assert say("failed", journey) not in shown


def test_a_wrong_answer_is_told_what_is_wrong_with_it(journey: Journey) -> None:
    for shown in (
        journey.checked[WRONG, OVERRIDDEN],
        journey.graded[WRONG, OVERRIDDEN],
        journey.given_back[WRONG, OVERRIDDEN],
    ):
        assert say("failed", journey) in shown.text
        cause = say("{cause} Because of this, the output has the wrong shape.", journey)
        assert cause.replace("{cause}", "").strip() in shown.text
        assert "(None, 14, 14, 448)" in shown.text


def test_below_a_check_stands_its_card_alone(journey: Journey) -> None:
    """nbgrader takes the score from what stands first."""
    for shown in journey.checked.values():
        outputs = re.findall(r'class="[^"]*\bjp-OutputArea-child\b', shown.html)

        assert len(outputs) == 1


def test_every_card_of_a_model_has_its_picture(journey: Journey) -> None:
    for station in (journey.checked, journey.graded, journey.given_back):
        for student in journey.students:
            for task in ("inception-module", "inception-network"):
                assert "<svg" in station[student, task].html


@IN_ENGLISH
def test_validate_tells_the_truth(journey: Journey) -> None:
    """That `check` does not stop a right answer there is held by `tests/study/test_notebook.py`, too."""
    validated = {student: dialog.text for student, dialog in journey.validated.items()}

    assert set(validated) == set(CLASSES["en"])
    assert "failed" in validated[WRONG]
    assert f'check("{OVERRIDDEN}", inception_module)' in validated[WRONG]
    if RIGHT in validated:
        assert "passes all the tests" in validated[RIGHT]


def test_autograding_gives_what_grading_the_example_class_gives(journey: Journey) -> None:
    for student in journey.students:
        deserved = EXPECTED[student][ASSIGNMENT]["scores"]
        total = f"{sum(deserved.values()):g} / {sum(POINTS.values()):g}"

        assert journey.autograded[student] == ("graded", total)
        assert {task: journey.scores[student, task] for task in TASKS} == deserved


def test_formgrader_and_feedback_show_the_graders_cards(journey: Journey) -> None:
    for station in (journey.graded, journey.given_back):
        for (student, task), shown in station.items():
            deserved = EXPECTED[student][ASSIGNMENT]["scores"][task]

            assert render(words.score(deserved, POINTS[task]), journey.language) in shown.text
            assert TITLES[task][journey.language] in shown.text


def test_the_feedback_tells_what_the_instructor_has_changed(journey: Journey) -> None:
    automatic = EXPECTED[WRONG][ASSIGNMENT]["scores"]
    total = sum(automatic.values()) - automatic[OVERRIDDEN] + NEW_SCORE
    page = journey.feedback[WRONG]

    assert render(words.score(total, sum(POINTS.values())), journey.language) in page.text
    assert render(words.score(NEW_SCORE, POINTS[OVERRIDDEN]), journey.language) in page.text
    assert COMMENTS[journey.language].replace("**", "") in page.text
    said = words.given_by_hand(NEW_SCORE, automatic[OVERRIDDEN], POINTS[OVERRIDDEN])
    assert render(said, journey.language) in journey.given_back[WRONG, OVERRIDDEN].text


def test_no_page_asks_another_machine_for_anything(journey: Journey) -> None:
    """But Formgrader's page of a submission, whose template asks for MathJax."""
    asked = {(host, path) for entries in journey.elsewhere.values() for host, path in entries}
    known = {
        entry for entry in asked if entry[0] == MATHJAX and entry[1].startswith("/formgrader/submissions/")
    }

    assert asked - known == set()
    assert all(count > 100 for count in journey.requests.values()), journey.requests


def test_no_script_comes_with_a_card_or_the_feedback(journey: Journey) -> None:
    shown = [*journey.checked.values(), *journey.graded.values(), *journey.feedback.values()]

    for part in shown:
        assert "<script" not in part.html.lower()


def say(text: str, journey: Journey) -> str:
    """One of the grader's sentences in the journey's language."""
    return render(message(text), journey.language)
