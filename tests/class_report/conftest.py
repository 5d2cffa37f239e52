"""The made-up class, written and summed up once."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.class_report import ClassReport, class_report, reports_below
from autograder.feedback import ClassList
from autograder.messages import Localized
from tests.class_report import classes


@pytest.fixture(scope="session")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as `autograder grade` leaves it, with the reports of the class."""
    return classes.written(classes.submissions(), tmp_path_factory.mktemp("class"))


@pytest.fixture(scope="session")
def whole(output: Path) -> ClassReport:
    """The class, in the order of its course."""
    title = Localized(en="A course", ko="과정")
    order = ClassList(assignments=["inception", "after-it"])
    return class_report(reports_below(output), order, title=title)
