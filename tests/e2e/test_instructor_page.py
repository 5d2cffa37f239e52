"""The instructor's page can be followed literally: its commands run as they stand, in both languages."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.gradebook.courses import ROOT, environment

PAGES = {
    name: (ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("instructor.md", "instructor.ko.md")
}
SUBMITTED = ROOT / "examples" / "class" / "submitted"
# Of the eight: one with full marks, and the one that the page's words are about.
STUDENTS = ("kim-seoyeon", "jung-haeun")
# Of the ten assignments: the one that the page generates, and of one of them one that it does not.
HANDED_IN = [(student, "inception") for student in STUDENTS] + [("kim-seoyeon", "functional-api")]
WHAT_A_CLONE_HAS = ("course.yml", "nbgrader_config.py", "Makefile", "pyproject.toml", "requirements.lock")


def commands(page: str) -> list[str]:
    """The lines of a page's `sh` blocks, one after the other, also of those in a list."""
    blocks = re.findall(r"```sh\n(.*?)\n *```", page, re.S)
    return [line.strip() for block in blocks for line in block.splitlines()]


def test_both_languages_give_the_same_commands() -> None:
    assert commands(PAGES["instructor.md"]) == commands(PAGES["instructor.ko.md"])
    assert re.findall(r"```console\n(.*?)```", PAGES["instructor.md"], re.S) == re.findall(
        r"```console\n(.*?)```", PAGES["instructor.ko.md"], re.S
    )


def test_both_languages_have_the_same_sections() -> None:
    english, korean = (re.findall(r"^(#+ |\d\. )", page, re.M) for page in PAGES.values())

    assert english == korean


def test_the_page_begins_with_nbgraders_five_steps() -> None:
    """In their order, each with the command that takes it."""
    steps = re.split(r"^\d\. ", PAGES["instructor.md"].split("\n## ")[1], flags=re.M)[1:]
    wanted = ("generate_assignment", "release_assignment", "collect", "autograde", "generate_feedback")

    assert [f"nbgrader {name} " in step for name, step in zip(wanted, steps, strict=True)] == [True] * 5


@pytest.mark.slow
def test_the_page_is_followed_literally(tmp_path: Path) -> None:
    """In what a clone has, but for `.venv`, which this very test runs in, and for most of the class."""
    for name in WHAT_A_CLONE_HAS:
        shutil.copy(ROOT / name, tmp_path)
    for name in ("solutions", "graders", "assignments"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for place in (Path(student, assignment) for student, assignment in HANDED_IN):
        shutil.copytree(SUBMITTED / place, tmp_path / SUBMITTED.relative_to(ROOT) / place)
    lines = commands(PAGES["instructor.md"])
    assert lines[:2] == ["make install", ". .venv/bin/activate"]
    grading = lines.index("autograder grade . --gradebook")
    mending = next(number for number, line in enumerate(lines) if line.startswith("sed "))

    done = followed(tmp_path, lines[2:grading])

    assert done.returncode == 0, done.stderr
    page = tmp_path / "feedback/jung-haeun/inception/inception.html"
    assert "bs-card" in page.read_text(encoding="utf-8")
    with (tmp_path / "grades-long.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert rows["jung-haeun"]["score"] == "8"
    direct = followed(tmp_path, [lines[grading]])
    # One assignment has not been generated: it is graded, and it is said that the gradebook lacks it.
    assert direct.returncode == 1
    assert direct.stderr.count("is not in the gradebook yet") == 1
    assert "`functional-api` is not in the gradebook yet" in direct.stderr
    assert len(list((tmp_path / "out" / "reports").glob("*/*.json"))) == len(HANDED_IN)
    assert os.access(tmp_path / "autograded/jung-haeun/inception/inception.ipynb", os.R_OK)
    summed_up = followed(tmp_path, lines[grading + 1 : mending])
    assert summed_up.returncode == 0, summed_up.stderr
    assert '<html lang="ko"' in (tmp_path / "report" / "class.html").read_text(encoding="utf-8")

    # A check was wrong: what now.
    compared, regraded = mending + 2, mending + 3
    assert followed(tmp_path, lines[mending:compared]).returncode == 0
    differences = followed(tmp_path, [lines[compared]])
    assert differences.returncode == 1
    assert "3 → 4 / 5" in differences.stdout
    assert differences.stdout.endswith("with more points: 1, with fewer: 0\n")
    stale = "Feedback pages of `inception` that show an earlier grading: 1."
    assert stale in followed(tmp_path, [lines[regraded]]).stderr
    made_anew = followed(tmp_path, lines[regraded + 1 :])
    assert made_anew.returncode == 0, made_anew.stderr
    assert "9 / 10점" in page.read_text(encoding="utf-8")
    # On Gradescope: what is in a zip is held by tests/platforms.
    assert [path.name for path in sorted(tmp_path.glob("*/**/*.zip"))] == [
        "inception.zip", "residual-projection.zip", "inception.zip"
    ]  # fmt: skip
    assert (tmp_path / "out/github/inception/.github/workflows/classroom.yml").is_file()
    assert (tmp_path / "out/github/instructor/.github/workflows/grade.yml").is_file()


def followed(course: Path, lines: list[str]) -> subprocess.CompletedProcess[str]:
    """Lines of the page, run by a shell in a course's folder up to the first that fails."""
    return subprocess.run(
        ["bash", "-c", "\n".join(["set -eu", *lines])],
        cwd=course,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
