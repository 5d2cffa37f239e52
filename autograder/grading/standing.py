"""Reports of an earlier run that still stand: nothing that they depend on has changed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder.feedback import Isolation, Report, ReportError, read_report
from autograder.grading.submission import Submission, UnreadableNotebook, notebook_digest

# A run that was cut short might not be on a machine that is less busy.
_CUT_SHORT = ("interrupted", "ended")


def standing_report(
    submission: Submission, fingerprint: str, isolations: Sequence[Isolation], path: Path
) -> Report | None:
    """The report at `path`, if grading the submission again would give the same; else None.

    Args:
        submission: the submission as it is now.
        fingerprint: what would grade it now (`fingerprint.fingerprint`).
        isolations: how it could be isolated now, one for each kind of worker.
        path: where an earlier run has written its report.
    """
    if not path.is_file():
        return None
    try:
        report = read_report(path)
        digest = notebook_digest(submission.path)
    except (ReportError, UnreadableNotebook):
        return None
    same = (
        report.outcome == "graded"
        and report.grader == fingerprint
        and report.digest == digest
        and report.isolation in isolations
        and (report.student, report.assignment) == (submission.student, submission.assignment)
        and report.notebook == submission.path.name
        and tuple(report.notes[: len(submission.notes)]) == submission.notes
        and not any(cell.state in _CUT_SHORT for cell in report.cells)
    )
    return report if same else None
