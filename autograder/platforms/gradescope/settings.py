"""Holds what the instructor chose when the zip was made, and the container must know."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from autograder.messages import Language, Localized

NAME = "settings.json"

Visibility = Literal["visible", "after_due_date", "after_published", "hidden"]
"""When students see something on Gradescope, in Gradescope's words; `hidden` is never."""

MINUTES = 10
"""How long Gradescope lets an autograder run unless the assignment's settings there say otherwise."""

MOST_MINUTES = 40

LEAST_MEMORY = 640 * 1024**2
"""What the container should have, in bytes: half a gibibyte was just enough for this course's assignments."""

MARGIN_SECONDS = 30.0
"""How long before Gradescope's own limit grading is stopped, so that there is something to say."""


class Settings(BaseModel):
    """One assignment's autograder.

    `hidden` says when students see what hidden checks say; `tests` whether a task or a check is one of
    Gradescope's tests; `language` is the language of the results (None: the notebook's own); `minutes` is the
    limit that the assignment has on Gradescope. `tasks` are the tasks of the course's other assignments, each
    with its assignment's title, to name a notebook that was handed in at the wrong place.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    assignment: str
    hidden: Visibility = "after_due_date"
    tests: Literal["task", "check"] = "task"
    language: Language | None = None
    minutes: int = MINUTES
    tasks: dict[str, Localized] = {}

    @property
    def seconds(self) -> float:
        """How many seconds grading may take here."""
        return 60 * self.minutes - MARGIN_SECONDS
