"""The pictures of targets: drawn from what a source notebook's own solution builds."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from autograder.course import Course, CourseError, load_course
from autograder.release.targets import targets

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.fixture
def spoilt(tmp_path: Path) -> Course:
    """The real course with a solution that stops with an error."""
    (tmp_path / "course.yml").write_bytes((ROOT / "course.yml").read_bytes())
    course = load_course(tmp_path / "course.yml")
    real = load_course(ROOT / "course.yml")
    for assignment in course.assignments:
        notebook = nbformat.read(real.source(assignment), as_version=4)
        for cell in notebook.cells:
            if cell.id == "residual-block-answer":
                cell.source = cell.source.replace("layers.MaxPooling2D", "layers.AmxPooling2D")
        course.source(assignment).parent.mkdir(parents=True)
        nbformat.write(notebook, course.source(assignment))
    return course


def test_a_target_is_drawn_in_the_language_asked_for() -> None:
    """Title and shapes are there; what the learner is to find out is not."""
    course = load_course(ROOT / "course.yml")
    assignment = course.assignment("inception")
    draw = targets(course)
    english, korean = (draw(assignment, "inception-module", language) for language in ("en", "ko"))

    assert assignment.task("inception-module").title.in_language("en") in english
    assert assignment.task("inception-module").title.in_language("ko") in korean
    for svg in (english, korean):
        assert "(None, 14, 14, 512)" in svg
        assert "padding" not in svg.partition("</style>")[2]
        assert "strides" not in svg.partition("</style>")[2]


def test_a_picture_is_the_same_every_time() -> None:
    """Keras counts its layers through a session; the picture does not show it."""
    course = load_course(ROOT / "course.yml")
    assignment = course.assignment("residual-projection")

    assert targets(course)(assignment, "residual-block", "ko") == targets(course)(
        assignment, "residual-block", "ko"
    )


def test_a_target_that_is_to_be_kept_to_oneself_is_not_drawn() -> None:
    """What `course.yml` nothing of it is shown of is in no text."""
    course = load_course(ROOT / "course.yml")

    with pytest.raises(CourseError, match="nothing of it is shown"):
        targets(course)(course.assignment("inception"), "branch-sizes", "en")


def test_a_value_has_no_target() -> None:
    """A task that asks for numbers builds no model."""
    course = load_course(ROOT / "course.yml")
    assignment = course.assignment("inception")
    tasks = (assignment.tasks[0].model_copy(update={"target": "outline"}), *assignment.tasks[1:])

    with pytest.raises(CourseError, match="the task `branch-sizes` builds no model"):
        targets(course).tasks(assignment.model_copy(update={"tasks": tasks}))


def test_an_outline_has_neither_settings_nor_activations() -> None:
    """What check shows beside a learner's model says no more than `course.yml` allows."""
    course = load_course(ROOT / "course.yml")
    known = targets(course).tasks(course.assignment("inception"))["inception-module"]

    for graph in known["target"]["graphs"]:
        assert {operation["kind"] for operation in graph["operations"]} >= {"Conv2D", "Concatenate"}
        assert [operation["settings"] for operation in graph["operations"] if operation["settings"]] == []
        assert {call["activation"] for call in graph["calls"]} == {None}


def test_a_solution_that_fails_is_named_with_its_cell(spoilt: Course) -> None:
    """An author reads which line went wrong, and how: where a function is defined, and not called."""
    with pytest.raises(CourseError) as raised:
        targets(spoilt)(spoilt.assignment("residual-projection"), "residual-network", "en")

    assert str(raised.value).startswith(
        "solutions/residual-projection/residual-projection.ipynb: cell `residual-block-answer` of the "
        "solution fails in line 4 with AttributeError: module 'keras.layers' has no attribute 'AmxPooling2D'"
    )
