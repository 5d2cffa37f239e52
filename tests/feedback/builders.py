"""Reports made up for the renderers' tests: one for each way that a submission can turn out."""

from __future__ import annotations

import json
from dataclasses import replace

from autograder.feedback import (
    Afterwards,
    CellRun,
    CheckReport,
    Drawing,
    Failure,
    Isolation,
    Report,
    TaskReport,
    Timings,
    Verdict,
)
from autograder.graph import compare, plain, plain_difference
from autograder.messages import Localized, Message, message
from tests.graph.builders import Builder, changed, inception

AFTERWARDS = Afterwards(
    text=Localized(
        en="Every branch *halves* the image once, so they **meet**:\n\n"
        "- `strides=2` halves,\n- `padding` rounds up.",
        ko="가지마다 이미지를 *한 번* 절반으로 줄이므로 **만난다**.\n\n"
        "- `strides=2`가 절반으로 줄이고,\n- `padding`이 올림한다.",
    ),
    alternative="def module(x):\n    return layers.Concatenate()([branch(x) for branch in branches])",
)
INCEPTION = Localized(en="Fix the broken Inception branch", ko="고장 난 인셉션 가지 고치기")


def failure(**changes: Message | None) -> Failure:
    """Why a typical check failed: a branch of the wrong size."""
    fields: dict[str, Message | None] = {
        "rationale": message(
            "{layer} does not halve the image, so the branches cannot be joined.", layer="`branch_c`"
        ),
        "found": message("{height} × {width}", height=26, width=26),
        "wanted": message("{height} × {width}", height=14, width=14),
        "where": message("`{layer}`, the second call of its branch", layer="branch_c"),
        "hint": message("Compare `strides` and `padding` along the four branches."),
    }
    return Failure(**{**fields, **changes})  # type: ignore[arg-type]


def check(
    name: str,
    verdict: Verdict = "passed",
    points: float = 1.0,
    title: str = "All four branches reach the join at the same height and width.",
    failed: Failure | None = None,
) -> CheckReport:
    """One check's verdict; a failed one has `failure()` unless it is given its own."""
    return CheckReport(
        id=name,
        title=message(title),
        public=True,
        verdict=verdict,
        points=points,
        score=points if verdict == "passed" else 0.0,
        failure=failed or (failure() if verdict == "failed" else None),
    )


def task(
    checks: list[CheckReport],
    name: str = "module",
    title: Localized | None = None,
    drawing: Drawing | None = None,
) -> TaskReport:
    """A task that is worth what its checks are."""
    return TaskReport(
        id=name,
        title=title or Localized(en="Four branches, one join", ko="한곳에서 만나는 네 개의 가지"),
        points=sum(each.points for each in checks),
        score=sum(each.score for each in checks),
        checks=checks,
        drawing=drawing,
    )


def drawing(name: str = "branch_c") -> Drawing:
    """An Inception module in whose third branch the pool does not stride, with the difference marked."""
    wanted = inception()
    pool = wanted.of_kind("AveragePooling2D")[0]
    found = changed(wanted, pool.id, strides=(1, 1))
    named = replace(found.operation_of(pool), name=name)
    found = replace(found, operations={**found.operations, named.id: named})
    differences = [plain_difference(each) for each in compare(found, wanted)]
    # As a report carries it: JSON has no tuples.
    return Drawing.model_validate(json.loads(json.dumps({"graph": plain(found), "differences": differences})))


def report(student: str = "kim", tasks: list[TaskReport] | None = None, **changes: object) -> Report:
    """A submission's report, by default a right one."""
    shown = (
        [task([check("size"), check("channels", title="The join has 512 channels.")])]
        if tasks is None
        else tasks
    )
    fields: dict[str, object] = {
        "assignment": "inception",
        "assignment_title": INCEPTION,
        "student": student,
        "notebook": "inception.ipynb",
        "digest": "sha256:0",
        "outcome": "graded",
        "score": sum(each.score for each in shown),
        "max_score": sum(each.points for each in shown),
        "tasks": shown,
        "cells": [
            CellRun(index=1, id="imports", state="ok"),
            CellRun(index=4, id="module", task="module", state="ok"),
        ],
        "isolation": Isolation(level="full"),
        "timings": Timings(total=0.213, run=0.18, checks=0.03, cells={"imports": 0.004, "module": 0.16}),
    }
    return Report.model_validate({**fields, **changes})


def failing(student: str = "lee", **changes: object) -> Report:
    """One check passed, one failed, one skipped because of it; the second task is broken."""
    join = task(
        [
            check("join", title="The branches are concatenated, not added."),
            check("size", "failed", 2.0),
            check("channels", "skipped", title="The join has 512 channels."),
        ],
        drawing=drawing(),
    )
    other = task(
        [check("effect", "broken", title="The module works at sizes it has not seen.")],
        "sizes",
        Localized(en="Any size of image", ko="어떤 크기의 이미지에서도"),
    )
    return report(student, [join, other], **changes)


def unreadable(student: str = "park") -> Report:
    """A notebook that is not JSON."""
    return report(
        student,
        [],
        outcome="unreadable",
        max_score=5.0,
        cells=[],
        timings=Timings(),
        notes=[
            message(
                "{notebook} is not a notebook: it is not JSON. Hand it in again.", notebook="inception.ipynb"
            )
        ],
    )


def stopped(student: str = "choi") -> Report:
    """A run that a cell ended, under a lower level of isolation, with a learner's own exception."""
    lost = task([check("size", "failed", failed=failure(found=None, wanted=None, where=None, hint=None))])
    return report(
        student,
        [lost],
        cells=[
            CellRun(
                index=2,
                id="imports",
                state="error",
                error=message("{type}: {text}", type="AttributeError", text="no attribute 'conv2D'"),
                traceback="Cell 3, line 2\n    x = layers.conv2D(64, 1)(x)\nAttributeError: 'conv2D'",
            ),
            CellRun(index=4, id="module", task="module", state="ended"),
            CellRun(index=6, id="sizes", task="sizes", state="not_run"),
        ],
        notes=[
            message("The run ended in cell {cell}.", cell=5),
            message("Cell {cell} was given twice.", cell=9),
        ],
        isolation=Isolation(level="contained", lacking=[message("no user namespaces on this machine")]),
    )


def hostile(attack: str) -> Report:
    """`attack` wherever a learner's words can get to."""
    words = message("`{text}` is not it.", text=attack)
    attacked = failure(rationale=words, found=words, wanted=words, where=words, hint=words)
    return report(
        attack,
        [
            task(
                [check("size", "failed", failed=attacked)],
                title=Localized(en=attack, ko=attack),
                drawing=drawing(attack),
            )
        ],
        assignment_title=Localized(en=attack, ko=attack),
        notebook=attack,
        notes=[words],
        cells=[CellRun(index=0, id=attack, task=attack, state="error", error=words, traceback=attack)],
        isolation=Isolation(level="none", lacking=[words]),
    )


def chain(calls: int, branches: int = 1) -> Drawing:
    """A model of branches side by side, each of that many layers one after the other."""
    made = Builder()
    image = made.input(8)
    ends = []
    for _ in range(branches):
        end = image
        for _ in range(calls):
            end = made.dense(end, 8)
        ends.append(end)
    return Drawing(graph=plain(made.graph(*ends)))
