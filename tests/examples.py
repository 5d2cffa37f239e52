"""The example submissions, and what is written beside them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

EXAMPLES = Path(__file__).parents[1] / "examples"


@cache
def expected(name: str) -> dict[str, Any]:
    """What the submissions in a folder of examples deserve, by student and assignment.

    Many test modules ask while tests are collected, and reading it takes a third of a second.
    """
    return YAML(typ="safe").load((EXAMPLES / name / "expected.yml").read_text(encoding="utf-8"))
