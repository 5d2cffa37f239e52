"""How long `check` takes in a learner's kernel, from the object that it is handed to the card's HTML.

For every task of every assignment, with the reference solution's object and with the starter code's, as far
as that makes one, and with the starter code's once more as if it were an answer, which is compared with the
target. What a learner's function takes to build its models is the learner's own time and is left out. An
assignment's figure is its slowest task's median. That the cards are right is looked at in passing: the
solution passes every check, the starter code is greeted, and as an answer it is not.

    python -m benchmarks.check [--rounds 9] [--dry-run] [ASSIGNMENT ...]
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import io
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from autograder.course import Assignment, Course, load_course
from autograder.course.source import read_source
from autograder.course.starter import solution, starter
from autograder.course.tags import nbgrader
from autograder.study.error_explanations import make_ready
from benchmarks.options import benchmark_options
from benchmarks.results import record

ROOT = Path(__file__).parents[1]
COMMAND = "make bench-check"
AIM = "<= 100"


class Clock:
    """The seconds that were spent in a learner's own function."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function with its time taken."""

        @functools.wraps(function)
        def timed(*arguments: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                self.seconds += time.perf_counter() - began

        return timed


def main() -> None:
    """Measure, print every task, and write a figure an assignment."""
    options = benchmark_options(__doc__, rounds=9, repeats="each card is made")
    options.add_argument("assignments", nargs="*", help="these alone")
    chosen = options.parse_args()
    course = load_course(ROOT / "course.yml")
    with tempfile.TemporaryDirectory() as folder:
        # Nobody's own hints and scores are to be read.
        os.environ["XDG_DATA_HOME"] = folder
        importlib.import_module("keras")
        make_ready()
        for assignment in course.assignments:
            if chosen.assignments and assignment.id not in chosen.assignments:
                continue
            slowest = 0.0
            for kind, task_id, handed_in in objects(course, assignment):
                with as_answers() if kind == "answer" else contextlib.nullcontext():
                    taken = milliseconds(task_id, handed_in, kind, chosen.rounds)
                print(f"{assignment.id:22}{task_id:24}{kind:10}{taken:7.1f} ms", flush=True)
                slowest = max(slowest, taken)
            if not chosen.dry_run:
                record(f"check.ms.{assignment.id}", round(slowest, 1), "ms", AIM, COMMAND)


def objects(course: Course, assignment: Assignment) -> Iterator[tuple[str, str, Any]]:
    """Yield what tasks hand in, by solution and by starter code, while the notebook is at that cell."""
    for kind, text_of in (("solution", solution), ("starter", starter), ("answer", starter)):
        names: dict[str, Any] = {"__name__": "__main__"}
        cells = read_source(course, assignment).cells
        last = max(number for number, cell in enumerate(cells) if nbgrader(cell).get("grade"))
        for cell in cells[: last + 1]:
            if cell.cell_type != "code":
                continue
            if nbgrader(cell).get("grade"):
                call = cell.source.replace("check(", "handed_in(", 1)
                with contextlib.suppress(NameError):
                    task_id, handed_in = eval(call, {**names, "handed_in": lambda *given: given})
                    yield kind, task_id, handed_in
                continue
            source = text_of(cell.source) if nbgrader(cell).get("solution") else cell.source
            # Starter code may stop with an error: it is there to be mended.
            with contextlib.redirect_stdout(io.StringIO()):
                try:
                    exec(compile(source, f"<{assignment.id}>", "exec"), names)
                except Exception:
                    if kind == "solution":
                        raise


@contextlib.contextmanager
def as_answers() -> Iterator[None]:
    """Take starter code for an answer: what it looks like is not known."""
    from autograder.study import notebook

    with mock.patch.object(notebook, "trace", return_value="of an answer"):
        yield


def milliseconds(task_id: str, handed_in: Any, kind: str, rounds: int) -> float:
    """Return the median of a card's time, without the learner's own function and the first card."""
    import keras

    from autograder.study import Card, check

    clock = Clock()
    plain_function = callable(handed_in) and not isinstance(handed_in, keras.Model)
    given = clock.around(handed_in) if plain_function else handed_in
    taken = []
    for _ in range(rounds + 1):
        clock.seconds = 0.0
        began = time.perf_counter()
        card = check(task_id, given)
        assert isinstance(card, Card), repr(card)
        card._repr_html_()
        taken.append(time.perf_counter() - began - clock.seconds)
        full = all(check.verdict == "passed" for check in card.report.checks)
        right = full if kind == "solution" else full or card.report.attempted is (kind == "answer")
        assert right, f"{task_id}, {kind}: {card!r}"
    return statistics.median(taken[1:]) * 1e3


if __name__ == "__main__":
    main()
