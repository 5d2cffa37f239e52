"""The attack corpus on Gradescope: a container for each technique, planted strings in what is hidden."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from autograder.course import load_course
from tests import warm
from tests.attacks.battlefield import CANARIES, prepare
from tests.attacks.techniques import CANARY, DONE, Grounds, Sheet, Technique
from tests.platforms.gradescope.harness import METADATA, Ran, lay_out, run, zipped

BEFORE = {"score": 0.0, "results": {"tests": [{"output": CANARIES["gradebook"], "visibility": "hidden"}]}}
"""What hidden checks have said of the submission before stands in the metadata."""


@dataclass(frozen=True)
class Attacked:
    """What came of a technique: its results, what was forged, what was seen, and what is not as it was."""

    ran: Ran
    forged: bool
    seen: list[str]
    touched: list[str]


class Arena:
    """The course with planted strings, from which a zip for each assignment is made once."""

    def __init__(self, place: Path) -> None:
        self._course = prepare(place).checkout / "course.yml"
        self._zips: dict[str, bytes] = {}

    def attack(
        self, technique: Technique, *, landlock: bool, fresh: bool = False, pictures: bool = False
    ) -> Attacked:
        """Hand the technique in, in a container of its own, and see what comes of it.

        `fresh`: in a new interpreter, whose environment has a planted string, too.
        """
        with container() as place:
            metadata = {**METADATA, "previous_submissions": [BEFORE]}
            root = lay_out(place, self.zip(technique.assignment), metadata)
            grounds = Grounds(root / "source" / "course", root, root / "submission_metadata.json")
            # A technique may want to make the folder itself, whatever it then is.
            upload = root.parent / "upload" / "files"
            sheet = Sheet(technique.assignment, upload, grounds)
            technique.write(sheet)
            sheet.save()
            (root / "submission").rmdir()
            upload.rename(root / "submission")
            before = contents(root / "source")
            # A fork of what runs other tests has the environment in its memory, as the order that it came in.
            variables = {**warm.NEW_INTERPRETER, "PLANTED": CANARIES["secret"]} if fresh else {}
            ran = run(root, landlock=landlock, pictures=pictures, **variables)
            after = contents(root / "source")
            touched = sorted(name for name in before | after if before.get(name) != after.get(name))
            touched += [path.name for path in (root / "results").iterdir() if path.name != "results.json"]
        assignment = load_course(self._course).assignment(technique.assignment)
        wanted = [technique.gets.get(task.id, 0) for task in assignment.tasks]
        forged = ran.results is None or list(ran.scores.values()) != wanted
        told = json.dumps(ran.results, ensure_ascii=False) + ran.said + ran.seen
        seen = re.findall(f"(?:{CANARY}-|{DONE}).{{0,80}}", told)
        return Attacked(ran, forged, seen, touched)

    def zip(self, assignment: str) -> bytes:
        """Return the zip of an assignment's autograder, all of whose results are shown at once."""
        if assignment not in self._zips:
            self._zips[assignment] = zipped(assignment, self._course, hidden="visible")
        return self._zips[assignment]


@contextmanager
def container() -> Iterator[Path]:
    """A folder that all may read, as pytest's are not: what is kept from learner code is so by us alone."""
    folder = Path(tempfile.mkdtemp(prefix="gradescope-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def contents(folder: Path) -> dict[str, bytes]:
    """The files below a folder; compiled ones come and go."""
    paths = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
