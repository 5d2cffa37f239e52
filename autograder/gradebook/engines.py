"""One engine a database while nbgrader autogrades: it makes a new one for each of its steps.

A new engine compiles every statement anew, and compiling is most of what nbgrader's own steps cost.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import nbgrader.api
from sqlalchemy import create_engine
from sqlalchemy.engine import Engine


def share_engines() -> None:
    """Let every `Gradebook` of this process that is opened with the same URL have the same engine.

    Closing one empties the engine's pool and leaves connections that are in use as they are.
    """
    nbgrader.api.create_engine = _shared


@lru_cache(maxsize=4)
def _shared(url: str, **settings: Any) -> Engine:
    return create_engine(url, **settings)
