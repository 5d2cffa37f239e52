"""Finds answers that share a passage which was not given out and which hardly anybody else has.

A passage consists of whole lines in a row, compared without white space: the same words, the same names, the
same comments. A learner who has renamed a variable is not found. Right answers to one prompt are short and
alike by nature, so a passage must be long and rare to be reported. Which lines were given out is known when a
submission is graded (`grading.written`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import combinations

from autograder.class_report.alike import MOST_LEARNERS
from autograder.class_report.model import SameText
from autograder.feedback import TaskReport

LINES = 3
"""How many lines in a row are looked for: each by itself is written by many."""
LEAST_CHARACTERS = 120
"""Fewest characters in common, white space aside, at which a pair says something."""


class TextTally:
    """What the learners of a class have written for a task, by learner."""

    def __init__(self) -> None:
        self._answers: dict[str, tuple[str, bool]] = {}

    def add(self, task: TaskReport, student: str) -> None:
        """Note a learner's answer."""
        if task.written:
            self._answers[student] = (task.written, task.score >= task.points)

    def same(self) -> list[SameText]:
        """Return who has what in common, those with most in common first."""
        rare = self._rare()
        sharers: defaultdict[str, list[str]] = defaultdict(list)
        for student, (text, _) in self._answers.items():
            for block in {*_blocks(_bare(text.splitlines()))} & rare:
                sharers[block].append(student)
        pairs = {pair for students in sharers.values() for pair in combinations(students, 2)}
        found = (self._pair(one, other, rare) for one, other in pairs)
        long = [pair for pair in found if pair.characters >= LEAST_CHARACTERS]
        return sorted(long, key=lambda pair: (-pair.characters, pair.students))

    def _rare(self) -> frozenset[str]:
        """Return the lines in a row that several learners have written, but only a few."""
        counts: Counter[str] = Counter()
        for text, _ in self._answers.values():
            counts.update({*_blocks(_bare(text.splitlines()))})
        return frozenset(block for block, count in counts.items() if 1 < count <= MOST_LEARNERS)

    def _pair(self, one: str, other: str, rare: frozenset[str]) -> SameText:
        (text, right), (other_text, other_right) = self._answers[one], self._answers[other]
        lines = text.splitlines()
        bare = _bare(lines)
        common = {*_blocks(_bare(other_text.splitlines()))} & rare
        places = [place for place, block in enumerate(_blocks(bare)) if block in common]
        covered = sorted({line for place in places for line in range(place, place + LINES)})
        return SameText(
            students=[one, other],
            characters=sum(len(bare[line]) for line in covered),
            right=right and other_right,
            passages=["\n".join(lines[line] for line in run) for run in _runs(covered)],
        )


def _bare(lines: Sequence[str]) -> list[str]:
    """Return lines without white space, which editors add and remove."""
    return ["".join(line.split()) for line in lines]


def _blocks(lines: Sequence[str]) -> list[str]:
    """Return each line joined with those that follow it, as many as are looked for together."""
    return ["\n".join(lines[place : place + LINES]) for place in range(len(lines) - LINES + 1)]


def _runs(numbers: Sequence[int]) -> list[list[int]]:
    """Return ascending numbers, split where one is missing."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs
