"""Grades a class in parallel for `autograder grade --gradebook`, with its scores where nbgrader has them."""

from __future__ import annotations

import fnmatch
import logging
import os
import secrets
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from nbgrader.coursedir import CourseDirectory

from autograder.course import Course
from autograder.course.release import checksum, notebook_text
from autograder.course.tags import nbgrader
from autograder.gradebook.archives import STUDENT_LIMITS, ArchiveLimits
from autograder.gradebook.autograded import autograded_notebook, graded_digest
from autograder.gradebook.configuration import gradebook_url, release_language
from autograder.gradebook.roster import Listed, Roster, RosterError, course_roster
from autograder.gradebook.stale import FeedbackPage
from autograder.gradebook.timestamps import TimestampError, handed_in_at
from autograder.gradebook.writer import Entry, GradebookWriter
from autograder.grading import (
    Done,
    Found,
    Graded,
    GradedSubmission,
    GradingError,
    Keep,
    LocalWorkers,
    Lost,
    Progress,
    Scheme,
    StartWarm,
    Submission,
    Workers,
    grade_folder,
)
from autograder.messages import AutograderError, Language, Message, message

log = logging.getLogger("autograder")

_DEPTH = 24
READ_ONLY = 0o444
"""The mode that nbgrader gives an autograded file: it is not to be edited."""

IGNORED = tuple(CourseDirectory().ignore)


@dataclass(frozen=True)
class Kept:
    """What a worker hands over of a submission, in terms of JSON.

    It is the autograded notebook's text, the digest of what was handed in, scores (None where a person gives
    them), untouched answers.
    """

    notebook: str
    digest: str
    scores: dict[str, float | None]
    unanswered: dict[str, bool]


def grade_into_gradebook(
    course: Course,
    folder: Path,
    output: Path,
    *,
    workers: Workers,
    listen: Callable[[Progress, Found], None] = lambda _event, _found: None,
) -> Graded:
    """Grade a class's folder as `grade_folder` does, and write scores and autograded notebooks as well.

    A submission that the gradebook does not take still has its report, and is named in `left_out`. `workers`
    are those of `local_workers`, or a cluster's with `cluster_program`: they hand over what the gradebook is
    given.

    Raises:
        GradingError: there is no gradebook, or nothing can be graded.
    """
    top = _top(folder)
    writer = GradebookWriter(gradebook_of(course, folder), course)
    troubles: list[Message] = []
    roster = _roster(course)
    unprepared: dict[str, Message | None] = {}
    pages: list[FeedbackPage] = []

    def prepared(assignment: str) -> bool:
        if assignment not in unprepared:
            unprepared[assignment] = reason = writer.unprepared(course.assignment(assignment))
            troubles.extend([reason] if reason is not None else [])
        return unprepared[assignment] is None

    def heard(event: Progress, found: Found) -> None:
        if isinstance(event, (Done, Lost)):
            handed = event.answer.kept if isinstance(event, Done) else None
            kept = Kept(**handed) if handed is not None else None
            reason = _entered(writer, course, roster, top, event.job, kept, prepared)
            pages.append(FeedbackPage.within(top, event.job.student, event.job.assignment))
            if reason is not None:
                troubles.append(
                    message(
                        "{student}, {assignment}: {reason}",
                        student=event.job.student,
                        assignment=event.job.assignment,
                        reason=reason,
                    )
                )
        listen(event, found)

    graded = grade_folder(
        course,
        folder,
        output,
        workers=workers,
        # A cached report alone does not hold what the gradebook is given.
        fresh=True,
        listen=heard,
    )
    try:
        graded.next_steps += writer.stale(pages)
    except GradingError as error:
        troubles.append(error.message)
    writer.close()
    graded.left_out = (*graded.left_out, *troubles)
    return graded


def local_workers(course: Course, jobs: int, *, unsafe: bool, start: StartWarm) -> Workers:
    """Return workers of this machine for `grade_into_gradebook`.

    `start` starts the warm interpreter: a reserve's, since a gradebook has been read.
    """
    return LocalWorkers(jobs, unsafe=unsafe, keep=kept_for(release_language(course)), start=start)


def cluster_program(course: Course) -> Sequence[str]:
    """Return what a cluster's workers run for `grade_into_gradebook`: a module and its arguments."""
    return ("autograder.gradebook.worker", release_language(course))


def gradebook_of(course: Course, folder: Path) -> str:
    """Return the URL of the gradebook that the scores of a class's folder go into."""
    return gradebook_url(course, _top(folder))


def _top(folder: Path) -> Path:
    return folder.parent if folder.name == "submitted" else folder


def _roster(course: Course) -> Roster | None:
    try:
        return course_roster(course)
    except RosterError as error:
        raise GradingError(error.messages[0]) from error


def kept_for(language: Language) -> Keep:
    """Return a function that makes the fields of `Kept` from a graded submission.

    Args:
        language: the language of notebooks that name none.
    """

    def keep(_submission: Submission, scheme: Scheme, graded: GradedSubmission) -> dict[str, Any]:
        notebook = autograded_notebook(graded, scheme.source, language)
        unanswered = {
            nbgrader(cell)["grade_id"]: nbgrader(cell).get("checksum") == checksum(cell)
            for cell in notebook.cells
            if nbgrader(cell).get("solution")
        }
        scores = {task.id: None if task.pending else task.score for task in graded.report.tasks}
        return asdict(Kept(notebook_text(notebook), graded.report.digest, scores, unanswered))

    return keep


