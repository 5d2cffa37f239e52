"""Shows an author, whenever a file is saved, what is left to do and what learners would be told."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.audit import Finding, lint_in
from autograder.audit.proof import Outcome, Proof
from autograder.authoring.tidy import tidy
from autograder.course import Course, CourseError, load_course
from autograder.course.release import write_release
from autograder.feedback import Isolation
from autograder.grading import GradingError, GradingSession, choose_isolation
from autograder.messages import AutograderError, Message, message
from autograder.release.cache import built_release
from autograder.sandbox import WarmInterpreter

SAMPLE = 24
"""How many wrong and how many right answers are tried each time: seconds, not a whole audit's minutes."""
SETTLED = 300
"""Milliseconds without a further change before the files are read: an editor writes in several steps."""

# Where one of these is broken, there is no right answer yet from which others could be made.
_IN_THE_WAY = ("source", "order", "stub", "solution", "grader")


@dataclass(frozen=True)
class State:
    """How far an assignment is, at one moment.

    `findings` are the linter's, including what is still to be written. `proof` says what became of a sample
    of wrong and right answers; it is None while the course is not in order, and `troubles` then say why.
    """

    assignment: str
    seconds: float
    findings: Sequence[Finding] = ()
    troubles: Sequence[Message] = ()
    written: Sequence[Path] = ()
    proof: Proof | None = None

    @property
    def faults(self) -> list[Finding]:
        """What is wrong, except what is only still to be written; whatever prevents an audit comes first."""
        # What prevents the release is a finding, too, and is reported once.
        found = [
            finding
            for finding in self.findings
            if finding.rule not in ("unwritten", "translations") and finding.said not in self.troubles
        ]
        return sorted(found, key=lambda finding: finding.rule not in _IN_THE_WAY)

    @property
    def unwritten(self) -> list[Finding]:
        """What is still to be written."""
        return [finding for finding in self.findings if finding.rule == "unwritten"]

    @property
    def untranslated(self) -> list[Finding]:
        """What is still to be translated."""
        return [finding for finding in self.findings if finding.rule == "translations"]

    @property
    def told(self) -> list[Outcome]:
        """For each check, the first wrong answer that failed it: what a learner would be told."""
        outcomes = self.proof.outcomes if self.proof is not None else []
        first = {one.check: one for one in reversed(outcomes) if one.check and one.failure is not None}
        return sorted(first.values(), key=lambda one: (one.task, one.check))

    @property
    def next(self) -> Message:
        """The one thing to do next."""
        if self.troubles:
            return self.troubles[0]
        if self.faults:
            return self.faults[0].said
        if self.proof is not None and (self.proof.to_mend or self.proof.refused):
            return message("Mend the check that a wrong answer passes, or that a right one does not.")
        if left := [*self.unwritten, *self.untranslated]:
            return left[0].said
        return message("`autograder audit {id}` tries it on hundreds of answers.", id=self.assignment)

    @property
    def done(self) -> bool:
        """Whether nothing is left to be done here."""
        return not self.troubles and not self.findings and self.proof is not None and self.proof.holds


@dataclass
class Author:
    """An author at work on one assignment, which is looked at again and again with one warm interpreter.

    Args:
        file: the course's `course.yml`, which is read anew each time.
        assignment: the assignment's id.
        isolation: how learner code is isolated.
        sample: how many wrong and how many right answers are tried.
    """

    file: Path
    assignment: str
    isolation: Isolation
    sample: int = SAMPLE
    _warm: WarmInterpreter | None = field(default=None, init=False)
    _tidied: dict[Path, int] = field(default_factory=dict, init=False)
    """The source that was last changed here, which is not a change of the author's."""

    @classmethod
    def of(cls, course: Course, assignment: str, *, unsafe: bool, sample: int = SAMPLE) -> Author:
        """Return an author at work on an assignment of a course.

        Raises:
            GradingError: there is no way to run answers safely.
        """
        return cls(course.file, assignment, choose_isolation(course, unsafe=unsafe), sample)

    def look(self) -> State:
        """Tidy, build, lint, grade and audit the assignment as it stands now."""
        began = time.monotonic()

        def state(**found: object) -> State:
            return State(self.assignment, time.monotonic() - began, **found)  # type: ignore[arg-type]

        try:
            course = load_course(self.file)
            assignment = course.assignment(self.assignment)
            source = course.source(assignment)
            self._tidied = {source: source.stat().st_mtime_ns} if tidy(course, assignment) else {}
            session = GradingSession(course, self._interpreter(course), self.isolation)
            written, troubles = _released(course)
            findings = lint_in(session, [assignment])
            if troubles or any(finding.rule in _IN_THE_WAY for finding in findings):
                return state(findings=findings, troubles=troubles, written=written)
            return state(findings=findings, written=written, proof=self._proof(session))
        except AutograderError as error:
            return state(troubles=error.messages)

    def _interpreter(self, course: Course) -> WarmInterpreter:
        if self._warm is None:
            # This process reads hidden checks: the warm interpreter must not be a fork of it.
            self._warm = WarmInterpreter.spawn(hide=[course.root])
            self._warm.__enter__()
        return self._warm

    def _proof(self, session: GradingSession) -> Proof:
        # An author who only writes need not have installed what only an audit needs.
        from autograder.audit.proving import proofs
        from autograder.importing import import_quietly

        import_quietly(["keras"])
        assignment = session.course.assignment(self.assignment)
        (proof,) = proofs(session, [assignment], most=self.sample, seed=1, jobs=1)
        return proof

    def paths(self) -> list[Path]:
        """Return the paths to watch: the registry, the source notebook, the graders."""
        folder = self.file.parent
        try:
            graders = folder / load_course(self.file).graders
        except CourseError:
            graders = folder / "graders"
        solutions = folder / "solutions" / self.assignment
        return [path for path in (self.file, solutions, graders) if path.exists()]

    def states(self) -> Iterator[State]:
        """Yield the assignment's state now, and again after each change, until it is interrupted."""
        from watchfiles import DefaultFilter, watch

        seen: dict[Path, int] = {}
        while True:
            # The stamps are taken first: what is saved while it is looked at must be looked at again.
            seen = self._stamps()
            yield self.look()
            seen |= self._tidied
            for _ in watch(
                *self.paths(),
                watch_filter=DefaultFilter(),
                step=SETTLED,
                rust_timeout=SETTLED,
                yield_on_timeout=True,
            ):
                if self._stamps() != seen:
                    break

    def _stamps(self) -> dict[Path, int]:
        files = [
            file
            for path in self.paths()
            for file in ([path] if path.is_file() else path.rglob("*"))
            if file.suffix in (".py", ".ipynb", ".po", ".yml") and ".ipynb_checkpoints" not in file.parts
        ]
        return {file: file.stat().st_mtime_ns for file in files if file.is_file()}

    def close(self) -> None:
        """End the warm interpreter."""
        if self._warm is not None:
            self._warm.__exit__(None, None, None)
            self._warm = None


def _released(course: Course) -> tuple[list[Path], Sequence[Message]]:
    """Write the release; what prevents it must not prevent looking at the rest."""
    try:
        return write_release(course, lambda assignment: built_release(course, assignment)), ()
    except (CourseError, GradingError) as error:
        return [], error.messages
