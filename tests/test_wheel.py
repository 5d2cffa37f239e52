"""What students install holds no hidden check and no solution; what they open holds neither."""

from __future__ import annotations

import email
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from packaging.requirements import Requirement

from autograder.cli.capabilities import NEEDED
from autograder.course import starter
from autograder.course.released import ENDING
from autograder.graph.backends import keras_range
from autograder.messages.sentences import said_by_grader
from deploy import dist
from tests import second_course
from tests.gradebook.courses import command
from tests.warm import programs_are_warm  # noqa: F401

ROOT = Path(__file__).parents[1]
HIDDEN = sorted((ROOT / "graders" / "hidden").glob("test_*.py"))
NOTEBOOKS = sorted((ROOT / "assignments").rglob("*.ipynb"))


# Of what students get, only what this machine makes is left behind.
NOT_BUILT = shutil.ignore_patterns("__pycache__", "*.egg-info", ".*", "build", "out", "submitted")
# One end of the range takes a minute; `make test-wheel` tries both.
ENDS = ("oldest", "newest") if os.environ.get("WHEEL_ENDS") == "all" else ("oldest",)
# The backend at each end: the smallest to install.
BACKENDS = {
    "oldest": ["jax==0.4.20", "jaxlib==0.4.20", "ipython==7.34.0"],
    "newest": ["jax"],
}
NOT_A_STUDENTS = (
    "nbgrader",
    "nbformat",
    "pytest",
    "dask",
    "distributed",
    "jupyterlab",
    "nh3",
    "pyseccomp",
    "watchfiles",
)


# A commit's time, in seconds since 1970.
MADE = 1_790_000_000


