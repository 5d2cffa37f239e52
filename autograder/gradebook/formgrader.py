"""Lets Formgrader's dialogs show what a failed command said, without a traceback.

nbgrader logs why a command does not go on, then raises; Formgrader shows the log, and the traceback below it.
"""

from __future__ import annotations

from typing import Any


def say_without_traceback() -> None:
    """Let nbgrader's API return the log alone where nbgrader itself has said what is wrong."""
    import nbgrader.apps.api

    nbgrader.apps.api.capture_log = _captured


def _captured(app: Any, **settings: Any) -> dict[str, Any]:
    """Run a step as nbgrader's `capture_log` does; only the traceback of an unforeseen error is kept."""
    from nbgrader.converters.base import NbGraderException
    from nbgrader.exchange import ExchangeError
    from nbgrader.utils import capture_log

    start, foreseen = app.start, False

    def starting() -> None:
        nonlocal foreseen
        try:
            start()
        except (NbGraderException, ExchangeError):
            foreseen = True
            raise

    app.start = starting
    result: dict[str, Any] = capture_log(app, **settings)
    if foreseen and result.get("log"):
        del result["error"]
    return result
