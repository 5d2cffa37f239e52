"""Courses made ready once and copied for every test that changes something; both kinds of gradebook."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from tests import warm
from tests.gradebook.courses import ROOT, formgrader, make_course
from tests.gradebook.postgres import CannotRunError, new_database, running_server
from tests.warm import programs_are_warm  # noqa: F401

Nbgrader = Callable[..., str]

GENERATED = ("inception", "residual-projection")


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course whose first assignments are generated, by Formgrader's button; nobody has handed in yet."""
    course = make_course(tmp_path_factory.mktemp("generated"))
    answers = formgrader(course, "generate", *GENERATED)
    assert [answer["success"] for answer in answers] == [True] * len(GENERATED), answers
    return course


@pytest.fixture
def course(generated: Path, tmp_path: Path) -> Path:
    """A copy of it, for one test."""
    shutil.copytree(generated, tmp_path / "course")
    return tmp_path / "course"


@pytest.fixture(autouse=True)
def programs_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """nbgrader calls alembic by its bare name for every new gradebook, and `.venv` need not be activated."""
    monkeypatch.setenv("PATH", f"{warm.PROGRAMS}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture(scope="package", autouse=True)
def compiled_once() -> Iterator[None]:
    """A query that a test asks of a gradebook is made once, and not for each gradebook that is opened."""
    with pytest.MonkeyPatch.context() as patch:
        known = partial(create_engine, execution_options={"compiled_cache": {}})
        patch.setattr("nbgrader.api.create_engine", known)
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Path]:
    """One PostgreSQL for all tests; who needs a database per module calls `new_database` on it."""
    try:
        with running_server() as server:
            yield server
    except CannotRunError as error:
        # Someone who can neither be another user nor open a namespace; CI is root and never comes here.
        pytest.skip(str(error))


@pytest.fixture
def postgres_url(postgres_server: Path) -> Iterator[str]:
    """An empty PostgreSQL database of the test's own."""
    with new_database(postgres_server) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def gradebook_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database for a gradebook, of either kind."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path / 'gradebook.db'}"


@pytest.fixture
def course_folder(tmp_path: Path) -> Path:
    """The course with a roster and its platforms' headings; grades go into a gradebook of its own."""
    text = (ROOT / "course.yml").read_text(encoding="utf-8")
    platforms = (
        "roster: roster.csv\n"
        "platforms:\n"
        '  canvas: {columns: {inception: "Inception module (4711)"}}\n'
        '  moodle: {columns: {inception: "Assignment: Inception (Real)"}}\n'
        "  blackboard: {timezone: Asia/Seoul}\n"
        "assignments:\n"
    )
    (tmp_path / "course.yml").write_text(text.replace("\nassignments:\n", f"\n{platforms}"), encoding="utf-8")
    (tmp_path / "roster.csv").write_text(
        "student_id,last_name,first_name,email,canvas_id,canvas_sis_id,canvas_login,section,moodle_id,"
        "moodle_username,blackboard_username\n"
        "kim,김,서연,kim@example.com,12345,S1,kim@u,A,2026001,kims,kim.s\n"
        'oneil,O\'Neil,"Mary, Ann",oneil@example.com,12346,S2,oneil@u,B,2026002,oneil,oneil.m\n'
        "lee,이,하늘,lee@example.com,12347,S3,lee@u,A,2026003,leeh,lee.h\n",
        encoding="utf-8",
    )
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    shutil.copytree(ROOT / "assignments" / "en" / "inception", tmp_path / "assignments" / "en" / "inception")
    return tmp_path


@pytest.fixture
def nbgrader(course_folder: Path) -> Nbgrader:
    """Runs nbgrader in the course, which must end well unless said otherwise; what it says is returned."""

    def run(*arguments: str, code: int = 0) -> str:
        done = warm.run(
            ["-m", "nbgrader", *arguments],
            cwd=course_folder,
            environment={
                **{name: value for name, value in os.environ.items() if not name.startswith("AUTOGRADER_")},
                "AUTOGRADER_LANG": "en",
                "PYTHONPATH": str(ROOT),
                "PATH": f"{warm.PROGRAMS}{os.pathsep}{os.environ['PATH']}",
            },
        )

        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    return run
