"""A made-up class whose mistakes, counts and coefficients are known, for the tests of the class report."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from autograder.feedback import (
    CellRun,
    Drawing,
    Failure,
    Report,
    Target,
    TaskReport,
    Verdict,
    report_path,
    write_report,
)
from autograder.graph import plain
from autograder.messages import Localized, Message, message
from tests.feedback.builders import check, drawing, failure, report, task, unreadable
from tests.graph.builders import inception

FULL, POOL, UNDEFINED, SMALL, SMALLER, IDLE = 12, 11, 5, 4, 2, 4
"""How many of the class have everything, forgot a stride, use a name that is not there, have a branch of 26,
have one of 25, and have not begun."""
NAMES = ("branch_c", "mein_pool")
UNTRIED = {"attempted": False}
PASSAGE = "\n".join(
    f"    for size_{n} in range(14): # {'<b> & `code`'}, all of it in one line" for n in range(3)
)
"""What the first two who forgot a stride have both written."""
SIZES = Localized(en="Any size of image", ko="어떤 크기의 이미지에서도")


@cache
def pooled(name: str) -> Drawing:
    """The picture of an Inception module with a pooling that does not stride, called `name`."""
    return drawing(name)


@cache
def wanted() -> Target:
    """The module that is wanted."""
    return Target(graph=plain(inception()), shows="everything")


def said_of(name: str) -> Failure:
    """What the learner reads who calls that pooling `name`."""
    (difference,) = pooled(name).differences
    return failure(rationale=Message.model_validate(difference["message"]))


def undefined(name: str, line: str) -> Failure:
    """A name that is not defined, in the learner's own line."""
    where = message("code cell {number}, line {line_number}: `{line}`", number=3, line_number=2, line=line)
    text = f"name '{name}' is not defined"
    meaning = message("There is no `{name}` here.", name=name)
    stopped = message("Your code stopped with an error before there was anything to check.")
    return failure(
        rationale=Message(text="{stopped} {meaning}", values={"stopped": stopped, "meaning": meaning}),
        found=Message(text="{name}: {text}", values={"name": "NameError", "text": text}),
        wanted=None,
        where=where,
        hint=None,
    )


def sized(found: int) -> Failure:
    """A branch that comes to the join in another size than the others."""
    rationale = message("The value of the entry {key} is wrong.", key="'b'")
    return failure(
        rationale=rationale, found=message("{size}", size=found), wanted=message("{size}", size=14)
    )


def module(
    verdicts: Sequence[Verdict], failed: Failure | None = None, shown: Drawing | None = None
) -> TaskReport:
    """The first task, of two checks, worth 1 and 2 points."""
    checks = [
        check(name, verdict, points, failed=failed if verdict == "failed" else None)
        for name, verdict, points in zip(("join", "size"), verdicts, (1.0, 2.0), strict=True)
    ]
    made = task(checks, drawing=shown)
    return made.model_copy(update={"target": wanted()}) if shown is not None else made


def sizes(verdict: Verdict) -> TaskReport:
    """The second task, of one check, worth 1 point."""
    return task([check("effect", verdict, failed=sized(26))], "sizes", SIZES)


def submissions() -> list[Report]:
    """The class: 38 graded submissions, one that cannot be read, and who has handed in another assignment."""
    made: list[tuple[TaskReport, TaskReport]] = []
    made += [(module(("passed", "passed")), sizes("passed")) for _ in range(FULL)]
    made += [
        (
            module(("passed", "failed"), said_of(NAMES[number % 3 == 2]), pooled(NAMES[number % 3 == 2])),
            sizes("passed"),
        )
        for number in range(POOL)
    ]
    made += [
        (module(("failed", "skipped"), undefined(f"x{number}", f"y = x{number % 2}")), sizes("failed"))
        for number in range(UNDEFINED)
    ]
    made += [(module(("passed", "failed"), sized(26)), sizes("passed")) for _ in range(SMALL)]
    made += [(module(("passed", "failed"), sized(25)), sizes("passed")) for _ in range(SMALLER)]
    made += [
        (
            module(("failed", "skipped"), sized(1)).model_copy(update=UNTRIED),
            sizes("failed").model_copy(update=UNTRIED),
        )
        for _ in range(IDLE)
    ]
    for number in (FULL, FULL + 1):
        first, *rest = made[number]
        made[number] = (first.model_copy(update={"written": PASSAGE}), *rest)
    graded = [report(f"s{number:02}", [*tasks]) for number, tasks in enumerate(made)]
    slow = CellRun(index=4, id="module", task="module", state="interrupted")
    graded[-1] = graded[-1].model_copy(update={"cells": [slow]})
    other = report("s00", [sizes("passed")], assignment="after-it", assignment_title=Localized(en="After it"))
    return [*graded, unreadable("s98"), other]


def written(reports: Sequence[Report], output: Path) -> Path:
    """The reports as `autograder grade` leaves them below `output`; returns that."""
    for one in reports:
        write_report(one, report_path(output, one.student, one.assignment))
    return output
