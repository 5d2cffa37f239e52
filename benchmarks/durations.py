"""A pytest plugin that writes down how long each test and fixture took, and on which worker.

    DURATIONS=folder python -m pytest -p benchmarks.durations

Each process that runs tests appends to a file of its own in that folder, a JSON object a line:

- `kind`: `setup`, `call` or `teardown` of a test, or `fixture`;
- `name`: the test's id or the fixture's name; `scope`, `test`: a fixture's scope and who asked for it;
- `begin` and `wall`: when it began (seconds since the epoch), and how long it took (seconds);
- `processor`: seconds of processor time, of this process and of the children that it has waited for.

A phase of a test includes the fixtures that were made in it; a fixture includes none of those that it asks
for, as pytest makes them before.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


def processor_seconds() -> float:
    """Return the processor time of this process and of the children that it has waited for."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


class Durations:
    """Writes the phases of tests and the making of fixtures into a file."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8", buffering=1)

    @contextmanager
    def _measured(self, kind: str, name: str, **more: str) -> Iterator[None]:
        begin, clock, processor = time.time(), time.perf_counter(), processor_seconds()
        try:
            yield
        finally:
            wall = time.perf_counter() - clock
            line = {
                "kind": kind,
                "name": name,
                "begin": begin,
                "wall": wall,
                "processor": processor_seconds() - processor,
            }
            self._file.write(json.dumps(line | more) + "\n")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Iterator[None]:
        with self._measured("setup", item.nodeid):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        with self._measured("call", item.nodeid):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Iterator[None]:
        with self._measured("teardown", item.nodeid):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> Iterator[Any]:
        with self._measured("fixture", fixturedef.argname, scope=fixturedef.scope, test=request.node.nodeid):
            return (yield)

    def pytest_unconfigure(self) -> None:
        self._file.close()


def pytest_configure(config: pytest.Config) -> None:
    """Measure where `DURATIONS` names a folder."""
    folder = os.environ.get("DURATIONS")
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    # With xdist the process that was started runs no test itself.
    if folder and (worker or not config.getoption("numprocesses", None)):
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        config.pluginmanager.register(Durations(place / f"{worker or 'main'}.jsonl"), "durations-of-tests")
