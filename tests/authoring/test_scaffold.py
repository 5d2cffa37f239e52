"""A new assignment changes nothing else, and a new course is whole."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from autograder.audit import written_findings
from autograder.authoring import Draft, DraftTask, new_assignment, new_course
from autograder.authoring.kinds import KINDS
from autograder.course import Course, CourseError, load_course
from autograder.course.starter import solution, starter
from autograder.grading import GradingError
from autograder.grading.scheme import load_graders
from tests.course.conftest import COURSE_YML, source_notebook, write_source

ROOT = Path(__file__).parents[2]
TITLES = {"en": "U-shaped networks", "ko": "U자 모양 신경망"}


def draft(*kinds: str, languages: tuple[str, ...] = ("en", "ko"), name: str = "u-net") -> Draft:
    tasks = [
        DraftTask(f"{name}-{kind}", number, kind, dict.fromkeys(languages, kind.title()))
        for number, kind in enumerate(kinds, start=1)
    ]
    return Draft(name, {tag: TITLES.get(tag, "Una red") for tag in languages}, tasks)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    (tmp_path / "course.yml").write_text(COURSE_YML, encoding="utf-8")
    made = load_course(tmp_path / "course.yml")
    write_source(tmp_path, source_notebook())
    return made


def test_a_new_assignment_is_the_last_of_the_registry_and_nothing_else_changes(course: Course) -> None:
    """Comments, order and line breaks of `course.yml` are the author's."""
    new_assignment(course, draft("model", "value"))
    text = course.file.read_text(encoding="utf-8")
    again = load_course(course.file)

    assert text.startswith(COURSE_YML.rstrip("\n"))
    assert [assignment.id for assignment in again.assignments] == ["adding", "u-net"]
    made = again.assignments[1]
    assert (made.points, [task.expects for task in made.tasks]) == (3, ["model", "value"])
    assert made.title.in_language("ko") == "U자 모양 신경망"
    assert [len(task.hints) for task in made.tasks] == [3, 3]


def test_the_courses_own_registry_takes_one_more_and_keeps_its_comments(tmp_path: Path) -> None:
    text = (ROOT / "course.yml").read_text(encoding="utf-8")
    (tmp_path / "course.yml").write_text(text, encoding="utf-8")
    new_assignment(load_course(tmp_path / "course.yml"), draft("model"))
    after = (tmp_path / "course.yml").read_text(encoding="utf-8")

    assert after.startswith(text.rstrip("\n"))
    assert len(load_course(tmp_path / "course.yml").assignments) == 11


def test_what_follows_the_list_stays_behind_it(course: Course) -> None:
    course.file.write_text(COURSE_YML + "\n# The end.\nid: last-key\n", encoding="utf-8")
    new_assignment(load_course(course.file), draft("model"))
    text = course.file.read_text(encoding="utf-8")

    assert text.endswith("\n# The end.\nid: last-key\n")
    assert len(load_course(course.file).assignments) == 2


@pytest.mark.parametrize("languages", [("en",), ("en", "ko"), ("ko",), ("es", "en")])
def test_all_that_is_left_is_to_be_written(tmp_path: Path, languages: tuple[str, ...]) -> None:
    """Whatever a course's languages are: the linter names placeholders, and translations of their checks."""
    new_course(tmp_path, "deep", dict.fromkeys(languages, "Deep"), draft(*KINDS, languages=languages))
    course = load_course(tmp_path / "course.yml")
    rules = {finding.rule for finding in written_findings(course, course.assignments)}

    assert rules <= {"unwritten", "translations", "languages", "headings"}
    assert "unwritten" in rules


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if kind.public])
def test_the_code_of_every_kind_is_code(kind: str) -> None:
    """Solution, starter code and the alternative, each something else."""
    cell = KINDS[kind].answer("thing")
    codes = [solution(cell), starter(cell), KINDS[kind].alternative("thing")]

    for code in codes:
        compile(code, kind, "exec")
        assert "thing" in code
    assert len(set(codes)) == 3


def test_what_a_person_grades_alone_has_no_graders(tmp_path: Path) -> None:
    """A course of texts only: nothing is checked, nothing comes after full marks."""
    files = new_course(tmp_path, "deep", {"en": "Deep"}, draft("text", languages=("en",)))

    assert not [path for path in files if path.suffix == ".py" and "test_" in path.name]
    course = load_course(tmp_path / "course.yml")
    assert {finding.rule for finding in written_findings(course, course.assignments)} == {"unwritten"}
    assert load_graders(course, course.assignments)["u-net"].checks == ()


