"""What a teacher writes in an afternoon: execute every notebook of a class, and let pytest look at its names.

python home_made_loop.py nbclient|papermill SUBMITTED TESTS OUT

It runs in the peers' environment and imports nothing of ours. pytest runs in the notebook's own kernel, since
that is where the models are; its report lies in OUT, in JUnit's form. The seconds that are printed leave out
what starting and importing took.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path

import nbformat

LAST = """\
import pytest

pytest.main(["-q", "-p", "no:cacheprovider", {junit!r}, {module!r}])
"""


def main(tool: str, submitted: Path, tests: Path, out: Path) -> None:
    """Grade every notebook, one after the other."""
    execute = {"nbclient": with_nbclient, "papermill": with_papermill}[tool]
    importlib.import_module(tool)
    started = time.perf_counter()
    for path in sorted(submitted.glob("*/*/*.ipynb")):
        place = out / path.parts[-3]
        place.mkdir(parents=True, exist_ok=True)
        module = tests / f"test_{path.stem.replace('-', '_')}.py"
        junit = f"--junitxml={place / f'{path.stem}.xml'}"
        notebook = nbformat.read(path, as_version=4)
        last = LAST.format(junit=junit, module=str(module))
        notebook.cells.append(nbformat.v4.new_code_cell(last))
        execute(notebook, place / path.name)
    print(json.dumps({"seconds": time.perf_counter() - started}))


def with_nbclient(notebook: nbformat.NotebookNode, target: Path) -> None:
    """Execute, whatever errors there are on the way."""
    from nbclient import NotebookClient

    NotebookClient(notebook, timeout=600, kernel_name="python3", allow_errors=True).execute()
    nbformat.write(notebook, target)


def with_papermill(notebook: nbformat.NotebookNode, target: Path) -> None:
    """Execute, whatever errors there are on the way, which papermill complains of at the end."""
    import papermill

    for cell in notebook.cells:
        # Without that, papermill stops at the first error, before the tests.
        cell.metadata["tags"] = [*cell.metadata.get("tags", []), "raises-exception"]
    nbformat.write(notebook, target)
    try:
        papermill.execute_notebook(target, target, kernel_name="python3", progress_bar=False)
    except papermill.PapermillExecutionError:
        return


if __name__ == "__main__":
    main(sys.argv[1], *map(Path, sys.argv[2:]))
