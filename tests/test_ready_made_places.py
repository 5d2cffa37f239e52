"""Binder and devcontainers: what their files name is there, and agrees with the rest."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from autograder.graph.backends import wished

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DEVCONTAINER = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
REQUIREMENTS = [
    line
    for line in (ROOT / ".binder" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
# What we use of https://containers.dev/implementors/json_reference/, whose schema refuses any other key.
KEYS = {"name", "image", "postCreateCommand", "customizations"}


def test_both_have_one_python_which_is_supported() -> None:
    (image,) = re.findall(r"^mcr\.microsoft\.com/devcontainers/python:(3\.\d+)$", DEVCONTAINER["image"])

    assert (ROOT / ".binder" / "runtime.txt").read_text(encoding="utf-8") == f"python-{image}\n"
    workflow = (ROOT / ".github" / "workflows" / "learner.yml").read_text(encoding="utf-8")
    assert f'"{image}"' in workflow


def test_the_devcontainer_runs_what_binder_runs_and_opens_a_notebook() -> None:
    install, post_build = DEVCONTAINER["postCreateCommand"].split(" && ")
    opened = DEVCONTAINER["customizations"]["codespaces"]["openFiles"]

    assert set(DEVCONTAINER) <= KEYS
    assert install == "pip install -r .binder/requirements.txt"
    # The container's shell runs it itself; Binder would make it executable.
    assert os.access(ROOT / post_build, os.X_OK)
    assert [path for path in opened if not (ROOT / path).is_file()] == []
    assert opened


def test_what_is_installed_is_this_package_a_backend_and_jupyterlab() -> None:
    """With the bounds of pyproject.toml, and nothing that only instructors use."""
    ours, *others = REQUIREMENTS
    instructor = {one.name: one for one in map(Requirement, PROJECT["optional-dependencies"]["instructor"])}

    assert ours == "."
    assert [Requirement(line) for line in others] == [Requirement("jax"), instructor["jupyterlab"]]


def test_keras_runs_on_the_backend_that_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a terminal, too; and the last thing that is seen is what `autograder doctor` says."""
    doctor = tmp_path / "autograder"
    doctor.write_text('#!/bin/sh\necho "asked: $*"\n', encoding="utf-8")
    doctor.chmod(0o755)
    for name, value in {"HOME": str(tmp_path), "PATH": f"{tmp_path}:{os.environ['PATH']}"}.items():
        monkeypatch.setenv(name, value)
    for name in ("KERAS_BACKEND", "KERAS_HOME"):
        monkeypatch.delenv(name, raising=False)

    done = subprocess.run([ROOT / ".binder" / "postBuild"], capture_output=True, text=True, check=True)

    assert wished() in REQUIREMENTS
    assert done.stdout == "asked: doctor\n"


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_learners_page_has_their_commands(language: str) -> None:
    """And Binder's address opens a notebook that is there, in the page's language."""
    page = (ROOT / "docs" / f"learner{'' if language == 'en' else '.ko'}.md").read_text(encoding="utf-8")
    (opened,) = re.findall(r"urlpath=lab/tree/(\S+)", page)

    assert DEVCONTAINER["postCreateCommand"].replace(" && ", "\n") in page
    assert (ROOT / opened).is_file()
    assert opened.startswith(f"assignments/{language}/")
