"""The mutants of an assignment: its reference solution's evidence, with one thing in it that is wrong."""

from __future__ import annotations

import copy
import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from autograder.audit.mutation.edit import Edit
from autograder.audit.mutation.interface import interface_edits
from autograder.audit.mutation.settings import setting_edits
from autograder.audit.mutation.values import value_changes
from autograder.audit.mutation.wiring import wiring_edits


class WrongAnswer(Protocol):
    """What every mutant says of itself: whose answer it is, what kind of slip it has, and which one."""

    @property
    def task(self) -> str:
        """The id of the task that it answers."""
        ...

    @property
    def operator(self) -> str:
        """The kind of slip."""
        ...

    @property
    def what(self) -> str:
        """The slip, in short English."""
        ...


AnyMutant = TypeVar("AnyMutant", bound=WrongAnswer)


@dataclass(frozen=True)
class Mutant:
    """A wrong answer to a task, made on its evidence.

    `evidence` makes the document as it would have come out of the jail; None where the change makes no model
    at all, such as one that reads its own output.
    """

    task: str
    operator: str
    what: str
    evidence: Callable[[], bytes | None] = field(compare=False, repr=False)


def mutants(task: str, document: dict[str, Any]) -> Iterator[Mutant]:
    """Every mutant of a task's evidence (`evidence.schema`), in the order of what was changed."""
    models = list(_models(document))
    if models:
        # The same code has made them all: what one has at a place, the others have there, too.
        _, first = models[0]
        for edit in (*setting_edits(first), *wiring_edits(first), *interface_edits(first)):
            yield Mutant(task, edit.operator, edit.what, _edited(document, edit))
    elif document["arguments"]:
        answer, *rest = document["arguments"]
        for change in value_changes(answer):
            yield Mutant(task, change.operator, change.what, _answered(document, [change.value, *rest]))


def sample(made: Sequence[AnyMutant], most: int, seed: int) -> list[AnyMutant]:
    """At most `most` of the mutants, as evenly as can be from each task and operator, in their order."""
    if len(made) <= most:
        return list(made)
    choose = random.Random(seed)
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, mutant in enumerate(made):
        groups[mutant.task, mutant.operator].append(number)
    for members in groups.values():
        choose.shuffle(members)
    chosen: list[int] = []
    while len(chosen) < most:
        for members in groups.values():
            if members and len(chosen) < most:
                chosen.append(members.pop())
    return [made[number] for number in sorted(chosen)]


def _models(document: dict[str, Any]) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    """The models of a document that a check looks at, and where they stand in it."""
    if document["probes"]:
        for number, probe in enumerate(document["probes"]):
            result = probe["result"]
            if result is not None and result["kind"] == "model":
                yield ("probes", number, "result"), result["model"]
    elif document["arguments"] and document["arguments"][0]["kind"] == "model":
        yield ("arguments", 0), document["arguments"][0]["model"]


def _edited(document: dict[str, Any], edit: Edit) -> Callable[[], bytes | None]:
    def evidence() -> bytes | None:
        made = copy.deepcopy(document)
        for path, model in list(_models(made)):
            try:
                changed = edit.made_to(model)
            except LookupError:
                return None
            place: Any = made
            for step in path:
                place = place[step]
            place["model"] = changed
        return json.dumps(made).encode()

    return evidence


def _answered(document: dict[str, Any], arguments: list[Any]) -> Callable[[], bytes | None]:
    return lambda: json.dumps({**document, "arguments": arguments}).encode()
