"""Which installation this is, and what a command that needs more says: one sentence and exit code 2."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from autograder.cli import installation
from autograder.cli.app import COMMANDS, command_line
from autograder.cli.installation import Installation, for_instructors, missing_package

ROOT = Path(__file__).parents[2]
WHEEL = Installation(lacking=("nbformat", "tensorflow"), hidden_checks=False)
STUDENTS_PART = Installation(lacking=("autograder.grading",), hidden_checks=False)
CLONE_ALONE = Installation(lacking=("nbformat",), hidden_checks=True)
WHOLE = Installation(lacking=(), hidden_checks=True)


def grade(*, lang: str | None = None) -> str:
    """A command as the others are."""
    return f"graded ({lang})"


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch):
    def install(what: Installation) -> None:
        monkeypatch.setattr(installation, "installation", lambda _course=None: what)

    monkeypatch.setenv("AUTOGRADER_LANG", "en")
    return install


@pytest.mark.parametrize(
    ("here", "said"),
    [
        (WHEEL, ['pip install "beyond-sequential[instructor]"', "hidden checks and solutions"]),
        (CLONE_ALONE, ['pip install "beyond-sequential[instructor]"']),
        (STUDENTS_PART, ["pip install beyond-sequential-instructor", "hidden checks and solutions"]),
    ],
)
def test_what_is_missing_is_one_sentence(installed, capsys, here: Installation, said: list[str]) -> None:
    installed(here)

    with pytest.raises(typer.Exit) as end:
        for_instructors(grade)()

    assert end.value.exit_code == 2
    told = capsys.readouterr().err
    assert told.startswith("autograder: `autograder grade`")
    assert told.count("\n") == 1
    assert all(words in told for words in said)


def test_it_is_said_in_the_language_asked_for(installed, capsys) -> None:
    installed(WHEEL)

    with pytest.raises(typer.Exit):
        for_instructors(grade)(lang="ko")

    assert "교수자용" in capsys.readouterr().err


def test_where_everything_is_there_the_command_runs(installed) -> None:
    installed(WHOLE)

    assert for_instructors(grade)(lang="ko") == "graded (ko)"


def test_a_package_that_turns_out_to_be_missing_is_named(installed, capsys) -> None:
    installed(WHOLE)

    def watch() -> None:
        raise ModuleNotFoundError("No module named 'watchfiles'", name="watchfiles.main")

    with pytest.raises(typer.Exit) as end:
        for_instructors(watch)()

    assert end.value.exit_code == 2
    assert "`watchfiles`" in capsys.readouterr().err


def test_a_module_of_our_own_that_is_missing_is_a_fault(installed) -> None:
    installed(WHOLE)

    def watch() -> None:
        raise ModuleNotFoundError("No module named 'autograder.nothing'", name="autograder.nothing")

    assert missing_package(ModuleNotFoundError("", name="autograder.nothing")) is None
    with pytest.raises(ModuleNotFoundError):
        for_instructors(watch)()


def test_every_command_but_a_learners_asks_for_the_extra() -> None:
    """And but for `verify`, which a bare machine with a GPU is to run."""
    asking = {name for name, command in COMMANDS.items() if hasattr(command.load(), "__wrapped__")}

    assert COMMANDS.keys() - asking == {"hint", "list", "doctor", "verify"}


HEAVY = (
    "tensorflow keras nbformat nbgrader nh3 pyseccomp watchfiles IPython matplotlib scipy "
    "pydantic pytest rich ruamel babel numpy"
)


def test_help_names_every_command_and_imports_none_of_them() -> None:
    """Nor what takes long: whoever asks what there is waits for no pydantic, no pytest and no Keras."""
    program = (
        "import sys, contextlib\n"
        "from autograder.cli.app import main\n"
        "sys.argv[1:] = ['--help']\n"
        "with contextlib.suppress(SystemExit):\n"
        "    main()\n"
        "loaded = {name for name in sys.modules if name.startswith('autograder.')}\n"
        f"heavy = {set(HEAVY.split())!r}\n"
        "print(sorted(loaded | heavy & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    *said, imported = done.stdout.splitlines()
    assert imported == str(
        [f"autograder.{name}" for name in ("cli", "cli.app", "cli.capabilities", "encoding", "version")]
    )
    assert [line.split()[0] for line in said[said.index("Commands:") + 1 :] if line.strip()] == [*COMMANDS]


def names_in_help(monkeypatch: pytest.MonkeyPatch, *, part: bool) -> tuple[list[str], str]:
    """The commands that `--help` describes, and all that it says."""
    monkeypatch.setattr("autograder.cli.app.lacking", lambda: () if part else ("autograder.grading",))
    said = CliRunner().invoke(command_line([]), ["--help"]).stdout
    lines = said.partition("Commands:\n")[2].splitlines()
    return [line.split()[0] for line in lines if line.startswith("  ")], said


def test_help_describes_to_a_learner_what_a_learner_can_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a student's installation; the others are named."""
    described, said = names_in_help(monkeypatch, part=False)

    assert described == ["hint", "list", "doctor"]
    assert all(name in said.partition("For instructors")[2] for name in COMMANDS if name not in described)


def test_help_describes_to_an_instructor_every_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside of a course as well: `new` makes one there."""
    assert names_in_help(monkeypatch, part=True)[0] == [*COMMANDS]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_commands_own_help_begins_with_its_line_in_the_list(name: str) -> None:
    """The command is found and imported, and what the list cuts short is said in full."""
    said = CliRunner().invoke(command_line([name]), [name, "--help"])

    assert said.exit_code == 0
    assert " ".join(COMMANDS[name].help.split()) in " ".join(said.stdout.split())
