"""Makes the autograded notebook: what a submission becomes in `autograded/`, whichever way it was graded.

A graded cell's outputs begin with its score, the one number that nbgrader reads, and the card that explains
it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from autograder.course.release import notebook_text
from autograder.feedback import Afterwards, TaskReport, card_html, card_text, words
from autograder.feedback.card import prose
from autograder.feedback.model_lines import models_text
from autograder.grading import GivenOut, GradedSubmission, Restored, restore
from autograder.messages import Language, Message, message, render, unbroken
from autograder.regular import read_bytes

if TYPE_CHECKING:
    from nbformat import NotebookNode

CARD = "card"
"""What the metadata of a card's output says under `autograder`, and that of no other output."""

MOST_LINES = 1000
"""How many lines of printed output a cell keeps: nbgrader's own limit."""

DEEPEST = 100
"""How many levels an output may have: whatever copies, writes or reads notebooks recurses on each of them."""

LARGEST = 16 * 1024**2
"""How many characters of all outputs of a notebook are kept."""

NOTES_ID, AFTERWARDS_ID = "autograder-notes", "autograder-afterwards"


def autograded_text(graded: GradedSubmission, source: GivenOut, language: Language) -> str:
    """Return the autograded notebook as the text of its file."""
    return notebook_text(autograded_notebook(graded, source, language))


def autograded_notebook(graded: GradedSubmission, source: GivenOut, language: Language) -> NotebookNode:
    """Return a submission's notebook in order, with the outputs of its run, its scores and their cards.

    A submission that could not be read has the graded cells alone, and what was wrong with it.

    Args:
        graded: the submission, graded; not one that the grader itself failed on.
        source: the notebook as it was given out.
        language: the language where the notebook itself names none.
    """
    language = graded.report.language or language
    tasks = {task.id: task for task in graded.report.tasks}
    restored = graded.restored or _nothing_handed_in(source, tasks)
    notebook = restored.notebook
    _free_own_ids(notebook)
    results = {result.index: result for result in graded.run.cells} if graded.run is not None else {}
    kept = _Kept(language)
    for number, run in enumerate(restored.cells):
        cell, result = notebook.cells[run.position], results.get(number)
        if result is not None and result.state != "not_run":
            cell["execution_count"] = number + 1
        outputs = kept.of(result.outputs if result is not None else (), number + 1)
        _limit_lines(outputs)
        if run.task is None:
            cell["outputs"] = outputs
        else:
            # The grader's own outputs come first: no other result may be where nbgrader looks for a score.
            others = [output for output in outputs if output["output_type"] != "execute_result"]
            cell["outputs"] = [*_verdict(tasks[run.task], language, number + 1), *others]
    notebook.metadata["autograder"] = {
        "assignment": graded.report.assignment,
        "language": language,
        "digest": graded.report.digest,
    }
    if graded.report.afterwards is not None:
        notebook.cells.append(_afterwards(graded.report.afterwards, language))
    if graded.report.notes:
        notebook.cells.insert(0, _notes(graded, language))
    return notebook


def graded_digest(path: Path) -> str | None:
    """Return the digest of what was handed in when an autograded notebook was made; None without one."""
    try:
        about = json.loads(read_bytes(path))["metadata"]["autograder"]
        digest = about["digest"]
    except (OSError, ValueError, RecursionError, LookupError, TypeError):
        return None
    return digest if isinstance(digest, str) and digest else None


def _free_own_ids(notebook: NotebookNode) -> None:
    """Give a new id to a learner's cell that has the id of one of the grader's own."""
    taken = {cell.id for cell in notebook.cells}
    for cell in notebook.cells:
        if cell.id in (NOTES_ID, AFTERWARDS_ID):
            cell.id = next(free for n in count(2) if (free := f"{cell.id}-{n}") not in taken)


def _nothing_handed_in(source: GivenOut, tasks: Mapping[str, TaskReport]) -> Restored:
    from nbformat.v4 import new_notebook

    return restore(new_notebook(), source, tasks)


def _verdict(task: TaskReport, language: Language, count: int) -> list[NotebookNode]:
    """Return a task's score as nbgrader reads it, and its card."""
    from nbformat import NotebookNode as Node

    score = min(max(float(task.score), 0.0), float(task.points))
    models = models_text(task, language)
    card = {
        "text/html": card_html(task, language, models=models),
        "text/plain": card_text(task, language, models=models),
    }
    return [
        Node(
            output_type="execute_result",
            data=Node({"text/plain": repr(score)}),
            metadata=Node(),
            execution_count=count,
        ),
        Node(
            output_type="display_data",
            data=Node(card),
            metadata=Node(autograder=Node(kind=CARD, task=task.id)),
        ),
    ]


