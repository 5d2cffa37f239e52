"""The repository is as designed: imports run down, each package has its tests, nothing points outside."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "autograder").rglob("*.py"))


@pytest.mark.slow
@pytest.mark.parametrize("words", [["lint-imports", "--no-cache"], ["mypy"]], ids=["layers", "types"])
def test_imports_run_down_the_layers_and_types_fit(words: list[str]) -> None:
    """As `make lint` and `make types` say; here each keeps one processor busy while others run tests."""
    program = Path(sys.executable).with_name(words[0])
    done = subprocess.run([program, *words[1:]], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


def test_the_lock_pins_with_hashes_and_names_no_index() -> None:
    lock = (ROOT / "requirements.lock").read_text()

    assert "--hash=sha256:" in lock
    for word in ("--index-url", "--extra-index-url", "--find-links", "http://", "https://", "file:/"):
        assert word not in lock


def test_every_package_has_its_tests() -> None:
    """`tests` mirrors `autograder`: each package with modules of its own has a test folder with tests."""
    packages = {
        path.parent.name
        for path in MODULES
        if path.parent.parent.name == "autograder" and path.name != "__init__.py"
    }

    without = sorted(name for name in packages if not list((ROOT / "tests" / name).glob("test_*.py")))

    assert without == []


def test_the_lock_can_be_installed_where_there_is_no_fuzzer() -> None:
    """Atheris has wheels for one kind of machine, and is built from source on no other."""
    (line,) = (line for line in (ROOT / "requirements.lock").read_text().splitlines() if "atheris==" in line)

    assert 'platform_machine == "x86_64"' in line