def test_a_check_of_a_text_is_refused(tmp_path: Path) -> None:
    """In whichever file it stands; a text has no function of its own in the graders."""
    new_course(tmp_path, "deep", {"en": "Deep"}, draft("value", "text", languages=("en",)))
    course = load_course(tmp_path / "course.yml")
    grader = course.hidden_grader(course.assignments[0])
    assert "u_net_text" not in course.public_grader(course.assignments[0]).read_text(encoding="utf-8")
    grader.write_text(
        "from autograder.checks import Subject, task\n\n\n"
        '@task("u-net-text", points=2)\n'
        "def test_it(u_net_text: Subject) -> None:\n"
        '    """It is long."""\n',
        encoding="utf-8",
    )
    with pytest.raises(GradingError) as raised:
        load_graders(course, course.assignments)

    assert str(raised.value) == (
        "graders/hidden/test_u_net.py: the task `u-net-text` expects a text, which is graded by hand: take "
        "its checks and its `PROBES` out."
    )


def test_a_new_course_has_what_a_repository_has(tmp_path: Path) -> None:
    files = new_course(tmp_path, "deep", {"en": "Deep"}, draft("model", languages=("en",)))
    names = {path.relative_to(tmp_path).as_posix() for path in files}

    assert names == {
        "course.yml",
        "README.md",
        "Makefile",
        "nbgrader_config.py",
        ".gitignore",
        ".github/workflows/course.yml",
        "solutions/u-net/u-net.ipynb",
        "graders/public/test_u_net.py",
        "graders/hidden/test_u_net.py",
    }
    assert (
        nbformat.read(tmp_path / "solutions/u-net/u-net.ipynb", as_version=4)
        .cells[0]
        .source.startswith("# U-")
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("adding", "`adding` is taken"),
        ("Bad_Id", "`Bad_Id` is no id"),
        ("../escape", "`../escape` is no id"),
    ],
)
def test_an_id_that_cannot_be_is_a_sentence(course: Course, name: str, said: str) -> None:
    before = sorted(course.root.rglob("*"))
    with pytest.raises(CourseError) as raised:
        new_assignment(course, draft("model", name=name))

    assert said in str(raised.value)
    assert sorted(course.root.rglob("*")) == before


def test_a_task_of_another_assignment_is_not_made_again(course: Course) -> None:
    taken = Draft("sums", TITLES, [DraftTask("one-sum", 1, "value", TITLES)])
    with pytest.raises(CourseError, match="`one-sum` is taken"):
        new_assignment(course, taken)


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        (["one", "one"], "`one` is taken"),
        (["one", "one-answer"], "`one-answer` is taken"),
        (["one-answer", "one"], "`one` is taken"),
        (["class"], "its object would be called `class`"),
        (["check"], "its object would be called `check`"),
        (["keras"], "its object would be called `keras`"),
    ],
)
def test_tasks_in_each_others_way_are_refused(tmp_path: Path, ids: list[str], said: str) -> None:
    """Before anything is written: a course that is made half would be in the way of the next try."""
    clashing = Draft("sums", TITLES, [DraftTask(name, 1, "value", TITLES) for name in ids])
    with pytest.raises(CourseError, match=said):
        new_course(tmp_path, "deep", TITLES, clashing)

    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_left_as_it_is(course: Course) -> None:
    """And nothing is written then, not the registry either."""
    path = course.root / "graders" / "hidden" / "test_u_net.py"
    path.parent.mkdir(parents=True)
    path.write_text("# mine", encoding="utf-8")
    with pytest.raises(CourseError, match=r"graders/hidden/test_u_net\.py is there already"):
        new_assignment(course, draft("model"))

    assert path.read_text(encoding="utf-8") == "# mine"
    assert course.file.read_text(encoding="utf-8") == COURSE_YML


def test_a_course_is_not_made_over_another(course: Course) -> None:
    with pytest.raises(CourseError, match=r"has a course\.yml already"):
        new_course(course.root, "deep", TITLES, draft("model"))


def test_a_list_in_brackets_is_a_sentence(course: Course) -> None:
    """Nothing could be added to it line by line."""
    task = "{id: b, title: {en: B, ko: 나}, points: 1, expects: value}"
    entry = f"{{id: a, title: {{en: A, ko: 가}}, points: 1, minutes: 1, tasks: [{task}]}}"
    head = "version: 1\ntitle: {en: S, ko: 작은}\nlanguages: [en, ko]\n"
    course.file.write_text(f"{head}assignments: [{entry}]\n", encoding="utf-8")
    with pytest.raises(CourseError, match="written in brackets"):
        new_assignment(load_course(course.file), draft("model"))
