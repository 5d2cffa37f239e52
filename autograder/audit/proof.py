"""The proof of a grader: what became of wrong and of right answers, and what was said of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from autograder.audit.mutation.killing import FATES, Fate
from autograder.course import Assignment
from autograder.feedback import Drawing, Failure
from autograder.messages import Message, message

EXPLAINED_AT_LEAST = 0.98
"""The share of the killed mutants whose messages must lead to the mistake."""


@dataclass(frozen=True)
class Outcome:
    """The fate of one wrong answer.

    `check` is the first check that failed and `failure` what it said; `unexplained` is why that does not lead
    to the mistake, `faults` what is wrong with it as a message. `source` is the wrong cell, if any.
    """

    task: str
    operator: str
    what: str
    fate: Fate
    check: str = ""
    failure: Failure | None = None
    unexplained: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    drawing: Drawing | None = None
    source: str = ""
    trouble: str = ""


@dataclass(frozen=True)
class Refused:
    """A right program that lost points, as small as it can be made, and what was said of it."""

    task: str
    rules: tuple[str, ...]
    program: str
    check: str = ""
    failure: Failure | None = None
    trouble: str = ""


@dataclass
class Proof:
    """What the audit found out about one assignment's grader.

    `possible` is how many mutants could have been made, `equivalents` how many right programs were tried.
    """

    assignment: Assignment
    possible: int = 0
    outcomes: list[Outcome] = field(default_factory=list)
    equivalents: int = 0
    refused: list[Refused] = field(default_factory=list)

    @property
    def fates(self) -> Mapping[Fate, int]:
        """How many mutants met each fate."""
        counted = Counter(outcome.fate for outcome in self.outcomes)
        return {fate: counted[fate] for fate in FATES}

    @property
    def mutants(self) -> int:
        """How many wrong answers were judged."""
        return self.fates["killed"] + self.fates["survived"]

    @property
    def killed(self) -> float:
        """The share of the wrong answers that lost points; 1 where there was none."""
        return self.fates["killed"] / self.mutants if self.mutants else 1.0

    @property
    def explained(self) -> float:
        """The share of the killed ones whose first message leads to the mistake; 1 where there was none."""
        killed = [outcome for outcome in self.outcomes if outcome.fate == "killed"]
        return sum(not outcome.unexplained for outcome in killed) / len(killed) if killed else 1.0

    @property
    def unclear(self) -> list[Outcome]:
        """The wrong answers whose message does not lead to the slip, where they are too many."""
        few = self.explained >= EXPLAINED_AT_LEAST
        return [] if few else [outcome for outcome in self.outcomes if outcome.unexplained]

    @property
    def to_mend(self) -> list[Outcome]:
        """The wrong answers that survived, broke a check, or got a message that does not help."""
        return [one for one in self.outcomes if one.fate in ("survived", "broken") or one.faults]

    @property
    def holds(self) -> bool:
        """Whether the grader is proven: no wrong answer passes, no right one is refused, messages explain."""
        return not self.to_mend and not self.refused and not self.unclear

    def by_operator(self) -> Mapping[str, Mapping[str, int]]:
        """Return how many of each operator's mutants were judged, killed and explained."""
        table: dict[str, Counter[str]] = {}
        for outcome in self._judged():
            counted = table.setdefault(outcome.operator, Counter(mutants=0, killed=0, explained=0))
            counted["mutants"] += 1
            if outcome.fate == "killed":
                counted["killed"] += 1
                counted["explained"] += not outcome.unexplained
        return {operator: dict(counted) for operator, counted in sorted(table.items())}

    def _judged(self) -> Iterable[Outcome]:
        return (outcome for outcome in self.outcomes if outcome.fate in ("killed", "survived"))


def unclear(outcome: Outcome) -> Message:
    """Return why a wrong answer's message does not lead to the slip."""
    return message(
        "the message about a wrong answer ({what}) does not lead to the slip: it {fault}",
        what=outcome.what,
        fault="; ".join(outcome.unexplained),
    )


def too_many_unclear(proof: Proof) -> Message:
    """Return how many such answers there are, and how many there may be."""
    return message(
        "{count} messages do not lead to the slip; at most {most} of a hundred may. Have a check say which "
        "layer, input or line it means, and give what it means a name.",
        count=len(proof.unclear),
        most=round(100 * (1 - EXPLAINED_AT_LEAST)),
    )
