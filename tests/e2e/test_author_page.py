"""The author's page can be followed literally: from a folder that is not there to an audited exercise."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.course.starter import solution
from tests.cli.test_json import documented, keys
from tests.gradebook.courses import ROOT, command, nbgrader, url_of

pytestmark = pytest.mark.slow

PAGE = (ROOT / "docs" / "author.md").read_text(encoding="utf-8")
LINES = re.search(r"```sh\n(.*?)```", PAGE, re.S)[1].splitlines()  # type: ignore[index]
NAME = "first-steps"
KINDS = (
    "--task=first-model:model:4",
    "--task=first-table:table:3",
    "--task=first-plot:plot:1",
    "--task=first-text:text:2",
)
"""Four kinds of tasks: what is compared as a graph, as a table, as a plot, and what a person grades."""


def typed(line: str) -> list[str]:
    """A line of the page as words, without its comment."""
    return shlex.split(line, comments=True)


# `dev` tries 24 wrong and 24 right answers: of a few, it shows the same.
FEWER = """
from autograder.authoring.dev import Author

Author.of.__func__.__kwdefaults__["sample"] = 5
"""


def run(folder: Path, *words: object, **more: str) -> subprocess.CompletedProcess[str]:
    """`autograder words…`, which never ends in a traceback."""
    done = command(folder, "autograder", *words, **more)
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
    """What the page's first command makes of four kinds of tasks, in a folder that has nothing."""
    folder = tmp_path_factory.mktemp("author")
    program, *words = typed(LINES[0])
    assert program == "autograder"
    done = run(folder, *words, *KINDS, "--course-title", "Deep learning: the first steps")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "It is graded as it stands" in done.stdout
    text = (folder / "deep-learning" / "course.yml").read_text(encoding="utf-8")
    assert 'title: {en: "Deep learning: the first steps"}' in text
    return folder / "deep-learning"


def test_the_pages_commands_run_as_they_stand(course: Path, tmp_path: Path) -> None:
    """`dev` watches for ever: here it looks once. Nothing but words is left to be written."""
    assert typed(LINES[1]) == ["cd", course.name]
    *_, dev = typed(LINES[2])
    (tmp_path / "sitecustomize.py").write_text(FEWER, encoding="utf-8")
    looked = run(course, "dev", dev, "--once", PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}")
    assert looked.returncode == 1
    assert "✗" not in looked.stdout
    assert "Still to be written" in looked.stdout
    for line in LINES[3:]:
        # Hundreds of answers would take long. Of a few, one whose message is unclear is too large a share.
        audits = "audit" in line
        done = run(course, *typed(line)[1:], *(["--sample", "9"] if audits else []))
        assert done.returncode == 0 or audits, done.stdout + done.stderr
        assert not audits or re.search(rf"{NAME} +\d+ +100 % .* 9 +0$", done.stdout, re.M), done.stdout
        assert not audits or f"{NAME}: left out, because a person grades it: `first-text`." in done.stdout
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


def handed_in(course: Path, student: str, *, solved: bool, text: str | None = None) -> None:
    """A student's notebook: as it was given out, or with the solution; with a text, or without."""
    source = nbformat.read(course / "solutions" / NAME / f"{NAME}.ipynb", as_version=4)
    answers = {cell.id: solution(cell.source) for cell in source.cells if cell.id.endswith("-answer")}
    place = course / "submitted" / student / NAME
    place.mkdir(parents=True)
    notebook = nbformat.read(course / "assignments" / "en" / NAME / f"{NAME}.ipynb", as_version=4)
    for cell in notebook.cells:
        if solved:
            cell.source = answers.get(cell.id, cell.source)
        if cell.id == "first-text" and text is not None:
            cell.source = text
    nbformat.write(notebook, place / f"{NAME}.ipynb")


Grades = dict[str, dict[str, tuple[float | None, float | None, bool]]]


def in_gradebook(course: Path) -> Grades:
    """Of each student's tasks the automatic score, the score by hand, and whether a person is to look."""
    with Gradebook(url_of(course)) as gradebook:
        return {
            one.student.id: {
                grade.cell.name: (grade.auto_score, grade.manual_score, bool(grade.needs_manual_grade))
                for grade in one.notebooks[0].grades
            }
            for one in gradebook.assignment_submissions(NAME)
        }


