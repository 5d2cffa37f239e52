"""Holds the class report as data: scores, figures of each assignment, task and check, and what went wrong."""

from __future__ import annotations

from typing import Any, Literal

from autograder.feedback import Outcome, Part
from autograder.graph import DifferenceKind
from autograder.messages import Localized, Message

MistakeKind = Literal["difference", "error", "value"]


class Score(Part):
    """One submission in the table of the class; `report` is its report's file, null where there is none.

    `pending` says that nobody has been given that score: the grader itself failed, or the gradebook has none.
    `pending_points` are the points of it that a person has yet to give; the score is of the others. `by_hand`
    says that a person has given a score of it in the gradebook.
    """

    student: str
    assignment: str
    outcome: Outcome
    score: float
    max_score: float
    pending: bool = False
    pending_points: float = 0.0
    by_hand: bool = False
    report: str | None

    @property
    def decided(self) -> float:
        """The points that are decided: pending ones are neither given nor lost."""
        return self.max_score - self.pending_points


class Example(Part):
    """One learner's report in which a mistake can be looked at."""

    student: str
    report: str


class Mistake(Part):
    """What several learners have done wrong in the same way, at the same place.

    `kind` says how it was recognised: by a named `difference` of graphs, an `error` that the code stops with,
    or a `value` that is not the wanted one. `check` is the check that most often failed first because of it;
    `message` is the sentence that most of them have read, with its `hint`. `lines` are those that an error
    came from, the most frequent first.
    """

    kind: MistakeKind
    check: str
    message: Message
    found: Message | None
    wanted: Message | None
    hint: Message | None
    lines: list[str]
    count: int
    students: list[str]
    example: Example


class Mark(Part):
    """What was wrong at one place of the map: at those calls, or on those wires, in `count` pictures.

    `kind` is the kind of the differences; `message` and `where` are the most frequent words.
    """

    kind: DifferenceKind
    calls: list[int]
    wires: list[tuple[int, int]]
    count: int
    message: Message
    where: Message


class CallCount(Part):
    """How many learners went wrong at a call of the map, by the call's id."""

    call: int
    count: int


class TaskMap(Part):
    """The graph that a task wants, and how many went wrong where: `marks`, most frequent first.

    `graph` is as `graph.plain` writes it. `learners` is how many have a picture with something wrong that was
    compared with it; `elsewhere` is how many of them have something in it that has no place here. `calls`
    says how many went wrong at each call, in whatever way.
    """

    graph: dict[str, Any]
    learners: int
    elsewhere: int
    calls: list[CallCount]
    marks: list[Mark]


class Alike(Part):
    """Learners whose models differ from the target in the same places in the same way: no proof of anything.

    `differences` is the number of those places.
    """

    differences: int
    students: list[str]


class SameText(Part):
    """Two learners whose answers share text that was not given out and that hardly anybody else has.

    `characters` is how much that is, white space aside, and `passages` what it is, as the first of them wrote
    it. `right` says that both have full marks: right answers resemble each other.
    """

    students: list[str]
    characters: int
    right: bool
    passages: list[str]


class CheckFigures(Part):
    """How a check turned out over the graded submissions: each is counted in exactly one of five ways.

    `skipped` never reached it, `not_tried` left the task's starter code as it was. `difficulty` is the share
    that passed; `discrimination` is None where it would tell nothing (`figures.LEAST_SUBMISSIONS`).
    """

    id: str
    title: Message
    public: bool
    points: float
    passed: int
    failed: int
    skipped: int
    broken: int
    not_tried: int
    difficulty: float | None
    discrimination: float | None


class TaskFigures(Part):
    """How a task turned out: how many tried it and have full marks, and its checks and mistakes.

    `waiting` is how many tried it and wait for a person to grade it: no other figure is about them.
    `difficulty` is the share of its points that the class has; `limits` counts the submissions in which one
    of its cells ran into a limit. `map` is set where learners' graphs could be compared with one that the
    task lets be shown.
    """

    id: str
    title: Localized
    points: float
    tried: int
    not_tried: int
    waiting: int = 0
    full: int
    difficulty: float | None
    discrimination: float | None
    limits: int
    checks: list[CheckFigures]
    map: TaskMap | None
    mistakes: list[Mistake]
    alike: list[Alike]
    same_text: list[SameText] = []


class AssignmentFigures(Part):
    """How an assignment turned out.

    `submissions` is how many were handed in, and `not_graded` how many of them could not be read, made the
    grader fail, or have no score in the gradebook; all other figures are about the rest. Of those, `waiting`
    have a task that a person has yet to grade: their shares are of the points that are decided.
    `distribution` counts scores by tenths of the points, beginning with 0 to below 10 per cent, and full
    marks by themselves at the end. `seconds` is how long the notebooks ran: the median, and the most;
    `limits` counts submissions in which a cell ran into a limit.
    """

    id: str
    title: Localized
    points: float
    submissions: int
    not_handed_in: int
    not_graded: int
    waiting: int = 0
    full: int
    mean: float | None
    median: float | None
    distribution: list[int]
    seconds_median: float | None
    seconds_most: float | None
    limits: int
    tasks: list[TaskFigures]


class ClassReport(Part):
    """A class: its students by name, each submission's score, and the figures of each assignment.

    Assignments are in the course's order. `names` are the roster's names, by the students' ids. `scores_from`
    says where the scores are from. `left_out` says which reports could not be read.
    """

    schema_version: Literal[1] = 1
    title: Localized | None = None
    scores_from: Literal["reports", "gradebook"] = "reports"
    students: list[str]
    names: dict[str, str] = {}
    scores: list[Score]
    assignments: list[AssignmentFigures]
    left_out: list[Message] = []
