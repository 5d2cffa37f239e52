"""What a person gave is never overwritten, and no old score stands for new work, by each way."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from tests.gradebook.courses import EXAMPLES, ROOT, formgrader, grade, hand_in, nbgrader, scores, url_of

pytestmark = pytest.mark.slow

FULL = {"branch-sizes": 2.0, "inception-module": 5.0, "inception-network": 3.0}
NOTHING = dict.fromkeys(FULL, 0.0)

Way = Callable[..., bool]

BREAKS = """
import autograder.grading.grade


def judge(*_):
    raise RuntimeError("a fault of the grader's own")


autograder.grading.grade.judge = judge
"""


def by_command(course: Path, **more: str) -> bool:
    return nbgrader(course, "autograde", "inception", "--force", **more).returncode == 0


def by_button(course: Path, **more: str) -> bool:
    return all(answer["success"] for answer in formgrader(course, "autograde", "inception/kim", **more))


def directly(course: Path, **more: str) -> bool:
    return grade(course, "--output", course / "out", **more).returncode == 0


def handed_in(course: Path, origin: str = "kim-seoyeon") -> Path:
    """kim's submission, as one of the examples."""
    return hand_in(course, origin, "inception", as_student="kim")


def of_kim(course: Path) -> dict[str, float | None]:
    return {task: score for (_, student, task), score in scores(url_of(course)).items() if student == "kim"}


def flags(course: Path) -> dict[str, bool]:
    with Gradebook(url_of(course)) as gradebook:
        notebook = gradebook.find_submission_notebook("inception", "inception", "kim")
        return {grade.cell.name: grade.needs_manual_grade for grade in notebook.grades}


def graded_by_hand(course: Path) -> None:
    """An instructor overrides a score, gives extra credit and writes a comment."""
    with Gradebook(url_of(course)) as gradebook:
        given = gradebook.find_grade("inception-module", "inception", "inception", "kim")
        given.manual_score, given.extra_credit = 4.5, 0.25
        comment = gradebook.find_comment("inception-module-answer", "inception", "inception", "kim")
        comment.manual_comment = "잘했어요 — look at branch c again."
        gradebook.db.commit()


def by_hand(course: Path) -> tuple[float | None, float | None, str | None]:
    with Gradebook(url_of(course)) as gradebook:
        given = gradebook.find_grade("inception-module", "inception", "inception", "kim")
        comment = gradebook.find_comment("inception-module-answer", "inception", "inception", "kim")
        return given.manual_score, given.extra_credit, comment.manual_comment


@dataclass
class Station:
    """What the gradebook says of kim after a submission was graded."""

    succeeded: bool
    scores: dict[str, float | None]
    by_hand: tuple[float | None, float | None, str | None]
    flags: dict[str, bool]
    notebook: bool


@pytest.fixture(scope="module", params=[by_command, by_button, directly], ids=lambda way: way.__name__)
def history(
    request: pytest.FixtureRequest, generated: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Station]:
    """One learner's submissions, each graded over the one before it, by one of the three ways."""
    course = tmp_path_factory.mktemp("history") / "course"
    shutil.copytree(generated, course)
    way: Way = request.param

    def station(**more: str) -> Station:
        succeeded = way(course, **more)
        notebook = course / "autograded" / "kim" / "inception" / "inception.ipynb"
        return Station(succeeded, of_kim(course), by_hand(course), flags(course), notebook.exists())

    notebook = handed_in(course)
    stations = {"first": station()}
    graded_by_hand(course)
    stations["again"] = station()
    handed_in(course, "jung-haeun")
    stations["new work"] = station()
    (course / "fault").mkdir()
    (course / "fault" / "sitecustomize.py").write_text(BREAKS, encoding="utf-8")
    stations["grader broken"] = station(PYTHONPATH=f"{course / 'fault'}{os.pathsep}{ROOT}")
    stations["grader mended"] = station()
    whole = nbformat.read(notebook, as_version=4)
    whole.cells = whole.cells[:4]
    nbformat.write(whole, notebook)
    stations["cells deleted"] = station()
    handed_in(course)
    stations["whole again"] = station()
    notebook.write_text(notebook.read_text(encoding="utf-8")[:2000], encoding="utf-8")
    stations["damaged"] = station()
    return stations


BY_HAND = (4.5, 0.25, "잘했어요 — look at branch c again.")


