"""Saves are seen, however an editor saves."""

from __future__ import annotations

import os
import select
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.watching.changes import Changes, Look, look, stamp
from tests.watching.conftest import notebook


def in_place(path: Path) -> None:
    path.write_text(notebook("new"))


def by_renaming(path: Path) -> None:
    """As Jupyter does: a file beside it takes its name."""
    beside = path.with_name(f".~{path.name}")
    beside.write_text(notebook("new"))
    os.replace(beside, path)


def by_deleting(path: Path) -> None:
    path.unlink()
    path.write_text(notebook("new"))


def by_setting_aside(path: Path) -> None:
    """As vim does: the old file becomes a copy, and a new one is written."""
    path.rename(path.with_name(f"{path.name}~"))
    path.write_text(notebook("new"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "folder" / "a.ipynb"
    path.parent.mkdir()
    path.write_text(notebook())
    return path


@pytest.fixture
def changes() -> Iterator[Changes]:
    made = Changes()
    yield made
    made.close()


def told(changes: Changes, seconds: float = 10) -> bool:
    found = bool(select.select([changes], [], [], seconds)[0])
    changes.taken()
    return found


def settled(changes: Changes, path: Path) -> None:
    """Until the folder is watched: the thread that does it has just been started."""
    for number in range(100):
        path.with_name("other").write_text(str(number))
        if told(changes, 0.1):
            break
    while told(changes, 0.2):
        pass


@pytest.mark.parametrize("save", [in_place, by_renaming, by_deleting, by_setting_aside])
def test_a_save_is_told(changes: Changes, path: Path, save: Callable[[Path], None]) -> None:
    changes.follow(path.parent)
    settled(changes, path)
    before = look(path)
    for _ in range(2):
        save(path)
        assert told(changes)

    assert look(path).digest not in (None, before.digest)


def test_only_the_folder_that_is_followed_is_told_of(changes: Changes, path: Path, tmp_path: Path) -> None:
    changes.follow(path.parent)
    settled(changes, path)
    other = tmp_path / "other" / "a.ipynb"
    other.parent.mkdir()
    changes.follow(other.parent)
    settled(changes, other)
    in_place(path)
    assert not told(changes, 0.3)
    in_place(other)
    assert told(changes)


def test_a_folder_that_was_replaced_is_followed_again(changes: Changes, path: Path) -> None:
    changes.follow(path.parent)
    settled(changes, path)
    aside = path.parent.with_name("aside")
    path.parent.rename(aside)
    shutil.copytree(aside, path.parent)
    changes.follow(path.parent)
    settled(changes, path)
    in_place(path)

    assert told(changes)


def test_a_folder_that_is_not_there_is_no_trouble(changes: Changes, tmp_path: Path) -> None:
    changes.follow(tmp_path / "none")

    assert not told(changes, 0)


def test_what_stands_there_is_looked_at_by_its_content(path: Path, tmp_path: Path) -> None:
    first, mark = look(path), stamp(path)
    by_deleting(path)
    path.write_text(notebook())

    assert look(path) == first
    assert stamp(path) != mark
    assert look(tmp_path / "none") == Look(fault="missing")
    assert look(path / "below") == Look(fault="missing")
    assert stamp(tmp_path / "none") is None


@pytest.mark.parametrize(
    "text", ["", "{", notebook()[:-1], "[]", '"x"', '{"cells": 3}', "\udcff", "[" * 100_000]
)
def test_half_a_notebook_is_none(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8", "surrogateescape"))

    assert look(path) == Look(fault="partial")


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["pipe", "folder"])
def test_what_is_no_file_is_seen_for_what_it_is_and_not_waited_for(
    path: Path, make: Callable[[Path], None]
) -> None:
    path.unlink()
    make(path)

    assert look(path) == Look(fault="irregular")
