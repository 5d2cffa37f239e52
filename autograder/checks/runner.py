"""Running a grader's pytest files over one submission's subjects, in this process."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

import pytest

from autograder.checks.grader import Grader
from autograder.checks.marking import GraderError
from autograder.checks.plugin import MarkingPlugin
from autograder.checks.result import Result
from autograder.checks.subject import Subject

Answer = TypeVar("Answer")

# What a grading run of pytest does without: each costs a millisecond or writes somewhere.
WITHOUT = (
    "cacheprovider", "capture", "debugging", "doctest", "faulthandler", "junitxml", "legacypath", "logging",
    "nose", "pastebin", "pytester", "recwarn", "setuponly", "setupplan", "skipping", "stepwise", "terminal",
    "threadexception", "tmpdir", "unittest", "unraisableexception", "warnings",
)  # fmt: skip


class Checker:
    """Runs graders' checks, one submission after the other, in one pytest session."""

    def __init__(self, plugin: MarkingPlugin) -> None:
        self._plugin = plugin

    def run(self, grader: Grader, subjects: Mapping[str, Subject]) -> dict[str, Result]:
        """Every check's result, by its id; a check that pytest did not reach is broken.

        Args:
            grader: the assignment's grader, one of those the session was opened with.
            subjects: by task id; every task of the grader's checks has one.
        """
        results = self._plugin.run(grader.files, subjects)
        missing = Result("broken", trouble="pytest did not reach this check")
        return grader.said({check.id: results.get(check.id, missing) for check in grader.checks})


def serve_checks(graders: Sequence[Grader], work: Callable[[Checker], Answer]) -> Answer:
    """What `work` returns, called with a checker for those graders.

    pytest collects the graders' files once, and `work` runs inside its session: a submission then costs its
    checks and not pytest's start.

    Raises:
        GraderError: pytest could not collect the files.
        Exception: whatever `work` raises.
    """
    answers: list[Answer] = []
    errors: list[BaseException] = []
    out, errors_out = sys.stdout, sys.stderr

    def serve() -> None:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors_out):
            try:
                answers.append(work(Checker(plugin)))
            except BaseException as error:
                # pytest would print it as its own internal error; it belongs to whoever called.
                errors.append(error)

    plugin = MarkingPlugin(graders, serve)
    files = [str(file) for grader in graders for file in grader.files]
    folders = {os.path.dirname(file) for file in files} or {os.getcwd()}
    arguments = [*files, "--noconftest", "-c", os.devnull, f"--rootdir={os.path.commonpath(folders)}"]
    for name in WITHOUT:
        arguments += ["-p", f"no:{name}"]
    said = io.StringIO()
    with _alone(), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        pytest.main(arguments, plugins=[plugin, plugin.fixtures()])
    if errors:
        raise errors[0]
    if not answers:
        raise GraderError(f"pytest could not collect the graders:\n{plugin.trouble or said.getvalue()}")
    return answers[0]


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """pytest without the plug-ins and options of whoever runs the grader."""
    kept = {
        name: os.environ.get(name)
        for name in ("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "PYTEST_ADDOPTS", "PYTEST_PLUGINS")
    }
    current = os.environ.get("PYTEST_CURRENT_TEST")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):
        os.environ.pop(name, None)
    try:
        yield
    finally:
        for name, value in kept.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        if current is not None:
            os.environ["PYTEST_CURRENT_TEST"] = current
