"""The linter, run as a maintainer runs it: on the real course, and on what is no course."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests import warm

ROOT = Path(__file__).parents[3]


def lint(*words: object, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return warm.run(
        ["-m", "autograder", "lint", *words],
        cwd=cwd, environment={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=900,
    )  # fmt: skip


@pytest.mark.slow
def test_the_course_is_in_order() -> None:
    """Every rule holds of every assignment, and pinned answers get what is pinned, as `make course` says."""
    done = lint("--json")
    document = json.loads(done.stdout)

    assert document["findings"] == []
    assert done.returncode == 0
    assert sorted(document) == ["assignments", "command", "findings", "schema_version"]


def test_without_a_course_nothing_can_be_looked_at(tmp_path: Path) -> None:
    """Exit code 2 and a sentence."""
    done = lint(cwd=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert "There is no course.yml in" in done.stderr


def test_an_unknown_assignment_is_answered_with_the_known_ones() -> None:
    done = lint("inceptoin", "--lang", "en")

    assert done.returncode == 2
    assert "The course has no assignment `inceptoin`; it has" in done.stderr


def test_a_mistake_in_the_registry_is_a_finding(tmp_path: Path) -> None:
    """It has its line and its key, as everywhere."""
    text = (ROOT / "course.yml").read_text(encoding="utf-8").replace("id: inception\n", "id: Inception\n")
    (tmp_path / "course.yml").write_text(text, encoding="utf-8")

    done = lint("--json", cwd=tmp_path)
    findings = json.loads(done.stdout)["findings"]

    assert done.returncode == 1
    assert [(finding["rule"], finding["file"]) for finding in findings][:1] == [("registry", "course.yml")]
    assert findings[0]["message"]["values"]["found"] == '"Inception"'
    assert set(findings[0]) == {"rule", "file", "cell", "message"}
