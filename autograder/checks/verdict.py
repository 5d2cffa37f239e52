"""Holds what a check says: its verdict, and a failure as data."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from autograder.messages import AutograderError, Message

Verdict = Literal["passed", "failed", "skipped", "broken"]


class Part(BaseModel):
    """A part of a report: plain data, no unknown keys, never changed once made."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Failure(Part):
    """Why a check failed, as data: what it means, what was found and wanted, where, and a hint."""

    rationale: Message
    found: Message | None = None
    wanted: Message | None = None
    where: Message | None = None
    hint: Message | None = None


class CheckReport(Part):
    """One check's verdict. `title` is the check's docstring, the sentence a learner reads."""

    id: str
    title: Message
    public: bool
    verdict: Verdict
    points: float
    score: float
    failure: Failure | None = None


class CheckFailure(AutograderError):  # noqa: N818 - a verdict, not an error of the program
    """Raised by the vocabulary where the evidence is not what the check asks for."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.rationale)
        self.failure = failure


class NothingSeen(CheckFailure):
    """Raised where what the check would look at is missing; `failure` says why."""
