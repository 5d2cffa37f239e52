"""What a jail shows, and what it never does."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import autograder
from autograder.sandbox.plan import make_plan

CHECKOUT = Path(autograder.__file__).parents[1]


def test_the_interpreter_is_shown() -> None:
    plan = make_plan("/base")

    for place in (os.path.realpath(sys.prefix), os.path.realpath(sys.base_prefix)):
        assert any(Path(place).is_relative_to(tree) for tree in plan.trees)


def test_the_checkout_is_not() -> None:
    plan = make_plan("/base")

    assert not any(CHECKOUT.is_relative_to(tree) for tree in plan.trees) or str(CHECKOUT) in plan.hidden


def test_a_folder_of_the_path_is_shown_only_if_it_holds_libraries(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    libraries = tmp_path / "lib" / "site-packages"
    libraries.mkdir(parents=True)
    own = tmp_path / "grading"
    own.mkdir()
    monkeypatch.setattr(sys, "path", [*sys.path, str(libraries), str(own)])

    plan = make_plan("/base")

    assert str(libraries) in plan.trees
    assert str(own) not in plan.trees


def test_what_lies_in_the_interpreters_folder_can_still_be_hidden(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = tmp_path / "venv" / "src" / "course"
    for folder in (secret, secret / ".venv", tmp_path / "venv" / "lib", tmp_path / "venv" / "src" / "other"):
        folder.mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "venv"))
    monkeypatch.setattr(sys, "exec_prefix", str(secret / ".venv"))

    plan = make_plan("/base", hide=[str(secret)])

    assert str(secret) in plan.hidden
    assert str(secret / ".venv") in plan.trees
    granted = [path for path, _ in plan.grants_on_disk("/private")]
    assert str(tmp_path / "venv" / "lib") in granted
    assert str(tmp_path / "venv" / "src" / "other") in granted
    assert str(secret / ".venv") in granted
    assert {str(tmp_path / "venv"), str(tmp_path / "venv" / "src"), str(secret)}.isdisjoint(granted)
