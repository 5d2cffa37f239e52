"""The tests' PostgreSQL: real, a fresh database a test, and gone with whoever started it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from nbgrader.api import Gradebook

from tests.gradebook.postgres import CannotRunError, Way, new_database, running_server

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_nbgraders_gradebook_keeps_a_grade_in_either_database(gradebook_url: str) -> None:
    with Gradebook(gradebook_url) as gradebook:
        gradebook.add_assignment("inception")
        gradebook.add_notebook("inception", "inception")
        gradebook.add_grade_cell("branch-sizes", "inception", "inception", max_score=2, cell_type="code")
        gradebook.add_student("kim-seoyeon")
        gradebook.add_submission("inception", "kim-seoyeon")
        grade = gradebook.find_grade("branch-sizes", "inception", "inception", "kim-seoyeon")
        grade.auto_score = 1.5
        gradebook.db.commit()

    with Gradebook(gradebook_url) as again:
        kept = again.find_submission("inception", "kim-seoyeon").score
    assert kept == 1.5


def test_the_server_is_postgresql(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        said = connection.execute("SELECT version()").fetchone()

    assert said is not None
    assert said[0].startswith("PostgreSQL 18")


def test_each_database_is_empty(postgres_server: Path) -> None:
    with new_database(postgres_server) as first, new_database(postgres_server) as second:
        with psycopg.connect(first) as connection:
            connection.execute("CREATE TABLE grade (score float)")
        with psycopg.connect(second) as connection:
            found = connection.execute("SELECT to_regclass('grade')").fetchone()

    assert found == (None,)


def test_a_database_goes_though_somebody_is_connected(postgres_server: Path) -> None:
    with new_database(postgres_server) as url:
        left_open = psycopg.connect(url)

    with pytest.raises(psycopg.OperationalError):
        left_open.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)


@pytest.mark.slow
def test_the_server_ends_when_its_tests_are_killed(postgres_server: Path) -> None:
    """A killed run leaves files behind, and no process."""
    script = """
import time
from tests.gradebook.postgres import running_server
with running_server() as server:
    print(server, flush=True)
    time.sleep(600)
"""
    tests = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert tests.stdout is not None
    said = tests.stdout.readline().strip()
    tests.kill()
    tests.wait()
    folder = Path(said)
    assert folder.match("/tmp/pg-*"), "no server was started"
    deadline = time.monotonic() + 60
    # The server removes both when it ends.
    while (left := [*folder.glob("data/postmaster.pid"), *folder.glob(".s.PGSQL.*")]) and (
        time.monotonic() < deadline
    ):
        time.sleep(0.05)
    shutil.rmtree(folder)

    assert left == []


def test_where_no_way_is_open_the_reason_names_each() -> None:
    closed = [Way("as nobody", ("false",)), Way("apart", ("/nowhere/unshare",))]

    with pytest.raises(CannotRunError) as caught, running_server(closed):
        pass

    assert "as nobody: exit code 1; apart: there is no /nowhere/unshare" in str(caught.value)
