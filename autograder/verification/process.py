"""Verifying one solution, in a process of its own: `python -m autograder.verification.process`.

A backend is chosen before Keras is imported, and memory is counted for one solution at a time. A request
comes as JSON on standard input, the answer goes as JSON to standard output.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from autograder.course import CourseError
from autograder.verification.result import Trouble, Verified


def answered(request: dict[str, Any]) -> Verified | Trouble:
    """What came of the solution that is asked about; whatever goes wrong is told in its last line."""
    try:
        from autograder.verification.solution import NoAcceleratorError, verify_here
    except Exception as error:
        return Trouble(assignment=request["assignment"], error=_line(error))
    try:
        return verify_here(Path(request["course"]), request["assignment"], **request["how"])
    except NoAcceleratorError as error:
        return Trouble(assignment=request["assignment"], error=str(error), no_accelerator=True)
    except Exception as error:
        return Trouble(assignment=request["assignment"], error=_line(error))


def _line(error: Exception) -> str:
    # The course's own errors are sentences.
    said = str(error) if isinstance(error, CourseError) else f"{type(error).__name__}: {error}"
    return said.strip().split("\n")[0]


def main() -> None:
    """Answer one request."""
    request = json.load(sys.stdin)
    # What backends print while they train is not the answer.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    with redirect_stdout(sys.stderr):
        answer = answered(request)
    out.write(json.dumps({"kind": type(answer).__name__, **answer.model_dump()}))
    out.flush()


if __name__ == "__main__":
    main()
