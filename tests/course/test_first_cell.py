"""The cell that a released notebook begins with: it is the same everywhere, and says what is missing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest

from autograder.course import Course, CourseError, load_course
from autograder.course.first_cell import ID, PYTHON, first_cell_text, is_first_cell
from autograder.course.release import Targets, release_text
from autograder.version import VERSION

from .conftest import COURSE_YML

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "assignments").rglob("*.ipynb"))
ADDRESS = f"https://example.org/beyond_sequential-{VERSION}-py3-none-any.whl"

# Runs cells as a notebook does: pip only notes what it is asked, and the package or a Python may be missing.
IN_IPYTHON = """\
import contextlib, io, json, sys
from IPython.core.interactiveshell import InteractiveShell

cells, missing, version = json.loads(sys.argv[1])
if missing:
    sys.modules["autograder"] = None
asked = []
InteractiveShell.showtraceback = lambda *_, **__: None
for cell in cells:
    shell = InteractiveShell()
    shell.register_magic_function(asked.append, magic_name="pip")
    if version:
        sys.version_info = tuple(version)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        done = shell.run_cell(cell)
    error = type(done.error_in_exec).__name__ if done.error_in_exec else None
    shown = printed.getvalue() if error else repr(done.result)
    print(json.dumps({"asked": asked, "shown": shown, "error": error}))
