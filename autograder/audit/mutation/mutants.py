"""Makes an assignment's mutants: its reference solution's evidence, with one thing in it that is wrong."""

from __future__ import annotations

import copy
import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from autograder.audit.mutation.compile_arguments import compile_edits
from autograder.audit.mutation.edit import Edit
from autograder.audit.mutation.interface import interface_edits
from autograder.audit.mutation.settings import setting_edits
from autograder.audit.mutation.values import value_changes
from autograder.audit.mutation.wiring import wiring_edits

Documents = Mapping[str, dict[str, Any]]
"""Each task's evidence (`evidence.schema`), by task id."""


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

    `evidence` makes the documents that then differ, as they would have come out of the jail, by task id: one,
    or more where later tasks look at the same model. It makes None where the change makes no model at all,
    such as one that reads its own output. `touched` are the names of the operations or outputs that the
    change is about, `setting` what it changes in them.
    """

    task: str
    operator: str
    what: str
    evidence: Callable[[], Mapping[str, bytes] | None] = field(compare=False, repr=False)
    touched: tuple[str, ...] = ()
    setting: str | None = None


def mutants(documents: Documents) -> Iterator[Mutant]:
    """Yield every mutant of an assignment's evidence, task by task, in the order of what was changed."""
    seen: set[str] = set()
    for task, document in documents.items():
        models = list(_models(document))
        if models:
            # The same code has made them all: a place in one exists in the others, too.
            _, first = models[0]
            built = [*setting_edits(first), *wiring_edits(first), *interface_edits(first)]
            for part, edits in ((_BUILT, built), (_TOLD, list(compile_edits(first)))):
                looked_at = _part(document, part)
                if looked_at not in seen:
                    # Later tasks may look at the same model: it is wrong there, too.
                    alike = {name: one for name, one in documents.items() if _part(one, part) == looked_at}
                    for edit in edits:
                        evidence = _edited(alike, edit)
                        yield Mutant(task, edit.operator, edit.what, evidence, edit.touched, edit.setting)
                seen.add(looked_at)
        elif document["arguments"]:
            answer, *rest = document["arguments"]
            for change in value_changes(answer):
                evidence = _answered(task, document, [change.value, *rest])
                yield Mutant(task, change.operator, change.what, evidence, change.touched)


_BUILT = ("operations", "graphs", "graph")
_TOLD = (*_BUILT, "compile")


def _part(document: dict[str, Any], keys: Sequence[str]) -> str:
    """Return the models that a check looks at, as they were built or as they were compiled, in one text."""
    return json.dumps([[model[key] for key in keys] for _, model in _models(document)])


def sample(made: Sequence[AnyMutant], most: int, seed: int) -> list[AnyMutant]:
    """Return at most `most` of the mutants, in order, as evenly as possible from each task and operator."""
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
    """Yield the models of a document that a check looks at, each with its place in it."""
    if document["probes"]:
        for number, probe in enumerate(document["probes"]):
            result = probe["result"]
            if result is not None and result["kind"] == "model":
                yield ("probes", number, "result"), result["model"]
    elif document["arguments"] and document["arguments"][0]["kind"] == "model":
        yield ("arguments", 0), document["arguments"][0]["model"]


def _edited(documents: Documents, edit: Edit) -> Callable[[], dict[str, bytes] | None]:
    def evidence() -> dict[str, bytes] | None:
        try:
            return {task: _with_edit(document, edit) for task, document in documents.items()}
        except LookupError:
            return None

    return evidence


def _with_edit(document: dict[str, Any], edit: Edit) -> bytes:
    made = copy.deepcopy(document)
    for path, model in list(_models(made)):
        place: Any = made
        for step in path:
            place = place[step]
        place["model"] = edit.made_to(model)
    return json.dumps(made).encode()


def _answered(
    task: str, document: dict[str, Any], arguments: list[Any]
) -> Callable[[], dict[str, bytes] | None]:
    return lambda: {task: json.dumps({**document, "arguments": arguments}).encode()}