def to_be_graded(course: Path) -> list[str]:
    """The students whom Formgrader's page for grading by hand marks as waiting."""
    config = Config({"CourseDirectory": {"db_url": url_of(course), "root": str(course)}})
    listed = NbGraderAPI(CourseDirectory(config=config)).get_notebook_submissions(NAME, NAME)
    return sorted(row["student"] for row in listed if row["needs_manual_grade"])


def rows(course: Path, *words: str) -> dict[str, tuple[float, float]]:
    """What `grade` says of each student: the points so far, and those that are pending."""
    graded = run(course, "grade", ".", "--output", "out/class", *words, "--json")
    assert not undocumented(json.loads(graded.stdout))
    return {
        row["student"]: (row["score"], row["pending"]) for row in json.loads(graded.stdout)["submissions"]
    }


WRITTEN = "A <script>alert(1)</script> **good** answer."


@pytest.fixture(scope="module")
def graded(course: Path) -> tuple[Path, Grades]:
    """A class graded by nbgrader: one has done all, one all but the text, one nothing; and what it gave."""
    assert nbgrader(course, "generate_assignment", NAME, "--force").returncode == 0
    handed_in(course, "solver", solved=True, text=WRITTEN)
    handed_in(course, "silent", solved=True)
    handed_in(course, "starter", solved=False)
    done = nbgrader(course, "autograde", NAME)
    assert done.returncode == 0, done.stderr
    return course, in_gradebook(course)


def test_it_goes_through_nbgrader(graded: tuple[Path, Grades]) -> None:
    """The starter code and the prompt have nothing, the solution full marks, and a text waits."""
    course, given = graded
    right = {"first-model": (4, None, False), "first-table": (3, None, False), "first-plot": (1, None, False)}
    nothing = dict.fromkeys(right, (0, None, False))

    assert given == {
        "solver": {**right, "first-text": (None, None, True)},
        "silent": {**right, "first-text": (0, None, False)},
        "starter": {**nothing, "first-text": (0, None, False)},
    }
    assert to_be_graded(course) == ["solver"]


def test_our_own_way_gives_the_same_and_what_a_person_gives_stays(graded: tuple[Path, Grades]) -> None:
    """Written by `grade --gradebook`, given by hand, shown by us and by nbgrader, and graded once more."""
    course, given = graded
    assert rows(course, "--gradebook") == {"solver": (8, 2), "silent": (8, 0), "starter": (0, 0)}
    assert in_gradebook(course) == given
    page = (course / "out" / "class" / "feedback" / "solver" / f"{NAME}.html").read_text(encoding="utf-8")
    assert "8 of 10 points so far, 2 points pending" in page
    assert "A &lt;script&gt;alert(1)&lt;/script&gt; **good** answer." in page
    figures = json.loads((course / "out" / "class" / "class.json").read_text(encoding="utf-8"))
    (assignment,) = figures["assignments"]
    assert (assignment["waiting"], assignment["full"]) == (1, 0)
    assert assignment["mean"] == pytest.approx((1 + 0.8 + 0) / 3)

    with Gradebook(url_of(course)) as gradebook:
        grade = gradebook.find_grade("first-text", NAME, NAME, "solver")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        gradebook.db.commit()
    assert to_be_graded(course) == []
    assert rows(course, "--gradebook")["solver"] == (9.5, 0)
    page = (course / "out" / "class" / "feedback" / "solver" / f"{NAME}.html").read_text(encoding="utf-8")
    assert "9.5 / 10 points" in page
    assert "Your instructor has given the score of this task: 1.5 / 2 points." in page
    done = nbgrader(course, "autograde", NAME, "--force", "--student", "solver")
    assert done.returncode == 0, done.stderr
    assert in_gradebook(course)["solver"]["first-text"] == (None, 1.5, False)
    assert nbgrader(course, "generate_feedback", NAME, "--student", "solver").returncode == 0
    shown = (course / "feedback" / "solver" / NAME / f"{NAME}.html").read_text(encoding="utf-8")
    assert "<strong>good</strong> answer" in shown
    assert "<script>alert(1)" not in shown
    exported = nbgrader(course, "export", "--to", "grades.csv")
    assert exported.returncode == 0, exported.stderr
    assert "9.5" in (course / "grades.csv").read_text(encoding="utf-8")


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
