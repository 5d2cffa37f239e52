"""Goes a learner's way on this machine: a notebook as it was given out, and then with every task solved.

    python deploy/first_card.py NOTEBOOKS.zip [ASSIGNMENT [BEGAN]]

It is run by the Python that the wheel is installed for, with `jupyter execute` beside it (`pip install
nbclient`), from a checkout, which has the solutions. It prints what each step took, and how long it was until
a card was green: from BEGAN on, the time of a learner's first command in seconds since 1970, or else from its
own start. It ends with 1 where the first cell or a card does not say what it should.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.course.first_cell import is_first_cell
from autograder.course.starter import solution

ROOT = Path(__file__).parents[1]
Notebook = dict[str, Any]
Cell = dict[str, Any]
READY = {"en": "Ready: Keras", "ko": "준비가 끝났습니다: 케라스"}
"""What the first cell says where nothing is missing."""


def main(archive: Path, assignment: str, began: float) -> None:
    """Unpack the notebooks, run one of them twice, and look at its first cell and its cards."""
    with tempfile.TemporaryDirectory() as place, zipfile.ZipFile(archive) as files:
        files.extractall(place)
        (path,) = Path(place).glob(f"*/{assignment}/{assignment}.ipynb")
        given_out = cards(run(path, "as it was given out"))
        write(path, solved(read(path), read(ROOT / "solutions" / assignment / f"{assignment}.ipynb")))
        notebook = run(path, "with every task solved")
    done = cards(notebook)
    if not any(words in said(first_cell(notebook)) for words in READY.values()):
        sys.exit("The first cell does not say that all is ready.")
    if not given_out or any("✗" in card for card in given_out):
        sys.exit("A card of a notebook that nobody has begun should greet, and judge nothing.")
    if len(done) != len(given_out) or not all(map(finished, done)):
        sys.exit("A card of a task that is solved does not say so.")
    green = when_answered(checks(notebook)[0]) - began
    print(f"From the first command to the first green card: {green:.0f} s (two runs, and no time to think)")


def finished(card: str) -> bool:
    """Whether a card says that every check has passed."""
    return "✓" in card and not {"✗", "○"} & {*card}


def run(path: Path, what: str) -> Notebook:
    """Run a notebook from top to bottom, and return it with what its cells have said."""
    started = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "jupyter", "execute", "--inplace", "--allow-errors", path.name],
        cwd=path.parent, check=True,
    )  # fmt: skip
    notebook = read(path)
    print(f"{path.stem} {what}: {time.monotonic() - started:.0f} s")
    print(said(first_cell(notebook)), *cards(notebook), sep="\n\n", end="\n\n")
    return notebook


def first_cell(notebook: Notebook) -> Cell:
    """Return the cell that gets the machine ready."""
    return next(
        cell
        for cell in notebook["cells"]
        if cell["cell_type"] == "code" and is_first_cell(cell.get("id"), "".join(cell["source"]))
    )


def checks(notebook: Notebook) -> list[Cell]:
    """Return the cells that are graded."""
    return [cell for cell in notebook["cells"] if "".join(cell["source"]).startswith("check(")]


def cards(notebook: Notebook) -> list[str]:
    """Return the text of its cards."""
    return [card for cell in checks(notebook) if (card := said(cell))]


def said(cell: Cell) -> str:
    """Return what a cell has returned, as text."""
    return "\n".join("".join(output["data"]["text/plain"]) for output in cell["outputs"] if "data" in output)


def when_answered(cell: Cell) -> float:
    """Return the time at which a cell was done, in seconds since 1970."""
    return datetime.fromisoformat(cell["metadata"]["execution"]["shell.execute_reply"]).timestamp()


def solved(notebook: Notebook, source: Notebook) -> Notebook:
    """Put the solution into every cell that is to be answered."""
    answers = {name(cell): "".join(cell["source"]) for cell in source["cells"]}
    for cell in notebook["cells"]:
        if name(cell) is not None and name(cell).endswith("-answer"):
            cell["source"] = solution(answers[name(cell)])
    return notebook


def name(cell: Cell) -> Any:
    """Return the name that nbgrader knows a cell by, if it has one."""
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def read(path: Path) -> Notebook:
    """Read a notebook."""
    notebook: Notebook = json.loads(path.read_text(encoding="utf-8"))
    return notebook


def write(path: Path, notebook: Notebook) -> None:
    """Write a notebook."""
    path.write_text(json.dumps(notebook, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    # A Windows console may have no check mark.
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    _, archive, *more = sys.argv
    main(
        Path(archive),
        more[0] if more else "functional-api",
        float(more[1]) if len(more) > 1 else time.time(),
    )
