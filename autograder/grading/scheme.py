"""Prepares once what grading an assignment needs: cells, grader, the reference's graphs."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from autograder.checks import Grader, GraderError, Subject, load_grader
from autograder.course import Afterwards, Assignment, Course, afterwards_of, probe_inputs
from autograder.course.cells import in_one_language
from autograder.course.fingerprint import fingerprint
from autograder.grading.carried import Part, Replacements, parts_of, recordings, without_recordings
from autograder.grading.judge import Probes, error_text, subjects_of
from autograder.grading.recognise import GivenOut, given_out, given_out_by
from autograder.grading.restore import RestoredCell, restore
from autograder.grading.submission import GradingError
from autograder.grading.written import Line, lines_given_out
from autograder.messages import Message, message
from autograder.sandbox import Run

if TYPE_CHECKING:
    from nbformat import NotebookNode


_NO_MODULE = re.compile(r"No module named '([\w.]+)'")


class RunCells(Protocol):
    """A function that runs a notebook's code cells in the sandbox."""

    def __call__(
        self, cells: Sequence[RestoredCell], probes: Probes, replacements: Replacements = ..., /
    ) -> Run:
        """Run the cells, and return what the run has left behind."""


@dataclass(frozen=True)
class Solution:
    """An assignment's reference solution: its code cells, and what running them has left behind.

    `prompts` are the blocks of code in the notebook's text.
    """

    cells: Sequence[RestoredCell]
    run: Run
    prompts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scheme:
    """An assignment's marking scheme: everything that grading one of its submissions needs.

    `references` are the subjects from the solution's run, `parts` what its tasks hand on to later ones;
    `lines` are those that were given out, and `fingerprint` is the digest of what the scheme was made from.
    """

    assignment: Assignment
    source: GivenOut
    grader: Grader
    solution: Solution
    references: Mapping[str, Subject]
    probes: Probes
    parts: Mapping[str, Part] = field(default_factory=dict)
    afterwards: Afterwards | None = None
    lines: frozenset[Line] = frozenset()
    fingerprint: str = ""


def load_graders(course: Course, assignments: Iterable[Assignment]) -> dict[str, Grader]:
    """Return the graders of those assignments of a course, checked against `course.yml`.

    Raises:
        CourseError: a catalogue of the course cannot be read.
        GradingError: a grader's file is wrong, or its points are not the tasks' points.
    """
    graders = {}
    for assignment in assignments:
        try:
            grader = load_grader(course, assignment, hidden=True)
        except GraderError as error:
            raise GradingError(*error.messages) from error
        public, hidden = (
            path.relative_to(course.root).as_posix()
            for path in (course.public_grader(assignment), course.hidden_grader(assignment))
        )
        known = {task.id for task in assignment.tasks}
        for check in grader.checks:
            if check.marking.task not in known:
                raise GradingError(
                    message(
                        "{file}: the check `{check}` belongs to the task `{task}`, which `{assignment}` does "
                        "not have in course.yml.",
                        file=(public if check.public else hidden),
                        check=check.id,
                        task=check.marking.task,
                        assignment=assignment.id,
                    )
                )
        for task in assignment.by_hand:
            checks = grader.of_task(task.id)
            if checks or task.id in grader.probes:
                raise GradingError(
                    message(
                        "{file}: the task `{task}` expects a text, which is graded by hand: take its checks "
                        "and its `PROBES` out.",
                        file=hidden if checks and not checks[0].public else public,
                        task=task.id,
                    )
                )
        for task in assignment.checked:
            if not grader.of_task(task.id):
                raise GradingError(
                    message(
                        "{file}: the task `{task}` has no check here or in {hidden}; write one, with "
                        '`@task("{task}", points={points})` above it.',
                        file=public,
                        task=task.id,
                        hidden=hidden,
                        points=f"{task.points:g}",
                    )
                )
            if abs(grader.points(task.id) - task.points) > 1e-9:
                raise GradingError(
                    message(
                        "{file}: the checks of `{task}` here and in {hidden} add up to {found} points; "
                        "course.yml says {wanted}.",
                        file=public,
                        task=task.id,
                        hidden=hidden,
                        found=f"{grader.points(task.id):g}",
                        wanted=f"{task.points:g}",
                    )
                )
        graders[assignment.id] = grader
    return graders


