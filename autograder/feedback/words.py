"""Holds the words that every renderer uses for the same thing."""

from __future__ import annotations

from autograder.feedback.changes import ScoreChange
from autograder.feedback.report import CellRun, Isolation, Outcome, Report, Target, TaskReport, Verdict
from autograder.feedback.summary import share
from autograder.messages import Message, format_number, message

VERDICTS: dict[Verdict, Message] = {
    "passed": message("passed"),
    "failed": message("failed"),
    "skipped": message("skipped"),
    "broken": message("grader error"),
}

MARKS: dict[Verdict, str] = {"passed": "✓", "failed": "✗", "skipped": "–", "broken": "!"}
TO_DO_MARK = "○"
"""The mark of a check of a task that nobody has begun."""

OUTCOMES: dict[Outcome, Message] = {
    "graded": message("graded"),
    "unreadable": message("could not be read"),
    "broken": message("the grader failed"),
}

STATES: dict[str, Message] = {
    "ok": message("finished"),
    "error": message("stopped with an error"),
    "interrupted": message("exceeded its time limit"),
    "ended": message("the run ended here"),
    "not_run": message("not reached"),
}

SKIPPED = message("Not checked yet: an earlier check has to pass first.")
WHAT_IT_MEANS = message("What this means")
NOT_ATTEMPTED = message("Not attempted yet")
GREETING = message("You have not changed the starter code yet. Below is what to aim for.")
TO_BE_WRITTEN = message("Nothing has been written yet. A person reads and grades it after you hand in.")
PENDING = message("Pending")
TO_BE_GRADED = message("To be graded by hand")
WHO_GRADES = message("A person reads this text and gives its points.")
WRITTEN = message("What was written")
EMPTY = message("The text is empty.")
SAME_TARGET = message("The target model looks the same.")
ALREADY_TARGET = message("It already looks like the target model; the list above says what is left to do.")
TO_DO = message("to do")
BROKEN = message("The grader itself failed here. This is not the learner's mistake.")
NO_TASKS = message("There is nothing to show for this submission.")

WHY_IT_WORKS = message("Why it works")
ALTERNATIVE = message("Another solution")

_LEVELS: dict[str, Message] = {
    "full": message("Ran in full isolation, without network."),
    "contained": message(
        "Ran in partial isolation, without network and without access to the grader's files."
    ),
    "none": message("Ran without isolation."),
}


def same_target(task: TaskReport) -> Message:
    """Return what is said in place of a target that looks like the model that is already there."""
    return SAME_TARGET if task.attempted else ALREADY_TARGET


def own_model(task: TaskReport) -> Message:
    """Return what stands above the picture of a learner's model."""
    if not task.attempted:
        return message("The model the starter code builds; each box is one layer call.")
    count = len(task.drawing.differences) if task.drawing is not None else 0
    if count == 0:
        return message("Your model; each box is one layer call.")
    if count == 1:
        return message("Your model; each box is one layer call. One difference is marked.")
    return message("Your model; each box is one layer call. {count} differences are marked.", count=count)


def target_model(target: Target) -> Message:
    """Return what stands above the picture of the model that is wanted, as far as it is shown."""
    if target.shows == "outline":
        return message("Target model, in outline: only the layer calls and their shapes.")
    return message("The target model.")


def score(points_got: float, points: float) -> Message:
    """Return a score with its unit: "1.5 / 2 points"."""
    return message("{score} / {points} points", score=_rounded(points_got), points=_rounded(points))


def task_score(task: TaskReport) -> Message:
    """Return a task's score with its unit; for one that nobody has graded yet, what it is worth."""
    if task.pending:
        return message("{points} points pending", points=_rounded(task.points))
    return score(task.score, task.points)


def greeting(task: TaskReport) -> tuple[Message, Message] | None:
    """Return what is said first of a task that nobody has begun, or that a person has yet to grade."""
    if task.pending:
        return TO_BE_GRADED, WHO_GRADES
    if task.attempted:
        return None
    return NOT_ATTEMPTED, TO_BE_WRITTEN if task.by_hand else GREETING


