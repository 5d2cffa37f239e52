"""A course's catalogues follow its graders; a grader that cannot be read is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.authoring.catalogues import update_catalogues
from autograder.course import CourseError, load_course
from tests.course.conftest import COURSE_YML


def test_a_grader_that_is_no_python_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "course.yml").write_text(COURSE_YML, encoding="utf-8")
    grader = tmp_path / "graders" / "hidden" / "test_adding.py"
    grader.parent.mkdir(parents=True)
    grader.write_text("x = 1\ny = = 2\n", encoding="utf-8")

    with pytest.raises(CourseError, match=r"^graders/hidden/test_adding\.py, line 2: it cannot be imp"):
        update_catalogues(load_course(tmp_path / "course.yml"))
