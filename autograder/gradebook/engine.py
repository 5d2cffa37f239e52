"""Opens the gradebook's database, and waits for others who may be writing to it."""

from __future__ import annotations

import re
import sqlite3
from functools import lru_cache
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import SQLAlchemyError

from autograder.grading import GradingError
from autograder.messages import Message, message

LOCKED_SECONDS = 30
"""How long to wait for another writer of a SQLite file; SQLite alone waits five seconds."""


class GradebookLocked(GradingError):  # noqa: N818 - nothing is wrong with the gradebook
    """Another program was writing to the gradebook for as long as it was waited for."""


def wait_for_other_writers() -> None:
    """Let every `Gradebook` that nbgrader opens in this process wait as ours do.

    nbgrader takes a locked database for one of an older nbgrader, says so, and ends the whole batch.
    """
    import nbgrader.api

    nbgrader.api.create_engine = patient_engine


def share_engines() -> None:
    """Let all `Gradebook`s of this process that are opened with the same URL share one engine.

    Closing one empties the engine's pool and leaves connections in use as they are.
    """
    import nbgrader.api

    nbgrader.api.create_engine = _shared


@lru_cache(maxsize=4)
def _shared(url: str, **settings: Any) -> Engine:
    return patient_engine(url, **settings)


def patient_engine(url: str | URL, *, wait: float = LOCKED_SECONDS, **settings: Any) -> Engine:
    """Return SQLAlchemy's engine for that URL; an engine for SQLite waits, then raises `GradebookLocked`."""
    try:
        sqlite = make_url(url).get_backend_name() == "sqlite"
    except SQLAlchemyError:
        sqlite = False
    if not sqlite:
        return create_engine(url, **settings)
    engine = create_engine(url, connect_args={"timeout": wait}, **settings)

    @event.listens_for(engine, "handle_error")
    def _say(context: Any) -> None:
        if is_locked(context.original_exception):
            raise GradebookLocked(locked(wait)) from None

    return engine


def is_locked(error: BaseException | None) -> bool:
    """Return whether SQLite's error says that another program is writing."""
    return isinstance(error, sqlite3.OperationalError) and bool(re.search(r"\b(locked|busy)\b", str(error)))


def locked(seconds: float) -> Message:
    """Return what to say of a gradebook that was locked for that long."""
    return message(
        "another program has been writing to the gradebook for more than {seconds} seconds (the database is "
        "locked). End that program, or wait for it, and grade again.",
        seconds=round(seconds),
    )
