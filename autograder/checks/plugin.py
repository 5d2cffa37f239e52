"""The pytest plugin that hands evidence to checks as fixtures and collects their verdicts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Literal

import pytest

from autograder.checks.grader import Grader
from autograder.checks.marking import ATTRIBUTE, Marking, fixture_name
from autograder.checks.result import Gate, Result, result_of
from autograder.checks.subject import Subject


class MarkingPlugin:
    """Provides each task's subject as a fixture named after the task and collects one result a check.

    Collection happens once; then `pytest_runtestloop` hands the session to `serve`, which runs a file's
    checks as often as there are submissions (`run`).
    """

    def __init__(self, graders: Iterable[Grader], serve: Callable[[], None]) -> None:
        graders = list(graders)
        self._serve = serve
        self._modules = {
            path: module
            for grader in graders
            for path, module in zip(grader.files, grader.modules, strict=True)
        }
        self._items: dict[Path, list[pytest.Item]] = {}
        self._subjects: Mapping[str, Subject] = {}
        self._gate = Gate({})
        tasks = {check.marking.task for grader in graders for check in grader.checks}
        self._fixtures = {fixture_name(task_id): task_id for task_id in sorted(tasks)}
        self._plain: dict[pytest.Function, Marking] = {}
        self.trouble = ""

    def fixtures(self) -> object:
        """A second plug-in: one fixture a task. pytest looks for fixtures in classes, so it makes one."""
        made = {}
        for name, task_id in self._fixtures.items():
            made[f"fixture_{name}"] = pytest.fixture(name=name)(self._provider(task_id))
        return type("SubjectFixtures", (), made)()

    def run(self, files: Iterable[Path], subjects: Mapping[str, Subject]) -> dict[str, Result]:
        """The results of those files' checks over one submission's subjects, by check id."""
        self._subjects, self._gate = subjects, Gate(subjects)
        items = [item for file in files for item in self._items.get(file, ())]
        for item, following in zip(items, [*items[1:], None], strict=True):
            if isinstance(item, pytest.Function) and item in self._plain:
                self._call(item)
            else:
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        return self._gate.results

    def _call(self, item: pytest.Function) -> None:
        """Run a check that needs subjects and nothing else: what pytest's protocol would do for it, without
        the two hundred calls of hooks that take longer than most checks."""
        error: BaseException | None = None
        began = time.perf_counter()
        try:
            self._gate.admit(self._plain[item])
            item.obj(**{name: self._subjects[self._fixtures[name]] for name in item.fixturenames})
        except KeyboardInterrupt:
            raise
        except BaseException as raised:
            # What `pytest.fail` raises is no Exception.
            error = raised
        seconds = time.perf_counter() - began
        self._gate.results[item.name] = result_of(error, partial(_drawn, item, error), seconds)

    def pytest_pycollect_makemodule(
        self, module_path: Path, parent: pytest.Collector
    ) -> pytest.Module | None:
        """Give pytest a grader's file as it was executed already, in the namespace of its course."""
        module = self._modules.get(module_path)
        if module is None:
            return None
        made: pytest.Module = pytest.Module.from_parent(parent, path=module_path)
        made.obj = module
        return made

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            self._items.setdefault(item.path, []).append(item)
            marking = marking_of(item)
            if marking is not None and isinstance(item, pytest.Function) and self._is_plain(item):
                self._plain[item] = marking

    def _is_plain(self, item: pytest.Function) -> bool:
        """Whether an item is a function of subjects, with no mark, no parameter and no other fixture."""
        needs_more = item.cls is not None or hasattr(item, "callspec") or next(item.iter_markers(), None)
        return not needs_more and self._fixtures.keys() >= set(item.fixturenames)

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
        self._gate.admit(marking)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport:
        """Takes the place of pytest's own, which draws source lines around every failure for a terminal: most
        of what checking would cost."""
        if call.when == "call" or call.excinfo is not None:
            error = call.excinfo.value if call.excinfo is not None else None
            self._gate.results[item.name] = result_of(error, partial(_drawn, item, error), call.duration)
        outcome: Literal["passed", "failed"] = "passed" if call.excinfo is None else "failed"
        assert call.when != "collect"
        return pytest.TestReport(item.nodeid, item.location, {}, outcome, None, call.when)

    def _provider(self, task_id: str) -> Callable[[object], Subject]:
        return lambda _fixtures: self._subjects[task_id]


def _drawn(item: pytest.Item, error: BaseException | None) -> str:
    """A broken check's traceback as pytest draws it."""
    return str(item.repr_failure(pytest.ExceptionInfo.from_exception(error))) if error is not None else ""


def marking_of(item: pytest.Item) -> Marking | None:
    """What `@task` said of the function behind an item."""
    found = getattr(getattr(item, "function", None), ATTRIBUTE, None)
    return found if isinstance(found, Marking) else None
