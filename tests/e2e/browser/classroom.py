"""A course, its exchange, and the people of it: each with a JupyterLab and a browser window of their own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.e2e.browser.chromium import running_chromium
from tests.e2e.browser.instructor import Instructor
from tests.e2e.browser.pages import Member, new_profile
from tests.e2e.browser.server import ROOT, JupyterServer
from tests.e2e.browser.student import Student

EXAMPLES = ROOT / "examples" / "class"


class Classroom:
    """The instructor and the students, by name."""

    def __init__(self, instructor: Instructor, students: dict[str, Student], stations: Path) -> None:
        self.instructor = instructor
        self.students = students
        self.stations = stations

    @property
    def people(self) -> list[Member]:
        return [self.instructor, *self.students.values()]


@contextmanager
def open_classroom(language: str, students: list[str], place: Path, stations: Path) -> Iterator[Classroom]:
    """Everybody with JupyterLab open, the course in `language`; an error is told with what was seen last."""
    exchange = place / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    servers = {"instructor": JupyterServer("instructor", place, _course_folder(place), exchange, language)}
    for name in students:
        servers[name] = JupyterServer(name, place, _student_folder(place, name), exchange)
    with ExitStack() as stack:
        for server in servers.values():
            stack.callback(server.stop)
            server.start()
        browser = stack.enter_context(running_chromium(place / "chromium"))
        for server in servers.values():
            server.wait()
        room = Classroom(
            Instructor("instructor", new_profile(browser), servers["instructor"].url, stations),
            {
                name: Student(name, new_profile(browser), servers[name].url, stations, servers[name].folder)
                for name in students
            },
            stations,
        )
        try:
            for person in room.people:
                person.open_lab()
            for person in room.people:
                person.wait_for_lab()
            yield room
        except Exception as error:
            for person in room.people:
                person.photograph("failed")
                for dialog in person.heard[-1:]:
                    error.add_note(f"--- {person.name} heard last: {dialog.title} ---\n{dialog.text}")
                error.add_note(servers[person.name].tail())
            error.add_note(f"What everybody saw last: {stations}/*-failed.png")
            raise


def answers_of(student: str, assignment: str) -> dict[str, str]:
    """What a student of the example class has written, by the answer's nbgrader id."""
    path = EXAMPLES / "submitted" / student / assignment / f"{assignment}.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    described = [(cell["metadata"].get("nbgrader", {}), "".join(cell["source"])) for cell in cells]
    return {about["grade_id"]: source for about, source in described if about.get("solution")}


def _course_folder(place: Path) -> Path:
    folder = place / "course"
    folder.mkdir()
    for name in ("course.yml", "nbgrader_config.py"):
        shutil.copy(ROOT / name, folder)
    for name in ("solutions", "graders"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def _student_folder(place: Path, name: str) -> Path:
    folder = place / name
    folder.mkdir()
    return folder
