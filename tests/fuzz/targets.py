"""What is fuzzed: each target takes any bytes, and returns whatever they are.

An exception is a fault of ours: for bytes that are no notebook, no evidence, no course, no time, no archive
or no name there is a sentence.
"""

from __future__ import annotations

import io
import json
import math
import os
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from autograder.course import CourseError, load_course
from autograder.evidence import EvidenceError, read
from autograder.feedback import report_path
from autograder.gradebook.collect import LmsExtractor, plan_collection
from autograder.gradebook.roster import is_student_id
from autograder.gradebook.timestamps import EXAMPLE, TIMESTAMP, TimestampError, handed_in_at, understood
from autograder.grading import (
    GradingError,
    UnreadableNotebook,
    given_out,
    language_of,
    load_notebook,
    restore,
)
from autograder.grading.finding import find_submissions
from autograder.grading.recognise import GivenOut
from autograder.messages import LANGUAGES, Message, name_in_text, render
from autograder.sandbox import CellSource, Request
from tests.assignments import notebooks
from tests.course.conftest import COURSE_YML

ROOT = Path(__file__).parents[2]
ASSIGNMENT = "inception"
PATHS, DEPTH = 40, 6
"""The most paths that are made of an input's bytes, and the most folders in each other."""


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


def timestamp(data: bytes) -> None:
    """A `timestamp.txt` is a moment, or it is said how one is written."""
    place = _file(TIMESTAMP, data).parent
    try:
        moment = handed_in_at(place)
    except TimestampError as problem:
        _sayable(problem.message)
        return
    assert moment is not None
    assert understood(f"{moment.isoformat(' ')} UTC") == moment


def archive(data: bytes) -> None:
    """What a platform hands out is unpacked within its folder and planned for, or it is said why not."""
    with _emptied("download") as top:
        (top / "archive").mkdir()
        (top / "archive" / "submissions.zip").write_bytes(data)
        _collected(top)


def names(data: bytes) -> None:
    """Whatever a class's files are called, each is found, collected or said; between paths is a zero byte."""
    with _emptied("class") as top:
        _make(top / "archive", data.split(b"\0")[:PATHS])
        _found(top / "archive")
        _collected(top)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "notebook": notebook,
    "evidence": evidence,
    "course": course,
    "timestamp": timestamp,
    "archive": archive,
    "names": names,
}


def planted(data: bytes) -> None:
    """A byte that no seed has is a fault."""
    assert b"?" not in data, "a fault that is planted"


PLANTED: dict[str, Callable[[bytes], None]] = {"planted": planted}
"""What must be found, so that nothing found says something of the others."""


def seeds(target: str) -> Iterator[bytes]:
    """Well-formed inputs to begin with."""
    if target == "notebook":
        for path in sorted((ROOT / "examples").glob(f"*/submitted/*/{ASSIGNMENT}/{ASSIGNMENT}.ipynb")):
            yield path.read_bytes()
    elif target == "evidence":
        # Made with Keras, which the other targets need not wait for.
        from tests.evidence.documents import example

        yield json.dumps(example()).encode()
    elif target == "planted":
        yield b"!!"
    elif target == "timestamp":
        for text in (EXAMPLE, "2026-11-21T18:00:00.5Z", "2026-11-21 18:00 Asia/Seoul", "1763748000", "UTC+9"):
            yield text.encode()
        yield "\ufeff2026-11-21 18:00:00 KST".encode("utf-16-le")
    elif target == "archive":
        yield _zipped(DOWNLOADED)
        yield _zipped({"kim_1_2_work.zip": _zipped({"a/inception.ipynb": b"{}"}), "lee_3_4_work.zip": b"PK"})
        yield _zipped({"x" * length + name: b"1" for length in (240, 250) for name in (".ipynb", "", "/a")})
        for mode in ("w", "w:gz"):
            yield _tarred(DOWNLOADED, mode)
    elif target == "names":
        yield b"\0".join(f"{student}/inception/inception.ipynb".encode() for student in ("kim", "김서연"))
        numbers = (b"kim_%b%d_assignsubmission_file_a.ipynb" % (b"9" * 200, number) for number in (1, 2))
        yield b"\0".join((*numbers, b"I_lee_attempt_0001-01-01-00-00-00_a.ipynb"))
        yield b"\0".join(
            (*map(str.encode, DOWNLOADED), b"DOMAIN\\kim/inception/a.ipynb.txt", b"x\xb1\xe8/inception")
        )
    else:
        yield COURSE_YML.encode()
        # JSON is YAML, too, and can be changed in its structure.
        yield json.dumps(YAML(typ="safe").load(COURSE_YML), default=str).encode()


