"""A solution that loops, floods, fills the memory or ends its process costs one sentence."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from autograder.course import Course, CourseError, load_course
from autograder.course.cells import Cell, PlainCell
from autograder.course.model import Limits
from autograder.release import apart
from autograder.release.apart import documents_of
from tests import warm

pytestmark = pytest.mark.slow

COURSE = load_course(Path(__file__).parents[2] / "course.yml")
INCEPTION = COURSE.assignment("inception")


@pytest.fixture
def by_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where something has started that a fork would lack."""
    monkeypatch.setattr(apart, "_has_started", lambda: True)


@pytest.fixture(params=["by a fork", "by another process"])
def way(request: pytest.FixtureRequest) -> str:
    """Both ways are taken, where this process has nothing started that a fork would lack."""
    if request.param == "by another process":
        request.getfixturevalue("by_another_process")
    return request.param


BOTH_WAYS = pytest.mark.usefixtures("way")


def limited(**limits: float) -> Course:
    return COURSE.model_copy(update={"limits": Limits(**{"cell_seconds": 20, "memory": "2 GiB", **limits})})


def cells(*sources: str) -> list[tuple[Cell, str]]:
    return [(PlainCell(f"cell-{number}", "code", text), text) for number, text in enumerate(sources)]


def said(*sources: str, starter: bool = False, **limits: float) -> str:
    with pytest.raises(CourseError) as raised:
        documents_of(limited(**limits), INCEPTION, cells(*sources), {}, starter=starter)
    return str(raised.value)


CHECKED = ("from autograder import check", "check('branch-sizes', {'a': 1})")


@BOTH_WAYS
def test_what_is_checked_comes_back() -> None:
    documents = documents_of(limited(), INCEPTION, cells(*CHECKED), {})

    assert list(documents) == ["branch-sizes"]
    assert documents["branch-sizes"]["arguments"][0]["kind"] == "dict"


WEIGHTS = """
import keras
from autograder import check

def draw():
    return keras.initializers.GlorotUniform(seed=5)

layer = keras.layers.Dense(2, kernel_initializer=draw())
layer.build((None, 3))
later = "_drawn_later" in vars(layer.kernel)
check("branch-sizes", {"later": later, "same": bool((layer.kernel.numpy() == draw()((3, 2)).numpy()).all())})
"""


@BOTH_WAYS
def test_a_weight_is_drawn_when_it_is_read_and_is_what_it_would_have_been() -> None:
    """As in the sandbox, where `tests/sandbox/test_lazy_weights.py` tries more."""
    (told,) = documents_of(limited(), INCEPTION, cells(WEIGHTS), {})["branch-sizes"]["arguments"]

    assert {name["value"]: value["value"] for name, value in told["items"]} == {"later": True, "same": True}


@BOTH_WAYS
def test_what_is_printed_without_end_is_forgotten() -> None:
    flood = "import os, sys\nfor _ in range(100):\n    print('x' * 1_000_000)\n"
    below = "for _ in range(100):\n    os.write(1, b'x' * 1_000_000); os.write(2, b'x')"

    assert list(documents_of(limited(), INCEPTION, cells(flood, below, *CHECKED), {})) == ["branch-sizes"]


@BOTH_WAYS
@pytest.mark.parametrize(
    ("source", "phrase"),
    [
        ("import os; os._exit(0)", "cell `cell-1` of the solution ends its process (exit code 0)"),
        ("import os; os._exit(3)", "cell `cell-1` of the solution ends its process (exit code 3)"),
        ("import os; os.kill(os.getpid(), 9)", "was ended by the signal SIGKILL"),
        ("import sys; sys.exit(0)", "cell `cell-1` of the solution fails in line 1 with SystemExit: 0"),
        ("x = bytearray(8 * 1024**3)", "cell `cell-1` of the solution fails in line 1 with MemoryError"),
        ("1 / 0", "cell `cell-1` of the solution fails in line 1 with ZeroDivisionError: division by zero"),
    ],
)
def test_an_end_before_the_end_is_an_error(source: str, phrase: str) -> None:
    text = said("x = 1", source, *CHECKED, cell_seconds=2)

    assert text.startswith("solutions/inception/inception.ipynb: ")
    assert phrase in text


def test_what_ends_before_its_first_cell_names_no_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_asked", lambda _request: apart._Ended("", code=-9))

    assert ": the solution was ended by the signal SIGKILL" in said("x = 1")


@BOTH_WAYS
def test_a_loop_is_ended_and_what_it_has_started_as_well(tmp_path: Path, way: str) -> None:
    starter = way == "by a fork"
    noted = tmp_path / "pid"
    source = (
        f"import os\nif not os.fork():\n    open({str(noted)!r}, 'w').write(str(os.getpid()))\nwhile 1: 0"
    )
    text = said(source, starter=starter, cell_seconds=1)

    assert f"of the {'starter code' if starter else 'solution'} does not end within 1 seconds" in text
    deadline = time.monotonic() + 10
    while Path(f"/proc/{noted.read_text()}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{noted.read_text()}").exists()
    # The next one is run all the same, by another process.
    assert list(documents_of(limited(), INCEPTION, cells(*CHECKED), {})) == ["branch-sizes"]


@BOTH_WAYS
def test_the_limit_of_the_whole_notebook_holds_too() -> None:
    text = said(*["import time; time.sleep(0.4)"] * 6, cell_seconds=1, notebook_seconds=1)
    assert "does not end within 1 seconds" in text


@BOTH_WAYS
def test_starter_code_may_stop_with_an_error_and_goes_on_with_the_next_cell() -> None:
    found = documents_of(limited(), INCEPTION, cells("1 / 0", *CHECKED), {}, starter=True)
    assert list(found) == ["branch-sizes"]


@pytest.mark.usefixtures("by_another_process")
def test_a_process_that_is_killed_meanwhile_is_replaced() -> None:
    documents_of(limited(), INCEPTION, cells(*CHECKED), {})
    os.kill(apart._kept[0]._process.pid, 9)
    apart._kept[0]._process.wait()

    assert list(documents_of(limited(), INCEPTION, cells(*CHECKED), {})) == ["branch-sizes"]


FORKING = """
import sys
from tests.release.test_apart import CHECKED, INCEPTION, cells, limited, said
from autograder.release import apart

print(said("import os; os._exit(0)"))
print(said("while True: pass", cell_seconds=0.5))
print(said("x = bytearray(8 * 1024**3)"))
for _ in range(2):
    print(list(apart.documents_of(limited(), INCEPTION, cells("print('x' * 1_000_000)", *CHECKED), {})))
print(len(apart._kept))
"""


def test_a_process_with_nothing_started_forks_itself_and_needs_no_other() -> None:
    done = warm.run(["-c", FORKING])
    lines = [line.partition("cell `cell-0` of the solution ")[2] or line for line in done.stdout.splitlines()]

    assert done.returncode == 0, done.stderr
    assert [line[:40] for line in lines] == [
        "ends its process (exit code 0); it shoul",
        "does not end within 0.5 seconds; `limits",
        "fails in line 1 with MemoryError.",
        "['branch-sizes']",
        "['branch-sizes']",
        "0",
    ]
