"""Submissions that are graded as in Gradescope's container get what `autograder grade` gives."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.course import load_course
from tests.examples import expected
from tests.gradebook.courses import ROOT
from tests.platforms.gradescope.harness import AS_ROOT, Ran, hand_in, lay_out, run, run_script, zipped

pytestmark = pytest.mark.slow

NAME = "inception"
EXPECTED = expected("class")
# Whose models are drawn, too.
DRAWN = "jung-haeun"
# Right, wrong in one number, and stopped by an error; `make bench-platforms` tries all of the class.
SOME = ("kim-seoyeon", DRAWN, "choi-yuna")
TASKS = [task.id for task in load_course(ROOT / "course.yml").assignment(NAME).tasks]


@pytest.fixture(scope="module")
def archive() -> bytes:
    return zipped(NAME)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that all may read, as pytest's are not: what is kept from learner code is so by us alone."""
    folder = Path(tempfile.mkdtemp(prefix="gradescope-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def scores(ran: Ran) -> dict[str, float]:
    """The scores by the tasks' ids."""
    return dict(zip(TASKS, ran.scores.values(), strict=True))


@pytest.mark.parametrize("student", SOME)
def test_the_example_class_gets_the_scores_of_grade(place: Path, archive: bytes, student: str) -> None:
    root = lay_out(place, archive)
    hand_in(root, student, NAME)
    ran = run(root, pictures=student == DRAWN)

    assert ran.returncode == 0, ran.said
    assert ("data:image/png" in json.dumps(ran.results)) is (student == DRAWN)
    # What `autograder grade` gives is held by tests/e2e/test_examples.py.
    assert scores(ran) == EXPECTED[student][NAME]["scores"]
    assert ran.results is not None
    assert ran.results["extra_data"]["isolation"] == "contained"
    assert "isolation `contained`" in ran.said
    assert [path.name for path in (root / "results").iterdir()] == ["results.json"]


def test_the_script_itself_runs_where_nothing_else_is_installed(place: Path, archive: bytes) -> None:
    """A new interpreter, which may import no package that the zip's requirements do not name."""
    root = lay_out(place, archive)
    hand_in(root, "jung-haeun", NAME)
    (place / "blocked").mkdir()
    text = (Path(__file__).with_name("only_required.py")).read_text(encoding="utf-8")
    (place / "blocked" / "sitecustomize.py").write_text(text, encoding="utf-8")
    paths = os.pathsep.join([str(place / "blocked"), str(ROOT)])
    requirements = str(root / "source" / "requirements.txt")
    ran = run_script(root, Path(sys.prefix), PYTHONPATH=paths, REQUIREMENTS=requirements)

    assert ran.returncode == 0, ran.said
    assert scores(ran) == EXPECTED["jung-haeun"][NAME]["scores"]
    assert "Traceback" not in ran.said


def test_without_an_interpreter_the_script_says_what_is_missing(place: Path, archive: bytes) -> None:
    root = lay_out(place, archive)
    (root / "results" / "results.json").write_text("{}")
    ran = run_script(root, place)

    assert (ran.returncode, ran.results) == (1, None)
    assert "setup.sh has not finished" in ran.said


def test_without_landlock_the_systems_users_keep_learners_from_what_is_hidden(
    place: Path, archive: bytes
) -> None:
    """Or nothing is graded: only root can give learner code a user of its own."""
    root = lay_out(place, archive)
    hand_in(root, "kim-seoyeon", NAME)
    ran = run(root, landlock=False)

    if AS_ROOT:
        assert scores(ran) == EXPECTED["kim-seoyeon"][NAME]["scores"]
    else:
        assert (ran.returncode, ran.results) == (1, None)
    assert "no Landlock" in ran.said


def test_where_learners_could_come_to_what_is_hidden_nothing_is_graded(place: Path, archive: bytes) -> None:
    """Whether the system's users keep them from it is tried, and not taken for granted."""
    root = lay_out(place, archive)
    hand_in(root, "kim-seoyeon", NAME)
    ran = run(root, landlock=False, closed=False)

    assert (ran.returncode, ran.results) == (1, None)
    assert "cannot keep students' code from the hidden checks" in ran.said


def test_nothing_handed_in_gets_nothing_and_is_told_so(place: Path, archive: bytes) -> None:
    ran = run(lay_out(place, archive, metadata="damaged"))

    assert ran.returncode == 0, ran.said
    assert ran.results is not None
    assert set(ran.scores.values()) == {0}
    assert "Nothing was handed in. Hand in inception.ipynb." in ran.results["output"]


def course_with(place: Path, name: str, before: str, after: str) -> Path:
    """A course in which one file says something else; the others are this one's."""
    for folder in ("solutions", "graders"):
        shutil.copytree(ROOT / folder, place / folder)
    shutil.copy(ROOT / "course.yml", place)
    text = (place / name).read_text(encoding="utf-8")
    assert before in text
    (place / name).write_text(text.replace(before, after), encoding="utf-8")
    return place / "course.yml"


def test_a_cell_that_goes_on_for_ever_costs_its_task(place: Path, tmp_path: Path) -> None:
    """A learner's own timeout has a score, and says so."""
    course = course_with(tmp_path, "course.yml", "cell_seconds: 10", "cell_seconds: 2")
    root = lay_out(place, zipped(NAME, course, language="en"))
    hand_in(root, "jung-haeun", NAME)
    path = root / "submission" / f"{NAME}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    answers = [one for one in notebook["cells"] if one["metadata"].get("nbgrader", {}).get("solution")]
    answers[-1]["source"] = "while True:\n    pass"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    ran = run(root)

    assert ran.returncode == 0, ran.said
    assert scores(ran)[TASKS[-1]] == 0
    assert scores(ran)[TASKS[0]] == EXPECTED["jung-haeun"][NAME]["scores"][TASKS[0]]
    assert "exceeded the time limit" in json.dumps(ran.results)


def test_a_check_that_breaks_is_no_zero_and_is_told_to_the_instructor(place: Path, tmp_path: Path) -> None:
    grader = f"graders/hidden/test_{NAME}.py"
    course = course_with(tmp_path, grader, "has_settings()", "no_such_demand()")
    root = lay_out(place, zipped(NAME, course))
    hand_in(root, "kim-seoyeon", NAME)
    ran = run(root)

    assert (ran.returncode, ran.results) == (1, None)
    assert "no_such_demand" in ran.said


def test_where_full_isolation_is_demanded_nothing_is_graded(place: Path, tmp_path: Path) -> None:
    course = course_with(tmp_path, "course.yml", "isolation: contained", "isolation: full")
    root = lay_out(place, zipped(NAME, course))
    hand_in(root, "kim-seoyeon", NAME)
    ran = run(root)

    assert (ran.returncode, ran.results) == (1, None)
    assert "course.yml requires isolation `full`; this machine offers `contained`" in ran.said
