"""What stops a verification is said in a sentence, with an exit code."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course import load_course
from autograder.verification.result import Trouble, Underway
from autograder.verification.verify import Wish, _answer, _ended
from autograder.verification.verify import verify as verify_solution

from .conftest import ROOT, verify

MISSING = next((name for name in ("torch", "jax") if importlib.util.find_spec(name) is None), None)


@pytest.fixture
def broken_course(tmp_path: Path) -> Path:
    """A course whose solution of `loss-weights` names a layer that is not there."""
    shutil.copy(ROOT / "course.yml", tmp_path)
    for name in ("solutions", "graders"):
        shutil.copytree(ROOT / name, tmp_path / name)
    path = tmp_path / "solutions" / "loss-weights" / "loss-weights.ipynb"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("layers.Dense(16", "layers.Danse(16"), encoding="utf-8")
    return tmp_path


@pytest.mark.slow
def test_a_solution_that_fails_fails(broken_course: Path, tmp_path: Path) -> None:
    """The others are verified nevertheless; the document says which cell it was."""
    output = tmp_path / "verified.json"
    done = verify("tensorflow", "loss-weights", "--output", str(output), cwd=broken_course)
    document = json.loads(output.read_text(encoding="utf-8"))

    assert done.returncode == 1
    assert "loss-weights: it could not be verified" in done.stderr
    assert "cell `imports` of the solution fails in line 10 with AttributeError" in done.stderr
    assert "Solutions that pass: 0 of 1." in done.stdout
    assert document["passed"] is False
    assert [trouble["assignment"] for trouble in document["troubles"]] == ["loss-weights"]


@pytest.mark.slow
def test_a_gpu_that_is_not_there_is_said_with_what_it_takes() -> None:
    done = verify("tensorflow", "loss-weights", "--device", "gpu", CUDA_VISIBLE_DEVICES="")

    assert done.returncode == 2
    assert "`tensorflow` finds no GPU here, only `CPU:0`" in done.stderr
    assert "pip install 'tensorflow[and-cuda]'" in done.stderr
    assert "--device cpu" in done.stderr


@pytest.mark.skipif(MISSING is None, reason="every backend is installed")
def test_a_backend_that_is_not_there_is_said_with_how_to_get_it() -> None:
    done = verify("tensorflow", "--backend", str(MISSING))

    assert done.returncode == 2
    assert done.stderr == (
        f"autograder: The backend `{MISSING}` is not installed: `pip install {MISSING}`.\n"
    )


def test_an_assignment_that_is_not_there_is_said() -> None:
    done = verify("tensorflow", "perceptron")

    assert done.returncode == 2
    assert "The course has no assignment `perceptron`" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_cannot_be_written_is_said_before_anything_is_trained(tmp_path: Path) -> None:
    done = verify("tensorflow", "loss-weights", "--output", str(tmp_path / "nowhere" / "verified.json"))

    assert done.returncode == 2
    assert "verified.json cannot be written: No such file or directory." in done.stderr


ANSWERING = """
import json, sys
assert json.load(sys.stdin) == {"assignment": "loss-weights"}
for step in (8, 16):
    print(json.dumps({"kind": "Underway", "step": step, "steps": 20, "steps_per_second": 4.0}), flush=True)
"""
ANSWER = """print('{"kind": "Trouble", "assignment": "loss-weights", "error": "no room"}')"""


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        (ANSWERING + ANSWER, Trouble(assignment="loss-weights", error="no room")),
        (ANSWERING + "sys.exit(3)", None),
        (ANSWERING + ANSWER.replace("room", "").replace('"}', ""), None),
    ],
)
def test_how_far_a_process_is_is_heard_until_it_answers_or_ends(code: str, answer: Trouble | None) -> None:
    heard: list[Underway] = []
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        found = _answer(process, {"assignment": "loss-weights"}, heard.append)

    assert found == answer
    assert [(underway.step, underway.steps) for underway in heard] == [(8, 20), (16, 20)]


@pytest.mark.slow
def test_no_process_goes_on_training_for_someone_who_has_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """The solution's process is told of by its first steps, and gone when the listener has thrown."""
    started: list[subprocess.Popen[str]] = []

    class Started(subprocess.Popen[str]):
        def __init__(self, *words: object, **options: object) -> None:
            super().__init__(*words, **options)  # type: ignore[call-overload]
            started.append(self)

    def leave(underway: Underway) -> None:
        assert 0 < underway.step <= underway.steps
        raise KeyboardInterrupt

    monkeypatch.setattr("autograder.verification.verify.subprocess.Popen", Started)
    course = load_course(ROOT / "course.yml")
    with pytest.raises(KeyboardInterrupt):
        verify_solution(course, course.assignment("loss-weights"), Wish("tensorflow", "cpu"), leave)

    assert started[0].returncode == -9


@pytest.mark.parametrize(
    ("code", "said", "reason"),
    [
        (-9, "", "SIGKILL"),
        (1, "one\nMemoryError: no room\n\n", "MemoryError: no room"),
        (3, "", "exit code 3"),
    ],
)
def test_a_process_that_ends_without_an_answer_is_told_by_what_ended_it(
    code: int, said: str, reason: str
) -> None:
    assert _ended(code, said) == reason