def probes_of(assignment: Assignment, grader: Grader) -> dict[str, list[list[dict[str, Any]]]]:
    """Return the inputs that each task's function is called on: public ones, then the hidden ones."""
    probes = {}
    for task in assignment.checked:
        hidden = [[item.request for item in probe_inputs(probe)] for probe in grader.probes.get(task.id, ())]
        if wanted := task.requests + hidden:
            probes[task.id] = wanted
    return probes


def make_scheme(course: Course, assignment: Assignment, grader: Grader, run_cells: RunCells) -> Scheme:
    """Make an assignment's marking scheme, running its reference solution once.

    Raises:
        CourseError: the source notebook is missing or not in order.
        GradingError: the reference solution does not run.
    """
    # nbformat takes a second to import, so only grading imports it.
    from autograder.course.source import read_source

    notebook = read_source(course, assignment)
    spoken = copy.copy(notebook)
    spoken.cells = in_one_language(notebook.cells)
    restored = restore(spoken, given_out(spoken), [task.id for task in assignment.tasks])
    probes = probes_of(assignment, grader)
    run = run_cells(restored.cells, probes, recordings(restored.cells))
    parts = parts_of(restored.cells, run)
    run = without_recordings(restored.cells, run)
    references = subjects_of(assignment, restored.cells, run, probes, {})
    for task_id, subject in references.items():
        reason = _trouble(subject, run)
        if reason is not None:
            raise GradingError(
                _not_run_here(assignment, restored.cells, run)
                or message(
                    "{file}: the solution does not solve `{task}`: {reason}",
                    file=course.source(assignment).relative_to(course.root).as_posix(),
                    task=task_id,
                    reason=reason,
                )
            )
    source = given_out_by(course, assignment)
    prompts = tuple(dict.fromkeys(_blocks(notebook)))
    return Scheme(
        assignment,
        source,
        grader,
        Solution(restored.cells, run, prompts),
        references,
        probes,
        parts,
        afterwards_of(notebook),
        lines_given_out(source, prompts),
        fingerprint(course, assignment),
    )


def _blocks(notebook: NotebookNode) -> Iterator[str]:
    """Yield the blocks of code in a notebook's text."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            yield from re.findall(r"^```\w*\n(.*?)^```", cell.source, flags=re.DOTALL | re.MULTILINE)


def _not_run_here(assignment: Assignment, cells: Sequence[RestoredCell], run: Run) -> Message | None:
    """Return why a reference solution could not run here, where that is no fault of the solution's.

    A missing module that the solution does not name is one that a library needs.
    """
    for cell in run.cells:
        if cell.error is None or cell.error.name != "ModuleNotFoundError":
            continue
        missing = _NO_MODULE.search(cell.error.value)
        if missing is not None and not any(missing[1] in own.source for own in cells):
            return message(
                "The reference solution of `{assignment}` cannot run here, which says nothing about the "
                "solution: {reason}. Install what is missing into the grader's environment, and let it lie "
                "where the jail can read it (see `autograder doctor`).",
                assignment=assignment.id,
                reason=error_text(cell) or cell.error.name,
            )
    if run.ended is not None:
        return message(
            "The run of the reference solution of `{assignment}` was ended: {reason} If the solution needs "
            "more, raise `limits` in course.yml.",
            assignment=assignment.id,
            reason=run.ended,
        )
    return None


def _trouble(subject: Subject, run: Run) -> Message | None:
    if subject.absence is not None:
        return next(
            (said for cell in run.cells if (said := error_text(cell)) is not None), subject.absence.rationale
        )
    for model in subject.models:
        if model.failure is not None and model.value is None:
            return model.failure.found or model.failure.rationale
    return None
