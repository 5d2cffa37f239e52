"""What students put into the exchange or a class is copied where it is theirs, and not where it points."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
from nbgrader.utils import notebook_hash

from autograder.gradebook.archives import ArchiveLimits
from autograder.gradebook.exchange import Collect, copy_regular_files
from tests.examples import EXAMPLES
from tests.gradebook.courses import nbgrader, scores, url_of

STAMP = "2026-11-02 10:00:00.000000 UTC"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file of the instructor's."""
    path = tmp_path / "instructor" / "solution.html"
    path.parent.mkdir()
    path.write_text("CANARY")
    return path


def hostile(folder: Path, secret: Path) -> None:
    """A submission with everything in it that is no file of the student's own."""
    (folder / "data" / "deep").mkdir(parents=True)
    (folder / "data" / "deep" / "notes.txt").write_text("mine")
    (folder / "link.html").symlink_to(secret)
    (folder / "data" / "folder").symlink_to(secret.parent, target_is_directory=True)
    (folder / "broken").symlink_to(folder / "nowhere")
    os.mkfifo(folder / "data" / "pipe")
    with socket.socket(socket.AF_UNIX) as own:
        here = Path.cwd()
        os.chdir(folder)
        try:
            own.bind("socket")
        finally:
            os.chdir(here)


