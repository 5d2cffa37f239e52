"""Each public name has an example in its docstring: what to type at a Python prompt, and what appears."""

from __future__ import annotations

import doctest
import importlib
import inspect
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.study import language
from tests import warm
from tests.vocabulary import vocabulary

ROOT = Path(__file__).parents[1]
COURSE = ROOT / "examples" / "course"

# All functions that these packages offer have an example ...
PACKAGES = (
    "autograder",
    "autograder.checks",
    "autograder.course",
    "autograder.evidence",
    "autograder.gradebook",
    "autograder.graph",
)
# ... and so has what else is meant for other programs, and for whoever has another platform.
OTHERS = (
    "autograder.checks.Model",
    "autograder.checks.Subject",
    "autograder.class_report.class_report",
    "autograder.feedback.read_report",
    "autograder.gradebook.export.CanvasExporter",
    "autograder.gradebook.export.CourseExporter",
    "autograder.gradebook.export.LongExporter",
    "autograder.gradebook.export.MoodleExporter",
    "autograder.grading.GradingSession",
    "autograder.grading.find_submissions",
    "autograder.grading.grade_notebook",
    "autograder.grading.notebook_of",
    "autograder.messages.message",
    "autograder.messages.render",
    "autograder.platforms.github.repositories.assignment_repository",
    "autograder.platforms.gradescope.archive.gradescope_zip",
)
# They fork, and must do so before the process knows a hidden check or has computed with Keras.
IN_A_PROCESS_OF_THEIR_OWN = ("autograder.grading.GradingSession", "autograder.grading.grade_notebook")
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def public_names() -> Iterator[str]:
    """The public names by where they are found, those of the vocabulary by where they are defined."""
    for name in PACKAGES:
        package = importlib.import_module(name)
        for public in package.__all__:
            if inspect.isfunction(getattr(package, public)):
                yield f"{name}.{public}"
    # What a subject and a model have is shown in the examples of their classes.
    for entry in (one for entries in vocabulary().SECTIONS.values() for one in entries):
        if ".expectations." in entry.path:
            yield entry.path
    yield from OTHERS


def named(path: str) -> Any:
    """What a public name names."""
    module, attributes = path, []
    while True:
        module, _, attribute = module.rpartition(".")
        attributes.insert(0, attribute)
        try:
            found: Any = importlib.import_module(module)
        except ModuleNotFoundError:
            continue
        for attribute in attributes:
            found = getattr(found, attribute)
        return found


def example_of(path: str) -> doctest.DocTest:
    """The example of a public name: it has no names but those that it imports or makes itself."""
    (found,) = doctest.DocTestFinder(recurse=False).find(named(path), path, globs={})
    return found


def differences(path: str) -> str:
    """Run an example; return what has not appeared as the docstring says."""
    told: list[str] = []
    doctest.DocTestRunner(optionflags=OPTIONS).run(example_of(path), out=told.append)
    return "".join(told)


@pytest.mark.parametrize("path", sorted({*public_names()}))
def test_the_example_of_a_public_name_is_what_happens(
    path: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In a course's folder, for somebody of whom nothing is remembered yet."""
    assert example_of(path).examples, f"{path} has no example in its docstring"
    if path in IN_A_PROCESS_OF_THEIR_OWN:
        done = warm.run(
            ["-m", "tests.test_doctests", path], environment={**os.environ, "PYTHONPATH": str(ROOT)}
        )
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        return
    monkeypatch.chdir(COURSE)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(language, "_said", None)

    assert differences(path) == ""


if __name__ == "__main__":
    os.chdir(COURSE)
    print(differences(sys.argv[1]), end="")