def has_text(task: TaskReport) -> bool:
    """Return whether there is a text for a person to read, even an empty one."""
    return task.by_hand and task.attempted and bool(task.pending or task.written)


def given_by_hand(given: float, automatic: float | None, points: float) -> Message:
    """Return what is said of a score that a person has given in place of the checks' score."""
    if automatic is None:
        return message(
            "Your instructor has given the score of this task: {score}.", score=score(given, points)
        )
    return message(
        "Your instructor has changed the score of this task to {score}. The checks gave {checks}.",
        score=score(given, points),
        checks=score(automatic, points),
    )


def result(report: Report) -> Message:
    """Return a submission's score, with its outcome where that is not the usual one."""
    points = score(report.score, report.max_score)
    if report.pending:
        points = message(
            "{score} of {points} points so far, {pending} points pending",
            score=_rounded(report.score),
            points=_rounded(report.max_score),
            pending=_rounded(report.pending),
        )
    if report.outcome == "graded":
        return points
    return Message(text="{score} · {outcome}", values={"score": points, "outcome": OUTCOMES[report.outcome]})


def fraction(points_got: float, points: float) -> str:
    """Return a score without its unit: "1.5 / 2"."""
    return f"{format_number(_rounded(points_got))} / {format_number(_rounded(points))}"


def number(value: float) -> str:
    """Return points by themselves: "1.5"."""
    return format_number(_rounded(value))


def carried(task: TaskReport) -> Message | None:
    """Return what is said of a task that was judged as if earlier ones were right."""
    if not task.carried:
        return None
    if len(task.carried) == 1:
        return message(
            "Points lost in task {number} are not deducted again: this task was graded as "
            "if task {number} were right.",
            number=task.carried[0],
        )
    return message(
        "Points lost in the tasks {numbers} are not deducted again: this task was "
        "graded as if those tasks were right.",
        numbers=", ".join(map(str, task.carried)),
    )


def percent(points_got: float, points: float) -> int:
    """Return a score as a whole percentage; 100 for full marks only, 0 for no marks only."""
    exact = 100 * share(points_got, points)
    return max(1, min(99, round(exact))) if 0 < exact < 100 else round(exact)


def isolation(level: Isolation) -> Message:
    """Return how a submission was isolated, as a sentence."""
    return _LEVELS[level.level]


def notes(report: Report) -> list[Message]:
    """Return what is to be said about a submission as a whole."""
    if report.notes:
        return list(report.notes)
    if report.outcome == "broken":
        return [BROKEN]
    return [] if report.tasks else [NO_TASKS]


def has_heading(text: str) -> bool:
    """Return whether a Markdown text begins with a heading of its own, or with bold words in its place."""
    return text.lstrip().startswith(("#", "**"))


def duration(seconds: float) -> Message:
    """Return a duration as people read it: milliseconds below a second, then seconds to a tenth."""
    if seconds < 1:
        return message("{milliseconds} ms", milliseconds=round(1000 * seconds))
    return message("{seconds} s", seconds=f"{seconds:.1f}")


def score_change(change: ScoreChange) -> str:
    """Return a score before and now, of its points: "2 → 5 / 5" or "2 / 2 → 2 / 3"; a dash for none."""
    was, now = ("–" if one is None else format_number(_rounded(one)) for one in (change.before, change.after))
    if change.points_before not in (None, change.points):
        was = f"{was} / {format_number(_rounded(change.points_before))}"
    return f"{was} → {now} / {format_number(_rounded(change.points))}"


def what_decides(change: ScoreChange) -> Message:
    """Return why a score has changed: what the check that decides says, or its title."""
    reason = change.said or change.check
    if change.after is None and reason is None:
        return message("There is no score now.")
    if change.before is None and reason is None:
        return message("There was no score before.")
    if reason is None:
        reason = message("The points of the checks have changed.")
    return message("Another notebook: {reason}", reason=reason) if change.resubmitted else reason


def cell_seconds(report: Report, cell: CellRun) -> float | None:
    """Return how long a cell ran, where that was measured."""
    return report.timings.cells.get(cell.id)


def _rounded(value: float) -> float:
    # Thirds of a point add up to 1.9999999999999998.
    return round(value, 2)
