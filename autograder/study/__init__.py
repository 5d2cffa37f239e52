"""Supports studying alone: `check` in a notebook, and what accompanies it."""

from autograder.study.memory import (
    Hint,
    Memory,
    best_score,
    first_open,
    hints_shown,
    next_hint,
    remember,
    remembered,
)
from autograder.study.notebook import Card, check, hint

__all__ = [
    "Card",
    "Hint",
    "Memory",
    "best_score",
    "check",
    "first_open",
    "hint",
    "hints_shown",
    "next_hint",
    "remember",
    "remembered",
]
