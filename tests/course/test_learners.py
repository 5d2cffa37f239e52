"""The course that a learner's work belongs to: the folder's, what was given out, or what is installed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograder.course import CourseError, learners, learners_course, load_course
from autograder.course.learners import CourseFolder, GivenOut, place_of_task, places
from autograder.course.release import Targets, release_files, write_release
from tests.course.conftest import COURSE_YML, PUBLIC

ROOT = Path(__file__).parents[2]


@pytest.fixture
def given_out(course_file: Path, drawing: Targets, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the small course's one assignment, as a student has it."""
    course = load_course(course_file)
    write_release(course, lambda assignment: release_files(course, assignment, drawing))
    folder = tmp_path_factory.mktemp("student") / "adding"
    shutil.copytree(course.root / "assignments" / "en" / "adding", folder)
    return folder


@pytest.fixture(autouse=True)
def _nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """As if the package lay in no checkout and had brought nothing along."""
    monkeypatch.setattr(learners, "CHECKOUT", tmp_path_factory.mktemp("package") / "course.yml")
    monkeypatch.setattr(learners, "_installed", list)


def test_the_folder_that_was_given_out_is_enough(given_out: Path) -> None:
    course = learners_course(given_out)

    assert (course.id, [assignment.id for assignment in course.assignments]) == ("course", ["adding"])
    checks, folder = place_of_task("one-sum", given_out).checks(course.assignments[0], "ko")
    assert (checks.grader, folder) == (PUBLIC, given_out)


def test_what_lies_beside_other_notebooks_of_the_course_belongs_to_it(
    given_out: Path, course_file: Path
) -> None:
    """In the course's own order; what lies there of another course does not."""
    text = (given_out / "adding.check.json").read_text(encoding="utf-8")
    for name, course, place in (("zeroing", "course", -1), ("strange", "another", 0)):
        folder = given_out.parent / name
        folder.mkdir()
        other = text.replace('"id":"adding"', f'"id":"{name}"').replace('"place":0', f'"place":{place}')
        other = other.replace('"course":"course"', f'"course":"{course}"')
        (folder / f"{name}.check.json").write_text(other, encoding="utf-8")

    assert [one.id for one in learners_course(given_out).assignments] == ["zeroing", "adding"]


def test_a_course_around_it_is_nearer(given_out: Path, course_file: Path) -> None:
    """An author who changes a check sees at once what has become of it."""
    inside = course_file.parent / "assignments" / "en" / "adding"
    grader = course_file.parent / "graders" / "public" / "test_adding.py"
    grader.write_text(PUBLIC + "# changed", encoding="utf-8")

    first = next(places(inside))
    assert isinstance(first, CourseFolder)
    assert first.checks(first.course.assignments[0], "en")[0].grader == PUBLIC + "# changed"


def test_a_task_that_the_nearest_course_lacks_is_looked_for_further(
    given_out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notebook in some other course's folder is still its own course's."""
    (given_out / "course.yml").write_text(
        COURSE_YML.replace("id: one-sum", "id: another").replace("id: adding", "id: other"), encoding="utf-8"
    )

    assert isinstance(place_of_task("one-sum", given_out), GivenOut)
    assert isinstance(place_of_task("another", given_out), CourseFolder)
    with pytest.raises(CourseError, match="The course has no task `third`; it has `another`"):
        place_of_task("third", given_out)


def test_another_courses_notebook_that_lies_alone_is_told_what_it_lacks(
    given_out: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Neither what the package has brought along nor a neighbour's folder knows its tasks."""
    monkeypatch.setattr(learners, "CHECKOUT", ROOT / "course.yml")
    for folder in (tmp_path_factory.mktemp("far") / "alone", given_out.parent / "alone"):
        folder.mkdir()
        with pytest.raises(CourseError, match=r"another course's, put the file that ends in `\.check\.json`"):
            place_of_task("third", folder)
    with pytest.raises(CourseError) as raised:
        place_of_task("third", given_out)
    assert "another course" not in str(raised.value)


def test_a_damaged_file_of_the_packages_own_course_is_no_matter_for_check(given_out: Path) -> None:
    """What the package has brought along has the task, too."""
    (given_out / "adding.check.json").write_text("{", encoding="utf-8")
    learners.CHECKOUT.write_text(COURSE_YML, encoding="utf-8")

    assert place_of_task("one-sum", given_out) == CourseFolder(learners.CHECKOUT)


@pytest.mark.parametrize("said", ["student/adding/adding.ipynb", "adding.ipynb", "../adding/adding.ipynb"])
def test_a_notebook_may_be_said_from_a_folder_above(
    given_out: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    """Jupyter may name it from the folder that it was started in, and run its kernel beside the notebook."""
    root = given_out.parents[1]
    monkeypatch.setenv("JPY_SESSION_NAME", said.replace("student", given_out.parent.name))
    monkeypatch.chdir(given_out)

    found = learners.running_notebook()
    assert found is not None
    assert found.resolve() == root / given_out.parent.name / "adding" / "adding.ipynb"


@pytest.mark.parametrize("said", ["", "console-1", "nothing/there.ipynb", "a" * 5000])
def test_what_is_no_notebook_is_passed_over(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", said)

    assert learners.running_notebook() is None


def test_where_there_is_nothing_it_is_said_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"a file that ends in `\.check\.json`"):
        learners_course(tmp_path / "empty")


def test_what_was_given_out_and_damaged_is_named(given_out: Path) -> None:
    (given_out / "adding.check.json").write_text('{"version": 1', encoding="utf-8")

    with pytest.raises(CourseError, match=r"adding\.check\.json cannot be read .*Get it again"):
        learners_course(given_out)


def test_the_notebook_that_runs_is_looked_around_too(
    given_out: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Some applications start kernels in the folder of the whole workspace."""
    monkeypatch.setenv("JPY_SESSION_NAME", str(given_out / "adding.ipynb"))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    assert learners_course(elsewhere).assignments[0].id == "adding"
