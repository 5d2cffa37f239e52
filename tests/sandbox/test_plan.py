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


def test_where_a_link_leads_to_the_interpreter_it_is_shown_by_the_links_name_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "disk" / "home" / "venv" / "course").mkdir(parents=True)
    (tmp_path / "home").symlink_to("disk/home")
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "home" / "venv"))

    plan = make_plan("/base", hide=[str(tmp_path / "disk" / "home" / "venv" / "course")])

    written, real = str(tmp_path / "home" / "venv"), str(tmp_path / "disk" / "home" / "venv")
    assert real in plan.trees
    assert (written, real) in plan.written
    mounts = plan.mounts
    for at in (written, real):
        assert mounts.index((at, real)) < mounts.index((f"{at}/course", None))


def test_links_that_lie_in_what_is_shown_need_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "conda" / "envs" / "one").mkdir(parents=True)
    (tmp_path / "conda" / "envs" / "newest").symlink_to("one")
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path / "conda"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "conda" / "envs" / "newest"))

    plan = make_plan("/base")

    assert str(tmp_path / "conda") in plan.trees
    assert not any(str(tmp_path) in at for at, _ in plan.written)


def test_links_in_a_circle_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "one" / "python"))

    assert not any(str(tmp_path) in at for at, _ in make_plan("/base").mounts)


def test_a_link_into_what_is_hidden_or_into_any_other_folder_shows_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    packages = tmp_path / "venv" / "site-packages"
    packages.mkdir(parents=True)
    for name in ("course/graders", "notes"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "__init__.py").write_text("")
        (tmp_path / name / "secret.py").write_text("")
    (tmp_path / "notes" / "__init__.py").unlink()
    (packages / "graders").symlink_to(tmp_path / "course" / "graders")
    (packages / "secret.py").symlink_to(tmp_path / "notes" / "secret.py")
    monkeypatch.setattr(sys, "path", [*sys.path, str(packages)])

    plan = make_plan("/base", hide=[str(tmp_path / "course")])

    shown = {tree for tree in plan.trees if Path(tree).is_relative_to(tmp_path)}
    assert shown == {str(packages)}
