"""What is fuzzed: each target takes any bytes, and returns whatever they are.

An exception is a fault of ours: for bytes that are no notebook, no evidence or no course there is a sentence.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from autograder.course import CourseError, load_course
from autograder.evidence import EvidenceError, read
from autograder.grading import UnreadableNotebook, given_out, language_of, load_notebook, restore
from autograder.grading.recognise import GivenOut
from autograder.messages import LANGUAGES, Message, render
from autograder.sandbox import CellSource, Request
from tests.assignments import notebooks
from tests.course.conftest import COURSE_YML

ROOT = Path(__file__).parents[2]
ASSIGNMENT = "inception"


def notebook(data: bytes) -> None:
    """A notebook as somebody hands it in is put in order, or it is said why it cannot be."""
    path = _file("inception.ipynb", data)
    try:
        loaded = load_notebook(path)
    except UnreadableNotebook as problem:
        _sayable(problem.message)
        return
    tasks = [task.id for task in notebooks.COURSE.assignment(ASSIGNMENT).tasks]
    restored = restore(loaded.notebook, _source(), tasks)
    assert sorted(cell.task for cell in restored.cells if cell.task) == sorted(tasks)
    for note in (*loaded.notes, *restored.notes):
        _sayable(note)
    language_of(loaded.notebook.metadata)
    cells = [
        CellSource(number, cell.id, cell.source, cell.task) for number, cell in enumerate(restored.cells)
    ]
    assert Request.from_plain(json.loads(json.dumps(Request(cells).as_plain()))).cells == cells


def evidence(data: bytes) -> None:
    """What comes out of a jail is read and can be worked with, or it is said why it was refused."""
    try:
        found = read(data)
    except EvidenceError as problem:
        _sayable(problem.message)
        return
    try:
        _use()(found)
    except EvidenceError as problem:
        _sayable(problem.message)


def course(data: bytes) -> None:
    """A `course.yml` is a course, or each of its faults is a sentence."""
    try:
        found = load_course(_file("course.yml", data))
    except CourseError as problem:
        for said in problem.messages:
            _sayable(said)
        return
    assert found.assignments
    assert all(math.isfinite(task.points) for one in found.assignments for task in one.tasks)


TARGETS: dict[str, Callable[[bytes], None]] = {"notebook": notebook, "evidence": evidence, "course": course}


def seeds(target: str) -> Iterator[bytes]:
    """Well-formed inputs to begin with."""
    if target == "notebook":
        for path in sorted((ROOT / "examples").glob(f"*/submitted/*/{ASSIGNMENT}/{ASSIGNMENT}.ipynb")):
            yield path.read_bytes()
    elif target == "evidence":
        # Made with Keras, which the other targets need not wait for.
        from tests.evidence.documents import example

        yield json.dumps(example()).encode()
    else:
        yield COURSE_YML.encode()
        # JSON is YAML, too, and can be changed in its structure.
        yield json.dumps(YAML(typ="safe").load(COURSE_YML), default=str).encode()


@cache
def _use() -> Callable[[object], None]:
    from tests.evidence.documents import use

    return use


@cache
def _source() -> GivenOut:
    return given_out(notebooks.given_out(notebooks.COURSE.assignment(ASSIGNMENT), "en"))


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="fuzz-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))


def _file(name: str, data: bytes) -> Path:
    path = _folder() / name
    path.write_bytes(data)
    return path


def _sayable(said: Message) -> None:
    for language in LANGUAGES:
        assert render(said, language)
