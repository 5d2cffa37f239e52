"""Whatever comes in, out comes a report or a sentence: no traceback, no hang, no score that is no number."""

from __future__ import annotations

import json
import math
import random
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from benchmarks.faults import CLASS
from benchmarks.fuzzing import TARGETS as FUZZED
from benchmarks.fuzzing import fuzzed
from tests.e2e.running import run_grade
from tests.fuzz.mutation import STRANGE, mutated, mutated_text
from tests.fuzz.targets import PLANTED, TARGETS, seeds

SECONDS = 1
# Evidence takes as long as these together, for its seed is made with Keras: `make bench-fuzzing` has it, too.
SAMPLE = ("notebook", "course", "archive", "names")
STRANGERS = 10
# After which of them an honest learner is graded.
HONEST = (0, 5)
ASSIGNMENTS = ("inception", "multi-output")


def test_the_benchmark_fuzzes_every_target() -> None:
    assert set(FUZZED) == set(TARGETS)


@pytest.mark.parametrize("target", TARGETS)
def test_a_seed_is_well_formed(target: str) -> None:
    """What is changed must be of interest to begin with."""
    for seed in seeds(target):
        TARGETS[target](seed)


@pytest.mark.parametrize("target", TARGETS)
def test_no_bytes_are_a_fault(target: str) -> None:
    """None at all, none that mean anything, too many, too deep."""
    # YAML is read by Python itself, deeper than it can go all the same.
    depth = 1_000 if target == "course" else 5_000
    for data in (
        b"",
        b"\0",
        b"\xff\xfe",
        b"[" * depth,
        b"{" * depth,
        b"9" * 100_000,
        b'{"a":1}',
        b"null",
    ):
        TARGETS[target](data)


def test_a_document_is_changed_in_a_place_or_more() -> None:
    """The document itself stays as it was."""
    document = {"a": [1, {"b": "c"}], "d": {}}
    text = json.dumps(document)
    changed = [json.dumps(mutated(document, random.Random(seed))) for seed in range(200)]

    assert json.dumps(document) == text
    assert len(set(changed)) > 100
    assert any(json.dumps(strange) in one for one in changed for strange in STRANGE[7:9])
    assert mutated_text(b"no JSON", 1, 1000) is None
    assert mutated_text(text.encode(), 1, 1) is None


@pytest.mark.slow
def test_fuzzing_finds_nothing(tmp_path: Path) -> None:
    """A second each, guided by coverage; and a fault that is planted is found."""
    pytest.importorskip("atheris", reason="atheris is made for Linux on x86-64 only")

    found = fuzzed((*SAMPLE, *PLANTED), tmp_path, seconds=SECONDS)

    (planted,) = (found.pop(target) for target in PLANTED)
    assert "a fault that is planted" in planted.fault
    assert {target: one.fault for target, one in found.items() if one.fault} == {}
    # The slowest makes a folder for each try, of which a busy machine makes a dozen in a second.
    assert min(one.executions for one in found.values()) > 1
    assert sum(one.executions for one in found.values()) > 100


def strange_notebook(choose: random.Random, assignment: str) -> Any:
    """One of the example class's notebooks, changed in a few places."""
    path = choose.choice(sorted(CLASS.glob(f"*/{assignment}/{assignment}.ipynb")))
    return mutated(json.loads(path.read_text(encoding="utf-8")), choose)


def scores(report: Mapping[str, Any]) -> list[float]:
    return [report["score"], *(task["score"] for task in report["tasks"])]


@pytest.mark.slow
def test_a_class_of_strange_notebooks_is_graded_to_the_end(tmp_path: Path) -> None:
    """Each has its report and a score that is a number; who stands among them has full marks."""
    choose = random.Random(7)
    submitted = tmp_path / "class" / "submitted"
    for number in range(STRANGERS):
        assignment = choose.choice(ASSIGNMENTS)
        place = submitted / f"{number:03d}" / assignment
        place.mkdir(parents=True)
        (place / f"{assignment}.ipynb").write_text(json.dumps(strange_notebook(choose, assignment)))
    for number in HONEST:
        shutil.copytree(CLASS / "kim-seoyeon" / "inception", submitted / f"{number:03d}-honest" / "inception")

    done = run_grade(tmp_path / "class", tmp_path / "out", "--jobs", "2")

    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    reports = [json.loads(path.read_text()) for path in (tmp_path / "out").glob("reports/*/*.json")]
    assert len(reports) == STRANGERS + len(HONEST)
    assert all(report["outcome"] in ("graded", "unreadable") for report in reports)
    assert all(math.isfinite(score) for report in reports for score in scores(report))
    honest = [report for report in reports if report["student"].endswith("honest")]
    assert len(honest) == len(HONEST)
    assert all(report["score"] == report["max_score"] for report in honest)
