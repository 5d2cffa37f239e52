"""Renders reports in a terminal: a table for a class, a card for a submission, and the card as plain text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from autograder.feedback import words
from autograder.feedback.card import NO_REMARKS, Remarks, facts
from autograder.feedback.changes import ScoreChange
from autograder.feedback.class_list import NOBODY_NAMED, ClassList
from autograder.feedback.model_lines import model_lines, plain_text, with_code
from autograder.feedback.report import Afterwards, CheckReport, Report, TaskReport, Verdict
from autograder.feedback.summary import Summary, by_assignment, first_failed, in_short, share, stopped_by
from autograder.messages import Language, Message, clean, message, render

_STYLES: dict[Verdict, str] = {"passed": "green", "failed": "red", "skipped": "dim", "broken": "yellow"}
_BAR = 10
_ROOMY = 100
_FIRST_MESSAGE = 160
TABLE_LIMIT = 120
"""How many submissions a table shows one by one at most."""


def class_table(
    summaries: Iterable[Summary], language: Language, class_list: ClassList = NOBODY_NAMED
) -> RenderableType:
    """Return a class as a table: student, assignment, score, and what to look at first.

    Names are shown where they are known. A class of more than `TABLE_LIMIT` submissions has only a line for
    each assignment.
    """
    rows = sorted(summaries, key=lambda summary: class_list.order(summary.order))
    if len(rows) <= TABLE_LIMIT:
        return _ClassTable(rows, language, class_list)
    return _assignments_table(rows, language, class_list)


def _assignments_table(
    summaries: Iterable[Summary], language: Language, class_list: ClassList
) -> RenderableType:
    table = _bare_table()
    table.add_column(render(message("Assignment"), language), overflow="fold")
    numbers = (
        message("Submissions"),
        message("Full marks"),
        message("Average"),
        message("Not graded"),
    )
    groups = by_assignment(summaries, class_list)
    waiting = any(one.pending for one in groups)
    for number in (*numbers, *([words.TO_BE_GRADED] if waiting else [])):
        table.add_column(render(number, language), justify="right")
    for one in groups:
        table.add_row(
            Text(clean(one.title.in_language(language))),
            str(one.count),
            str(one.full),
            f"{one.average} %" if one.average is not None else "–",
            Text(str(one.ungraded), style="yellow" if one.ungraded else ""),
            *([str(one.pending)] if waiting else []),
        )
    return table


def _bare_table() -> Table:
    """Return a table without lines between its columns."""
    return Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")


class _ClassTable:
    """Rows that share the width: in a narrow terminal the bar gives way to the words."""

    def __init__(self, summaries: list[Summary], language: Language, class_list: ClassList) -> None:
        self.summaries = summaries
        self.language = language
        self.names = [class_list.shown_name(summary.student) for summary in summaries]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        cells = _BAR if options.max_width >= _ROOMY else _BAR // 2
        named = any(self.names)
        table = _bare_table()
        if named:
            table.add_column(render(message("Name"), self.language), overflow="fold")
        table.add_column(render(message("Student"), self.language), overflow="fold")
        table.add_column(render(message("Assignment"), self.language), overflow="fold")
        table.add_column(render(message("Score"), self.language), justify="right", no_wrap=True)
        waiting = any(summary.pending for summary in self.summaries)
        if waiting:
            table.add_column(render(words.PENDING, self.language), justify="right", no_wrap=True)
        table.add_column("", no_wrap=True)
        table.add_column(render(message("What to look at first"), self.language), overflow="fold", ratio=1)
        for summary, name in zip(self.summaries, self.names, strict=True):
            first = render(summary.first_message, self.language) if summary.first_message else ""
            table.add_row(
                *([Text(name)] if named else []),
                Text(clean(summary.student)),
                Text(clean(summary.assignment)),
                Text(words.fraction(summary.score, summary.max_score), style="bold"),
                *([Text(words.number(summary.pending) if summary.pending else "")] if waiting else []),
                bar(summary.score, summary.decided, cells),
                with_code(clean(first, _FIRST_MESSAGE), "yellow" if summary.outcome != "graded" else ""),
            )
        yield table


def changes_table(
    changes: Iterable[ScoreChange], language: Language, class_list: ClassList = NOBODY_NAMED
) -> RenderableType:
    """Return scores that changed as a table: whose, of which task, from what to what, and what decides.

    Beyond `TABLE_LIMIT` rows, the last line says how many more there are.
    """
    rows = sorted(changes, key=lambda change: class_list.order(change.order))
    table = _bare_table()
    for name in (message("Student"), message("Task"), message("Score")):
        table.add_column(render(name, language), overflow="fold")
    table.add_column(render(message("What decides"), language), overflow="fold", ratio=1)
    for change in rows[:TABLE_LIMIT]:
        table.add_row(
            Text(class_list.name_and_id(change.student)),
            Text(f"{clean(change.assignment)} · {clean(change.task)}"),
            Text(
                words.score_change(change),
                style="green" if change.gained > 0 else "red",
            ),
            with_code(clean(render(words.what_decides(change), language), _FIRST_MESSAGE), ""),
        )
    if len(rows) > TABLE_LIMIT:
        table.add_row(render(message("… and {count} more", count=len(rows) - TABLE_LIMIT), language))
    return table


def bar(score: float, points: float, cells: int = _BAR) -> Text:
    """Return a score as a bar: only full marks fill its last cell, and any mark fills its first."""
    part = share(score, points)
    filled = cells if part == 1 else min(cells - 1, max(round(part * cells), 1 if part > 0 else 0))
    style = "green" if part == 1 else "cyan"
    return Text.assemble(("█" * filled, style), ("░" * (cells - filled), "dim"))


def report_card(report: Report, language: Language) -> RenderableType:
    """Return a submission for a terminal: its notes, and each task's checks, the first failed one opened."""
    title = Text.assemble(
        (clean(report.assignment_title.in_language(language)), "bold"),
        "  ",
        (clean(report.student), ""),
        "  ",
        (render(words.result(report), language), "bold cyan"),
    )
    lines: list[RenderableType] = [title]
    lines += [with_code(render(note, language), "yellow") for note in words.notes(report)]
    # Models take room: they are shown only where there is something to do next.
    left = (task.id for task in report.tasks if task.score < task.points and not task.by_hand)
    following = next(left, None)
    for task in report.tasks:
        lines += ["", task_card(task, language, models=task.id == following)]
    if report.afterwards is not None:
        lines += ["", *_afterwards(report.afterwards, language)]
    if report.cells and report.isolation.level != "full":
        lines += ["", Text(render(words.isolation(report.isolation), language), style="dim")]
    return Group(*lines)


