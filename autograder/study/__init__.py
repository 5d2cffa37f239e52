"""Studying alone: `check` in a notebook, and what stands beside it."""

from autograder.study.hints import Hint, next_hint
from autograder.study.memory import Memory, remember, remembered
from autograder.study.notebook import Card, check, hint
from autograder.study.progress import best_score, first_open, hints_shown

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