DOWNLOADED = {
    "kim_LATE_12345_101_inception-1.ipynb": b"{}",
    "이 하늘_78_assignsubmission_file_inception.ipynb": b"",
    "Inception_park_attempt_2026-11-20-23-00-00_inception (1).ipynb": b"[]",
    "Inception_park_attempt_2026-11-20-23-00-00.txt": b"Name: park",
}
"""Files as Canvas, Moodle and Blackboard call them."""


class _Extractor(LmsExtractor):
    """What it would log must be sayable."""

    def warn(self, *messages: Message) -> None:
        for said in messages:
            _sayable(said)


def _found(top: Path) -> None:
    """Look at a folder as at a class's: each student is another, and has a place for the report."""
    for one in top.rglob("*"):
        text = name_in_text(one.name)
        assert name_in_text(text) == text
        assert len(text.encode()) <= 255
    try:
        found = find_submissions(top, notebooks.COURSE)
    except GradingError as problem:
        for said in problem.messages:
            _sayable(said)
        return
    for said in (*found.left_out, *(note for one in found.submissions for note in one.notes)):
        _sayable(said)
    folders = {(one.student, one.path.relative_to(top).parts[0]) for one in found.submissions}
    assert len(folders) == len({student for student, _ in folders}) == len({folder for _, folder in folders})
    for one in found.submissions:
        _can_be_made(report_path(top.parent / "out", one.student, one.assignment))


def _collected(top: Path) -> None:
    """Extract and plan as `zip_collect` does: nothing outside its folder, no two files in one place."""
    _Extractor().extract(str(top / "archive"), str(top / "extracted"))
    assert {path.name for path in top.iterdir()} <= {"archive", "extracted", "out"}
    files = [path for path in sorted((top / "extracted").rglob("*")) if not path.is_dir()]
    assert all(path.is_file() and not path.is_symlink() for path in files)
    within = [path.relative_to(top / "extracted") for path in files]
    wanted = notebooks.COURSE.assignment(ASSIGNMENT)
    plan = plan_collection(top / "extracted", within, notebooks.COURSE, wanted, None)
    for messages in plan.said.values():
        for said in messages:
            _sayable(said)
    places = [(one.student_id.casefold(), one.file_id) for one in plan.collected.values()]
    assert len(places) == len(set(places))
    for one in plan.collected.values():
        assert is_student_id(one.student_id), one.student_id
        _can_be_made(top / "submitted" / one.student_id / ASSIGNMENT / one.file_id)


def _can_be_made(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")


def _make(top: Path, paths: Iterable[bytes]) -> None:
    """A notebook at each of the paths that a system takes."""
    top.mkdir()
    for path in paths:
        steps = [step for step in path.split(b"/") if step not in (b"", b".", b"..")]
        # What a system takes for no name is none that anybody could hand in.
        with suppress(OSError):
            os.makedirs(os.path.join(os.fsencode(top), *steps[:DEPTH][:-1]), exist_ok=True)
            Path(os.fsdecode(os.path.join(os.fsencode(top), *steps[:DEPTH]))).write_bytes(b"{}")


def _zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, content in members.items():
            packed.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


def _tarred(members: dict[str, bytes], mode: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as packed:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


@contextmanager
def _emptied(name: str) -> Iterator[Path]:
    """A folder with nothing in it, before and after."""
    top = _folder() / name
    top.mkdir()
    try:
        yield top
    finally:
        # By its bytes: what lies in it need be no text.
        shutil.rmtree(os.fsencode(top))


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
