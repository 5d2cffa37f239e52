"""A run's folder goes away, whatever the run made of it."""

from __future__ import annotations

import os
from pathlib import Path

from autograder.sandbox.folder import remove, weigh


def test_deep_nesting_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    before = os.getcwd()
    os.chdir(folder)
    for _ in range(1500):
        os.mkdir("deeper")
        os.chdir("deeper")
    os.chdir(before)

    remove(str(folder))

    assert not folder.exists()


def test_links_are_removed_and_not_followed(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("x")
    folder = tmp_path / "run"
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "link").symlink_to(kept)
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "pipe")

    remove(str(folder))

    assert not folder.exists()
    assert (kept / "file").read_text() == "x"


def test_locked_folders_are_removed(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    (folder / "a" / "b" / "c").mkdir(parents=True)
    (folder / "a" / "b").chmod(0)
    (folder / "a").chmod(0o500)

    remove(str(folder))

    assert not folder.exists()


def test_a_folder_that_is_gone_is_no_error(tmp_path: Path) -> None:
    remove(str(tmp_path / "nowhere"))

    assert weigh(str(tmp_path / "nowhere"), 10, 1) == 0


def test_weighing_counts_all_files_and_stops_early(tmp_path: Path) -> None:
    for name in ("a", "b/c", "b/d/e"):
        file = tmp_path / "run" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x" * 8192)

    assert weigh(str(tmp_path / "run"), 1 << 30, 1 << 20) >= 3 * 8192
    assert weigh(str(tmp_path / "run"), 100, 1) > 100


def test_more_files_than_there_may_be_weigh_too_much(tmp_path: Path) -> None:
    """An empty one takes a place on the disk, too, though no room in it."""
    for number in range(20):
        (tmp_path / str(number)).touch()

    assert weigh(str(tmp_path), 1 << 20, files=20) <= 1 << 20
    assert weigh(str(tmp_path), 1 << 20, files=19) > 1 << 20
