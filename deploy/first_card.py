"""Goes a learner's way on this machine: a notebook as it was given out, and then with every task solved.

    python deploy/first_card.py NOTEBOOKS.zip [ASSIGNMENT]

It is run by the Python that the wheel is installed for, with `jupyter execute` beside it (`pip install
nbclient`), from a checkout, which has the solutions. It prints what each step took, and ends with 1 where a
card does not say what it should.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

from autograder.course.starter import solution

ROOT = Path(__file__).parents[1]
Notebook = dict[str, Any]


def main(archive: Path, assignment: str) -> None:
    """Unpack the notebooks, run one of them twice, and look at its cards."""
    with tempfile.TemporaryDirectory() as place, zipfile.ZipFile(archive) as files:
        files.extractall(place)
        (path,) = Path(place).glob(f"*/{assignment}/{assignment}.ipynb")
        given_out = cards(path, "as it was given out")
        write(path, solved(read(path), read(ROOT / "solutions" / assignment / f"{assignment}.ipynb")))
        done = cards(path, "with every task solved")
    if not given_out or any("✗" in card for card in given_out):
        sys.exit("A card of a notebook that nobody has begun should greet, and judge nothing.")
    if len(done) != len(given_out) or not all(map(finished, done)):
        sys.exit("A card of a task that is solved does not say so.")


def finished(card: str) -> bool:
    """Whether a card says that every check has passed."""
    return "✓" in card and not {"✗", "○"} & {*card}


def cards(path: Path, what: str) -> list[str]:
    """Run a notebook from top to bottom, and return the text of its cards."""
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "jupyter", "execute", "--inplace", "--allow-errors", path.name],
        cwd=path.parent, check=True,
    )  # fmt: skip
    print(f"{path.stem} {what}: {time.monotonic() - began:.0f} s")
    found = [
        "".join(output["data"]["text/plain"])
        for cell in read(path)["cells"]
        if "".join(cell["source"]).startswith("check(")
        for output in cell["outputs"]
        if "data" in output
    ]
    for card in found:
        print(card, end="\n\n")
    return found


def solved(notebook: Notebook, source: Notebook) -> Notebook:
    """Put the solution into every cell that is to be answered."""
    answers = {name(cell): "".join(cell["source"]) for cell in source["cells"]}
    for cell in notebook["cells"]:
        if name(cell) is not None and name(cell).endswith("-answer"):
            cell["source"] = solution(answers[name(cell)])
    return notebook


def name(cell: dict[str, Any]) -> Any:
    """The name that nbgrader knows a cell by, if it has one."""
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
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "functional-api")