def nest(folder: Path) -> None:
    """A folder in a folder in a folder, deeper than Python walks."""
    folder.mkdir()
    (folder / "timestamp.txt").write_text(STAMP)
    here = os.open(folder, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_only_regular_files_are_copied(tmp_path: Path, secret: Path) -> None:
    source = tmp_path / "inbound"
    hostile(source, secret)

    left_out = copy_regular_files(str(source), str(tmp_path / "copy"))

    assert left_out == ["broken", "data/folder", "data/pipe", "link.html", "socket"]
    assert contents(tmp_path / "copy") == {"data/deep/notes.txt": b"mine"}


@pytest.mark.parametrize(
    ("name", "student", "time"),
    [
        ("kim+inception+2026-11-02 10:00:00.000000 UTC", "kim", "2026-11-02 10:00:00"),
        ("kim+inception+2026-11-02 10:00:00.000000 UTC+abc123", "kim", "2026-11-02 10:00:00"),
        ("kim+lee+inception+2026-11-02 19:00:00 KST+abc123", "kim+lee", "2026-11-02 10:00:00"),
        ("kim+inception+2026-11-02 19:00:00 +0900+abc123", "kim", "2026-11-02 10:00:00"),
        ("kim+inception+soon+abc123", "", ""),
        ("kim+inception+", "", ""),
    ],
)
def test_a_folder_s_name_says_whose_it_is_and_when(
    name: str, student: str, time: str, caplog: pytest.LogCaptureFixture
) -> None:
    """nbgrader ends at a name that it cannot read, and nobody is collected."""
    collect = SimpleNamespace(
        coursedir=SimpleNamespace(assignment_id="inception"), log=logging.getLogger("collecting")
    )
    record = Collect._path_to_record(collect, f"/exchange/inbound/{name}")

    assert record["username"] == student
    assert record["filename"] == name
    assert ("does not say when it was handed in" in caplog.text) == (not student)
    if time:
        assert str(record["timestamp"]) == time


def test_a_copy_has_the_mode_and_the_time_of_the_file(tmp_path: Path) -> None:
    """But no rights to become somebody else."""
    source = tmp_path / "inbound"
    source.mkdir()
    (source / "a").write_text("a")
    (source / "a").chmod(0o4640)
    os.utime(source / "a", ns=(5, 10**18))

    assert copy_regular_files(str(source), str(tmp_path / "copy")) == []

    state = (tmp_path / "copy" / "a").stat()
    assert (state.st_mode & 0o7777, state.st_mtime_ns) == (0o640, 10**18)


@pytest.mark.parametrize("limits", [ArchiveLimits(files=2), ArchiveLimits(size=2)], ids=["files", "size"])
def test_of_too_many_or_too_large_files_the_rest_stays_behind(tmp_path: Path, limits: ArchiveLimits) -> None:
    """A sparse file of terabytes takes its owner no room."""
    source = tmp_path / "inbound"
    source.mkdir()
    for name in ("a", "b", "c"):
        (source / name).write_text(name)

    left_out = copy_regular_files(str(source), str(tmp_path / "copy"), limits)

    assert len(left_out) == 1
    assert sorted({*contents(tmp_path / "copy"), *left_out}) == ["a", "b", "c"]


@pytest.mark.parametrize("kind", ["link", "file"])
def test_a_submission_that_is_no_folder_is_empty(tmp_path: Path, secret: Path, kind: str) -> None:
    source = tmp_path / "inbound"
    if kind == "link":
        source.symlink_to(secret.parent, target_is_directory=True)
    else:
        source.write_text("")

    assert copy_regular_files(str(source), str(tmp_path / "copy")) == ["."]
    assert contents(tmp_path / "copy") == {}


def test_a_file_exchanged_for_a_link_is_not_followed(
    tmp_path: Path, secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at the folder and the reading of the file."""
    source = tmp_path / "inbound"
    source.mkdir()
    (source / "a").write_text("a")
    real = os.open

    def exchanged(path: str, flags: int, *more: int, dir_fd: int | None = None) -> int:
        if path == "a":
            (source / "a").unlink()
            (source / "a").symlink_to(secret)
        return real(path, flags, *more, dir_fd=dir_fd)

    monkeypatch.setattr("autograder.gradebook.exchange.os.open", exchanged)

    assert copy_regular_files(str(source), str(tmp_path / "copy")) == ["a"]
    assert contents(tmp_path / "copy") == {}


@pytest.mark.slow
def test_collecting_and_grading_follow_no_link_and_feedback_goes_back(
    course: Path, tmp_path: Path, secret: Path
) -> None:
    """By nbgrader's own commands: from the exchange, and out of a folder that somebody has copied there.

    Whose submission has not come by the exchange is named, and costs nobody else the page.

    Without ours, `nbgrader release_feedback` would publish what `link.html` points to, under a name that its
    student can reckon out, and the notebook that a link points to would be graded.
    """
    exchange = tmp_path / "exchange"
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.Exchange.root = {str(exchange)!r}\nc.ExchangeCollect.check_owner = False\n")
    inbound = exchange / "beyond-sequential-en" / "inbound"
    for student in ("honest", "thief"):
        place = inbound / f"{student}+inception+{STAMP}+secret"
        shutil.copytree(EXAMPLES / "class" / "submitted" / "kim-seoyeon" / "inception", place)
        (place / "timestamp.txt").write_text(STAMP)
        (place / "submission_secret.txt").write_text("secret")
    (inbound / "nobody+inception+soon+secret").mkdir()
    hostile(place, secret)
    nest(inbound / f"deep+inception+{STAMP}+secret")
    (place / "inception.ipynb").unlink()
    (place / "inception.ipynb").symlink_to(course / "solutions" / "inception" / "inception.ipynb")

    collected = nbgrader(course, "collect", "inception")
    # pytest's own tidying would not come to its end either.
    subprocess.run(["rm", "-rf", inbound / f"deep+inception+{STAMP}+secret"], check=True)

    assert collected.returncode == 0, collected.stderr
    assert "link.html is a link, not a regular file, or too large; it was not collected." in collected.stderr
    assert "deep+inception" in collected.stderr
    assert "cannot be collected (RecursionError)." in collected.stderr
    assert "nobody+inception+soon+secret does not say when it was handed in" in collected.stderr
    thief = course / "submitted" / "thief" / "inception"
    assert "CANARY" not in str(contents(thief))
    assert not os.path.lexists(thief / "inception.ipynb")
    assert (thief / "data" / "deep" / "notes.txt").read_text() == "mine"

    copied = course / "submitted" / "copied" / "inception"
    shutil.copytree(EXAMPLES / "class" / "submitted" / "kim-seoyeon" / "inception", copied)
    for name in ("link.html", "notes.html"):
        (copied / name).symlink_to(secret)
    for command in ("autograde", "generate_feedback"):
        done = nbgrader(course, command, "inception")
        assert "Traceback" not in done.stderr, done.stderr

    for place in (course / "autograded", course / "feedback"):
        assert [name for name, content in contents(place).items() if b"CANARY" in content] == []
    module = {key[1]: score for key, score in scores(url_of(course)).items() if key[2] == "inception-module"}
    assert (module["honest"], module["copied"]) == (5, 5)
    assert not module.get("thief")
    # As whoever handed in late and is not to be charged for it.
    (course / "feedback" / "honest" / "inception" / "timestamp.txt").unlink()

    released = nbgrader(course, "release_feedback", "inception")

    assert released.returncode == 0, released.stderr
    place = exchange / "beyond-sequential-en" / "feedback"
    page = place / f"{notebook_hash(secret='secret', notebook_id='inception')}.html"
    assert page.read_bytes() == (course / "feedback/honest/inception/inception.html").read_bytes()
    assert [found for found in place.iterdir() if found != page] == []
    elsewhere = "copied: handed in elsewhere than through the exchange, so nothing is released there. Return "
    assert elsewhere + str(Path("feedback/copied/inception/inception.html")) in released.stderr
