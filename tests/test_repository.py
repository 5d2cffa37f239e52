"""The repository is as designed: imports run down, each package has its tests, nothing points outside."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from autograder.course import load_course
from autograder.course.first_cell import PYTHON
from autograder.messages import errors
from autograder.version import VERSION

ROOT = Path(__file__).parents[1]
# What runs on a learner's machine: each name of the standard library has to be one that Windows has.
LEARNERS = (
    "-p",
    "autograder.study",
    "-m",
    "autograder",
    "-m",
    "autograder.cli.app",
    "-m",
    "autograder.cli.hint",
)
MODULES = sorted((ROOT / "autograder").rglob("*.py"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ["lint-imports", "--no-cache"],
        # Nobody would read what a clean machine keeps; writing it takes an eighth of the time.
        ["mypy", "--cache-dir", os.devnull],
        ["mypy", "--cache-dir", os.devnull, "--platform", "win32", *LEARNERS],
    ],
    ids=["layers", "types", "types on Windows"],
)
def test_imports_run_down_the_layers_and_types_fit(words: list[str]) -> None:
    """As `make lint` and `make types` say; here each keeps one processor busy while others run tests."""
    program = Path(sys.executable).with_name(words[0])
    done = subprocess.run([program, *words[1:]], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


def test_the_lock_pins_with_hashes_and_names_no_index() -> None:
    lock = (ROOT / "requirements.lock").read_text()

    assert "--hash=sha256:" in lock
    for word in ("--index-url", "--extra-index-url", "--find-links", "http://", "https://", "file:/"):
        assert word not in lock


def test_the_range_of_python_is_written_alike_everywhere() -> None:
    """From the oldest, which the first cell wants, to the newest that the workflow tries."""
    workflow = (ROOT / ".github" / "workflows" / "learner.yml").read_text(encoding="utf-8")
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (listed,) = re.findall(r"python: \[(.+)\]", workflow)
    tried = re.findall(r'"(.+?)"', listed)
    oldest, newest = tried[0], tried[-1]

    assert tried == [f"3.{minor}" for minor in range(PYTHON[1], int(newest.removeprefix("3.")) + 1)]
    assert oldest == ".".join(map(str, PYTHON)) == settings["tool"]["mypy"]["python_version"]
    assert settings["project"]["requires-python"] == f">={oldest}"
    assert settings["tool"]["ruff"]["target-version"] == f"py{oldest.replace('.', '')}"
    for page, (first, last) in {
        "README.md": ("Python {} to", "{},"),
        "README.ko.md": ("파이썬 {}부터", "{}까지"),
    }.items():
        assert f"{first} {last}".format(oldest, newest) in (ROOT / page).read_text(encoding="utf-8")
    for page, words in {"learner.md": "Python {} or {}", "learner.ko.md": "파이썬 {}, {} 가운데"}.items():
        said = " ".join((ROOT / "docs" / page).read_text(encoding="utf-8").split())
        assert words.format(", ".join(tried[:-1]), newest) in said


def test_continuous_integration_runs_what_is_run_here() -> None:
    """On the oldest Python, and on the newest that the instructor's wheel says it is for."""
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    (listed,) = re.findall(r"python: \[(.+)\]", workflow)
    metadata = tomllib.loads((ROOT / "instructor" / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    minors = re.findall(r"Python :: (3\.\d+)", " ".join(metadata["classifiers"]))

    assert re.findall(r'"(.+?)"', listed) == [".".join(map(str, PYTHON)), minors[-1]]
    assert re.findall(r"- run: (.+)", workflow) == [".ci/run"]


def test_before_a_commit_runs_what_the_makefile_runs() -> None:
    hooks = YAML(typ="safe").load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert [hook["entry"] for hook in hooks["hooks"]] == ["make lint", "make types"]
    assert all(f"\n{hook['entry'].removeprefix('make ')}:" in makefile for hook in hooks["hooks"])


def test_the_version_is_written_alike_everywhere() -> None:
    """In what pip reads, in the package, and in what a citation says."""
    cited = YAML(typ="safe").load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    for folder in (ROOT, ROOT / "instructor"):
        project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        assert project["version"] == VERSION == cited["version"]
        tried = [f"Programming Language :: Python :: 3.{minor}" for minor in range(PYTHON[1], 14)]
        assert set(tried) <= set(project["classifiers"])


def test_the_changelog_has_the_usual_form() -> None:
    """Versions, the newest first, and in each what was added, changed, fixed or made safer."""
    lines = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    versions = [line for line in lines if line.startswith("## ")]
    kinds = {line for line in lines if line.startswith("### ")}

    assert versions[0] == "## [Unreleased]"
    assert re.fullmatch(rf"## \[{re.escape(VERSION)}\] - \d{{4}}-\d\d-\d\d", versions[1])
    usual = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
    assert kinds <= {f"### {kind}" for kind in usual}


def test_words_that_were_given_up_do_not_come_back() -> None:
    """No module has a name that the glossary lists as renamed, and the code has none of its metaphors."""
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").partition("## What was renamed")[2]
    before = [row.split("|")[1] for row in glossary.splitlines() if row.startswith("| `")]
    names = {name for cell in before for name in re.findall(r"(?<!of )`([a-z_]+(?:\.[a-z_]+)+)`(?!:)", cell)}
    there = {path.relative_to(ROOT / "autograder").with_suffix("").as_posix() for path in MODULES}
    metaphors = re.compile(r"(?<![a-z])(keeper|sitting|happening|muster)s?(?![a-z])", re.IGNORECASE)

    assert len(names) > 30
    assert {name for name in names if name.replace(".", "/") in there} == set()
    assert {
        path.name: metaphors.findall(path.read_text(encoding="utf-8"))
        for path in MODULES
        if metaphors.search(path.read_text(encoding="utf-8"))
    } == {}


def test_the_engine_knows_no_exercise() -> None:
    """No id of an assignment or of a task of this course stands anywhere in the package."""
    course = load_course(ROOT / "course.yml")
    ids = {one.id for one in course.assignments}
    ids |= {task.id for assignment in course.assignments for task in assignment.tasks}
    # In the names of Python files and fixtures; the other is an argument of Keras's `compile`.
    ids |= {one.replace("-", "_") for one in ids} - {"loss_weights"}

    found = {
        (path.relative_to(ROOT).as_posix(), word)
        for path in (ROOT / "autograder").rglob("*")
        if path.is_file() and path.suffix in (".py", ".po", ".j2", ".json", ".css")
        for word in re.findall(r"[A-Za-z][\w-]*", path.read_text(encoding="utf-8"))
        if word in ids
    }

    assert found == set()


def test_every_error_has_one_root_whose_docstring_draws_the_tree() -> None:
    """Whoever catches `AutograderError` has sentences for those who wait."""
    bases = {
        node.name: [base.id for base in node.bases if isinstance(base, ast.Name)]
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    }
    roots = {"Exception", "BaseException", "RuntimeError", "ValueError", "AssertionError"}
    raised, before = set(roots), set[str]()
    while raised != before:
        before = set(raised)
        raised |= {name for name, above in bases.items() if raised.intersection(above)}
    ours = {"AutograderError"}
    while more := {name for name in raised - ours if ours.intersection(bases.get(name, ()))}:
        ours |= more

    # Given up by a signal: no `except Exception` may take it for the learner's.
    assert raised - roots - ours == {"_GivenUp"}
    drawn = set(re.findall(r"\w+", errors.__doc__ or ""))
    assert {name for name in ours if not name.startswith("_")} <= drawn


def test_every_package_has_its_tests() -> None:
    """`tests` mirrors `autograder`: each package with modules of its own has a test folder with tests."""
    packages = {
        path.parent.name
        for path in MODULES
        if path.parent.parent.name == "autograder" and path.name != "__init__.py"
    }

    without = sorted(name for name in packages if not list((ROOT / "tests" / name).glob("test_*.py")))

    assert without == []


def test_the_lock_can_be_installed_where_there_is_no_fuzzer() -> None:
    """Atheris has wheels for one kind of machine, and is built from source on no other."""
    (line,) = (line for line in (ROOT / "requirements.lock").read_text().splitlines() if "atheris==" in line)

    assert "platform_machine == 'x86_64'" in line


def test_the_lock_has_what_only_another_python_needs() -> None:
    """Python 3.11 makes it: what a package needs on 3.13 alone was once missing, and pip then refuses."""
    lines = (ROOT / "requirements.lock").read_text().splitlines()

    assert any("==" in line and "python_full_version == '3.13.*'" in line for line in lines)


def test_the_lock_keeps_what_packages_ask_of_others() -> None:
    """Without the extras that one package wants of another, pip finds what is pinned nowhere."""
    lines = (ROOT / "requirements.lock").read_text().splitlines()

    assert any(line.startswith("jsonschema[") for line in lines)


def test_the_glossary_names_what_is_there() -> None:
    """Each module that it names is one, and each class or function is defined in some module."""
    table = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").split("## What was renamed")[0]
    named = {
        name
        for row in re.findall(r"\| ([^|]*) \|$", table, re.MULTILINE)
        for name in re.findall(r"`([\w.]+)`", row)
    }
    defined = {
        name
        for path in MODULES
        for name in re.findall(
            r"^(?:class |def )?(\w+)(?:\(|:| = )", path.read_text(encoding="utf-8"), re.MULTILINE
        )
    }

    for name in named - defined:
        place = ROOT / "autograder" / Path(*name.split("."))
        assert place.is_dir() or place.with_suffix(".py").is_file(), name
    assert len(named) > 30
