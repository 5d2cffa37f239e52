"""A notebook is answered in its own language."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autograder.study.language import notebook_language


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that the kernel runs in, and an English locale."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AUTOGRADER_LANG", raising=False)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.setattr("locale.getlocale", lambda _: ("en_US", "UTF-8"))
    return tmp_path


def write(path: Path, metadata: Any) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"cells": [], "metadata": metadata}), encoding="utf-8")
    return path


def test_a_korean_notebook_is_answered_in_korean(folder: Path) -> None:
    write(folder / "inception.ipynb", {"autograder": {"assignment": "inception", "language": "ko"}})

    assert notebook_language() == "ko"


def test_the_notebook_that_runs_counts_more_than_its_neighbours(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder / "a.ipynb", {"autograder": {"language": "ko"}})
    running = write(folder / "elsewhere" / "b.ipynb", {"autograder": {"language": "en"}})
    monkeypatch.setenv("JPY_SESSION_NAME", str(running))

    assert notebook_language() == "en"


def test_who_names_a_language_gets_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder / "inception.ipynb", {"autograder": {"language": "ko"}})
    monkeypatch.setenv("AUTOGRADER_LANG", "en")

    assert notebook_language() == "en"


@pytest.mark.parametrize("metadata", [{}, {"autograder": 7}, {"autograder": {"language": "../ko"}}, []])
def test_a_notebook_that_does_not_say_leaves_it_to_the_locale(folder: Path, metadata: Any) -> None:
    write(folder / "notes.ipynb", metadata)
    (folder / "broken.ipynb").write_text("{", encoding="utf-8")

    assert notebook_language() == "en"
