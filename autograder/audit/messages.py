"""Whether the message that a wrong answer gets explains it: the place, what was found, what is wanted."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from autograder.checks import CheckReport, Failure, Subject
from autograder.feedback import TaskReport
from autograder.graph import Call, Compiled, Graph, Operation, code, layer_names
from autograder.messages import LANGUAGES, Language, Message, message, render

SENTENCES_AT_MOST = 2
_ARGUMENTS: Mapping[str, Mapping[Language, str]] = {
    "optimizer": {"en": "optimizer", "ko": "옵티마이저"},
    "loss": {"en": "loss", "ko": "손실"},
    "loss_weights": {"en": "weight", "ko": "가중치"},
    "metrics": {"en": "metric", "ko": "지표"},
}
"""What `compile` is told, as sentences call it."""
_EFFECTS = {
    "optimizer": "optimizer",
    "loss": "losses",
    "loss_weights": "loss_weights",
    "metrics": "metrics",
}
_CODE = re.compile(r"`[^`]*`|\"[^\"]*\"|'[^']*'|\([^()]*\)")


@dataclass(frozen=True)
class Place:
    """What leads to a mistake: names of operations, models, outputs or entries, and what differs in them."""

    touched: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


def place_of(subject: Subject) -> Place:
    """Where a subject differs from the reference: in its graphs, names, compile arguments or entries."""
    assert subject.reference is not None
    touched: dict[str, None] = {}
    settings: dict[str, None] = {}
    kinds: dict[str, None] = {}
    for index, (model, right) in enumerate(zip(subject.models, subject.reference.models, strict=False)):
        if model.graph is None or right.graph is None:
            continue
        # A check may have found the order of a join to differ, which is else left free.
        found = subject.differences if subject.drawn is model.graph else ()
        for difference in subject.differences_of(index) or found:
            calls = [*difference.found_calls, *_shared(model.graph, right.graph, difference.wanted_calls)]
            touched |= dict.fromkeys(model.graph.operation_of(call).name for call in calls)
            kinds |= dict.fromkeys(difference.missing)
            settings |= dict.fromkeys(filter(None, [difference.setting]))
        for names, wanted in (
            (model.graph.input_names, right.graph.input_names),
            (model.graph.output_names, right.graph.output_names),
        ):
            touched |= dict.fromkeys(names if names != wanted else ())
        told = list(_told_otherwise(model.graph.compiled, right.graph.compiled))
        settings |= dict.fromkeys(told)
        touched |= dict.fromkeys(model.graph.output_names if told else ())
    touched |= dict.fromkeys(_entries(subject.value, subject.reference.value))
    return Place(tuple(touched), tuple(settings), tuple(kinds))


def _shared(found: Graph, wanted: Graph, calls: Collection[int]) -> Iterator[int]:
    """Where a call of a shared layer is missing, the calls of such layers that are there."""
    kinds = {
        wanted.operation_of(call).kind
        for call in calls
        if len(wanted.calls_of(wanted.call(call).operation)) > 1
    }
    yield from (call.id for call in found.of_kind(*kinds))


def _told_otherwise(found: Compiled | None, wanted: Compiled | None) -> Iterator[str]:
    """The arguments of `compile` whose effect differs."""
    for argument, attribute in _EFFECTS.items():
        surplus = found is not None and argument in found.surplus
        if surplus or getattr(found, attribute, None) != getattr(wanted, attribute, None):
            yield argument


def _entries(found: Any, wanted: Any) -> Iterator[str]:
    """The keys or places of a value's entries that differ; a list of another length differs as a whole."""
    if not (isinstance(found, dict) and isinstance(wanted, dict) and found.get("kind") == wanted.get("kind")):
        return
    if found["kind"] == "dict":
        ours, theirs = (
            {str(key.get("value")): item for key, item in one["items"]} for one in (found, wanted)
        )
        yield from (key for key in {**ours, **theirs} if ours.get(key) != theirs.get(key))
    elif found["kind"] == "list" and len(found["items"]) == len(wanted["items"]):
        pairs = zip(found["items"], wanted["items"], strict=True)
        yield from (str(place) for place, (one, other) in enumerate(pairs) if one != other)


def first_failed(report: TaskReport) -> CheckReport | None:
    """The first check of a task that failed."""
    return next((check for check in report.checks if check.failure is not None), None)


def spoken(failure: Failure, language: Language) -> str:
    """A failure as one text, without its hint."""
    parts = (failure.rationale, failure.found, failure.wanted, failure.where)
    return " | ".join(render(part, language) for part in parts if part is not None)


