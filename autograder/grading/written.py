"""Finds what a learner has written for a task: the lines of the answer that were not given out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from autograder.course.first_cell import is_first_cell
from autograder.grading.recognise import GivenOut
from autograder.grading.restore import RestoredCell
from autograder.messages import unbroken

MOST_CHARACTERS = 8_000
"""How much of one task is looked at and kept: an answer is short, but a notebook may have 32 MiB."""
_WORD = re.compile(r"\w+")


Line = frozenset[str]
"""A line as the set of its words; correcting a line that was given out changes few of them."""


def lines_given_out(source: GivenOut, prompts: Iterable[str] = ()) -> frozenset[Line]:
    """Return the lines of a notebook as it was given out, and those of the blocks of code in its text."""
    texts = [*(cell.source for cell in source.cells), *source.others, *prompts]
    return frozenset(_words(line) for text in texts for line in text.splitlines()) | {frozenset()}


def written(cells: Sequence[RestoredCell], given_out: Collection[Line]) -> Mapping[str, str]:
    """Return the lines of each task that were not given out, by the task's id.

    A task's answer is what stands between its graded cell and the one before. A line that only corrects or
    imitates one that was given out is hardly the learner's choice, so a line is their own only if, compared
    with each line that was given out, most of its words are new.

    Args:
        cells: the submission's code cells, in order.
        given_out: the lines that were given out.
    """
    found: dict[str, str] = {}
    lines: list[str] = []
    left = MOST_CHARACTERS
    for cell in cells:
        if cell.task is None and is_first_cell(cell.id, cell.source):
            continue
        if cell.task is None:
            lines += [line.rstrip() for line in cell.source[:left].splitlines() if _own(line, given_out)]
            left = max(0, left - len(cell.source))
        else:
            found[cell.task] = "\n".join(lines)
            lines, left = [], MOST_CHARACTERS
    return found


def shown(text: str) -> str:
    """Return as much as a report keeps of a text that a person grades, with an ellipsis where it is cut."""
    text = unbroken(text)
    return text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 1]}…"


def _own(line: str, given_out: Collection[Line]) -> bool:
    words = _words(line)
    if words in given_out:
        return False
    return all(2 * len(words - given) > len(words) for given in given_out)


def _words(line: str) -> Line:
    return frozenset(_WORD.findall(line))
