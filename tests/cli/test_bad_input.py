"""Whatever is wrong with what a command is given: one sentence, a defined exit code, no traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests import warm

ROOT = Path(__file__).parents[2]


def said(done: subprocess.CompletedProcess[str]) -> str:
    """What a refused command says: nothing on standard output, no traceback."""
    assert done.returncode == 2, (done.returncode, done.stderr)
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_class_that_is_not_there_is_named(run, tmp_path: Path) -> None:
    assert f"{tmp_path}/none does not exist" in said(run("grade", tmp_path / "none"))


def test_an_empty_class_is_told_nbgraders_layout(run, tmp_path: Path) -> None:
    assert "holds no submission: nbgrader's layout is" in said(run("grade", tmp_path))


def test_refusals_are_in_the_readers_language(run, tmp_path: Path) -> None:
    assert "nbgrader" in said(run("grade", tmp_path, "--lang", "ko"))
    assert "holds no submission" not in said(run("grade", tmp_path, AUTOGRADER_LANG="ko"))


def test_outside_a_course_the_course_is_asked_for(run, tmp_path: Path) -> None:
    assert "course.yml" in said(run("grade", tmp_path, cwd=tmp_path))


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("version: 1\ntitle: [", "line"),
        ("version: 2\n", "version"),
        ((ROOT / "course.yml").read_text(encoding="utf-8").replace("points: 5", "points: five", 1), "points"),
        (
            (ROOT / "course.yml").read_text(encoding="utf-8").replace("cell_seconds", "cel_seconds", 1),
            "cel_seconds",
        ),
    ],
)
def test_a_course_that_cannot_be_read_is_told_the_place(run, tmp_path: Path, text: str, phrase: str) -> None:
    (tmp_path / "course.yml").write_text(text, encoding="utf-8")

    message = said(run("grade", tmp_path, "--course", tmp_path / "course.yml"))

    assert "course.yml" in message
    assert phrase in message


def test_a_target_that_is_nothing_is_told_the_assignments(run) -> None:
    assert "`homework` is neither a notebook nor an assignment" in said(run("check", "homework"))


@pytest.mark.parametrize(
    ("given", "phrase"),
    [
        (["check", "a" * 5000], "neither a notebook nor an assignment"),
        (["check", "a/" * 5000], "neither a notebook nor an assignment"),
        (["grade", "a" * 5000], "cannot be read: File name too long"),
        (["list", "--course", "a" * 5000], "cannot be read: File name too long"),
    ],
)
def test_a_name_that_no_system_takes_is_said_to_be_too_long(run, given: list[str], phrase: str) -> None:
    assert phrase in said(run(*given))


def test_an_audit_of_no_assignment_is_told_the_names(run) -> None:
    told = said(run("audit", "incepton", "--lang", "en"))

    assert "incepton" in told
    assert "inception" in told


def test_a_notebook_of_no_assignment_is_told_the_names(run, tmp_path: Path) -> None:
    path = tmp_path / "mine.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}))

    assert "mine.ipynb belongs to no assignment" in said(run("check", path))


def test_a_damaged_notebook_could_not_be_checked(run, tmp_path: Path) -> None:
    path = tmp_path / "inception.ipynb"
    path.write_text("{")

    assert "inception.ipynb is not a notebook" in said(run("check", path))


def test_an_output_folder_that_cannot_be_made_is_named(run, make_class, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    message = said(run("grade", make_class("lee-minjun"), "--output", tmp_path / "file" / "out"))

    assert f"Nothing can be written to {tmp_path}/file/out" in message


@pytest.mark.slow
def test_ctrl_c_ends_the_run_at_once_and_keeps_every_report_written(make_class, tmp_path: Path) -> None:
    folder = make_class("lee-minjun", "nguyen-linh")
    running = warm.start(["-m", "autograder", "grade", folder, "--output", tmp_path / "out", "--jobs", "1"])
    first = tmp_path / "out" / "reports" / "lee-minjun" / "inception.json"
    deadline = time.monotonic() + 120
    while not first.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1)
    os.killpg(running.pid, signal.SIGINT)
    done = running.end(timeout=30)

    assert done.returncode == 130
    assert "Traceback" not in done.stderr
    assert "Interrupted. Reports written so far: 1. They are kept" in done.stderr
    assert json.loads(first.read_text(encoding="utf-8"))["score"] == 0
    assert "lee-minjun" in (tmp_path / "out" / "grades.csv").read_text(encoding="utf-8-sig")
    assert not list((tmp_path / "out").rglob("*.tmp"))


@pytest.mark.slow
@pytest.mark.parametrize(("student", "code"), [("kim-seoyeon", 0), ("lee-minjun", 1)])
def test_check_explains_and_says_by_its_exit_code_whether_it_is_done(
    run, make_class, student: str, code: int
) -> None:
    folder = make_class(student)

    done = run("check", folder / "submitted" / student / "inception" / "inception.ipynb")

    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "Four branches that meet" in done.stdout


def test_doctor_names_the_level_and_the_packages(run) -> None:
    done = run("doctor", "--json")

    document = json.loads(done.stdout)
    assert document["packages"]["keras"] is not None
    assert document["isolation"]["level"] in ("full", "contained")
    assert (document["isolation"]["lacking"] == []) == (document["isolation"]["level"] == "full")
    assert document["slow"] is None


def test_doctor_says_where_grading_takes_longer(run) -> None:
    """Nothing is in the way for that."""
    told = json.loads(run("doctor", "--json", AUTOGRADER_PLAIN_KERAS="all").stdout)
    said = run("doctor", "--lang", "ko", AUTOGRADER_PLAIN_KERAS="all").stdout

    assert told["slow"]["values"] == {"variable": "AUTOGRADER_PLAIN_KERAS", "value": "all"}
    assert told["next"] != told["slow"]
    assert "시간이 더 걸립니다" in said


def test_doctor_ends_with_whether_all_is_ready_or_the_one_next_thing(run, tmp_path: Path) -> None:
    """Outside of a course's folder, where nobody asks for an exchange."""
    ready = run("doctor", cwd=tmp_path)
    lacking = run("doctor", cwd=tmp_path, KERAS_BACKEND="torch")

    assert ready.stdout.splitlines()[-1] == "Ready: nothing that is needed is missing."
    assert ready.returncode == 0
    assert lacking.stdout.splitlines()[-1].startswith("Not ready yet. The next thing to do: Keras is set to ")
    assert lacking.returncode == 1


def test_a_backend_that_trains_nothing_is_said(run) -> None:
    """Keras takes it for building and for inference."""
    done = run("verify", "loss-weights", KERAS_BACKEND="numpy")

    assert done.returncode == 2
    assert done.stderr == (
        "autograder: The backend `numpy` cannot train; choose another with --backend: "
        "`tensorflow`, `jax`, `torch`.\n"
    )
