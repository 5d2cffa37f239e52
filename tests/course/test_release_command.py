"""`autograder release` as an author meets it, on the small course and with pictures of few letters."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from autograder.cli import release
from autograder.cli.app import command_line
from autograder.course.release import Targets

Run = Callable[..., Result]


@pytest.fixture
def run(course_file: Path, drawing: Targets, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `autograder release` in the small course's folder."""
    monkeypatch.setattr("autograder.release.targets.targets", lambda _course: drawing)
    monkeypatch.setenv("XDG_CACHE_HOME", str(course_file.parent / "cache"))
    monkeypatch.chdir(course_file.parent / "solutions")
    app = command_line(["release"])
    return lambda *options: CliRunner().invoke(app, ["release", "--lang", "en", *options])


def test_a_release_says_what_it_wrote(run: Run) -> None:
    """From anywhere in the course; the second time there is nothing to write."""
    first, second = run(), run()

    assert (first.exit_code, first.stdout) == (
        0,
        "Written: assignments/en/adding/adding.ipynb\nWritten: assignments/ko/adding/adding.ipynb\n"
        "Written: assignments/en/adding/adding.check.json\n"
        "Written: assignments/ko/adding/adding.check.json\n",
    )
    assert (second.exit_code, second.stdout) == (0, "assignments/ is in step with solutions/.\n")


def test_a_check_builds_everything_and_believes_no_cache(run: Run, course_file: Path) -> None:
    """A cache that says something else changes what a release writes, and a check says that it is wrong."""
    run()
    (kept,) = (course_file.parent / "cache").rglob("*.json")
    text = kept.read_text(encoding="utf-8").replace("total = 11", "total = 12")
    kept.write_text(text, encoding="utf-8")

    assert run("--check").exit_code == 0
    assert run().stdout.count("Written: ") == 2
    assert run("--check").exit_code == 1


def test_a_check_changes_nothing_and_says_the_cure(run: Run, course_file: Path) -> None:
    """Exit code 1, the files, and the command that builds them."""
    done = run("--check")

    assert done.exit_code == 1
    assert done.stdout == (
        "assignments/en/adding/adding.ipynb is missing.\nassignments/ko/adding/adding.ipynb is missing.\n"
        "assignments/en/adding/adding.check.json is missing.\n"
        "assignments/ko/adding/adding.check.json is missing.\n"
    )
    assert done.stderr == "Run `autograder release` to build assignments/ again.\n"
    assert not (course_file.parent / "assignments").exists()


def test_a_check_shows_the_head_of_the_difference(run: Run, course_file: Path) -> None:
    """Enough to see what is going on, however many lines differ."""
    run()
    path = course_file.parent / "assignments" / "en" / "adding" / "adding.ipynb"
    path.write_text("{\n" + "1,\n" * 100 + "}\n", encoding="utf-8")

    done = run("--check")
    lines = done.stdout.splitlines()

    assert done.exit_code == 1
    assert lines[0] == "assignments/en/adding/adding.ipynb is not what its source notebook makes:"
    assert lines[1:3] == ["  --- assignments", "  +++ solutions"]
    assert len(lines) == 1 + release.DIFF_LINES + 1
    assert lines[-1].startswith("  (lines of the difference not shown: ")


def test_the_document_is_json_and_nothing_else(run: Run) -> None:
    """`--json` says the same for machines."""
    before, after = json.loads(run("--check", "--json").stdout), json.loads(run("--json").stdout)
    paths = [
        "assignments/en/adding/adding.ipynb",
        "assignments/ko/adding/adding.ipynb",
        "assignments/en/adding/adding.check.json",
        "assignments/ko/adding/adding.check.json",
    ]

    assert before == {
        "schema_version": 1,
        "command": "release",
        "in_step": False,
        "written": [],
        "out_of_step": [{"path": path, "fault": "missing"} for path in paths],
    }
    assert after == {
        "schema_version": 1,
        "command": "release",
        "in_step": True,
        "written": paths,
        "out_of_step": [],
    }


def test_a_wrong_course_is_a_sentence_and_exit_code_two(run: Run, course_file: Path) -> None:
    """No traceback, in neither language."""
    course_file.write_text("version: 2\n", encoding="utf-8")
    done = run("--lang", "ko")

    assert done.exit_code == 2
    assert done.stdout == ""
    assert "course.yml 1행: `version` 값이 2입니다. 올바른 값: 1" in done.stderr
    assert "Traceback" not in done.stderr
