"""The pytest plugin that hands evidence to checks as fixtures and collects their verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest

from autograder.checks.marking import ATTRIBUTE, Marking
from autograder.checks.subject import Subject
from autograder.checks.verdict import CheckFailure, Failure, Verdict


@dataclass(frozen=True)
class Result:
    """What one check did. `trouble` is a broken check's traceback, for the author's eyes."""

    verdict: Verdict
    failure: Failure | None = None
    trouble: str = ""
    seconds: float = 0.0


class Unmet(Exception):  # noqa: N818 - not an error: the check is skipped
    """A check that this one needs did not pass."""


class MarkingPlugin:
    """Provides each task's subject as a fixture named after the task and collects one result a check.

    Collection happens once; then `pytest_runtestloop` hands the session to `serve`, which runs a file's
    checks as often as there are submissions (`run`).

    A check whose `needs` did not all pass is skipped, and so is every check of a task for which there is
    nothing to look at, after the first, which says why. Whatever else a check raises makes it broken: the
    grader's fault, never the learner's.
    """

    def __init__(self, tasks: Iterable[str], serve: Callable[[], None]) -> None:
        self._serve = serve
        self._items: dict[Path, list[pytest.Item]] = {}
        self._subjects: Mapping[str, Subject] = {}
        self._results: dict[str, Result] = {}
        self._absent: set[str] = set()
        self._tasks = sorted(tasks)
        self.trouble = ""

    def fixtures(self) -> object:
        """A second plug-in: one fixture a task. pytest looks for fixtures in classes, so it makes one."""
        made = {}
        for task_id in self._tasks:
            name = fixture_name(task_id)
            made[f"fixture_{name}"] = pytest.fixture(name=name)(self._provider(task_id))
        return type("SubjectFixtures", (), made)()

    def run(self, files: Iterable[Path], subjects: Mapping[str, Subject]) -> dict[str, Result]:
        """The results of those files' checks over one submission's subjects, by check id."""
        self._subjects, self._results, self._absent = subjects, {}, set()
        items = [item for file in files for item in self._items.get(file, ())]
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        return self._results

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            self._items.setdefault(item.path, []).append(item)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.trouble += f"{report.longrepr}\n"

    def pytest_runtestloop(self) -> bool:
        if not self.trouble:
            self._serve()
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> None:
        marking = marking_of(item)
        if marking is None:
            return
        for needed in marking.needs:
            if needed not in self._results or self._results[needed].verdict != "passed":
                raise Unmet
        absence = self._subjects[marking.task].absence
        if absence is not None:
            if marking.task in self._absent:
                raise Unmet
            self._absent.add(marking.task)
            raise CheckFailure(absence)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport:
        """Takes the place of pytest's own, which draws source lines around every failure for a terminal: most
        of what checking would cost."""
        if call.when == "call" or call.excinfo is not None:
            self._results[item.name] = _result(item, call)
        outcome: Literal["passed", "failed"] = "passed" if call.excinfo is None else "failed"
        assert call.when != "collect"
        return pytest.TestReport(item.nodeid, item.location, {}, outcome, None, call.when)

    def _provider(self, task_id: str) -> Callable[[object], Subject]:
        return lambda _fixtures: self._subjects[task_id]


def fixture_name(task_id: str) -> str:
    """A task's id as a Python name: `shared-lstm` is `shared_lstm`."""
    return task_id.replace("-", "_")


def marking_of(item: pytest.Item) -> Marking | None:
    """What `@task` said of the function behind an item."""
    found = getattr(getattr(item, "function", None), ATTRIBUTE, None)
    return found if isinstance(found, Marking) else None


def _result(item: pytest.Item, call: pytest.CallInfo[None]) -> Result:
    if call.excinfo is None:
        return Result("passed", seconds=call.duration)
    error: Any = call.excinfo.value
    if isinstance(error, CheckFailure):
        return Result("failed", error.failure, seconds=call.duration)
    if isinstance(error, Unmet):
        return Result("skipped", seconds=call.duration)
    return Result("broken", trouble=str(item.repr_failure(call.excinfo)), seconds=call.duration)
