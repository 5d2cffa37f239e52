"""Finds what stands between an nbgrader installation and this course, for `autograder doctor`."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from traitlets.config import Config

from autograder.course import Course
from autograder.gradebook.configuration import configure_steps, gradebook_url
from autograder.grading import GradingError
from autograder.messages import Message, message

OLDEST = (0, 9, 5)
FORMGRADER = "nbgrader.server_extensions.formgrader"


@dataclass(frozen=True)
class Finding:
    """One result of the diagnosis: `in_the_way` where grading would go wrong, else something to know."""

    about: str
    in_the_way: bool
    said: Message


def examine(course: Course) -> list[Finding]:
    """Return what an instructor must mend or should know before nbgrader works on that course."""
    try:
        version = importlib.metadata.version("nbgrader")
    except importlib.metadata.PackageNotFoundError:
        said = message("nbgrader is not installed: install the extra `instructor`.")
        return [Finding("nbgrader", True, said)]
    effective = _effective(course)
    return [
        *_version(version),
        *_alembic(),
        *_configuration(course, effective),
        *_jupyter(),
        *_gradebook(course),
        *_exchange(effective),
    ]


def _version(version: str) -> Iterator[Finding]:
    numbers = tuple(int(part) for part in version.split(".")[:3] if part.isdigit())
    if numbers < OLDEST:
        said = message(
            "nbgrader is {found}; this course needs {wanted} or newer.",
            found=version,
            wanted=".".join(map(str, OLDEST)),
        )
        yield Finding("nbgrader", True, said)


def _alembic() -> Iterator[Finding]:
    if shutil.which("alembic") is None:
        said = message(
            "nbgrader calls the program `alembic`, which is not on PATH: put {folder} on PATH.",
            folder=str(Path(sys.executable).parent),
        )
        yield Finding("nbgrader", True, said)


def _configuration(course: Course, effective: Any) -> Iterator[Finding]:
    """Yield where the steps that nbgrader would take in the course's folder are not the course's own."""
    path = course.root / "nbgrader_config.py"
    if not path.is_file():
        said = message(
            "There is no nbgrader_config.py in {folder}: without it nbgrader runs learner code in a kernel, "
            "beside its checks. Put these lines there: "
            "`from autograder.gradebook import configure` and `configure(get_config(), __file__)`.",
            folder=str(course.root),
        )
        yield Finding("configuration", True, said)
        return
    wanted = Config()
    configure_steps(wanted)
    for section, settings in wanted.items():
        for key, value in settings.items():
            if effective.get(section, {}).get(key) != value:
                said = message(
                    "`{section}.{key}` is not set to the course's own step, in {file} or in "
                    "another nbgrader_config.py: remove that line, or learner code may run beside "
                    "its checks.",
                    section=section,
                    key=key,
                    file=str(path),
                )
                yield Finding("configuration", True, said)


def _effective(course: Course) -> Any:
    """Return the configuration that nbgrader's commands would have in the course's folder."""
    from nbgrader.apps.baseapp import NbGrader

    with chdir(course.root):
        app = NbGrader()
        app.load_config_file()
        return app.config


def _jupyter() -> Iterator[Finding]:
    try:
        from jupyter_core.paths import jupyter_config_path
        from jupyter_server.config_manager import BaseJSONConfigManager
    except ModuleNotFoundError:
        said = message("JupyterLab is not installed: Formgrader and Assignment List need it.")
        yield Finding("jupyter", False, said)
        return
    enabled: dict[str, bool] = {}
    for folder in reversed(jupyter_config_path()):
        found = BaseJSONConfigManager(config_dir=folder, read_directory=True).get("jupyter_server_config")
        enabled.update(found.get("ServerApp", {}).get("jpserver_extensions", {}))
    if not (enabled.get(FORMGRADER) or enabled.get("nbgrader")):
        said = message(
            "Formgrader is not enabled in JupyterLab: run "
            "`jupyter server extension enable --sys-prefix nbgrader`."
        )
        yield Finding("jupyter", False, said)


def _gradebook(course: Course) -> Iterator[Finding]:
    from autograder.gradebook.writer import GradebookWriter, NoGradebook

    try:
        writer = GradebookWriter(gradebook_url(course, course.root), course)
        reasons = [said for entry in course.assignments if (said := writer.unprepared(entry)) is not None]
    except GradingError as error:
        yield Finding("gradebook", not isinstance(error, NoGradebook), error.message)
        return
    writer.close()
    if len(reasons) == 1:
        yield Finding("gradebook", False, reasons[0])
    elif reasons:
        said = message(
            "Assignments not ready in the gradebook: {count}. The first: {reason}",
            count=len(reasons),
            reason=reasons[0],
        )
        yield Finding("gradebook", False, said)


def _exchange(effective: Any) -> Iterator[Finding]:
    from nbgrader.exchange.default import Exchange

    root = Path(Exchange(config=effective).root)
    if not (root.is_dir() and os.access(root, os.W_OK | os.X_OK)):
        said = message(
            "There is no exchange at {folder}: to release and collect on this machine, make that folder "
            "writable for all (`chmod ugo+rwx`), or set `Exchange.root`. A learning platform needs none.",
            folder=str(root),
        )
        yield Finding("exchange", False, said)