def _entered(
    writer: GradebookWriter,
    course: Course,
    roster: Roster | None,
    top: Path,
    submission: Submission,
    kept: Kept | None,
    prepared: Callable[[str], bool],
) -> Message | None:
    """Return why a submission is not in the gradebook now, or None; whatever the reason, the next is tried.

    `prepared` tells whether the gradebook has an assignment, and says so itself where it has not.
    """
    try:
        if not prepared(submission.assignment):
            return None
        if not _named_by_folder(submission):
            raise GradingError(
                message(
                    "the gradebook names students by their folders, and this folder's name is not text "
                    "that it could keep. Rename the folder and grade again."
                )
            )
        if roster is not None and (reason := roster.not_listed(submission.student)) is not None:
            raise GradingError(reason)
        # A submission that was not looked into is not worth nothing: its scores are pending.
        listed = roster.student(submission.student) if roster is not None else None
        _enter(writer, course, top, submission, kept if submission.refused is None else None, listed)
    except AutograderError as error:
        return error.message
    except Exception as error:
        log.exception("%s, %s", submission.student, submission.assignment)
        return message(
            "the scores could not be written to the gradebook ({reason})",
            reason=" ".join(f"{type(error).__name__} {error}".split()),
        )
    return None


def _named_by_folder(submission: Submission) -> bool:
    """Return whether the student has the name that nbgrader would use: that of the folder."""
    return submission.path.parent.parent.name == submission.student


def _enter(
    writer: GradebookWriter,
    course: Course,
    top: Path,
    submission: Submission,
    kept: Kept | None,
    listed: Listed | None,
) -> None:
    """Write one submission's scores, then its autograded folder, so that no notebook is there without scores.

    Raises:
        TimestampError: it is not known when it was handed in; its scores are pending.
        GradingError: something could not be written.
    """
    place = submission.path.parent if submission.refused is None else None
    refused = None
    try:
        timestamp = handed_in_at(place) if place is not None else None
    except TimestampError as error:
        refused, timestamp, kept = error, None, None
    target = top / "autograded" / submission.student / submission.assignment
    before = graded_digest(target / f"{submission.assignment}.ipynb")
    writer.write(
        Entry(
            submission.student,
            submission.assignment,
            kept.scores if kept is not None else None,
            kept.unanswered if kept is not None else {},
            timestamp,
            same_notebook=kept is not None and kept.digest == before,
            listed=listed,
        )
    )
    source = course.source(course.assignment(submission.assignment)).parent
    try:
        _replace(target, place, source, submission.assignment, kept)
    except OSError as error:
        raise GradingError(
            message(
                "the scores are in the gradebook; the autograded notebook cannot be written to {folder} "
                "({reason}). Make the folder writable and grade again.",
                folder=str(target),
                reason=error.strerror or type(error).__name__,
            )
        ) from error
    if refused is not None:
        raise refused


def _replace(target: Path, submitted: Path | None, source: Path, name: str, kept: Kept | None) -> None:
    """Put the autograded folder in its place in one step, or remove it where the grader itself failed.

    `submitted` is None where nothing of what was handed in is looked into.
    """
    if kept is None:
        if target.is_dir():
            shutil.rmtree(target)
        return
    if target.parent.is_symlink():
        raise GradingError(
            message(
                "{folder} is a link, and nothing is written through links. Delete the link.",
                folder=str(target.parent),
            )
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    building = target.parent / f".{secrets.token_hex(8)}.tmp"
    building.mkdir()
    try:
        if submitted is not None:
            _copy(_within(_files(submitted), STUDENT_LIMITS), submitted, building)
        _copy(_files(source), source, building)
        (building / f"{name}.ipynb").write_text(kept.notebook, encoding="utf-8")
        for path in _files(building, notebooks=True):
            path.chmod(READ_ONLY)
        if target.is_dir():
            shutil.rmtree(target)
        building.rename(target)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _copy(files: Iterable[Path], origin: Path, target: Path) -> None:
    for path in files:
        copy = target / path.relative_to(origin)
        copy.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            copy.unlink()
        shutil.copyfile(path, copy, follow_symlinks=False)


def _within(files: Iterable[Path], limits: ArchiveLimits) -> Iterator[Path]:
    """Yield those of a learner's files that there is room for: what is too much stays in `submitted`."""
    left = limits.size
    for path in islice(files, limits.files):
        with suppress(OSError):
            size = path.lstat().st_size
            if size <= left:
                left -= size
                yield path


def _files(place: Path, *, notebooks: bool = False) -> Iterator[Path]:
    """Yield the regular files of a folder that nbgrader takes along; links are not followed."""
    depth = len(place.parts) + _DEPTH
    for folder, folders, names in os.walk(place):
        # Endlessly nested folders would take up the walk's own memory.
        deeper = len(Path(folder).parts) < depth
        folders[:] = [name for name in folders if deeper and not _ignored(name)]
        for name in names:
            path = Path(folder) / name
            if (notebooks or not name.endswith(".ipynb")) and not _ignored(name):
                with suppress(OSError):
                    if stat.S_ISREG(path.lstat().st_mode):
                        yield path


def _ignored(name: str) -> bool:
    return any(fnmatch.fnmatch(name, pattern) for pattern in IGNORED)
