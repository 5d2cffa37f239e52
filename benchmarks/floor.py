"""The floor: notebooks' own cells, each in a fork of an interpreter that has imported everything.

python -m benchmarks.floor NOTEBOOK... prints {"seconds": total wall clock}
"""

from __future__ import annotations

import ast
import json
import os
import sys
import time
from pathlib import Path
from typing import Any


def main(paths: list[str]) -> None:
    """Run each notebook once, one after the other."""
    os.environ["MPLBACKEND"] = "agg"
    import keras  # noqa: F401 - imported before the forks, as a warm interpreter does
    import matplotlib.pyplot  # noqa: F401

    import autograder

    autograder.check = lambda *_arguments: None
    notebooks = [json.loads(Path(path).read_text(encoding="utf-8")) for path in paths]
    programs = [up_to_the_last_check(notebook) for notebook in notebooks]
    started = time.perf_counter()
    for cells in programs:
        child = os.fork()
        if child == 0:
            run(cells)
            os._exit(0)
        os.waitpid(child, 0)
    print(json.dumps({"seconds": time.perf_counter() - started}))


def up_to_the_last_check(notebook: dict[str, Any]) -> list[str]:
    """Return the sources of a notebook's code cells, as far as they can matter to a grade."""
    sources = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    last = max(number for number, source in enumerate(sources) if source.startswith("check("))
    return sources[: last + 1]


def run(cells: list[str]) -> None:
    """Execute a notebook's cells as far as each goes."""
    names: dict[str, object] = {"__name__": "__main__"}
    for source in cells:
        try:
            exec(compile(ast.parse(source), "<cell>", "exec"), names)
        except Exception:
            continue


if __name__ == "__main__":
    main(sys.argv[1:])
