"""The grading service outlives what goes wrong with it, and knows when it is out of date."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from autograder.course import load_course
from autograder.gradebook.autograded import card_of
from autograder.gradebook.client import GradingClient, NotGraded
from autograder.messages import render
from tests.gradebook.courses import hand_in, make_course

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    course = make_course(tmp_path_factory.mktemp("service") / "course")
    hand_in(course, "kim-seoyeon", "inception")
    hand_in(course, "kim-seoyeon", "residual-projection")
    return course


@pytest.fixture(scope="module")
def client(course: Path) -> Iterator[GradingClient]:
    client = GradingClient(load_course(course / "course.yml"))
    yield client
    client.close()


def scores(text: str) -> dict[str, str]:
    notebook = nbformat.reads(text, as_version=4)
    return {
        cell.metadata.nbgrader.grade_id: cell.outputs[0].data["text/plain"]
        for cell in notebook.cells
        if card_of(cell) is not None
    }


def graded(client: GradingClient, course: Path, assignment: str = "inception") -> dict[str, str]:
    return scores(client.grade(assignment, "kim-seoyeon", course / "submitted/kim-seoyeon" / assignment))


def test_it_goes_from_one_assignment_to_another_and_back(client: GradingClient, course: Path) -> None:
    first = graded(client, course)

    assert first == {"branch-sizes": "2.0", "inception-module": "5.0", "inception-network": "3.0"}
    assert len(graded(client, course, "residual-projection")) == 3
    assert graded(client, course) == first


def test_a_killed_service_is_started_again(client: GradingClient, course: Path) -> None:
    before = graded(client, course)
    assert client._process is not None
    os.kill(client._process.pid, signal.SIGKILL)

    assert graded(client, course) == before


def test_an_assignment_that_the_course_does_not_have_is_a_sentence(
    client: GradingClient, course: Path
) -> None:
    with pytest.raises(NotGraded) as raised:
        client.grade("nothing", "kim-seoyeon", course / "submitted/kim-seoyeon/inception")

    assert "The course has no assignment `nothing`" in render(raised.value.messages[0], "en")
    assert len(graded(client, course)) == 3


def test_a_course_whose_files_have_changed_gets_another_service(course: Path) -> None:
    before = GradingClient.of(load_course(course / "course.yml"))
    assert GradingClient.of(load_course(course / "course.yml")) is before
    source = course / "solutions/inception/inception.ipynb"
    os.utime(source, ns=(0, source.stat().st_mtime_ns + 1_000_000))

    assert GradingClient.of(load_course(course / "course.yml")) is not before
