"""Classes of made-up notebooks, and what grading them on a cluster tells."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from autograder.course import load_course
from autograder.grading import Begun, Done, Graded, Lost, Stands, grade_folder
from autograder.grading.cluster.run import ClusterWorkers

from . import clusters


@dataclass
class Told:
    """How often each student's submission was begun, done, lost and left standing."""

    graded: Graded | None = None
    begun: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    standing: Counter[str] = field(default_factory=Counter)


class MadeUpClass:
    """Submissions for one assignment, each with a notebook that says what becomes of its worker."""

    def __init__(self, place: Path, notebooks: Mapping[str, str]) -> None:
        self.folder, self.output = place / "class", place / "out"
        self.students = sorted(notebooks)
        for student, text in notebooks.items():
            path = self.folder / "submitted" / student / "inception" / "inception.ipynb"
            path.parent.mkdir(parents=True)
            path.write_text(text)

    def grade(
        self,
        address: str,
        *,
        patience: float = 30.0,
        fresh: bool = False,
        hear: Callable[[Any], None] = lambda _event: None,
        told: Told | None = None,
    ) -> Told:
        """Grade the class on that cluster; `hear` is told each event."""
        told = told if told is not None else Told()
        counts = {Begun: told.begun, Done: told.done, Lost: told.lost, Stands: told.standing}

        def listen(event: Any, _found: Any) -> None:
            if type(event) in counts:
                counts[type(event)][event.job.student] += 1
            hear(event)

        workers = ClusterWorkers(address, patience=patience)
        course = load_course(clusters.ROOT / "course.yml")
        told.graded = grade_folder(
            course, self.folder, self.output, workers=workers, fresh=fresh, listen=listen
        )
        return told

    def reports(self) -> dict[str, dict[str, Any]]:
        """The reports that are there, by student."""
        paths = self.output.glob("reports/*/*.json")
        return {path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in paths}


@pytest.fixture
def made_up_class(tmp_path: Path) -> Callable[[Mapping[str, str]], MadeUpClass]:
    return lambda notebooks: MadeUpClass(tmp_path, notebooks)


@pytest.fixture(scope="session")
def two_workers(tmp_path_factory: pytest.TempPathFactory):
    """A cluster of two workers, shared by all tests; who kills some says how many it wants first."""
    with clusters.cluster(tmp_path_factory.mktemp("cluster"), 2) as started:
        yield started