def source_in(place: Path) -> Path:
    """Copy what wheels are built from, as a commit has it."""
    source = place / "source"
    source.mkdir(parents=True)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in ("autograder", "assignments", "instructor"):
        shutil.copytree(ROOT / name, source / name, ignore=NOT_BUILT)
    return source


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what `make dist` makes: two wheels and the notebooks of each language."""
    place = tmp_path_factory.mktemp("wheel")
    dist.make(source_in(place), place, MADE)
    return place


@pytest.fixture(scope="module")
def wheel(wheels: Path) -> zipfile.ZipFile:
    """What students install."""
    return zipfile.ZipFile(next(wheels.glob("beyond_sequential-*.whl")))


@pytest.fixture(scope="module")
def instructors(wheels: Path) -> zipfile.ZipFile:
    """What instructors install beside it."""
    return zipfile.ZipFile(next(wheels.glob("beyond_sequential_instructor-*.whl")))


def requirements(wheel: zipfile.ZipFile, extra: str = "") -> dict[str, Requirement]:
    """What pip installs beside the wheel: with no extra, or for one."""
    (name,) = [name for name in wheel.namelist() if name.endswith("/METADATA")]
    told = email.message_from_bytes(wheel.read(name)).get_all("Requires-Dist") or []
    found = [Requirement(text) for text in told]
    return {
        one.name: one
        for one in found
        if (one.marker is None or one.marker.evaluate({"extra": extra}))
        and ("extra" in str(one.marker)) == bool(extra)
    }


def test_the_same_commit_makes_the_same_files(wheels: Path, tmp_path: Path) -> None:
    """Whenever it was checked out, and whatever rights new files have here."""
    source, again = source_in(tmp_path), tmp_path / "again"
    for path in source.rglob("*"):
        os.utime(path, (0, 1_000_000_000))
        path.chmod(0o700 if path.is_dir() else 0o600)
    again.mkdir()
    dist.make(source, again, MADE)
    names = {path.name for path in wheels.iterdir() if path.is_file()}

    assert {path.name for path in again.iterdir()} == names
    assert {name for name in names if (wheels / name).read_bytes() != (again / name).read_bytes()} == set()


def test_every_file_of_a_release_has_its_checksum(wheels: Path) -> None:
    sums = dict(reversed(line.split("  ")) for line in (wheels / dist.SUMS).read_text().splitlines())
    files = {path.name: path for path in wheels.iterdir() if path.is_file() and path.name != dist.SUMS}

    assert sorted(name.split("-0")[0] for name in files) == [
        "beyond-sequential-en.zip",
        "beyond-sequential-ko.zip",
        "beyond_sequential",
        "beyond_sequential_instructor",
    ]
    assert sums == {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_notebooks_of_a_language_are_those_that_were_released(wheels: Path, language: str) -> None:
    """All of them, in one folder, with the licence, and nothing else."""
    released = ROOT / "assignments" / language
    wanted = {path.relative_to(released).as_posix(): path for path in released.rglob("*") if path.is_file()}
    wanted["LICENSE"] = ROOT / "LICENSE"
    with zipfile.ZipFile(wheels / f"beyond-sequential-{language}.zip") as archive:
        found = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
        folders = {name.partition("/")[0] for name in archive.namelist()}

    assert folders == {f"beyond-sequential-{language}"}
    assert found == {name: path.read_bytes() for name, path in wanted.items()}


def test_the_wheel_knows_of_every_assignment_what_a_kernel_may_know(wheel: zipfile.ZipFile) -> None:
    """What is given out beside each notebook, for notebooks that lie alone."""
    brought = {Path(name).name for name in wheel.namelist() if "share/beyond-sequential/" in name}

    assert brought == {f"{path.stem}{ENDING}" for path in NOTEBOOKS}


def test_the_wheel_leaves_out_what_students_must_not_have(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()

    assert [name for name in names if re.search(r"hidden|solutions|examples|tests/", name)] == []


def test_no_sentence_of_a_hidden_check_is_in_the_wheels_code(wheel: zipfile.ZipFile) -> None:
    code = "\n".join(wheel.read(name).decode() for name in wheel.namelist() if name.endswith(".py"))

    for path in HIDDEN:
        for check in re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8")):
            assert check not in code


def test_no_sentence_of_a_hidden_check_is_anywhere_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    everything = "\n".join(wheel.read(name).decode() for name in wheel.namelist())

    hidden, public = (
        {
            text
            for path in sorted((ROOT / "graders" / part).glob("test_*.py"))
            for _, text in said_by_grader(path.read_text(encoding="utf-8"), path.name)
        }
        for part in ("hidden", "public")
    )
    assert hidden - public
    assert [
        text for text in hidden - public if json.dumps(text, ensure_ascii=False)[1:-1] in everything
    ] == []


def test_the_wheels_have_what_the_package_reads(wheel: zipfile.ZipFile, instructors: zipfile.ZipFile) -> None:
    """Every file is in one of them, and in no more than one."""
    names = [*wheel.namelist(), *instructors.namelist()]

    for path in (ROOT / "autograder").rglob("*"):
        inside = path.relative_to(ROOT).as_posix()
        if path.is_file() and "__pycache__" not in inside:
            assert names.count(inside) == 1, inside


def test_a_student_has_nothing_that_only_instructors_use(wheel: zipfile.ZipFile) -> None:
    packages = {name.split("/")[1] for name in wheel.namelist() if name.startswith("autograder/")}

    assert {name for name in packages if "." not in name} == {
        *("checks", "cli", "course", "evidence", "feedback", "graph", "messages", "study")
    }


def test_both_wheels_are_of_one_version(wheel: zipfile.ZipFile, instructors: zipfile.ZipFile) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    part = tomllib.loads((ROOT / "instructor" / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    for key in ("version", "requires-python", "license"):
        assert part[key] == project[key]
    assert part["dependencies"] == [f"{project['name']}[instructor]=={project['version']}"]
    assert list(requirements(instructors)) == [project["name"]]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_released_notebook_holds_no_solution_and_no_hidden_check(path: Path) -> None:
    released = path.read_text(encoding="utf-8")
    source = nbformat.read(ROOT / "solutions" / path.stem / path.name, as_version=4)

    assert "BEGIN SOLUTION" not in released
    for cell in source.cells:
        for solution in re.findall(
            r"### BEGIN SOLUTION\n(.*?)### (?:BEGIN STUB|END SOLUTION)", cell.source, re.S
        ):
            assert solution.strip() not in nbformat.read(path, as_version=4).cells
            assert repr(solution.strip())[1:-1] not in released
    for grader in HIDDEN:
        for check in re.findall(r"def (test_\w+)", grader.read_text(encoding="utf-8")):
            assert check not in released


def test_a_student_installs_what_a_student_needs(wheel: zipfile.ZipFile) -> None:
    """And no backend: the TensorFlow that is there already must not be torn apart."""
    names = set(requirements(wheel))

    assert {"keras", "numpy", "matplotlib", "ipykernel"} <= names
    assert [name for name in names if name.startswith(("tensorflow", "jax", "torch"))] == []
    assert sorted(names & {*NOT_A_STUDENTS, "ipython", "networkx"}) == []


def test_every_requirement_of_a_student_says_from_which_version_on(wheel: zipfile.ZipFile) -> None:
    for one in requirements(wheel).values():
        assert [part.operator for part in one.specifier if part.operator != "<"] == [">="], one


def test_an_instructor_has_the_keras_that_reads_learners_models_with_care(wheel: zipfile.ZipFile) -> None:
    extra = requirements(wheel, "instructor")

    assert not extra["keras"].specifier.contains("3.15.0")
    modules = {name.lower().replace("-", "_") for name in extra}
    assert set(NEEDED) <= modules


def test_the_range_of_keras_is_written_alike_everywhere(wheel: zipfile.ZipFile) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert f"keras{keras_range()}" in project["dependencies"]
    for page in ("README.md", "README.ko.md"):
        assert f"keras{keras_range()}" in (ROOT / page).read_text(encoding="utf-8")


@dataclass(frozen=True)
class Student:
    """An empty environment with the wheel and one backend, and a folder that holds only `assignments/ko`."""

    python: Path
    folder: Path
    backend: str = "jax"

    def run(self, *words: object, **environment: str) -> subprocess.CompletedProcess[str]:
        """A command of that environment, in the student's folder."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "KERAS"))}
        return subprocess.run(
            [self.python, *map(str, words)],
            cwd=self.folder,
            env={
                **kept,
                "AUTOGRADER_LANG": "en",
                "COLUMNS": "200",
                "HOME": str(self.folder.parent),
                "XDG_DATA_HOME": str(self.folder.parent / "data"),
                "KERAS_BACKEND": self.backend,
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=500,
        )

    def autograder(self, *words: object, **environment: str) -> subprocess.CompletedProcess[str]:
        """The `autograder` command."""
        return self.run("-m", "autograder", *words, **environment)


@pytest.fixture(scope="module", params=ENDS)
def student(
    request: pytest.FixtureRequest, wheel: zipfile.ZipFile, tmp_path_factory: pytest.TempPathFactory
) -> Student:
    end = request.param
    place = tmp_path_factory.mktemp(end)
    wanted = [str(wheel.filename), *BACKENDS[end]]
    if end == "oldest":
        for one in requirements(wheel).values():
            (lowest,) = [part.version for part in one.specifier if part.operator == ">="]
            wanted.append(f"{one.name}=={lowest}")
    subprocess.run([_python(end), "-m", "venv", "--without-pip", place / "venv"], check=True)
    python = place / "venv" / "bin" / "python"
    _install(python, wanted)
    folder = place / "home"
    shutil.copytree(ROOT / "assignments" / "ko", folder / "assignments" / "ko")
    return Student(python, folder)


def _python(end: str) -> str:
    """The Python of an end: the oldest packages have no wheels for the newest Pythons."""
    oldest = end == "oldest"
    if sys.version_info < (3, 12) and oldest:
        return sys.executable
    for minor in (11, 12) if oldest else (14, 13, 12):
        name = f"python3.{minor}"
        if (
            shutil.which(name)
            and not subprocess.run([name, "-c", "import venv"], capture_output=True).returncode
        ):
            return name
    if oldest and sys.version_info >= (3, 13):
        pytest.skip("the oldest packages of the range need Python 3.11 or 3.12, and there is neither")
    return sys.executable


def _install(python: Path, wanted: list[str]) -> None:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    done = subprocess.run(
        [*pip, "--python", python, "install", "--quiet", "--no-compile", "--only-binary", ":all:", *wanted],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        asked = subprocess.run([*pip, "index", "versions", "keras"], capture_output=True, check=False)
        if asked.returncode:
            pytest.skip("pip reaches no package registry")
        pytest.fail(done.stderr)


SOLVED, GIVEN_OUT = "solved", "given-out"


@pytest.fixture(scope="module")
def answers(student: Student) -> dict[str, dict[str, list]]:
    """What `check` shows in the notebooks of the assignments, by `NAME:solved` and `NAME:given-out`."""
    script = shutil.copy(ROOT / "tests" / "student.py", student.folder.parent)
    words = []
    for way, names in ((SOLVED, SOLVED_HERE), (GIVEN_OUT, AS_GIVEN_OUT)):
        for name in names:
            folder = student.folder / "assignments" / "ko" / name
            notebook = ROOT / "solutions" / name if way == SOLVED else folder
            cells = [
                cell.source
                for cell in nbformat.read(notebook / f"{name}.ipynb", as_version=4).cells
                if cell.cell_type == "code"
            ]
            last = max(index for index, cell in enumerate(cells) if cell.startswith("check("))
            written = student.folder.parent / f"{name}-{way}.json"
            written.write_text(json.dumps(cells[: last + 1]), encoding="utf-8")
            words.append(f"{name}:{way}={folder}={written}")
    output = student.folder.parent / "answers.json"
    # Nothing is trained: JAX would compile for speed what runs once.
    quick = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"
    done = student.run(script, output, *words, AUTOGRADER_LANG="", XLA_FLAGS=quick)
    assert done.returncode == 0, done.stderr
    return json.loads(output.read_text(encoding="utf-8"))


STILL_DIFFERS = "목표 모델과 다른 점이 아직"
ASSIGNMENTS = sorted(path.name for path in (ROOT / "assignments" / "ko").iterdir() if path.is_dir())
# The two largest take half the time, and have no layer that the others lack; `make test-wheel` tries all.
SOLVED_HERE = [name for name in ASSIGNMENTS if len(ENDS) > 1 or name not in ("model-as-layer", "capstone")]
AS_GIVEN_OUT = ASSIGNMENTS if len(ENDS) > 1 else ["functional-api", "loss-weights"]
# All of them are registered in the same way.
INSTRUCTORS = ["grade .", "check inception", "release"] if len(ENDS) > 1 else ["grade ."]
pip_installs = pytest.mark.slow


@pip_installs
def test_every_solution_passes_a_students_check(answers: dict[str, dict[str, list]]) -> None:
    """And no card of it says that something differs from the target, on either end of the range."""
    for name in SOLVED_HERE:
        answer = answers[f"{name}:{SOLVED}"]
        assert answer["errors"] == [], name
        assert answer["shown"], name
        assert [one["task"] for one in answer["shown"] if set(one["verdicts"]) != {"passed"}] == [], name
        said = [" ".join(one["text"].split()) for one in answer["shown"]]
        assert [text for text in said if STILL_DIFFERS in text] == [], name


@pip_installs
def test_no_notebook_as_given_out_has_a_point(answers: dict[str, dict[str, list]]) -> None:
    """Older versions of Keras build the broken model of `functional-api`; it is wrong all the same."""
    for name in AS_GIVEN_OUT:
        answer = answers[f"{name}:{GIVEN_OUT}"]
        assert answer["shown"], name
        assert [one["task"] for one in answer["shown"] if one["score"] != 0] == [], name
    assert re.search("[가-힣]", answers[f"loss-weights:{GIVEN_OUT}"]["shown"][0]["text"])


@pytest.fixture(scope="module")
def second(student: Student, tmp_path_factory: pytest.TempPathFactory, programs_are_warm: None) -> Path:  # noqa: F811
    """What a second course has released, alone in a folder of the student's."""
    course = second_course.write(tmp_path_factory.mktemp("second") / "course")
    done = command(course, "autograder", "release")
    assert done.returncode == 0, done.stderr
    folder = student.folder.parent / "elsewhere" / second_course.ASSIGNMENT
    return shutil.copytree(course / "assignments" / "en" / second_course.ASSIGNMENT, folder)


@pip_installs
def test_a_student_of_another_course_needs_the_wheel_and_the_released_folder(
    student: Student, second: Path
) -> None:
    """Solved, and as given out; hints and the list are that course's."""
    script = shutil.copy(ROOT / "tests" / "student.py", student.folder.parent)
    source = second_course.source_notebook()
    given_out = nbformat.read(second / f"{second_course.ASSIGNMENT}.ipynb", as_version=4)
    words = []
    for name, notebook in (("solved", source), ("given-out", given_out)):
        cells = [
            starter.solution(cell.source) if name == "solved" else cell.source
            for cell in notebook.cells
            if cell.cell_type == "code"
        ]
        written = student.folder.parent / f"{name}.json"
        written.write_text(json.dumps(cells), encoding="utf-8")
        words.append(f"{name}={second}={written}")
    output = student.folder.parent / "second.json"

    done = student.run(script, output, *words)

    assert done.returncode == 0, done.stderr
    shown = json.loads(output.read_text(encoding="utf-8"))
    assert [(one["task"], one["score"], one["points"]) for one in shown["solved"]["shown"]] == [
        (second_course.FUNCTION, 1, 3),
        (second_course.GRAPH, 2, 4),
    ]
    assert "1 of 3 points so far; the rest is graded after" in shown["solved"]["shown"][0]["text"]
    assert [one["score"] for one in shown["given-out"]["shown"]] == [0, 0]
    there = Student(student.python, second)
    assert there.autograder("hint", second_course.GRAPH).stdout.startswith("Hint 1 of 1: Which two tensors")
    assert there.autograder("hint", second_course.FUNCTION).stdout.startswith("This task has no hints")
    assert [row["id"] for row in json.loads(there.autograder("list", "--json").stdout)["assignments"]] == [
        second_course.ASSIGNMENT
    ]


@pip_installs
def test_what_a_student_has_is_no_more_than_that(student: Student) -> None:
    packages = json.loads(
        student.run(
            "-c",
            "import importlib.metadata as m, json; print(json.dumps(sorted(m.packages_distributions())))",
        ).stdout
    )
    assert sorted({*NOT_A_STUDENTS, "tensorflow", "torch"} & set(packages)) == []

    venv = student.python.parents[1]
    ours = [*venv.glob("lib/*/site-packages/autograder/**/*"), *venv.glob("share/beyond-sequential/**/*")]
    assert len(ours) > 100
    assert [path for path in ours if re.search("hidden|solutions", path.relative_to(venv).as_posix())] == []
    assert not any("BEGIN SOLUTION" in path.read_text("utf-8") for path in ours if path.suffix == ".ipynb")


@pip_installs
def test_doctor_knows_a_students_installation(student: Student) -> None:
    done = student.autograder("doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no hidden checks, no solutions; `check` in a notebook runs the public checks" in done.stdout
    assert "nbgrader" not in done.stdout

    document = json.loads(student.autograder("doctor", "--json").stdout)
    assert (document["install"]["hidden_checks"], document["install"]["solutions"]) == (False, False)
    assert document["keras"]["supported"]
    assert document["backend"]["name"] == "jax"
    assert document["backend"]["version"]
    assert (document["isolation"], document["nbgrader"]) == (None, None)


@pip_installs
def test_a_backend_that_is_not_there_is_one_sentence(student: Student) -> None:
    done = student.autograder("doctor", KERAS_BACKEND="")
    assert done.returncode == 1
    assert "set the environment variable KERAS_BACKEND to `jax`" in done.stdout

    shown = student.run(
        "-c", "import autograder; print(autograder.check('branch-sizes', {}))", KERAS_BACKEND=""
    )
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.count("\n") == 1
    assert "KERAS_BACKEND" in shown.stdout


@pip_installs
def test_hints_and_the_list_need_no_course_around_them(student: Student) -> None:
    listed = student.autograder("list")
    assert "residual-projection" in listed.stdout, listed.stderr
    assert student.autograder("hint", "branch-sizes").stdout.startswith("Hint 1 of 3")
    alone = student.folder.parent / "alone"
    alone.mkdir()
    checked = Student(student.python, alone).run(
        "-c", "import autograder; print(autograder.check('branch-sizes', {'a': 14}))"
    )
    assert checked.stdout.startswith("How large each branch is at the join"), checked.stderr
    assert "doctor" in student.autograder("--help").stdout


@pip_installs
@pytest.mark.parametrize("command", INSTRUCTORS)
def test_what_is_for_instructors_says_what_to_install(student: Student, command: str) -> None:
    done = student.autograder(*command.split())

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "`pip install beyond-sequential-instructor`" in done.stderr
