"""The author's page can be followed literally: from a folder that is not there to an audited exercise."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.course.starter import solution
from tests.cli.test_json import documented, keys
from tests.gradebook.courses import ROOT, command, nbgrader

pytestmark = pytest.mark.slow

PAGE = (ROOT / "docs" / "author.md").read_text(encoding="utf-8")
LINES = re.search(r"```sh\n(.*?)```", PAGE, re.S)[1].splitlines()  # type: ignore[index]
NAME = "first-steps"


def typed(line: str) -> list[str]:
    """A line of the page as words, without its comment."""
    return shlex.split(line, comments=True)


def run(folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """`autograder words…`, which never ends in a traceback."""
    done = command(folder, "autograder", *words)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def undocumented(document: dict[str, Any]) -> list[str]:
    """The keys of a document that docs/json.md does not have; what a message is made of is its own matter."""
    findings = document.get("left", []) + document.get("findings", [])
    for finding in findings:
        finding["message"] = finding["message"]["text"]
    return sorted(keys(document) - documented(document["command"]))


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the page's first command makes, in a folder that has nothing."""
    folder = tmp_path_factory.mktemp("author")
    program, *words = typed(LINES[0])
    assert program == "autograder"
    done = run(folder, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "It is graded as it stands" in done.stdout
    return folder / "deep-learning"


def test_the_pages_commands_run_as_they_stand(course: Path) -> None:
    """`dev` watches for ever: here it looks once. Nothing but words is left to be written."""
    assert typed(LINES[1]) == ["cd", course.name]
    *_, dev = typed(LINES[2])
    looked = run(course, "dev", dev, "--once")
    assert looked.returncode == 1
    assert "✗" not in looked.stdout
    assert "Still to be written" in looked.stdout
    for line in LINES[3:]:
        # Hundreds of answers would take long. Of a few, one whose message is unclear is too large a share.
        audits = "audit" in line
        done = run(course, *typed(line)[1:], *(["--sample", "15"] if audits else []))
        assert done.returncode == 0 or audits, done.stdout + done.stderr
        assert not audits or re.search(rf"{NAME} +\d+ +100 % .* 15 +0$", done.stdout, re.M), done.stdout
    assert (course / "out" / "audit" / "index.html").is_file()


def test_the_linter_holds_what_is_pinned(course: Path) -> None:
    """What the audit has proposed is what the grader gives; what an author has changed is named."""
    path = course / "graders" / "pinned" / "first_steps.yml"
    text = path.read_text(encoding="utf-8")
    assert "name: untouched" in text
    assert text.count("cells:") >= 6

    path.write_text(text.replace("first-model: 0", "first-model: 1", 1), encoding="utf-8")
    findings = json.loads(run(course, "lint", "--json").stdout)["findings"]
    path.write_text(text, encoding="utf-8")
    (pinned,) = (finding for finding in findings if finding["rule"] != "unwritten")
    assert (pinned["rule"], pinned["file"]) == ("pinned", "graders/pinned/first_steps.yml")
    assert run(course, "release", "--check").returncode == 0


def test_it_goes_through_nbgrader(course: Path) -> None:
    """The starter code has nothing, the solution full marks."""
    source = nbformat.read(course / "solutions" / NAME / f"{NAME}.ipynb", as_version=4)
    assert nbgrader(course, "generate_assignment", NAME, "--force").returncode == 0
    for student in ("solver", "starter"):
        place = course / "submitted" / student / NAME
        place.mkdir(parents=True)
        notebook = nbformat.read(course / "assignments" / "en" / NAME / f"{NAME}.ipynb", as_version=4)
        answers = {cell.id: solution(cell.source) for cell in source.cells if cell.id.endswith("-answer")}
        for cell in notebook.cells if student == "solver" else ():
            cell.source = answers.get(cell.id, cell.source)
        nbformat.write(notebook, place / f"{NAME}.ipynb")
    done = nbgrader(course, "autograde", NAME)
    assert done.returncode == 0, done.stderr
    graded = run(course, "grade", ".", "--output", "out/class", "--json")
    rows = {row["student"]: row["score"] for row in json.loads(graded.stdout)["submissions"]}

    assert rows == {"solver": 10, "starter": 0}


def test_a_second_assignment_in_two_languages_is_one_command(course: Path) -> None:
    """And every key of its document is documented."""
    words = [
        "new",
        "u-net",
        "--task",
        "skip:function:4",
        "--task",
        "depth:value:1",
        "--title",
        "U-shaped networks",
    ]
    document = json.loads(run(course, *words, "--json").stdout)

    assert document["assignment"] == "u-net"
    assert {entry["rule"] for entry in document["left"]} == {"unwritten"}
    assert undocumented(document) == []
    assert "U-shaped networks" in (course / "course.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["new", NAME], f"`{NAME}` is taken"),
        (["new"], "Name the assignment: `autograder new ID`."),
        (["new", "x", "--task", "x:picture:3"], "`x:picture:3` is no task"),
        (["new", "x", "--task", "x:model:-1"], "`x:model:-1` is no task"),
        (["new", "x", "--title", "fr=Pas"], "`fr=Pas` is no title"),
        (["new", "--course", "other", "--languages", "e n"], "`e` is no tag of a language"),
        (["dev", "nothing"], "no assignment `nothing`"),
        (["tidy", "nothing"], "no assignment `nothing`"),
    ],
)
def test_what_cannot_be_is_one_sentence(course: Path, words: list[str], said: str) -> None:
    """And nothing is written."""
    before = (course / "course.yml").read_bytes()
    done = run(course, *words)

    assert done.returncode == 2, done.stdout
    assert said in done.stderr
    assert (course / "course.yml").read_bytes() == before
    assert not (course / "other").exists()


@pytest.mark.parametrize("command_", ["tidy", "catalogue"])
def test_every_key_is_documented(course: Path, command_: str) -> None:
    document = json.loads(run(course, *command_.split(), "--json").stdout)

    assert document["command"] == command_.split()[0]
    assert undocumented(document) == []


def test_the_example_was_written_by_the_page_and_is_in_order() -> None:
    """Its texts, its releases, what its grader makes of its own notebooks, and of what is pinned."""
    example = ROOT / "examples" / "course"
    done = run(example, "lint")

    assert done.returncode == 0, done.stdout
