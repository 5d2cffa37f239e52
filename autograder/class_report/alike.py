"""Finds models that are wrong in the same way throughout: pairs worth a look side by side, and no proof.

Right models are alike by design and say nothing, and a single mistake is made by many. Two models that differ
from the target in the same several places, in the same way, where hardly any other does, are another matter.
"""

from __future__ import annotations

from contextlib import suppress
from hashlib import blake2b

from autograder.class_report.mistakes import UNREADABLE, structure
from autograder.class_report.model import Alike
from autograder.feedback import TaskReport

LEAST_DIFFERENCES = 2
"""Fewest differences at which being alike says something: single mistakes are counted anyway."""
MOST_LEARNERS = 4
"""Most learners who may be alike: with more, the class has not understood something, or was told it."""


class AlikeTally:
    """The wrong models of a task, by everything that sets them apart from the target."""

    def __init__(self) -> None:
        self._students: dict[tuple[int, bytes], list[str]] = {}

    def add(self, task: TaskReport, student: str) -> None:
        """Note a learner's model, if it is wrong in several places."""
        drawing = task.drawing
        if not task.attempted or drawing is None or len(drawing.differences) < LEAST_DIFFERENCES:
            return
        with suppress(*UNREADABLE):
            known = sorted(repr(structure(one, drawing.graph)) for one in drawing.differences)
            # The words of thousands of models would take up memory; their digests do not.
            digest = blake2b("\0".join(known).encode("utf-8", "replace"), digest_size=16).digest()
            self._students.setdefault((len(known), digest), []).append(student)

    def alike(self) -> list[Alike]:
        """Return who is alike, those with the most differences first."""
        return [
            Alike(differences=count, students=students)
            for (count, _), students in sorted(self._students.items(), key=lambda one: -one[0][0])
            if 1 < len(students) <= MOST_LEARNERS
        ]
