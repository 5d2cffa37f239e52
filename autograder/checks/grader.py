"""An assignment's grader: the pytest files that define its checks, loaded."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.checks.marking import CheckDefinition, GraderError, definitions


@dataclass(frozen=True)
class Grader:
    """An assignment's grader: its pytest files, the checks they define, and its hidden probes.

    `probes` maps a task to lists of input shapes (without the batch axis) that its function is called on
    beside those of `course.yml`.
    """

    assignment: str
    files: tuple[Path, ...]
    checks: tuple[CheckDefinition, ...]
    probes: Mapping[str, Sequence[Sequence[tuple[int | None, ...]]]]

    def of_task(self, task: str) -> list[CheckDefinition]:
        """A task's checks, public ones first."""
        return [check for check in self.checks if check.marking.task == task]

    def points(self, task: str) -> float:
        """What a task's checks are worth together."""
        return sum(check.marking.points for check in self.of_task(task))


def load_grader(assignment: str, *, hidden: bool) -> Grader:
    """The grader of an assignment: its public checks and, where asked for, its hidden ones.

    Raises:
        GraderError: a file is missing or wrong.
    """
    stem = "test_" + assignment.replace("-", "_")
    files: list[Path] = []
    checks: list[CheckDefinition] = []
    probes: dict[str, Any] = {}
    packages = ("autograder.checks.public", "autograder.hidden") if hidden else ("autograder.checks.public",)
    for package in packages:
        try:
            module = importlib.import_module(f"{package}.{stem}")
        except ModuleNotFoundError as error:
            raise GraderError(f"{package} has no {stem}.py for the assignment {assignment!r}.") from error
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            raise GraderError(f"{package}.{stem} cannot be imported: {what}.") from error
        assert module.__file__ is not None
        files.append(Path(module.__file__))
        checks += definitions(module, public=package != "autograder.hidden", before=checks)
        probes.update(getattr(module, "PROBES", {}))
    names = [check.id for check in checks]
    for name in names:
        if names.count(name) > 1:
            raise GraderError(f"The grader of {assignment!r} defines {name} twice.")
    return Grader(assignment, tuple(files), tuple(checks), probes)
