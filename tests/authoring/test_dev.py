"""Whenever an author saves, what is left is said, and what a learner would be told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.audit import Finding
from autograder.authoring import Draft, DraftTask, new_course
from autograder.authoring.dev import Author, State
from autograder.cli.dev import _document
from autograder.course import load_course
from autograder.messages import render, verbatim
from tests.cli.test_json import documented
from tests.warm import programs_are_warm  # noqa: F401

pytestmark = pytest.mark.slow

TITLE = {"en": "First steps"}
TASKS = [DraftTask("first-model", 5, "model", TITLE), DraftTask("first-number", 2, "value", TITLE)]


@pytest.fixture
def author(tmp_path: Path, programs_are_warm: None) -> Iterator[Author]:  # noqa: F811
    """One at a new assignment with a model and a number."""
    new_course(tmp_path, "deep", TITLE, Draft("first-steps", TITLE, TASKS))
    made = Author.of(load_course(tmp_path / "course.yml"), "first-steps", unsafe=True, sample=6)
    yield made
    made.close()


def undocumented(document: dict[str, Any]) -> set[str]:
    """The keys of `dev --json` that docs/json.md does not have."""
    inner = {key for finding in document["findings"] for key in finding}
    return (set(document) | inner) - documented("dev")


def said(state: State) -> str:
    """All that a state says, in English."""
    findings = [finding.said for finding in state.findings]
    return "\n".join(render(one, "en") for one in [*findings, *state.troubles, state.next])


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_new_assignment_is_graded_and_still_to_be_written(author: Author) -> None:
    """Then each mistake is said where it is, and what was mended is right again."""
    folder = author.file.parent
    first = author.look()

    assert first.faults == []
    assert first.troubles == ()
    assert {finding.file for finding in first.unwritten} == {
        "course.yml",
        "graders/hidden/test_first_steps.py",
        "graders/public/test_first_steps.py",
        "solutions/first-steps/first-steps.ipynb",
    }
    assert (folder / "assignments/en/first-steps/first-steps.ipynb").is_file()
    assert first.proof is not None
    assert first.proof.fates["killed"] == first.proof.mutants > 0
    assert first.proof.refused == []
    assert "first-model" in {outcome.task for outcome in first.told}
    assert not first.done
    assert undocumented(_document(first)) == set()

    grader = folder / "graders" / "hidden" / "test_first_steps.py"
    replace(grader, "points=5", "points=4")
    assert "add up to 4 points; course.yml says 5" in said(author.look())
    replace(grader, "points=4", "points=5")
    replace(folder / "course.yml", "version: 1", "version: one")
    assert "course.yml, line" in said(author.look())


def test_what_is_saved_is_looked_at_again_and_what_was_tidied_is_not(author: Author) -> None:
    """A cell that somebody has added in JupyterLab gets its metadata, and that change is none of theirs."""
    path = author.file.parent / "solutions" / "first-steps" / "first-steps.ipynb"
    seen: list[State] = []

    def save() -> None:
        notebook = nbformat.read(path, as_version=4)
        notebook.cells.insert(1, nbformat.v4.new_markdown_cell("TODO: more"))
        nbformat.write(notebook, path)

    states = author.states()
    seen.append(next(states))
    timer = threading.Timer(0.2, save)
    timer.start()
    seen.append(next(states))

    assert len(seen[1].unwritten) == len(seen[0].unwritten) + 1
    assert author._stamps()[path] == author._tidied[path]
    states.close()


def test_what_is_in_the_way_of_the_release_is_said_once() -> None:
    """The linter finds it as well, and a screen has few lines."""
    trouble, other = verbatim("x.ipynb: this is not JSON"), verbatim("course.yml: something else")
    findings = [Finding("source", "x.ipynb", trouble), Finding("ids", "course.yml", other)]
    state = State("x", 0.0, findings, [trouble])

    assert [finding.said for finding in state.faults] == [other]
