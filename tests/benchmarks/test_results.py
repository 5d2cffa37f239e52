"""A figure says when, where and with what it was measured."""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import operator
import os
import platform
import re
from pathlib import Path

import pytest

from benchmarks import profile, results, tables

ROOT = Path(__file__).parents[2]


@pytest.fixture
def written(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "RESULTS", tmp_path / "results.json")
    return lambda: json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))


def test_a_figure_has_its_machine_and_versions(written) -> None:
    results.record("grading.times_otter", 41.5, "x", ">= 25", "make bench-grading", {"otter-grader": "7.0.0"})
    figure = written()["grading.times_otter"]

    assert (figure["value"], figure["unit"], figure["aim"]) == (41.5, "x", ">= 25")
    assert figure["command"] == "make bench-grading"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", figure["date"])
    assert figure["machine"] == {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": results.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
    }
    assert figure["versions"]["keras"] == importlib.metadata.version("keras")
    assert figure["versions"]["otter-grader"] == "7.0.0"


def test_other_figures_stay(written) -> None:
    for name, value in (("b.two", 2), ("a.one", 1), ("b.two", 3)):
        results.record(name, value, "x", "1", "make bench")

    assert {name: figure["value"] for name, figure in written().items()} == {"a.one": 1, "b.two": 3}
    assert list(written()) == ["a.one", "b.two"]


def test_the_page_beside_it_says_it_at_once(written, tmp_path) -> None:
    page = tmp_path / "README.md"
    page.write_text("a\n<!-- figures: begin -->\nold\n<!-- figures: end -->\nz\n", encoding="utf-8")
    results.record("cache.submissions_per_second", 2106.0, "x", ">= 1000", "make bench-large")
    figure = tables.FIGURES["cache.submissions_per_second"][0]
    row = (
        f"| `cache.submissions_per_second` | {figure} | 2,106 submissions a second | at least 1,000 "
        f"| {results.today()}, A |"
    )

    lines = page.read_text(encoding="utf-8").splitlines()
    assert (lines[0], lines[-1]) == ("a", "z")
    assert row in lines
    assert f"- A: {tables.machine(results.machine())}" in lines
    assert "old" not in lines


def test_each_figure_of_the_table_names_its_machine() -> None:
    """One letter for one machine, in the order of the table."""
    names = list(tables.FIGURES)[:3]
    here = {
        "system": "Linux x86_64",
        "cores": 2,
        "processor": "Intel(R) Xeon(R) Processor",
        "python": "3.11.7",
    }
    machines = [here, {**here, "processor": "", "cores": 1}, here]
    figures = {
        name: {"value": 1, "aim": "1", "date": "2026-11-30", "machine": one}
        for name, one in zip(names, machines, strict=True)
    }

    _, _, *rows = tables.figures_table(figures).splitlines()

    assert [row.rsplit(", ", 1)[1] for row in rows[:3]] == ["A |", "B |", "A |"]
    assert rows[4:] == [
        "- A: 2 cores of Intel Xeon, Linux x86_64, Python 3.11.7",
        "- B: 1 core of a processor that was not noted, Linux x86_64, Python 3.11.7",
    ]


def test_the_tables_of_the_page_are_those_of_the_figures() -> None:
    """Who changes either runs `python -m benchmarks.tables`; no row is about a figure that is not there."""
    figures = json.loads(results.RESULTS.read_text(encoding="utf-8"))
    page = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")

    assert set(tables.FIGURES) <= set(figures)
    assert tables.figures_table(figures) in page
    assert tables.graders_table(figures) in page


def test_every_figure_is_measured_by_a_command_that_the_makefile_has() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    figures = json.loads(results.RESULTS.read_text(encoding="utf-8"))

    assert {figure["command"].removeprefix("make ") for figure in figures.values()} <= targets


def test_the_page_on_benchmarks_says_what_each_command_measures() -> None:
    page = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    commands = set(re.findall(r"^(bench[a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))

    assert commands == set(re.findall(r"^\| `make (bench[a-z-]*)` ", page, re.M))


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted((ROOT / "benchmarks").glob("*.py")), ids=lambda path: path.stem)
def test_every_benchmark_can_be_imported(path: Path) -> None:
    """They run seldom: what they take from one another is missed late."""
    importlib.import_module(f"benchmarks.{path.stem}")


@pytest.mark.slow
def test_every_stage_of_the_profile_ends_in_a_function_that_is_there() -> None:
    for module, function, _ in profile.ENDS:
        assert callable(operator.attrgetter(function)(importlib.import_module(module))), function
