"""Gradescope's folders as its documentation describes them, and the zip's program run in them."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course import load_course
from autograder.platforms.gradescope.archive import gradescope_zip
from autograder.platforms.gradescope.settings import Settings
from tests import warm
from tests.examples import EXAMPLES
from tests.gradebook.courses import ROOT, environment

CAP_SYS_ADMIN = 21
_GIVEN = re.search(r"^CapEff:\s*(\w+)", Path("/proc/self/status").read_text(encoding="ascii"), re.MULTILINE)
AS_ROOT = os.geteuid() == 0 and _GIVEN is not None and bool(int(_GIVEN[1], 16) >> CAP_SYS_ADMIN & 1)
"""Whether a container's root can be tried: not by a user namespace's root, who may not mount."""

METADATA = {
    "id": 123456,
    "created_at": "2026-11-20T14:22:32.365935+09:00",
    "assignment": {
        "due_date": "2026-12-01T23:59:00.000000+09:00",
        "group_size": None,
        "group_submission": False,
        "id": 25828,
        "course_id": 1234,
        "late_due_date": None,
        "release_date": "2026-11-02T00:00:00.000000+09:00",
        "title": "Inception",
        "total_points": "10.0",
    },
    "submission_method": "upload",
    "users": [{"email": "student@example.com", "id": 1234, "name": "Student User"}],
    "previous_submissions": [],
}


@dataclass
class Ran:
    """How a run ended, what it printed, and its results; None where there are none."""

    returncode: int
    said: str
    results: dict[str, Any] | None
    seen: str

    @property
    def scores(self) -> dict[str, float]:
        """The scores of the tasks, by their numbers: the first part of a test's number.

        A test without a score is none: what a learner with full marks reads, or a text that a person grades.
        """
        assert self.results is not None, self.said
        scores: dict[str, float] = {}
        for test in self.results["tests"]:
            if "score" not in test:
                continue
            number = test["number"].split(".")[0]
            scores[number] = round(scores.get(number, 0) + test["score"], 4)
        return scores


def zipped(assignment: str, course: Path = ROOT / "course.yml", **chosen: Any) -> bytes:
    """The zip of an assignment's autograder."""
    found = load_course(course)
    return gradescope_zip(found, found.assignment(assignment), Settings(assignment=assignment, **chosen))


def lay_out(place: Path, archive: bytes, metadata: Any = METADATA) -> Path:
    """Gradescope's folder with nothing handed in yet, below a folder that all may read, as in its image."""
    root = place / "autograder"
    for name in ("source", "submission", "results"):
        (root / name).mkdir(parents=True)
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        files.extractall(root / "source")
    for name in ("run_autograder", "setup.sh"):
        shutil.copy(root / "source" / name, root)
        (root / name).chmod(0o755)
    text = metadata if isinstance(metadata, str) else json.dumps(metadata)
    (root / "submission_metadata.json").write_text(text, encoding="utf-8")
    return root


def hand_in(root: Path, student: str, assignment: str) -> None:
    """A notebook of the examples."""
    (origin,) = EXAMPLES.glob(f"*/submitted/{student}/{assignment}")
    for path in origin.iterdir():
        shutil.copy(path, root / "submission")


def run(
    root: Path, *, landlock: bool = True, closed: bool = True, pictures: bool = False, **variables: str
) -> Ran:
    """Run the program of `run_autograder` as a container's root would; unless `closed`, nothing is shut.

    Without `pictures` none are drawn, which take longer than all the rest.
    """
    seen = root.parent / "seen.ipynb"
    words = ["-m", "tests.platforms.gradescope.in_container", root, seen]
    chosen = {"no-landlock": not landlock, "open": not closed, "no-pictures": not pictures}
    done = warm.run(
        [*words, *(word for word, is_so in chosen.items() if is_so)],
        cwd=root,
        environment=environment(**variables),
    )
    return _ran(root, done, seen)


def run_script(root: Path, place: Path, **variables: str) -> Ran:
    """Run the `run_autograder` script itself, with an interpreter below `place`."""
    done = subprocess.run(
        [root / "run_autograder"],
        cwd=root,
        env=environment(GRADESCOPE_ROOT=str(root), GRADESCOPE_PLACE=str(place), **variables),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    return _ran(root, done, root.parent / "seen.ipynb")


def _ran(root: Path, done: subprocess.CompletedProcess[str], seen: Path) -> Ran:
    results = root / "results" / "results.json"
    found = json.loads(results.read_text(encoding="utf-8")) if results.is_file() else None
    text = seen.read_text(encoding="utf-8") if seen.is_file() else ""
    return Ran(done.returncode, done.stdout + done.stderr, found, text)
