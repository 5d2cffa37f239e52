"""A learner's path on a system that is not POSIX, and on terminals that cannot show every sign."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.cli.app import COMMANDS
from autograder.encoding import HANDLER
from tests import warm
from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]
ENCODINGS = ("utf-8", "cp949", "cp1252", "ascii")
LEARNERS = (
    ["--help"],
    ["list"],
    ["list", "--json"],
    ["hint", "branch-sizes"],
    ["doctor"],
    ["doctor", "--json"],
)
ISOLATING = [name for name, command in COMMANDS.items() if command.isolating]


def elsewhere(place: Path, programs: list[tuple[list[str], str]], *, keras: bool = False) -> list[dict]:
    """What comes of programs where what only POSIX has is not there; with Keras, in a fork that has it."""
    order = place / "order.json"
    environment = {"AUTOGRADER_LANG": "", "LC_ALL": "C", "COLUMNS": "150", "XDG_DATA_HOME": str(place)}
    text = json.dumps({"programs": programs, "keras": keras, "environment": environment})
    order.write_text(text, encoding="utf-8")
    done = warm.run(
        ["-m", "tests.cli.elsewhere", order],
        cwd=ROOT / "assignments" / "ko" / "inception",
        environment={**os.environ, "PYTHONPATH": str(ROOT), **({} if keras else warm.NEW_INTERPRETER)},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


BY_LEARNERS = [(["autograder", *words], encoding) for words in LEARNERS for encoding in ENCODINGS]
REFUSED = [(["autograder", name, "x", "--lang", "en"], "utf-8") for name in ISOLATING]
HELP = (["autograder", "--help"], "utf-8")


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    """What comes of `BY_LEARNERS`, `REFUSED` and `HELP`, one after the other in one process."""
    return elsewhere(tmp_path_factory.mktemp("elsewhere"), [*BY_LEARNERS, *REFUSED, HELP])


def test_a_learners_commands_need_nothing_that_only_posix_has(answers: list[dict]) -> None:
    """In no encoding is there a traceback, nor a sign that nobody can read."""
    for (words, encoding), answer in zip(BY_LEARNERS, answers, strict=False):
        assert answer["code"] in (0, 1), (words, encoding, answer)
        assert "Traceback" not in answer["said"], (words, encoding)
        if "--json" in words:
            assert json.loads(answer["said"])["command"] == words[1]


def test_what_needs_linux_says_so_in_a_sentence(answers: list[dict]) -> None:
    """Whatever stands behind the command; and `--help` has it in a section of its own."""
    *refused, helped = answers[len(BY_LEARNERS) :]

    for name, answer in zip(ISOLATING, refused, strict=True):
        assert answer["code"] == 2, answer
        assert answer["said"].startswith(f"autograder: `autograder {name}` needs Linux")
        assert answer["said"].count("\n") == 1
    mine, theirs = helped["said"].split("Commands:")[1].split("For instructors")
    assert [name for name in ISOLATING if f"  {name} " in mine] == []
    assert [name for name in ISOLATING if f"  {name} " not in theirs] == []
    assert all(f"  {name} " in mine for name in ("hint", "list", "doctor"))


CHECKED = """
import keras, autograder
from keras import layers

x = keras.Input((28, 28, 192))
print(autograder.check("branch-sizes", {"a": 3}))
print(autograder.check("inception-module", lambda x: layers.Conv2D(512, 1, strides=2, padding="same")(x)))
print(autograder.hint("inception-module"))
"""


@pytest.mark.slow
def test_check_and_hint_need_nothing_that_only_posix_has(tmp_path: Path) -> None:
    """A card says what is wrong with the model, in Korean where the notebook is."""
    programs = [(["python", CHECKED], encoding) for encoding in ENCODINGS]

    answers = elsewhere(tmp_path, programs, keras=True)

    for encoding, answer in zip(ENCODINGS, answers, strict=True):
        assert answer["code"] == 0, (encoding, answer)
        assert "Concatenate" in answer["said"]
        assert ("힌트" in answer["said"]) is (encoding in ("utf-8", "cp949"))
    assert (tmp_path / "beyond-sequential" / "beyond-sequential.json").is_file()


@pytest.mark.parametrize("encoding", ["cp949", "ascii"])
def test_a_terminal_of_another_encoding_shows_the_nearest_sign(encoding: str, tmp_path: Path) -> None:
    """Set as a shell sets it, for a command of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "list", "--lang", "ko"],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": encoding, "LC_ALL": "C", "XDG_DATA_HOME": str(tmp_path)},
        capture_output=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, b"")
    assert ("실습" in done.stdout.decode(encoding)) is (encoding == "cp949")


def in_a_shell(words: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """Run `autograder` with those words, which may redirect what it prints."""
    return subprocess.run(
        ["bash", "-c", f'"{sys.executable}" -m autograder {words}'],
        cwd=ROOT,
        env={**os.environ, "XDG_DATA_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("ending", [">&-", ">&- 2>&-", "| head -1", "> /dev/full"])
def test_an_output_that_takes_nothing_is_no_traceback(ending: str, tmp_path: Path) -> None:
    done = in_a_shell(f"list {ending}", tmp_path)

    assert done.stderr == ("autograder: No space left on device\n" if "full" in ending else "")
    assert done.returncode == (2 if "full" in ending else 0)


@pytest.mark.parametrize("words", ["list", "list --json", "--help"])
def test_an_output_that_nobody_reads_any_more_has_an_exit_code_of_its_own(words: str, tmp_path: Path) -> None:
    """It is neither "not yet", which is 1, nor an error that needs a sentence."""
    done = in_a_shell(f'{words} | true; exit "${{PIPESTATUS[0]}}"', tmp_path)

    assert (done.returncode, done.stderr) == (141, "")


def test_a_narrow_terminal_cuts_no_id_off(run: Run) -> None:
    """It is what `autograder hint` takes."""
    done = run("list", COLUMNS="20")

    assert done.returncode == 0, done.stderr
    assert "  sequential-rewrite " in done.stdout
    assert "…" not in done.stdout


@pytest.mark.parametrize(
    ("text", "encoding", "shown"),
    [
        ("3–4 … “a”", "ascii", '3-4 ... "a"'),
        ("층 ✓ 3", "cp949", "층 + 3"),
        ("층 → é", "cp1252", "? -> é"),
        ("ﬁ ½", "ascii", "fi ?"),
    ],
)
def test_what_an_encoding_lacks_is_the_nearest_that_it_has(text: str, encoding: str, shown: str) -> None:
    assert text.encode(encoding, HANDLER).decode(encoding) == shown
