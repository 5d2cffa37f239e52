"""Lints the course: reports each assignment for which something does not hold that must hold of all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from nbformat import NotebookNode

from autograder.audit.linting.finding import Finding, Place, source_of
from autograder.audit.linting.pinned import pinned_findings
from autograder.audit.linting.registry import registry_findings
from autograder.audit.linting.releases import release_findings
from autograder.audit.linting.sources import id_findings, source_findings
from autograder.audit.linting.translations import translation_findings
from autograder.audit.linting.trials import trial_findings
from autograder.audit.linting.unwritten import unwritten_findings
from autograder.course import Assignment, Course, CourseError, load_course
from autograder.course.release import Targets, out_of_step
from autograder.course.source import read_source
from autograder.grading import GradingSession, choose_isolation
from autograder.messages import Message, message
from autograder.release.targets import targets
from autograder.sandbox import WarmInterpreter


def lint(
    course: Course,
    assignments: Sequence[Assignment],
    *,
    unsafe: bool = False,
) -> list[Finding]:
    """Return everything that is wrong with those assignments: first what is written, then what is tried out.

    Raises:
        GradingError: the notebooks cannot be run safely here.
    """
    isolation = choose_isolation(course, unsafe=unsafe)
    # It is not a fork of this process, which knows the hidden checks and may have started TensorFlow.
    with GradingSession.open(course, isolation, start=WarmInterpreter.spawn) as session:
        return lint_in(session, assignments)


def lint_in(session: GradingSession, assignments: Sequence[Assignment]) -> list[Finding]:
    """Return what `lint` finds, in a session that is open already."""
    course = session.course
    findings, sources = _written(course, assignments)
    # What cannot be read, or has no starter code and no solution, must be mended before it is tried.
    spoilt = {finding.file for finding in findings if finding.rule in ("source", "stub")}
    sources = [entry for entry in sources if source_of(course, entry[0]).file not in spoilt]
    findings += step_findings(course, [assignment for assignment, _ in sources], targets(course))
    for assignment, source in sources:
        tried = [*trial_findings(session, assignment, source)]
        # A grader that refuses the solution has nothing to say about other answers.
        findings += tried or pinned_findings(session, assignment, source)
    # What prevents grading prevents the release as well, and is reported once.
    others = [finding.said for finding in findings if finding.rule != "release"]
    return [finding for finding in findings if finding.rule != "release" or finding.said not in others]


def written_findings(course: Course, assignments: Sequence[Assignment]) -> list[Finding]:
    """Return what can be found without running anything."""
    return _written(course, assignments)[0]


def _written(
    course: Course, assignments: Sequence[Assignment]
) -> tuple[list[Finding], list[tuple[Assignment, NotebookNode]]]:
    findings: list[Finding] = []
    sources: list[tuple[Assignment, NotebookNode]] = []
    everywhere: list[tuple[Assignment, NotebookNode]] = []
    for assignment in course.assignments:
        wanted = assignment in assignments
        try:
            source = read_source(course, assignment)
        except CourseError as error:
            file = source_of(course, assignment).file
            findings += [Finding("source", file, said) for said in error.messages] if wanted else []
            continue
        everywhere.append((assignment, source))
        if wanted:
            sources.append((assignment, source))
    for assignment, source in sources:
        findings += registry_findings(course, assignment, source)
        findings += source_findings(course, assignment, source)
        findings += translation_findings(course, assignment)
        findings += unwritten_findings(course, assignment, source)
        for language in course.languages:
            findings += release_findings(course, assignment, source, language)
    clashing = id_findings(course, everywhere)
    files = {source_of(course, assignment).file for assignment in assignments}
    findings += [finding for finding in clashing if finding.file in files]
    if len(assignments) == len(course.assignments):
        findings += unread_findings(course)
    return findings, sources


def unread_findings(course: Course) -> Iterator[Finding]:
    """Yield the files of `graders/` that nothing reads, since they are called as no assignment's are."""
    kinds = (
        (course.public_grader, "test_*.py"),
        (course.hidden_grader, "test_*.py"),
        (course.training, "*.py"),
        (course.pinned, "*.y*ml"),
    )
    for place, pattern in kinds:
        read = {place(assignment): assignment.id for assignment in course.assignments}
        for folder in {path.parent for path in read}:
            for path in sorted(found for found in folder.glob(pattern) if found not in read):
                yield _unread(course, path, read)


def _unread(course: Course, path: Path, read: Mapping[Path, str]) -> Finding:
    meant = next((right for right in read if right.stem == path.stem.replace("-", "_")), None)
    if meant is None:
        fault = message(
            "nothing reads it, for no assignment of course.yml is called so; rename or delete it."
        )
    else:
        fault = message(
            "nothing reads it: the file of `{id}` has to be called `{name}`.", id=read[meant], name=meant.name
        )
    return Place(path.relative_to(course.root).as_posix()).finding("graders", fault)


def step_findings(course: Course, assignments: Sequence[Assignment], made: Targets) -> Iterator[Finding]:
    """Yield where `assignments/` is not what `solutions/` makes; left-over files only for a whole course."""
    left_over: list[Path] = []
    for assignment in assignments:
        try:
            faults = out_of_step(course, made, [assignment])
        except CourseError as error:
            file = source_of(course, assignment).file
            yield from (Finding("release", file, said) for said in error.messages)
            continue
        for fault in faults:
            if fault.fault == "left over":
                left_over.append(fault.path)
            elif fault.fault == "missing":
                yield _released(course, fault.path, message("it is missing; run `autograder release`."))
            else:
                said = message("it is not what its source notebook makes; run `autograder release`.")
                yield _released(course, fault.path, said)
    if len(assignments) == len(course.assignments):
        for path in sorted(set(left_over)):
            yield _released(course, path, message("it belongs to no assignment of course.yml; delete it."))


def _released(course: Course, path: Path, fault: Message) -> Finding:
    return Place(path.relative_to(course.root).as_posix()).finding("release", fault)


def load_findings(path: Path) -> tuple[Course | None, list[Finding]]:
    """Return the course that a `course.yml` describes, or what is wrong with that file.

    Raises:
        CourseError: there is no such file.
    """
    try:
        return load_course(path), []
    except CourseError as error:
        if not path.is_file():
            raise
        return None, [Finding("registry", path.name, said) for said in error.messages]
