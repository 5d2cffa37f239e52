"""What students install holds no hidden check and no solution; what they open holds neither."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

from autograder.messages.extract import sentences

ROOT = Path(__file__).parents[1]
HIDDEN = sorted((ROOT / "autograder" / "hidden").glob("test_*.py"))
NOTEBOOKS = sorted((ROOT / "assignments").rglob("*.ipynb"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    place = tmp_path_factory.mktemp("wheel")
    source = place / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "course.yml", "autograder"):
        subprocess.run(["cp", "-r", ROOT / name, source], check=True)
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
         "--wheel-dir", place, source],
        check=True,
    )  # fmt: skip
    return zipfile.ZipFile(next(place.glob("*.whl")))


def test_the_wheel_leaves_out_what_students_must_not_have(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()

    assert [name for name in names if re.search(r"hidden|solutions|examples|tests/", name)] == []


def test_no_sentence_of_a_hidden_check_is_in_the_wheels_code(wheel: zipfile.ZipFile) -> None:
    code = "\n".join(wheel.read(name).decode() for name in wheel.namelist() if name.endswith(".py"))

    for path in HIDDEN:
        for check in re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8")):
            assert check not in code


def test_no_sentence_of_a_hidden_check_is_anywhere_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    everything = "\n".join(wheel.read(name).decode() for name in wheel.namelist())

    hidden = sentences(hidden=True) - sentences()
    assert hidden
    assert [sentence for sentence in hidden if sentence in everything] == []


def test_the_wheel_has_what_the_package_reads(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())

    for path in (ROOT / "autograder").rglob("*"):
        inside = path.relative_to(ROOT).as_posix()
        if path.is_file() and "hidden" not in inside and "__pycache__" not in inside:
            assert inside in names


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_released_notebook_holds_no_solution_and_no_hidden_check(path: Path) -> None:
    released = path.read_text(encoding="utf-8")
    source = nbformat.read(ROOT / "solutions" / path.stem / path.name, as_version=4)

    assert "BEGIN SOLUTION" not in released
    for cell in source.cells:
        for solution in re.findall(
            r"### BEGIN SOLUTION\n(.*?)### (?:BEGIN STUB|END SOLUTION)", cell.source, re.S
        ):
            assert solution.strip() not in nbformat.read(path, as_version=4).cells
            assert repr(solution.strip())[1:-1] not in released
    for grader in HIDDEN:
        for check in re.findall(r"def (test_\w+)", grader.read_text(encoding="utf-8")):
            assert check not in released
