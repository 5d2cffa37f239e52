"""Every key that `--json` prints is documented.

Those of `verify`, which trains, are asked for in `tests/e2e/test_second_course.py`, and those of what an
author runs in `tests/e2e/test_author_page.py`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

DOCUMENT = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")


def keys(value: Any) -> set[str]:
    """The keys of a document, below lists too; what is counted by name (`verdicts`) is a value."""
    if isinstance(value, list):
        return {key for entry in value for key in keys(entry)}
    if not isinstance(value, dict):
        return set()
    found = set(value)
    for key, inner in value.items():
        if key not in (
            "verdicts",
            "packages",
            "lacking",
            "left_out",
            "changed",
            "said",
            "next",
            "fates",
            "operators",
            "failure",
        ):
            found |= keys(inner)
    return found


def documented(command: str) -> set[str]:
    section = DOCUMENT.split(f"## `autograder {command}`")[1].split("\n## ")[0]
    names = re.findall(r"`([a-z0-9_.\[\]]+)`", section)
    return {name.split(".")[-1].strip(".") for name in names} | {"level", "lacking"}


@pytest.mark.parametrize("command", ["doctor", "release --check", "hint sequential-rewrite", "list"])
def test_every_key_of_a_document_is_documented(run, elsewhere: Path, command: str) -> None:
    """In a copy of the course elsewhere, which is a course of its own and in step with its release."""
    done = run(*command.split(), "--json", cwd=elsewhere)
    document = json.loads(done.stdout)
    command = command.split()[0]

    # The doctor may find something of this machine in the way.
    assert done.returncode == 0 or command == "doctor", done.stdout
    assert document["command"] == command
    assert sorted(keys(document) - documented(command)) == []


@pytest.mark.slow
def test_every_key_of_the_audit_document_is_documented(run, tmp_path: Path) -> None:
    """And its pages are written beside it."""
    options = ["--sample", "4", "--seed", "3", "--json", "--output", tmp_path / "pages"]
    done = run("audit", "residual-projection", *options)
    document = json.loads(done.stdout)

    assert done.returncode == 0, done.stderr
    assert [one["id"] for one in document["assignments"]] == ["residual-projection"]
    assert document["assignments"][0]["equivalents"] == 4
    assert sorted(keys(document) - documented("audit")) == []
    assert (tmp_path / "pages" / "index.html").exists()


@pytest.mark.slow
def test_a_class_document_is_all_on_standard_output_and_every_key_is_documented(
    run, make_class, tmp_path: Path
) -> None:
    done = run("grade", make_class("tanaka-yui", "lee-minjun"), "--output", tmp_path / "out", "--json")
    document = json.loads(done.stdout)

    assert done.returncode == 0
    assert (document["schema_version"], document["command"]) == (1, "grade")
    assert [(line["student"], line["outcome"]) for line in document["submissions"]] == [
        ("lee-minjun", "graded"),
        ("tanaka-yui", "unreadable"),
    ]
    assert all(Path(line["report"]).is_file() for line in document["submissions"])
    assert sorted(keys(document) - documented("grade")) == []
