"""What nbgrader is told, from `course.yml` and two variables of the environment."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import nbgrader.api
import nbgrader.apps.api
import pytest
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config, PyFileConfigLoader

from autograder.gradebook.engine import patient_engine
from tests.gradebook.courses import ROOT, make_course


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTOGRADER_LANG", raising=False)
    monkeypatch.delenv("AUTOGRADER_GRADEBOOK", raising=False)


def loaded(folder: Path) -> Config:
    """The folder's nbgrader_config.py, loaded as nbgrader loads it."""
    return PyFileConfigLoader("nbgrader_config.py", path=str(folder)).load_config()


def edit(course: Path, old: str, new: str) -> None:
    path = course / "course.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_configuration_file_is_three_lines() -> None:
    lines = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8").splitlines()

    assert len([line for line in lines if line.strip()]) <= 3


def test_folders_and_ids_come_from_the_course() -> None:
    config = loaded(ROOT).CourseDirectory

    assert config.root == str(ROOT)
    assert config.course_id == "beyond-sequential-en"
    assert config.source_directory == "solutions"
    assert config.release_directory == "assignments/en"
    assert config.db_url == f"sqlite:///{ROOT / 'gradebook.db'}"


def test_a_second_course_anywhere_on_disk_works_the_same(tmp_path: Path) -> None:
    other = make_course(tmp_path / "elsewhere" / "한국어 강좌")
    edit(other, "id: beyond-sequential", "id: second-course")

    config = loaded(other)

    assert config.CourseDirectory.root == str(other)
    assert config.CourseDirectory.course_id == "second-course-en"
    assert config.InCourse.course_file == str(other / "course.yml")


def test_each_language_is_a_course_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRADER_LANG", "ko")

    config = loaded(ROOT).CourseDirectory

    assert config.course_id == "beyond-sequential-ko"
    assert config.release_directory == "assignments/ko"


def test_the_gradebook_is_another_by_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course = make_course(tmp_path / "course")
    edit(course, "assignments:\n", "gradebook: postgresql://me@db/grades\nassignments:\n")

    assert loaded(course).CourseDirectory.db_url == "postgresql://me@db/grades"
    monkeypatch.setenv("AUTOGRADER_GRADEBOOK", "postgresql://me@other/grades")
    assert loaded(course).CourseDirectory.db_url == "postgresql://me@other/grades"


def test_a_course_that_is_not_in_order_stops_nbgrader_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """nbgrader would otherwise log a traceback and go on with its own steps, which have no jail."""
    course = make_course(tmp_path / "course")
    edit(course, "isolation: contained", "isolation: perhaps")

    with pytest.raises(SystemExit) as ended:
        loaded(course)

    assert ended.value.code == 2
    assert '`isolation` is "perhaps"; it should be `contained` or `full`' in capsys.readouterr().err


def test_every_step_that_is_named_exists() -> None:
    config = loaded(ROOT)
    named = [
        *config.GenerateAssignment.preprocessors,
        config.Autograde.exporter_class,
        config.Autograde.pre_convert_hook,
        *config.Autograde.autograde_preprocessors,
        config.AssignLatePenalties.plugin_class,
        config.GenerateFeedback.exporter_class,
        *config.HTMLExporter.preprocessors,
        *config.HTMLExporter.filters.values(),
        *config.ExchangeFactory.values(),
    ]

    for name in named:
        module, attribute = name.rsplit(".", 1)
        assert hasattr(importlib.import_module(module), attribute), name


def test_nothing_of_nbgraders_is_imported_for_it() -> None:
    """A configuration file is read by every command of nbgrader's, several times."""
    heavy = {"nbgrader", "keras", "tensorflow", "nbformat", "nbconvert"}
    program = "import sys, autograder.gradebook; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert heavy & set(done.stdout.split()) == set()


def test_what_no_setting_reaches_is_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Times and a locked gradebook are the same to every command and page of nbgrader's.

    And Formgrader shows no traceback of what has been said.
    """
    monkeypatch.setattr(CourseDirectory, "get_existing_timestamp", None)
    monkeypatch.setattr(nbgrader.api, "create_engine", None)
    monkeypatch.setattr(nbgrader.apps.api, "capture_log", None)
    loaded(ROOT)

    assert CourseDirectory.get_existing_timestamp is not None
    assert nbgrader.api.create_engine is patient_engine
    assert nbgrader.apps.api.capture_log is not None
