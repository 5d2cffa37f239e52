"""Finds reports of an earlier run that still hold, because nothing that they depend on has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from autograder.feedback import (
    Entry,
    Isolation,
    Ledger,
    Report,
    ReportChanged,
    ReportError,
    Summary,
    read_report,
    summarise,
)
from autograder.feedback.ledger import file_state
from autograder.grading.submission import Submission, UnreadableNotebook
from autograder.messages import name_in_text

# A run that was cut short on a busy machine might be completed on a less busy one.
_CUT_SHORT = ("interrupted", "ended")


def standing_summary(
    submission: Submission, fingerprint: str, isolations: Sequence[Isolation], path: Path, ledger: Ledger
) -> Summary | None:
    """Return the line of the report at `path` if grading again would give the same report, else None.

    Args:
        submission: the submission as it is now.
        fingerprint: the version of what would grade it now (`fingerprint.fingerprint`).
        isolations: how it could be isolated now, one for each kind of worker.
        path: where an earlier run has written its report.
        ledger: what is known about the reports; one that it lacks is read from its file and noted.

    Raises:
        ReportChanged: the report was changed after it was written, and is not trusted.
    """
    if not file_state(path) or path.parent.is_symlink():
        return None
    try:
        digest = hashlib.sha256(submission.content()).hexdigest()
    except UnreadableNotebook:
        return None
    keys = {_key(submission, digest, fingerprint, isolation) for isolation in isolations}
    known = ledger.summary(path, keys)
    if known is not None:
        return known
    try:
        report = read_report(path, whole=True)
    except ReportChanged:
        raise
    except ReportError:
        return None
    if (report.student, report.assignment) != (submission.student, submission.assignment):
        return None
    key = key_of(report, submission)
    if key not in keys:
        return None
    summary = summarise(report, path)
    ledger.note([Entry(key, summary)])
    return summary


def key_of(report: Report, submission: Submission) -> str:
    """Return a digest of what a report was graded from and by; empty if it must not be reused."""
    if report.outcome != "graded" or any(cell.state in _CUT_SHORT for cell in report.cells):
        return ""
    if tuple(report.notes[: len(submission.notes)]) != submission.notes:
        return ""
    if not report.grader or report.notebook != name_in_text(submission.path.name):
        return ""
    return _key(submission, report.digest, report.grader, report.isolation)


def _key(submission: Submission, digest: str, fingerprint: str, isolation: Isolation) -> str:
    said = [digest, fingerprint, isolation.model_dump_json(), name_in_text(submission.path.name)]
    said += [note.model_dump_json() for note in submission.notes]
    return hashlib.blake2b("\0".join(said).encode(), digest_size=20).hexdigest()
