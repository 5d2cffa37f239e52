"""One warm interpreter for all tests of the sandbox, and every level that this machine offers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.sandbox import CellSource, Limits, Request, Run, WarmInterpreter, best_level
from tests.sandbox.running import RunCells

LEVELS = ("full", "contained") if best_level().level == "full" else ("contained",)


@pytest.fixture(scope="session")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A file beside the machine's other files, as a gradebook or another submission would lie."""
    place = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    place.write_text("CANARY-41e7")
    yield str(place)
    assert place.read_text() == "CANARY-41e7"
    assert place.stat().st_mode & 0o777 == 0o644


@pytest.fixture(scope="session")
def warm() -> Iterator[WarmInterpreter]:
    with WarmInterpreter.spawn() as interpreter:
        yield interpreter


@pytest.fixture(params=LEVELS)
def level(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def run(warm: WarmInterpreter, level: str) -> RunCells:
    """Runs the sources given as the cells of a notebook; keywords are limits."""

    def run_cells(*sources: str, probes: dict[str, list[object]] | None = None, **limits: float) -> Run:
        cells = [CellSource(index, f"cell-{index}", source) for index, source in enumerate(sources)]
        return warm.run(Request(cells, probes or {}, Limits(**limits), level))

    return run_cells
