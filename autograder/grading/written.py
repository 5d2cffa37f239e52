"""What a learner has written of a task: the lines of their own answer that nobody has given out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from autograder.grading.recognise import GivenOut
from autograder.grading.restore import RestoredCell

MOST_CHARACTERS = 8_000
"""The most of one task that is looked at and kept: an answer is short, and a notebook may be 32 MiB."""
_WORD = re.compile(r"\w+")


def written(
    cells: Sequence[RestoredCell], source: GivenOut, prompts: Iterable[str] = ()
) -> Mapping[str, str]:
    """Return the lines of each task that were not given out, by the task's id.

    A task's answer is what stands above its graded cell, from the graded cell before it on. Who mends a line
    that was given out, or writes one more like it, has chosen little of it: a line is their own where most of
    its words are in no single line that was given out.

    Args:
        cells: the submission's code cells, in order.
        source: the notebook as it was given out.
        prompts: the blocks of code in that notebook's text.
    """
    texts = [*(cell.source for cell in source.cells), *source.others, *prompts]
    given_out = {_words(line) for text in texts for line in text.splitlines()}
    found: dict[str, str] = {}
    lines: list[str] = []
    left = MOST_CHARACTERS
    for cell in cells:
        if cell.task is None:
            for line in cell.source[:left].splitlines():
                words = _words(line)
                if words and all(2 * len(words - given) > len(words) for given in given_out):
                    lines.append(line.rstrip())
            left = max(0, left - len(cell.source))
        else:
            found[cell.task] = "\n".join(lines)
            lines, left = [], MOST_CHARACTERS
    return found


def _words(line: str) -> frozenset[str]:
    return frozenset(_WORD.findall(line))
