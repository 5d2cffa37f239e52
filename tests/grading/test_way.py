"""From the command to the opened notebook it is eleven calls, and docs/architecture.md names them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import warm

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow

# The first call that opens the notebook tells, in the worker that has made it, how it came there.
TOLD = """
import inspect, sys
from pathlib import Path
from autograder.cli import main
from autograder.grading import grade

opened = grade.loaded

def loaded(*arguments):
    calls = []
    for frame in reversed(inspect.stack()[1:]):
        module = frame.frame.f_globals["__name__"]
        if module.startswith("autograder."):
            calls.append(f"{module}.{frame.frame.f_code.co_qualname}")
    Path(sys.argv[-1], "calls").write_text("\\n".join(calls))
    return opened(*arguments)

grade.loaded = loaded
sys.argv = ["autograder", "grade", sys.argv[1], "--output", sys.argv[2]]
main()
"""


def test_the_calls_from_the_command_to_the_notebook_are_those_of_the_table(tmp_path: Path) -> None:
    folder = tmp_path / "class" / "submitted" / "kim" / "inception"
    folder.mkdir(parents=True)
    (folder / "inception.ipynb").write_bytes((ROOT / "assignments/en/inception/inception.ipynb").read_bytes())
    done = warm.run(["-c", TOLD, tmp_path / "class", tmp_path])
    assert done.returncode == 0, done.stderr

    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = page.split("## The way of a submission")[1].split("\n## ")[0]
    table = re.findall(r"^\| \d+ \| `([\w.]+)` \|", section, re.MULTILINE)
    calls = (tmp_path / "calls").read_text(encoding="utf-8").splitlines()
    inside = calls[calls.index("autograder.cli.grade.grade") :]
    assert [call.removeprefix("autograder.").replace(".<locals>", "") for call in inside] == table[:-1]
    assert table[-1] == "grading.submission.loaded"
    assert len(table) <= 11
