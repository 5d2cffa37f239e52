"""A made-up class of 200 in which is known what everybody has done wrong, and whose answers are alike.

Each group of learners has one answer to the first task; the other three tasks have one check each, and who
passes it is planted as well. No model is built: graphs are put together by hand, and compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from autograder.feedback import Drawing, Report, Target, TaskReport, Verdict
from autograder.graph import compare, plain, plain_difference
from autograder.messages import Localized, Message
from tests.class_report import classes
from tests.class_report.test_mistakes import chain
from tests.feedback.builders import check, failure, report, task

SINGLE = ("apart", "even", "turned")
"""The tasks of one check: who has everything right in the first passes `apart`, and fails `turned`; every
second learner passes `even`."""
NAMES = (("a", "b", "c"), ("eins", "zwei", "drei"), ("first", "second", "third"))


@dataclass(frozen=True)
class Group:
    """Learners in a row who have done the same in the first task: `answer` is what the n-th of them gets."""

    name: str
    count: int
    answer: Callable[[int], TaskReport]


def module(join: Verdict, size: Verdict, **changes: object) -> TaskReport:
    """The first task, of two checks, worth 1 and 2 points."""
    made = task([check("join", join), check("size", size, 2.0)], drawing=None)
    return made.model_copy(update=changes)


def full(_: int) -> TaskReport:
    """All of it right."""
    return module("passed", "passed")


@cache
def shown(units: int, skip: bool, twice: bool, names: tuple[str, ...]) -> Drawing:
    """The picture of a model with what is wrong in it."""
    found = chain(*names, units=units, skip=skip, twice=twice)
    differences = [plain_difference(one) for one in compare(found, chain("x", "y"))]
    return Drawing(graph=plain(found), differences=differences)


def wrong(units: int = 8, skip: bool = False, twice: bool = False) -> Callable[[int], TaskReport]:
    """A model with those mistakes, called differently by everybody: the first is what the check says."""

    def answer(number: int) -> TaskReport:
        drawing = shown(units, skip, twice, NAMES[number % 3])
        said = failure(rationale=Message.model_validate(drawing.differences[0]["message"]))
        checks = [check("join"), check("size", "failed", 2.0, failed=said)]
        wanted = Target(graph=plain(chain("x", "y")), shows="everything")
        return task(checks, drawing=drawing).model_copy(update={"target": wanted})

    return answer


def stopped(name: str) -> Callable[[int], TaskReport]:
    """An error in one of two lines: a name that is not defined."""
    return lambda number: classes.module(
        ("failed", "skipped"), classes.undefined(name, f"y = {name}{number % 2}")
    )


def sized(found: int) -> Callable[[int], TaskReport]:
    """A size that is not the wanted one."""
    return lambda number: classes.module(("passed", "failed"), classes.sized(found))


def idle(_: int) -> TaskReport:
    """The starter code."""
    return module("failed", "skipped", attempted=False)


GROUPS = (
    Group("full", 86, full),
    Group("units", 24, wrong(units=7)),
    Group("skip", 18, wrong(skip=True)),
    Group("extra", 10, wrong(twice=True)),
    # Wrong in two places: a pair, three of them, and more than are named.
    Group("two", 2, wrong(units=7, twice=True)),
    Group("three", 3, wrong(units=6, twice=True)),
    Group("six", 6, wrong(units=5, twice=True)),
    Group("undefined", 15, stopped("x")),
    Group("sized 26", 12, sized(26)),
    Group("sized 25", 5, sized(25)),
    Group("idle", 19, idle),
)


def students(name: str) -> list[str]:
    """Who is in a group."""
    before = 0
    for group in GROUPS:
        if group.name == name:
            return [f"s{number:03}" for number in range(before, before + group.count)]
        before += group.count
    raise KeyError(name)


def lines(name: str, count: int) -> list[str]:
    """Lines of 39 characters without white space, each other than all others."""
    return [
        f"    {name}_{number} = layers.Dense(64)( {'h' * (16 - len(name))}_{number} )"
        for number in range(count)
    ]


COMMON = lines("common", 6)
FEW = lines("few", 4)
APART = [lines("left", 3), lines("right", 3)]
SHORT = ["i = 1", "j = 2", "k = 3", "l = 4"]
CROWD = lines("crowd", 5)


def texts() -> dict[str, str]:
    """What learners have written of the first task, as far as it matters.

    The first two have four lines in common, and right answers; two with wrong units have three lines twice,
    with something else between. What is short, what five have, and what 80 have, says nothing.
    """
    right, units, skip = students("full"), students("units"), students("skip")
    written = dict.fromkeys(right, COMMON)
    written |= {right[0]: [*COMMON, *FEW], right[1]: [*FEW, *lines("own", 2)]}
    left, other = APART
    written |= {
        units[0]: [*left, *lines("one", 2), *other],
        units[5]: [line.strip() for line in [*left, *lines("other", 4), *other]],
        units[6]: SHORT,
        units[7]: SHORT,
    }
    # Two lines in common, a third one in between: each of them may be chance.
    written |= {units[8]: [left[0], left[1], "a = 1", left[2]]}
    written |= dict.fromkeys(skip[:5], CROWD)
    return {student: "\n".join(some) for student, some in written.items()}


def single(name: str, verdict: Verdict, attempted: bool) -> TaskReport:
    """A task of one check."""
    made = task([check(name, verdict, failed=classes.sized(13))], name, Localized(en=name, ko=name))
    return made.model_copy(update={"attempted": attempted})


def passes(number: int, group: str, name: str) -> bool:
    """Whether a learner passes that one's check."""
    if group == "idle":
        return False
    return {"apart": group == "full", "even": number % 2 == 0, "turned": group != "full"}[name]


def submissions() -> Iterator[Report]:
    """The class."""
    written, number = texts(), 0
    for group in GROUPS:
        for one in range(group.count):
            student = f"s{number:03}"
            first = group.answer(one).model_copy(update={"written": written.get(student, "")})
            rest = [
                single(name, "passed" if passes(number, group.name, name) else "failed", group.name != "idle")
                for name in SINGLE
            ]
            yield report(student, [first, *rest])
            number += 1
