"""The example submissions, and what is written beside them."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

EXAMPLES = Path(__file__).parents[1] / "examples"
EVERY_EXAMPLE = os.environ.get("EXAMPLES") == "all"
"""Whether all of them are graded, as by `make test-nbgrader`; else those that are named where it is asked."""


@cache
def expected(name: str) -> dict[str, Any]:
    """What the submissions in a folder of examples deserve, by student and assignment.

    Many test modules ask while tests are collected, and reading it takes a third of a second.
    """
    return YAML(typ="safe").load((EXAMPLES / name / "expected.yml").read_text(encoding="utf-8"))


def chosen(name: str) -> list[tuple[str, str]]:
    """The submissions in a folder of examples that are graded one by one, by student and assignment.

    Of the class half, with each learner and each assignment among them; `inception`, which the README shows,
    of everybody. Several learners are told the same, and the linter grades other answers that are pinned.
    """
    return [
        (student, assignment)
        for number, (student, entries) in enumerate(expected(name).items())
        for position, assignment in enumerate(entries)
        if EVERY_EXAMPLE or name != "class" or assignment == "inception" or (number + position) % 2 == 0
    ]
