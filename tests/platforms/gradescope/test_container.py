"""There are whole results or none, whatever becomes of what grades, and learners' code is kept from them."""

from __future__ import annotations

import os
import signal
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.messages import verbatim
from autograder.platforms.gradescope import container, settings
from autograder.platforms.gradescope.container import close, watch_over
from autograder.platforms.gradescope.settings import Settings
from autograder.sandbox import SandboxError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Gradescope's folder, with results of an earlier run."""
    for name in ("source", "results", "submission"):
        (tmp_path / name).mkdir(mode=0o755)
    (tmp_path / "source" / "settings.json").write_text(Settings(assignment="inception").model_dump_json())
    (tmp_path / "submission_metadata.json").write_text("{}")
    (tmp_path / "results" / "results.json").write_text('{"score": 10}')
    return tmp_path


def refuse(_: float) -> None:
    raise SandboxError(verbatim("No jail today."))


def fail(_: float) -> None:
    raise ZeroDivisionError("of the grader's own")


def be_killed(_: float) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def say_nothing(_: float) -> None:
    pass


@pytest.mark.parametrize(
    ("grade", "said"),
    [
        (refuse, "autograder: No jail today.\n"),
        (fail, "ZeroDivisionError: of the grader's own\n"),
        (be_killed, "autograder: The process that graded was ended by the signal SIGKILL"),
        (say_nothing, ""),
    ],
)
def test_a_failure_of_ours_leaves_no_results_and_says_why(
    root: Path, capfd: pytest.CaptureFixture[str], grade: Callable[[float], None], said: str
) -> None:
    """Gradescope: without a valid file the autograder has failed, by no fault of the student's."""
    assert watch_over(root, grade) == 1
    assert not (root / "results" / "results.json").exists()
    assert said in capfd.readouterr().out


def test_it_ends_before_gradescope_would_end_it(
    root: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "MARGIN_SECONDS", 599.5)
    started = root / "started"

    def go_on(_: float) -> None:
        started.write_text(str(os.getpid()))
        time.sleep(600)

    assert watch_over(root, go_on) == 1
    assert not (root / "results" / "results.json").exists()
    assert "Grading has taken nearly 10 minutes and was ended." in capfd.readouterr().out
    assert not Path("/proc", started.read_text()).exists()


def test_results_are_kept(root: Path) -> None:
    results = root / "results" / "results.json"

    def write(_: float) -> None:
        results.write_text("{}")

    assert watch_over(root, write) == 0
    assert results.read_text() == "{}"


def test_settings_that_cannot_be_read_are_said(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (root / "source" / "settings.json").write_text("{")

    assert watch_over(root, say_nothing) == 1
    assert "settings.json cannot be read" in capfd.readouterr().out


def test_nobody_but_the_owner_comes_to_what_is_hidden(root: Path) -> None:
    close(root)

    for path in container.closed(root):
        assert stat.S_IMODE(path.stat().st_mode) & 0o007 == 0, path


@pytest.mark.parametrize(("limit", "said"), [("536870912", ["512 MiB"]), ("4294967296", []), ("max", [])])
def test_a_container_with_too_little_memory_is_said(
    root: Path, monkeypatch: pytest.MonkeyPatch, limit: str, said: list[str]
) -> None:
    (root / "memory.max").write_text(f"{limit}\n")
    monkeypatch.setattr(container, "_MEMORY_LIMITS", (str(root / "none"), str(root / "memory.max")))
    found = " ".join(str(one.values) for one in container.too_little_memory())

    assert bool(found) == bool(said)
    assert all(str(number) in found for number in (512, 640)) == bool(said)
