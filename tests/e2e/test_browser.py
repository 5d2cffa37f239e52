"""The journey of an instructor and two students in a real browser: Formgrader, Assignment List, a notebook."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from autograder.course import load_course
from autograder.feedback import words
from autograder.messages import LANGUAGES, message, render
from tests.e2e.browser.chromium import chromium, running_chromium
from tests.e2e.browser.classroom import EXAMPLES, open_classroom
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

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(chromium() is None, reason="needs Chromium: apt-get install chromium fonts-noto-cjk"),
]

COURSE = load_course(ROOT / "course.yml")
POINTS = {task.id: task.points for task in COURSE.assignment(ASSIGNMENT).tasks}
EXPECTED = YAML(typ="safe").load((EXAMPLES / "expected.yml").read_text(encoding="utf-8"))
BOTH = pytest.mark.parametrize("student", [RIGHT, WRONG])


@pytest.fixture(scope="module", params=LANGUAGES)
def journey(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """What was seen on the way in one language; `SCREENSHOTS` names a folder for the pictures."""
    place = tmp_path_factory.mktemp(f"classroom-{request.param}")
    stations = Path(os.environ.get("SCREENSHOTS") or place / "stations") / request.param
    stations.mkdir(parents=True, exist_ok=True)
    with open_classroom(request.param, [RIGHT, WRONG], place, stations) as room:
        seen = travel(room, request.param)
    return seen


def test_every_button_of_formgrader_succeeds(journey: Journey) -> None:
    assert {station: dialog.title for station, dialog in journey.said.items()} == dict.fromkeys(
        journey.said, "Success"
    ), journey.said