"""


def run(
    folder: Path, *cells: str, missing: bool = True, version: tuple[int, ...] = (), **environment: str
) -> list[dict]:
    """What is asked of pip, and what is shown, for each cell."""
    done = subprocess.run(
        [sys.executable, "-c", IN_IPYTHON, json.dumps([cells, missing, version])],
        cwd=folder,
        env={**os.environ, "AUTOGRADER_LANG": "", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def with_wheel(folder: Path) -> Course:
    """The small course, whose `course.yml` says where the package is."""
    file = folder / "course.yml"
    file.write_text(COURSE_YML.replace("version: 1\n", f"version: 1\nwheel: {ADDRESS}\n"), encoding="utf-8")
    return load_course(file)


def test_it_is_the_first_cell_that_runs(course: Course, drawing: Targets) -> None:
    """What a notebook opens with is its title; a slip can neither change nor delete the cell."""
    text = release_text(course, course.assignments[0], "ko", drawing)
    cells = nbformat.reads(text, as_version=4).cells
    first = next(cell for cell in cells if cell.cell_type == "code")

    assert cells[0].id == "intro-ko"
    assert (first.id, first.source) == (ID, first_cell_text(course, "ko"))
    assert first.metadata == {"deletable": False, "editable": False}


def test_it_is_the_same_in_every_notebook_of_a_language() -> None:
    """A learner who has read it once need not read it again."""
    found: dict[str, set[str]] = {"en": set(), "ko": set()}
    for path in NOTEBOOKS:
        notebook = nbformat.read(path, as_version=4)
        first = next(cell for cell in notebook.cells if cell.cell_type == "code")
        found[notebook.metadata.autograder.language].add(first.source)

    course = load_course(ROOT / "course.yml")
    assert found == {language: {first_cell_text(course, language)} for language in course.languages}


def test_what_it_says_is_in_the_language_of_the_notebook(course: Course) -> None:
    """So are its comment and both sentences."""
    korean, english = first_cell_text(course, "ko"), first_cell_text(course, "en")

    assert "이 셀은 컴퓨터를 준비합니다" in korean
    assert "파이썬 3.11 이상이 필요한데" in korean
    assert "This cell gets the computer ready." in english


@pytest.mark.parametrize("language", ["en", "ko"])
def test_it_is_short_enough_to_be_read(course: Course, language: str) -> None:
    """Who opens a notebook sees no wall of code, and need not scroll to the side."""
    lines = first_cell_text(course, language).splitlines()

    assert len(lines) <= 26
    assert max(map(len, lines)) <= 100


def test_a_missing_package_is_one_sentence_with_its_cure(course: Course, tmp_path: Path) -> None:
    """It comes before the error that stops the notebook; pip is not asked for nothing."""
    (found,) = run(tmp_path, first_cell_text(course, "en"))

    assert found["asked"] == []
    assert found["shown"].startswith(
        "The package `beyond-sequential`, which checks your answers, is not there"
    )
    assert "Put the file `beyond_sequential-*.whl`" in found["shown"]
    assert found["error"] == "ModuleNotFoundError"


def test_a_wheel_beside_the_notebook_is_installed_the_newest_one(course: Course, tmp_path: Path) -> None:
    """Also where a browser has numbered a second download, which pip would refuse."""
    for name in ("0.1.0-py3-none-any.whl", "0.2.0-py3-none-any (1).whl", "0.2.0-py3-none-any.whl"):
        (tmp_path / f"beyond_sequential-{name}").touch()
    (found,) = run(tmp_path, first_cell_text(course, "en"))

    assert found["asked"] == ['install --quiet "beyond_sequential-0.2.0-py3-none-any.whl"']


def test_without_one_the_courses_own_is_installed(tmp_path: Path) -> None:
    """Where that fails, too, the sentence asks for a network."""
    course = with_wheel(tmp_path)
    (found,) = run(tmp_path, first_cell_text(course, "en"))

    assert found["asked"] == [f'install --quiet "{ADDRESS}"']
    assert "Is there a network?" in found["shown"]


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/a.whl",
        "https://example.org/a.zip",
        'https://example.org/a".whl',
        "https://example.org/{a}.whl",
        "https://example.org/$a.whl",
        "https://example.org/a.whl; rm -rf .whl",
    ],
)
def test_an_address_is_that_of_a_wheel_and_nothing_else(tmp_path: Path, address: str) -> None:
    """It stands in a line that a shell reads."""
    file = tmp_path / "course.yml"
    written = json.dumps(address)
    file.write_text(COURSE_YML.replace("version: 1\n", f"version: 1\nwheel: {written}\n"), encoding="utf-8")

    with pytest.raises(CourseError, match="the address of a wheel"):
        load_course(file)


def test_a_python_that_is_too_old_is_said_before_anything_is_installed(tmp_path: Path) -> None:
    course = with_wheel(tmp_path)
    (found,) = run(tmp_path, first_cell_text(course, "en"), version=(3, 10, 2))

    assert found["asked"] == []
    assert found["shown"] == (
        "These exercises need Python 3.11 or newer, and this kernel's is older: choose another kernel, or "
        "install a newer Python.\n"
    )


def test_the_oldest_python_is_that_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert project["requires-python"] == ">=" + ".".join(map(str, PYTHON))
    assert project["version"] == VERSION


@pytest.mark.parametrize("language", ["en", "ko"])
def test_where_all_is_there_the_notebook_speaks_its_language(
    course: Course, tmp_path: Path, language: str
) -> None:
    """Wherever it lies: neither its file nor a course is near."""
    cells = [first_cell_text(course, language), "from autograder import hint\nhint('branch-sizes')"]
    there, hint = run(tmp_path, *cells, missing=False, XDG_DATA_HOME=str(tmp_path))

    assert there["asked"] == []
    assert there["shown"].startswith({"en": "Ready: Keras ", "ko": "준비가 끝났습니다: 케라스 "}[language])
    assert hint["shown"].startswith({"en": "Hint 1 of 3", "ko": "힌트 1/3"}[language])


@pytest.mark.parametrize(
    ("cell_id", "source", "expected"),
    [
        (ID, "import math", True),
        ("b2", 'from autograder import ready\nready("0.0.9", "en")', True),
        (None, 'try:\n    from autograder import ready\nexcept ImportError:\n    "?"', True),
        ("imports", "import keras\nfrom autograder import check, hint", False),
        ("b2", "# from autograder import ready", False),
    ],
)
def test_it_is_known_again_when_it_was_changed_or_has_lost_its_id(
    cell_id: str | None, source: str, expected: bool
) -> None:
    assert is_first_cell(cell_id, source) is expected