def test_a_submission_gets_its_scores(history: dict[str, Station]) -> None:
    assert history["first"].scores == FULL
    assert history["first"].flags == dict.fromkeys(FULL, False)


def test_what_a_person_gave_stays_whatever_comes_after(history: dict[str, Station]) -> None:
    later = [name for name in history if name != "first"]

    assert {name: history[name].by_hand for name in later} == dict.fromkeys(later, BY_HAND)


def test_a_score_by_hand_is_flagged_for_another_look(history: dict[str, Station]) -> None:
    assert history["again"].flags == {
        "branch-sizes": False, "inception-module": True, "inception-network": False,
    }  # fmt: skip


def test_new_work_gets_new_scores(history: dict[str, Station]) -> None:
    assert history["new work"].scores == {
        "branch-sizes": 2.0, "inception-module": 2.0, "inception-network": 1.0,
    }  # fmt: skip


def test_where_the_grader_itself_fails_the_scores_are_pending(history: dict[str, Station]) -> None:
    """A grader's own fault is never scored: not as the learner's mistake, and not with an old score."""
    broken = history["grader broken"]

    assert broken.scores == dict.fromkeys(FULL)
    assert broken.flags == dict.fromkeys(FULL, True)
    assert not broken.succeeded
    assert history["grader mended"].scores == history["new work"].scores


def test_deleted_graded_cells_do_not_keep_the_old_scores(history: dict[str, Station]) -> None:
    """Plain nbgrader keeps the score of a deleted graded cell (`add_missing_cells` is off)."""
    assert history["cells deleted"].scores == NOTHING
    assert history["whole again"].scores == FULL


def test_a_damaged_resubmission_does_not_keep_the_old_scores(history: dict[str, Station]) -> None:
    damaged = history["damaged"]

    assert damaged.succeeded
    assert damaged.scores == NOTHING
    assert damaged.notebook


def test_a_late_submission_loses_the_same_by_each_way(course: Path) -> None:
    text = (course / "course.yml").read_text(encoding="utf-8")
    text = text.replace("assignments:\n", "late: {percent_per_day: 10}\nassignments:\n", 1)
    (course / "course.yml").write_text(text, encoding="utf-8")
    with Gradebook(url_of(course)) as gradebook:
        gradebook.update_or_create_assignment("inception", duedate="2026-11-20 12:00:00 UTC")
    notebook = handed_in(course)
    (notebook.parent / "timestamp.txt").write_text("2026-11-21 18:00:00 UTC")

    lost = {}
    for way in (by_command, by_button, directly):
        assert way(course)
        with Gradebook(url_of(course)) as gradebook:
            lost[way.__name__] = gradebook.find_submission("inception", "kim").late_submission_penalty

    assert lost == dict.fromkeys(("by_command", "by_button", "directly"), 2.0)


def test_other_files_and_the_timestamp_come_along(course: Path) -> None:
    """The direct writer leaves `autograded/` as nbgrader does, so that nbgrader knows what is up to date."""
    notebook = handed_in(course)
    (notebook.parent / "timestamp.txt").write_text("2026-11-21 18:00:00 UTC")
    (notebook.parent / "notes.txt").write_text("mine")
    (notebook.parent / "link.txt").symlink_to("/etc/hostname")
    assert directly(course)
    ours = listing(course / "autograded")
    shutil.rmtree(course / "autograded")
    (notebook.parent / "link.txt").unlink()
    assert by_command(course)

    assert ours == listing(course / "autograded")
    assert "Skipping existing" in nbgrader(course, "autograde", "inception").stderr


def listing(place: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(place)): (path.stat().st_mode & 0o777, path.read_bytes())
        for path in place.rglob("*")
        if path.is_file()
    }


def test_a_renamed_notebook_is_graded_and_stays_where_it_is(course: Path) -> None:
    origin = EXAMPLES / "accidents/submitted/brown-emma/inception/Inception_Emma_final.ipynb"
    place = course / "submitted" / "kim" / "inception"
    place.mkdir(parents=True)
    shutil.copy(origin, place)

    assert by_command(course)

    assert (place / origin.name).read_bytes() == origin.read_bytes()
    assert of_kim(course) == FULL
    autograded = (course / "autograded/kim/inception/inception.ipynb").read_text(encoding="utf-8")
    assert "Inception_Emma_final.ipynb" in autograded
