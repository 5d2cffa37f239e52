"""Wherever the interpreter lies, a run can import from it, and sees nothing beside it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder in /tmp itself, which the jail covers with a private one."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_an_environment_in_tmp_is_seen_and_its_neighbours_are_not(place: Path, level: str) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place / "venv"], check=True)
    (packages,) = (place / "venv" / "lib").glob("python*/site-packages")
    (packages / "near.py").write_text("answer = 42\n")
    here = next(path for path in sys.path if path.endswith("site-packages"))
    (packages / "others.pth").write_text(f"{here}\n{ROOT}\n")
    (place / "secret").write_text("hidden")
    source = f"""
        from autograder.sandbox import CellSource, Request, WarmInterpreter
        with WarmInterpreter.start() as warm:
            cells = [
                CellSource(0, "a", "import near; print(near.answer)"),
                CellSource(1, "b", "open({str(place / "secret")!r})"),
                CellSource(2, "c", "open('/tmp/mine', 'w').write('x')" if {level!r} == "full" else "1"),
                CellSource(3, "d", "open(near.__file__, 'a')"),
            ]
            run = warm.run(Request(cells, level={level!r}))
            print([(cell.state, cell.error and cell.error.name) for cell in run.cells], run.ended)
    """

    done = subprocess.run(
        [place / "venv" / "bin" / "python", "-c", textwrap.dedent(source)],
        capture_output=True, text=True, check=False, cwd="/",
    )  # fmt: skip

    unseen = "FileNotFoundError" if level == "full" else "PermissionError"
    assert done.stdout.startswith(f"[('ok', None), ('error', '{unseen}'), ('ok', None), ('error', "), done
    assert done.stdout.endswith(" None\n")
