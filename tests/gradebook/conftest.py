"""Both databases that a gradebook may live in."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gradebook.postgres import CannotRunError, new_database, running_server


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
