"""`autograder export`: what is written where, and what is refused."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from tests.cli.test_json import documented, keys


def test_a_zip_for_each_assignment(run, tmp_path: Path) -> None:
    words = ["export", "gradescope", "inception", "residual-projection", "--output", tmp_path / "out"]
    done = run(*words, "--hidden", "hidden", "--tests", "check", "--lang", "ko", "--timeout", "20", "--json")
    document = json.loads(done.stdout)

    assert done.returncode == 0, done.stderr
    assert [one["assignment"] for one in document["files"]] == ["inception", "residual-projection"]
    assert keys(document) - documented("export") == set()
    with zipfile.ZipFile(document["files"][0]["file"]) as archive:
        settings = json.loads(archive.read("settings.json"))
    assert settings.pop("tasks")
    assert settings == {
        "assignment": "inception", "hidden": "hidden", "tests": "check", "language": "ko", "minutes": 20
    }  # fmt: skip


def test_it_says_where_and_for_whom(run, tmp_path: Path) -> None:
    done = run("export", "gradescope", "inception", "--output", tmp_path / "out")

    assert f"inception: {tmp_path}/out/inception.zip\n" in done.stdout
    assert "they are for you alone" in done.stdout


def test_an_assignment_that_is_not_there_is_named_before_anything_is_written(run, tmp_path: Path) -> None:
    done = run("export", "gradescope", "inception", "exception", "--output", tmp_path / "out")

    assert done.returncode == 2
    assert "The course has no assignment `exception`; it has `functional-api`" in done.stderr
    assert not (tmp_path / "out").exists()


def test_limits_longer_than_gradescopes_are_refused(run, tmp_path: Path) -> None:
    done = run("export", "gradescope", "inception", "--timeout", "3", "--output", tmp_path / "out")

    assert done.returncode == 2
    assert "Grading one submission may take" in done.stderr
    assert not (tmp_path / "out").exists()


def test_repositories_for_github(run, tmp_path: Path) -> None:
    done = run("export", "github", "inception", "--output", tmp_path / "out", "--lang", "ko", "--json")
    document = json.loads(done.stdout)

    assert done.returncode == 0, done.stderr
    assert [one["assignment"] for one in document["files"]] == ["inception", ""]
    folders = [Path(one["file"]) for one in document["files"]]
    assert [path.name for path in folders] == ["inception", "instructor"]
    assert '"language": "ko"' in (folders[0] / "inception.ipynb").read_text(encoding="utf-8")
    assert (folders[1] / ".github" / "autograder" / "collect.sh").is_file()


def test_an_option_of_the_other_platform_is_refused(run, tmp_path: Path) -> None:
    done = run("export", "github", "inception", "--hidden", "visible", "--output", tmp_path / "out")

    assert done.returncode == 2
    assert "`--hidden` is for Gradescope: leave it out." in done.stderr
    assert not (tmp_path / "out").exists()
