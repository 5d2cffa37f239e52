"""Provides the pytest plug-in for authors: `pytest graders` tries a course's checks on its solutions.

    pytest -p autograder.verification.pytest_plugin graders

The course's `pytest.ini` may say so for good (`addopts`). Only graders wait for the import of Keras.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from autograder.checks import CheckDefinition, Subject
    from autograder.course import Assignment, Course

_REFERENCES = pytest.StashKey[dict[Path, Any]]()


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Collect a grader's file by its checks; leave every other file to pytest."""
    if module_path.parent.name not in ("public", "hidden"):
        return None
    found = _owner(module_path)
    if found is None:
        return None
    made: GraderModule = GraderModule.from_parent(parent, path=module_path)
    made.course, made.assignment = found
    return made


class GraderModule(pytest.Module):
    """A grader's file, from which its checks are collected, as grading loads them."""

    course: Course
    assignment: Assignment

    def collect(self) -> Iterator[CheckItem]:
        """Yield an item for each check of this file."""
        public = self.path == self.course.public_grader(self.assignment)
        for check in self._grader().checks:
            if check.public == public:
                item: CheckItem = CheckItem.from_parent(self, name=check.id)
                item.check = check
                yield item

    def subject(self, task: str) -> Subject:
        """Return a task's subject as the reference solution makes it, once per session."""
        references = self.config.stash.setdefault(_REFERENCES, {})
        key = self.course.source(self.assignment)
        if key not in references:
            references[key] = self._subjects()
        subject: Subject = references[key][task]
        return subject

    def _grader(self) -> Any:
        from autograder.checks import GraderError, load_grader

        try:
            return load_grader(self.course, self.assignment, hidden=True)
        except GraderError as error:
            raise self.CollectError(str(error)) from error

    def _subjects(self) -> Mapping[str, Subject]:
        from autograder.verification.solution import solved_subjects

        return solved_subjects(self.course, self.assignment, self._grader())


class CheckItem(pytest.Item):
    """A check, tried on the reference solution."""

    parent: GraderModule
    check: CheckDefinition

    def runtest(self) -> None:
        """Call the check."""
        from autograder.checks import CheckFailure

        subject = self.parent.subject(self.check.marking.task)
        if subject.absence is not None:
            raise CheckFailure(subject.absence)
        self.check.function(subject)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show a failure as the sentences that a learner would read, and anything else as pytest does."""
        from autograder.checks import CheckFailure
        from autograder.messages import render, wished_language

        if isinstance(excinfo.value, CheckFailure):
            said = [value for _, value in excinfo.value.failure if value is not None]
            return "\n".join(render(sentence, wished_language()) for sentence in said)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the check is defined, and its title."""
        line = self.check.function.__code__.co_firstlineno - 1
        return self.path, line, f"{self.name}: {self.check.title.text}"


def _owner(path: Path) -> tuple[Course, Assignment] | None:
    """Return the assignment that a grader's file belongs to, with its course; None for any other file."""
    from autograder.course import CourseError, find_course, load_course

    try:
        course = load_course(find_course(path.parent))
    except CourseError:
        return None
    for assignment in course.assignments:
        if path in (course.public_grader(assignment), course.hidden_grader(assignment)):
            return course, assignment
    return None
