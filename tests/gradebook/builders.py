"""Graded submissions made by hand, for what is built from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import nbformat.v4
from nbformat import NotebookNode

from autograder.feedback import CheckReport, Isolation, Report, TaskReport
from autograder.grading import GivenOut, GradedSubmission, given_out, restore
from autograder.messages import Localized, Message
from autograder.sandbox import CellResult, Run


def given(*tasks: str) -> NotebookNode:
    """A release: for each task an answer and its graded cell, worth 2 points."""
    cells = [nbformat.v4.new_markdown_cell("# A title", id="title")]
    for task in tasks:
        answer = nbformat.v4.new_code_cell(f"{task} = 0", id=f"{task}-answer")
        answer.metadata["nbgrader"] = {
            "grade": False, "grade_id": f"{task}-answer", "locked": False, "schema_version": 3,
            "solution": True, "task": False,
        }  # fmt: skip
        graded = nbformat.v4.new_code_cell(f'check("{task}", {task})', id=task)
        graded.metadata["nbgrader"] = {
            "grade": True, "grade_id": task, "locked": True, "points": 2, "schema_version": 3,
            "solution": False, "task": False,
        }  # fmt: skip
        cells += [answer, graded]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def task_report(task: str, score: float) -> TaskReport:
    """A task of one check, worth 2 points."""
    check = CheckReport(
        id=f"test_{task}",
        title=Message(text="It is right."),
        public=True,
        verdict="passed" if score else "failed",
        points=2,
        score=score,
        failure=None,
    )
    return TaskReport(id=task, title=Localized(en=task, ko=task), points=2, score=score, checks=[check])


def graded(
    release: NotebookNode,
    scores: Mapping[str, float],
    outputs: Mapping[int, Sequence[dict[str, Any]]] | None = None,
    *,
    submitted: NotebookNode | None = None,
    notes: Sequence[Message] = (),
) -> tuple[GradedSubmission, GivenOut]:
    """A submission graded so; `outputs` are those of the run's cells, by their number."""
    source = given_out(release)
    restored = restore(submitted if submitted is not None else release, source, list(scores))
    run = Run(
        cells=[
            CellResult(index=number, id=cell.id, state="ok", outputs=list((outputs or {}).get(number, ())))
            for number, cell in enumerate(restored.cells)
        ],
        level="full",
    )
    report = Report(
        assignment="inception",
        assignment_title=Localized(en="Inception", ko="인셉션"),
        student="kim",
        notebook="inception.ipynb",
        digest="",
        outcome="graded",
        score=sum(scores.values()),
        max_score=2.0 * len(scores),
        tasks=[task_report(task, score) for task, score in scores.items()],
        notes=[*notes, *restored.notes],
        isolation=Isolation(level="full"),
    )
    return GradedSubmission(report, [], restored, run), source


def result(text: str) -> dict[str, Any]:
    """What a cell's last line shows."""
    return {
        "output_type": "execute_result",
        "data": {"text/plain": text},
        "metadata": {},
        "execution_count": 1,
    }


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    """What a cell prints."""
    return {"output_type": "stream", "name": name, "text": text}


def display(data: Mapping[str, Any], metadata: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What a cell displays."""
    return {"output_type": "display_data", "data": dict(data), "metadata": dict(metadata or {})}
