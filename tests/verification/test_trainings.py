"""What is wrong with a training is said with its file, and with its line where that is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course import Course, CourseError, load_course
from autograder.verification.trainings import failure_of, trainings_of
from tests.course.conftest import COURSE_YML

TRAINING = """\
from autograder.verification.trainings import Size, Training, named


def feed(names, random, size):
    return 1 / 0


TRAININGS = [Training("fit", named("sums"), feed, Size(8, 1, 4))]
"""


@pytest.fixture
def course(tmp_path: Path) -> Course:
    (tmp_path / "course.yml").write_text(COURSE_YML, encoding="utf-8")
    return load_course(tmp_path / "course.yml")


def write(course: Course, text: str) -> None:
    path = course.training(course.assignments[0])
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")


def test_no_file_is_no_training(course: Course) -> None:
    assert list(trainings_of(course, course.assignments[0])) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import nothing_there", "ModuleNotFoundError: No module named 'nothing_there'"),
        ("x = 1", "AttributeError: "),
        ("TRAININGS = 5", "TypeError: `TRAININGS` should be a list of `Training`"),
        ("TRAININGS = [5]", "TypeError: `TRAININGS` should be a list of `Training`"),
    ],
)
def test_a_file_that_says_no_training_is_named(course: Course, text: str, reason: str) -> None:
    write(course, text)
    with pytest.raises(CourseError) as raised:
        trainings_of(course, course.assignments[0])

    assert str(raised.value).startswith(f"graders/training/adding.py does not say what to train: {reason}")


def test_a_training_that_stops_is_named_with_its_line(course: Course) -> None:
    write(course, TRAINING)
    (training,) = trainings_of(course, course.assignments[0])
    with pytest.raises(ZeroDivisionError) as raised:
        training.feed({}, None, training.small)  # type: ignore[arg-type]

    said = str(failure_of(course, course.assignments[0], training, raised.value))

    assert said == (
        "graders/training/adding.py, line 5: the training `fit` stops with ZeroDivisionError: division by "
        "zero."
    )


def test_an_error_that_comes_from_elsewhere_is_named_with_the_file(course: Course) -> None:
    write(course, TRAINING)
    (training,) = trainings_of(course, course.assignments[0])

    assert str(failure_of(course, course.assignments[0], training, KeyError("sums"))) == (
        "graders/training/adding.py: the training `fit` stops with KeyError: 'sums'."
    )
