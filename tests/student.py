"""Run in a student's installation, by its Python: notebooks' cells in IPython, and what each `check` shows.

    python student.py answers.json NAME=FOLDER=CELLS.json ...

`FOLDER` is where the notebook lies, `CELLS.json` a list of its code cells.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from pathlib import Path

import matplotlib
from IPython.core.interactiveshell import InteractiveShell

import autograder

matplotlib.use("agg")


def run(folder: str, cells: list[str]) -> dict[str, list]:
    """Run the cells in the folder, and note what was shown."""
    shown, errors = [], []
    asked = autograder.check

    def check(task: str, *objects: object) -> object:
        card = asked(task, *objects)
        report = getattr(card, "report", None)
        shown.append(
            {
                "task": task,
                "text": repr(card),
                "score": getattr(report, "score", None),
                "points": getattr(report, "points", None),
                "verdicts": [check.verdict for check in getattr(report, "checks", ())],
            }
        )
        return card

    os.chdir(folder)
    autograder.check = check
    try:
        shell = InteractiveShell()
        for cell in cells:
            with contextlib.redirect_stdout(io.StringIO()):
                done = shell.run_cell(cell)
            if (error := done.error_before_exec or done.error_in_exec) is not None:
                errors.append(repr(error))
    finally:
        autograder.check = asked
    return {"shown": shown, "errors": errors}


output, *wanted = sys.argv[1:]
answers = {}
for name, folder, cells in (word.split("=") for word in wanted):
    answers[name] = run(folder, json.loads(Path(cells).read_text(encoding="utf-8")))
Path(output).write_text(json.dumps(answers), encoding="utf-8")
