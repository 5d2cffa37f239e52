"""Renders the class report in a terminal: each assignment's figures, tasks and most frequent mistakes."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from autograder.class_report.model import AssignmentFigures, ClassReport, Mistake, TaskFigures
from autograder.feedback.model_lines import with_code
from autograder.feedback.terminal import bar
from autograder.messages import Language, clean, message, render

MISTAKES_SHOWN = 3
_SENTENCE = 300


def class_text(report: ClassReport, language: Language) -> RenderableType:
    """Return the report for a terminal."""
    parts: list[RenderableType] = []
    for assignment in report.assignments:
        parts += [*([""] if parts else []), *_assignment(assignment, language)]
    return Group(*parts)


def _assignment(assignment: AssignmentFigures, language: Language) -> list[RenderableType]:
    figures = message(
        "Submissions: {submissions}, full marks: {full}, average: {mean}%",
        submissions=assignment.submissions,
        full=assignment.full,
        mean=round(100 * assignment.mean) if assignment.mean is not None else "–",
    )
    if assignment.waiting:
        figures = message(
            "{figures}, to be graded by hand: {waiting}", figures=figures, waiting=assignment.waiting
        )
    title = Text.assemble(
        (clean(assignment.title.in_language(language)), "bold"), "  ", render(figures, language)
    )
    if not assignment.tasks:
        return [title]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(render(message("Task"), language), overflow="fold")
    for name in (message("Full marks"), message("Not tried"), message("Share")):
        table.add_column(render(name, language), justify="right")
    table.add_column("", no_wrap=True)
    for task in assignment.tasks:
        share = task.difficulty
        table.add_row(
            with_code(clean(task.title.in_language(language)), ""),
            str(task.full),
            str(task.not_tried),
            f"{round(100 * share)}%" if share is not None else "–",
            bar(share or 0.0, 1.0),
        )
    wrong = [(task, task.mistakes[:MISTAKES_SHOWN]) for task in assignment.tasks if task.mistakes]
    said = [part for task, mistakes in wrong for part in _mistakes(task, mistakes, language)]
    return [title, table, *said]


def _mistakes(task: TaskFigures, mistakes: list[Mistake], language: Language) -> list[RenderableType]:
    told = message("What went wrong in {task}:", task=f"`{task.id}`")
    rows = Table.grid(padding=(0, 2, 0, 0))
    rows.add_column(justify="right", min_width=5)
    rows.add_column(overflow="fold")
    for one in mistakes:
        rows.add_row(Text(str(one.count), "bold"), with_code(clean(_in_one(one, language), _SENTENCE), ""))
    return [with_code(render(told, language), "bold"), rows]


def _in_one(mistake: Mistake, language: Language) -> str:
    """Return a mistake as a sentence, with what was found where that is not in it."""
    said, found = mistake.message, mistake.found
    if found is not None and render(found, "en") not in render(said, "en"):
        said = message("{rationale} Actual: {found}", rationale=said, found=found)
    return render(said, language)