def _afterwards(afterwards: Afterwards, language: Language) -> Iterator[RenderableType]:
    # Only cards with full marks have Markdown in them.
    from rich.markdown import Markdown

    text = afterwards.text.in_language(language)
    if not words.has_heading(text):
        yield Text(render(words.WHY_IT_WORKS, language), style="bold")
    yield Markdown(text, hyperlinks=False)
    yield ""
    yield Text(render(words.ALTERNATIVE, language), style="bold")
    yield Padding(Text(afterwards.alternative), (0, 0, 0, 4))


def task_card(
    task: TaskReport, language: Language, *, models: bool | str = True, remarks: Remarks = NO_REMARKS
) -> RenderableType:
    """Return a task for a terminal; `models` says whether its models are shown in lines, or is their text."""
    lines = list(_task_lines(task, language, remarks.headline))
    if (note := remarks.note or words.carried(task)) is not None:
        lines += ["", Padding(with_code(render(note, language)), (0, 0, 0, 2))]
    if models:
        told = [Text(models)] if isinstance(models, str) else model_lines(task, language)
        lines += [Padding(model, (1, 0, 0, 4)) for model in told]
    if remarks.foot:
        lines += ["", *(with_code(render(said, language)) for said in remarks.foot)]
    return Group(*lines)


