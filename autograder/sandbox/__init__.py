"""The warm interpreter and the jail: learner code runs here, and only plain data comes out."""

from autograder.sandbox.delegation import delegated
from autograder.sandbox.levels import Offer, best_level, closed_container
from autograder.sandbox.request import (
    CellError,
    CellResult,
    CellSource,
    CellState,
    Level,
    Limits,
    Request,
    Run,
    SandboxError,
    WarmInterpreterGone,
)
from autograder.sandbox.warm import Reserve, WarmInterpreter

__all__ = [
    "CellError",
    "CellResult",
    "CellSource",
    "CellState",
    "Level",
    "Limits",
    "Offer",
    "Request",
    "Reserve",
    "Run",
    "SandboxError",
    "WarmInterpreter",
    "WarmInterpreterGone",
    "best_level",
    "closed_container",
    "delegated",
]
