"""Courses made ready once and copied for every test that changes something; both kinds of gradebook."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gradebook.courses import formgrader, make_course
from tests.gradebook.postgres import CannotRunError, new_database, running_server

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
    programs = Path(sys.executable).parent
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")


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
