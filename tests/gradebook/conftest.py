"""A course that nbgrader runs in, and its command line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.gradebook.builders import ROOT

Nbgrader = Callable[..., str]


@pytest.fixture
def course_folder(tmp_path: Path) -> Path:
    """The course with a roster and its platforms' headings; grades go into a gradebook of its own."""
    text = (ROOT / "course.yml").read_text(encoding="utf-8")
    platforms = (
        "roster: roster.csv\n"
        "platforms:\n"
        '  canvas: {columns: {inception: "Inception module (4711)"}}\n'
        '  moodle: {columns: {inception: "Assignment: Inception (Real)"}}\n'
        "  blackboard: {timezone: Asia/Seoul}\n"
        "assignments:\n"
    )
    (tmp_path / "course.yml").write_text(text.replace("\nassignments:\n", f"\n{platforms}"), encoding="utf-8")
    (tmp_path / "roster.csv").write_text(
        "student_id,last_name,first_name,email,canvas_id,canvas_sis_id,canvas_login,section,moodle_id,"
        "moodle_username,blackboard_username\n"
        "kim,김,서연,kim@example.com,12345,S1,kim@u,A,2026001,kims,kim.s\n"
        'oneil,O\'Neil,"Mary, Ann",oneil@example.com,12346,S2,oneil@u,B,2026002,oneil,oneil.m\n'
        "lee,이,하늘,lee@example.com,12347,S3,lee@u,A,2026003,leeh,lee.h\n",
        encoding="utf-8",
    )
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    shutil.copytree(ROOT / "assignments" / "en" / "inception", tmp_path / "assignments" / "en" / "inception")
    return tmp_path


@pytest.fixture
def nbgrader(course_folder: Path) -> Nbgrader:
    """Runs nbgrader in the course, which must end well unless said otherwise; what it says is returned."""

    def run(*arguments: str, code: int = 0) -> str:
        binaries = Path(sys.executable).parent
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *arguments],
            cwd=course_folder,
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith("AUTOGRADER_")},
                "AUTOGRADER_LANG": "en",
                "PYTHONPATH": str(ROOT),
                "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
            },
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    return run