def unexplained(failure: Failure | None, place: Place, subject: Subject) -> list[str]:
    """Why a failure does not explain the mistake at a place; nothing where it does, in every language.

    What a task that asks for a plain value wants is its answer: only what was found is said there.
    """
    if failure is None:
        return ["no message"]
    reasons = []
    if subject.absence is not None or any(model.failure is not None for model in subject.models):
        # The code has stopped: what was found is the error, and the place is a line of it.
        return [] if failure.where is not None else ["does not say where the code stopped"]
    if failure.found is None:
        reasons.append("says nothing of what was found")
    if failure.wanted is None and subject.models:
        reasons.append("says nothing of what is wanted")
    # A number or a text is the whole answer: there is no place in it.
    for language in LANGUAGES if subject.models or place.touched else ():
        text = spoken(failure, language)
        if not any(_named(name, text) for name in _names(place, subject, language)):
            reasons.append(f"does not name the place ({language})")
    return reasons


def unteachable(failure: Failure, secrets: Collection[str]) -> list[str]:
    """What is wrong with a message whatever it is about: too long, untranslated, or giving the solution away.

    Args:
        failure: what a check says.
        secrets: lines and names that stand in the solution and in nothing that is given out.
    """
    reasons = []
    for language in LANGUAGES:
        if _sentences(failure.rationale, language) > SENTENCES_AT_MOST:
            reasons.append(f"has more than {SENTENCES_AT_MOST} sentences ({language})")
        text = spoken(failure, language)
        told = next((secret for secret in secrets if _named(secret, text)), None)
        if told is not None:
            reasons.append(f"tells {told!r} of the solution ({language})")
    if render(failure.rationale, "ko") == render(failure.rationale, "en"):
        reasons.append("is not translated")
    return reasons


def _names(place: Place, subject: Subject, language: Language) -> set[str]:
    """Every way in which a message may call the place."""
    names = {name if name.isdigit() else repr(name) for name in place.touched}
    names.update(code(name) for name in place.touched)
    names.update(code(kind) for kind in place.kinds)
    names.update(code(setting) for setting in place.settings)
    names.update(_ARGUMENTS[setting][language] for setting in place.settings if setting in _ARGUMENTS)
    there: set[str] = set()
    for graph in subject.graphs:
        for call, operation in _touched(graph, place.touched):
            there.update((operation.name, *call.path))
            names.add(layer_names(graph)[operation.id])
            if operation.kind == "Input":
                names.add(render(message("the input"), language))
    assert subject.reference is not None
    gone = [name for name in place.touched if name not in there]
    for graph in subject.reference.graphs:
        # What is not there any more can only be called by its kind.
        names.update(code(operation.kind) for _, operation in _touched(graph, gone))
    return names


def _touched(graph: Graph, names: Collection[str]) -> Iterator[tuple[Call, Operation]]:
    """The calls of layers with those names, and of all layers in models with those names.

    In a row of layers that are all alike any of them may be meant: which of them is one too many?
    """
    found = {
        call.id: call
        for call in graph
        if graph.operation_of(call).name in names or any(model in names for model in call.path)
    }
    waiting = list(found.values())
    while waiting:
        call = waiting.pop()
        for other in (*graph.consumers(call.id), *(graph.call(tensor.call) for tensor in call.inputs)):
            if other.id not in found and _alike(graph, call, other):
                found[other.id] = other
                waiting.append(other)
    for call in found.values():
        yield call, graph.operation_of(call)


def _alike(graph: Graph, one: Call, other: Call) -> bool:
    first, second = graph.operation_of(one), graph.operation_of(other)
    return (first.kind, first.settings, one.activation) == (second.kind, second.settings, other.activation)


def _named(name: str, text: str) -> bool:
    """Whether a text holds a name, and not only the beginning of another: `#1` of `#12`."""
    # Particles of Korean follow without a space: only what is ASCII goes on with a name.
    before = r"(?<![A-Za-z0-9_])" if re.match(r"\w", name) else ""
    after = r"(?![A-Za-z0-9_])" if re.search(r"\w$", name) else ""
    return re.search(rf"{before}{re.escape(name)}{after}(?!\s#\d)", text) is not None


def _sentences(said: Message, language: Language) -> int:
    """How many sentences a message has; what stands as code or in brackets ends none."""
    text = _CODE.sub("…", render(said, language))
    return len(re.findall(r"[.!?](?=\s|$)", text))