def card_text(
    task: TaskReport,
    language: Language,
    *,
    width: int = 80,
    remarks: Remarks = NO_REMARKS,
    models: str | None = None,
) -> str:
    """Return a task's card as plain text: no colour, nothing that a screen reader would stumble over.

    `models` is what `models_text` has made of the task, if that is known already.
    """
    told = True if models is None else models
    return plain_text(task_card(task, language, models=told, remarks=remarks), width)


def report_text(report: Report, language: Language, *, width: int = 80) -> str:
    """Return a submission's card as plain text."""
    return plain_text(report_card(report, language), width)


def _task_lines(task: TaskReport, language: Language, headline: Message | None) -> Iterator[RenderableType]:
    title = Text(clean(task.title.in_language(language)), "bold")
    if headline is None:
        yield Text.assemble(title, "  ", render(words.task_score(task), language))
    else:
        # A sentence beside the title would break in the middle of most lines.
        yield title
        yield Padding(with_code(render(headline, language)), (0, 0, 0, 2))
    if (greeting := words.greeting(task)) is not None:
        name, said = greeting
        yield Padding(Text(render(name, language), "bold cyan"), (0, 0, 0, 2))
        yield Padding(Text(render(said, language)), (0, 0, 0, 2))
    if words.has_text(task):
        written = clean(task.written, _FIRST_MESSAGE) or render(words.EMPTY, language)
        yield Padding(Text.assemble(render(words.WRITTEN, language), ": ", (written, "dim")), (0, 0, 0, 2))
    if not task.attempted and (stopped := stopped_by(task)) is not None:
        yield Padding(with_code(render(stopped, language), ""), (0, 0, 0, 2))
    opened = first_failed(task.checks) if task.attempted else None
    for check in task.checks:
        yield _check_line(check, language) if task.attempted else _aim_line(check, language)
        if check is opened:
            yield from (Padding(line, (0, 0, 0, 4)) for line in _failure_lines(check, language))
        elif task.attempted and check.failure is not None:
            yield Padding(with_code(render(in_short(check.failure), language), "dim"), (0, 0, 0, 4))


def _aim_line(check: CheckReport, language: Language) -> RenderableType:
    """Return a check of a task that nobody has begun as something to do."""
    if check.verdict == "passed":
        return _check_line(check, language)
    line = Table.grid(padding=(0, 1, 0, 0))
    line.add_row(words.TO_DO_MARK, with_code(render(check.title, language), ""))
    return Padding(line, (0, 0, 0, 2))


def _check_line(check: CheckReport, language: Language) -> RenderableType:
    style = _STYLES[check.verdict]
    line = Table.grid(padding=(0, 1, 0, 0))
    line.add_column(no_wrap=True)
    line.add_column(overflow="fold")
    word = render(words.VERDICTS[check.verdict], language)
    title = with_code(render(check.title, language), "dim" if check.verdict == "skipped" else "")
    if check.verdict != "passed":
        # A passed check has only its mark; every other verdict has its word, too.
        title.append(f"  [{word}]", style)
    line.add_row(Text(words.MARKS[check.verdict], style), title)
    return Padding(line, (0, 0, 0, 2))


def _failure_lines(check: CheckReport, language: Language) -> Iterator[RenderableType]:
    failure = check.failure
    if failure is None:
        if check.verdict == "broken":
            yield with_code(render(words.BROKEN, language), "")
        return
    yield with_code(render(failure.rationale, language), "")
    named: list[tuple[Message, Message]] = facts(failure)
    if failure.hint is not None:
        named.append((message("Hint"), failure.hint))
    if named:
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True, style="dim")
        table.add_column(overflow="fold")
        for name, fact in named:
            table.add_row(Text(render(name, language)), with_code(render(fact, language), ""))
        yield table
