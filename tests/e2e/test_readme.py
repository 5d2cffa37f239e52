"""What the README shows is what a new user sees."""

from __future__ import annotations

import difflib
import json
import os
import re
from pathlib import Path

import pytest
from rich.console import Console

from autograder.course import load_course
from autograder.feedback import class_table, read_report, summarise
from autograder.graph import difference_from_plain, draw, from_plain
from autograder.messages import LANGUAGES, Language

ROOT = Path(__file__).parents[2]
README = {
    "en": (ROOT / "README.md").read_text(encoding="utf-8"),
    "ko": (ROOT / "README.ko.md").read_text(encoding="utf-8"),
}
PICTURE = {"en": ROOT / "docs" / "feedback.svg", "ko": ROOT / "docs" / "feedback.ko.svg"}
SHOWN = ("choi-yuna", "jung-haeun", "kim-seoyeon", "okafor-chidi")
RESULTS = json.loads((ROOT / "benchmarks" / "results.json").read_text(encoding="utf-8"))
COURSE = load_course(ROOT / "course.yml")
EACH_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)


@pytest.mark.slow
@EACH_LANGUAGE
def test_the_readmes_table_is_the_one_that_grade_prints(graded, language: Language) -> None:
    reports = [read_report(graded("class")[0] / "reports" / name / "inception.json") for name in SHOWN]
    console = Console(width=100, highlight=False, record=True, file=open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    console.print(class_table(map(summarise, reports), language))
    table = "\n".join(line.rstrip() for line in console.export_text().splitlines())

    assert table.strip() in README[language], table


@pytest.mark.slow
@EACH_LANGUAGE
def test_the_readmes_picture_is_the_one_that_the_grader_draws(graded, language: Language) -> None:
    """`WRITE_GOLDENS=1` writes it anew, and fails, so that it is looked at before it is committed."""
    report = read_report(graded("class")[0] / "reports" / "jung-haeun" / "inception.json")
    drawing = next(task.drawing for task in report.tasks if task.id == "inception-module")
    assert drawing is not None
    differences = [difference_from_plain(entry) for entry in drawing.differences]
    drawn = draw(from_plain(drawing.graph), differences=differences, language=language) + "\n"
    picture = PICTURE[language]
    if os.environ.get("WRITE_GOLDENS") and not os.environ.get("CI"):
        picture.write_text(drawn, encoding="utf-8")
        pytest.fail(f"{picture} was written; look at it and run again")

    kept = picture.read_text(encoding="utf-8")
    assert drawn == kept, "\n".join(difflib.unified_diff(kept.splitlines(), drawn.splitlines(), lineterm=""))
    assert f"docs/{picture.name}" in README[language]


@EACH_LANGUAGE
def test_each_difference_has_its_figure_and_it_is_the_benchmarks(language: Language) -> None:
    """Of the audit, the sum over all assignments."""
    quoted = re.findall(r"\*\*(-?\d[\d.,]*)\*\*[^*]*?\[`([a-z_]+\.[a-z_.-]+)`\]", README[language])

    assert len(quoted) == len(re.findall(r"^- \*\*", README[language], re.M)) == 5
    assert {name: float(value.replace(",", "")) for value, name in quoted} == {
        name: RESULTS[name]["value"] if name in RESULTS else audited(name) for _, name in quoted
    }
    for name in ("audit.mutants", "audit.equivalents"):
        assert f"{audited(name):,}" in README[language]
    assert f"{RESULTS['attacks.runs']['value']:,}" in README[language]
    assert {RESULTS[f"audit.{one.id}.killed"]["value"] for one in COURSE.assignments} == {1}


def audited(name: str) -> float:
    """A figure of the audit, summed up over the course."""
    return sum(RESULTS[name.replace(".", f".{one.id}.")]["value"] for one in COURSE.assignments)


@EACH_LANGUAGE
def test_both_pages_fit_on_two_screens(language: Language) -> None:
    """What is longer has a page of its own."""
    assert len(README[language].splitlines()) <= 100


@EACH_LANGUAGE
def test_the_assignments_of_the_learners_page_are_those_of_the_course(language: Language) -> None:
    page = (ROOT / "docs" / {"en": "learner.md", "ko": "learner.ko.md"}[language]).read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([a-z-]+)` \| [^|]+ \|$", page, re.M)

    assert listed == [assignment.id for assignment in COURSE.assignments]


@EACH_LANGUAGE
def test_the_first_two_commands_are_the_first_code_of_the_readme(language: Language) -> None:
    first = re.search(r"```sh\n(.*?)```", README[language], re.S)
    assert first is not None

    assert [line.split("#")[0].strip() for line in first[1].splitlines()] == ["make grade", "make test"]