class _Kept:
    """What is kept of a notebook's outputs: whatever copies or renders them later has limits, too."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._left = LARGEST

    def of(self, found: Iterable[Mapping[str, Any]], count: int) -> list[NotebookNode]:
        """Return a cell's outputs; where some are left out, the last one says so."""
        outputs = []
        for output in found:
            if self._left <= 0:
                break
            depth, size = _measured(output, DEEPEST, self._left)
            self._left -= size
            if depth > DEEPEST:
                said = message(
                    "An output is nested more than {limit} levels deep; it is left out.", limit=DEEPEST
                )
                outputs.append(self._note(said))
            elif self._left <= 0:
                said = message("The notebook shows too much; what comes here and below is left out.")
                outputs.append(self._note(said))
            else:
                outputs.append(_output(output, count))
        return outputs

    def _note(self, said: Message) -> NotebookNode:
        from nbformat import NotebookNode as Node

        shown = Node({"text/plain": render(said, self._language)})
        return Node(output_type="display_data", data=shown, metadata=Node())


def _measured(found: Any, deepest: int, largest: int) -> tuple[int, int]:
    """Return how deep and how large a JSON value is, looking no further than those limits."""
    depth = size = 0
    level = [found]
    while level and depth <= deepest and size <= largest:
        depth += 1
        below: list[Any] = []
        for one in level:
            size += 32 + (len(one) if isinstance(one, str) else 0)
            if isinstance(one, dict):
                size += sum(map(len, map(str, one)))
                below += one.values()
            elif isinstance(one, list):
                below += one
        level = below
    return depth, size


def _output(found: Mapping[str, Any], count: int) -> NotebookNode:
    """Return a learner's output as a node that cannot pass for a card."""
    from nbformat import from_dict

    output = from_dict(dict(found))
    if "metadata" in output:
        output.metadata.pop("autograder", None)
    if output["output_type"] == "execute_result":
        output["execution_count"] = count
    return output


def _limit_lines(outputs: list[NotebookNode]) -> None:
    """Cut what a cell printed as nbgrader's own step would, so that nothing is left for that step to do."""
    left = MOST_LINES
    for output in list(outputs):
        if output["output_type"] != "stream":
            continue
        if left == 0:
            outputs.remove(output)
            continue
        lines = output["text"].split("\n")
        if len(lines) > left:
            lines = [*lines[: left - 1], "... Output truncated ..."]
        left -= len(lines)
        output["text"] = "\n".join(lines)


def _afterwards(afterwards: Afterwards, language: Language) -> NotebookNode:
    """Return the notebook's last cell for full marks: why the solution works, and another one."""
    from nbformat import NotebookNode as Node

    parts = [
        *(
            []
            if words.has_heading(afterwards.text.in_language(language))
            else [_heading(words.WHY_IT_WORKS, language)]
        ),
        afterwards.text.in_language(language),
        _heading(words.ALTERNATIVE, language),
        f"```python\n{afterwards.alternative}\n```",
    ]
    text = "\n\n".join(parts)
    return Node(cell_type="markdown", id=AFTERWARDS_ID, metadata=Node(), source=unbroken(text))


def _heading(words_of_it: Message, language: Language) -> str:
    return f"## {render(words_of_it, language)}"


def _notes(graded: GradedSubmission, language: Language) -> NotebookNode:
    """Return the notebook's first cell: what was repaired, and what stood in the way."""
    from nbformat import NotebookNode as Node

    title = render(message("About this submission"), language)
    items = Markup("").join(
        Markup("<li>{}</li>").format(prose(note, language)) for note in graded.report.notes
    )
    # Whatever shows the notebook recognises this cell by its id, and styles it (`safety`).
    block = Markup('<div lang="{}"><p><strong>{}</strong></p><ul>{}</ul></div>').format(
        language, title, items
    )
    return Node(cell_type="markdown", id=NOTES_ID, metadata=Node(), source=unbroken(str(block)))


def card_of(cell: NotebookNode) -> NotebookNode | None:
    """Return the card of a graded cell: it follows the score, where nobody else can put an output."""
    outputs = cell.get("outputs", [])
    if len(outputs) < 2 or outputs[0].output_type != "execute_result":
        return None
    about = outputs[1].get("metadata", {}).get("autograder", {})
    return outputs[1] if isinstance(about, dict) and about.get("kind") == CARD else None
