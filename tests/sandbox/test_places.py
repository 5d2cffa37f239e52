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

from autograder.sandbox import best_level

ROOT = Path(__file__).parents[2]


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder in /tmp itself, which the jail covers with a private one."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def environment(folder: Path) -> None:
    """Make an environment of its own interpreter, with a module `near`, that sees this one's packages."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (packages,) = (folder / "lib").glob("python*/site-packages")
    (packages / "near.py").write_text("answer = 42\n")
    here = next(path for path in sys.path if path.endswith("site-packages"))
    (packages / "others.pth").write_text(f"{here}\n{ROOT}\n")


def ran(python: Path, level: str, *sources: str) -> subprocess.CompletedProcess[str]:
    """Run cells in a jail of that environment's; what is printed is each cell's state and error."""
    program = f"""
        from autograder.sandbox import CellSource, Request, WarmInterpreter
        with WarmInterpreter.start(("IPython", "autograder")) as warm:
            cells = [CellSource(number, str(number), source) for number, source in enumerate({sources!r})]
            run = warm.run(Request(cells, level={level!r}))
            print([(cell.state, cell.error and cell.error.name) for cell in run.cells], run.ended)
    """
    return subprocess.run(
        [python, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=False, cwd="/"
    )


def test_an_environment_in_tmp_is_seen_and_its_neighbours_are_not(place: Path) -> None:
    """At the best level, which covers /tmp; the next test finds one there at each."""
    level = best_level().level
    environment(place / "venv")
    (place / "secret").write_text("hidden")
    done = ran(
        place / "venv" / "bin" / "python",
        level,
        "import near; print(near.answer)",
        f"open({str(place / 'secret')!r})",
        "open('/tmp/mine', 'w').write('x')" if level == "full" else "1",
        "open(near.__file__, 'a')",
    )

    unseen = "FileNotFoundError" if level == "full" else "PermissionError"
    assert done.stdout.startswith(f"[('ok', None), ('error', '{unseen}'), ('ok', None), ('error', "), done
    assert done.stdout.endswith(" None\n")


def link_the_packages(place: Path, venv: Path) -> None:
    """As uv has it with `--link-mode symlink`: a package's files are links to where wheels are unpacked."""
    (packages,) = (venv / "lib").glob("python*/site-packages")
    for name in ("near/__init__.py", "near/deep/__init__.py", "near-1.dist-info/RECORD"):
        unpacked = place / "cache" / "archive" / "abc" / name
        unpacked.parent.mkdir(parents=True, exist_ok=True)
        unpacked.write_text("answer = 42\n")
        (packages / name).parent.mkdir(parents=True, exist_ok=True)
        (packages / name).symlink_to(unpacked)
    (packages / "near.py").unlink()


def link_the_interpreter(place: Path, venv: Path) -> None:
    """As pyenv and uv have it: a version's folder has a second name, and environments are made by that."""
    (place / "pythons").mkdir()
    (place / "pythons" / "newest").symlink_to(sys.base_prefix)
    for program in (venv / "bin").glob("python*"):
        program.unlink()
    python = place / "pythons" / "newest" / "bin" / f"python3.{sys.version_info.minor}"
    (venv / "bin" / "python").symlink_to(python)
    settings = venv / "pyvenv.cfg"
    settings.write_text(settings.read_text().replace(f"{sys.base_prefix}/bin", str(python.parent)))


def test_an_environment_that_is_reached_by_links_is_seen(place: Path, level: str) -> None:
    """The home lies on another disk and is reached by two links; `.venv` is a link to where they are kept."""
    kept = place / "disk" / "home" / "kim" / "kept" / "one"
    environment(kept)
    link_the_packages(place, kept)
    link_the_interpreter(place, kept)
    (place / "mnt").symlink_to(place / "disk")
    (place / "home").symlink_to("mnt/home")
    (kept.parents[1] / ".venv").symlink_to("kept/one")
    (place / "secret").write_text("hidden")
    another = (
        "import sys, subprocess; subprocess.run([sys.executable, '-c', 'import near, wave'], check=True)"
    )
    done = ran(
        place / "home" / "kim" / ".venv" / "bin" / "python",
        level,
        "import near; print(near.answer)",
        # What the interpreter has not imported yet it finds by the paths as they are written.
        "import sysconfig, os, wave, near.deep, IPython.core.logger\n"
        "assert all(os.path.exists(sysconfig.get_path(path)) for path in ('stdlib', 'purelib'))",
        another if level == "full" else "1",
        *(f"open({str(place / secret)!r})" for secret in ("secret", "mnt/../secret")),
    )

    unseen = "FileNotFoundError" if level == "full" else "PermissionError"
    told = f"[{', '.join([str(('ok', None))] * 3 + [str(('error', unseen))] * 2)}] None\n"
    assert done.stdout == told, done
