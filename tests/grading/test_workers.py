"""What goes wrong with one submission's report is that submission's, and is said with its name."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.feedback import Report, read_report, report_path
from autograder.grading import GradedSubmission, Submission, workers
from autograder.grading.workers import Answer, written
from autograder.messages import render
from tests.feedback import builders

SUBMISSION = Submission("kim", "inception", Path("submitted/kim/inception/inception.ipynb"))


@pytest.fixture
def output(tmp_path: Path) -> Path:
    (tmp_path / "reports").mkdir()
    return tmp_path


def answer(output: Path) -> Answer:
    return written(GradedSubmission(builders.report("kim"), kept="kept"), SUBMISSION, output)


def a_folder(report: Path) -> None:
    report.mkdir(parents=True)


def a_file_for_a_folder(report: Path) -> None:
    report.parent.write_text("")


def a_linked_folder(report: Path) -> None:
    (report.parents[2] / "elsewhere").mkdir()
    report.parent.symlink_to(report.parents[2] / "elsewhere")


@pytest.mark.parametrize("make", [a_folder, a_file_for_a_folder, a_linked_folder])
def test_what_is_in_a_reports_way_costs_that_report_only(output: Path, make: Callable[[Path], None]) -> None:
    """What was graded is in the table and goes into the gradebook; the sentence has the path."""
    path = report_path(output, "kim", "inception")
    make(path)

    done = answer(output)

    assert done.fatal is None
    assert done.summary is not None
    assert done.summary.score == 2
    assert done.summary.path is None
    assert done.kept == "kept"
    said = render(done.unwritten, "en")
    assert said.startswith("kim, inception: ")
    assert str(path.parent) in said


def test_what_a_report_gives_otherwise_than_the_one_before_is_told(output: Path) -> None:
    """Nothing is where there was none, where scores are equal, or where somebody has changed the file."""
    path = report_path(output, "kim", "inception")
    wrong = GradedSubmission(builders.report("kim", [builders.task([builders.check("size", "failed")])]))
    told = [written(one, SUBMISSION, output).changes for one in (wrong, wrong)]
    told.append(answer(output).changes)
    path.write_text(path.read_text().replace('"score": 1.0', '"score": 0.0'))
    told.append(answer(output).changes)

    assert [[change.gained for change in changes] for changes in told] == [[], [], [2.0], []]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_a_full_disk_ends_the_run(output: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(workers, "write_report", fail)

    done = answer(output)

    assert done.summary is None
    assert f"Nothing can be written to {output} ({os.strerror(number)})" in render(done.fatal, "en")


def test_a_report_that_cannot_be_put_into_words_says_so_itself(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its scores are nobody's any more; the traceback is for the maintainer, with the student's name."""
    write_report = workers.write_report

    def fail(report: Report, path: Path) -> None:
        if report.outcome == "graded":
            raise UnicodeEncodeError("utf-8", "\udcff", 0, 1, "surrogates not allowed")
        write_report(report, path)

    monkeypatch.setattr(workers, "write_report", fail)

    done = answer(output)

    assert read_report(report_path(output, "kim", "inception")).outcome == "broken"
    assert done.summary is not None
    assert (done.summary.outcome, done.summary.score, done.kept, done.key) == ("broken", 0, None, "")
    assert done.trouble.startswith("kim, inception:\nTraceback")


def test_whatever_is_raised_costs_one_submission(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where nothing at all can be written of it."""

    def fail(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr(workers, "write_report", fail)

    done = answer(output)

    assert render(done.unwritten, "en") == "kim, inception: the report cannot be written (ValueError)."
