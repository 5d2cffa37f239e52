"""Tells mistakes apart: what two learners have done wrong in the same way, whatever they call their layers.

A task's first failed check names its earliest cause. Where that is a named difference of graphs, the mistake
is identified by its structure: the kind, the operations, the setting, what was found and wanted, and the
place in the reference's graph. Otherwise it is identified by the error's kind, or by the sentence with its
gaps left open.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.class_report.model import MistakeKind
from autograder.feedback import CheckReport, Drawing, TaskReport
from autograder.messages import Message

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`")
_CODE = re.compile(r"`[^`]*`")
_NUMBER = re.compile(r"\d+")
UNREADABLE = (KeyError, TypeError, ValueError)
"""What is raised where a picture's plain data, which is not validated, is not what a grader writes."""

_ERROR_LENGTH = 200
_LINE_LENGTH = 200


@dataclass(frozen=True)
class Seen:
    """A mistake as one learner has made it: its key, and how it was said to the learner."""

    key: Hashable
    kind: MistakeKind
    check: str
    message: Message
    found: Message | None = None
    wanted: Message | None = None
    hint: Message | None = None
    line: str = ""


def mistake_in(task: TaskReport) -> Seen | None:
    """Return what went wrong first in a task; None where nothing did, or the task was not tried."""
    check = first_failure(task)
    if check is None or check.failure is None:
        return None
    failure = check.failure
    if failure.found is not None and set(failure.found.values) == {"name", "text"}:
        return _error(check, failure.found)
    try:
        seen = _difference(check, task.drawing)
    except UNREADABLE:
        seen = None
    if seen is not None:
        return seen
    key = ("value", check.id, _open(failure.rationale), _facts(failure.found), _facts(failure.wanted))
    return Seen(key, "value", check.id, failure.rationale, failure.found, failure.wanted, failure.hint)


def _difference(check: CheckReport, drawing: Drawing | None) -> Seen | None:
    """Return the difference that a check's failure is about; None where it is about none."""
    difference = _named_difference(check, drawing)
    if difference is None or drawing is None or check.failure is None:
        return None
    return Seen(
        key=structure(difference, drawing.graph),
        kind="difference",
        check=check.id,
        message=_message(difference["message"]) or check.failure.rationale,
        found=_message(difference["found"]),
        wanted=_message(difference["wanted"]),
        hint=check.failure.hint,
    )


def first_failure(task: TaskReport) -> CheckReport | None:
    """Return the first check that failed in a task that was tried."""
    failed = (check for check in task.checks if check.verdict == "failed")
    return next(failed, None) if task.attempted else None


def structure(difference: Mapping[str, Any], graph: Mapping[str, Any]) -> Hashable:
    """Return a key for a difference that is the same in every learner's graph.

    Args:
        difference: the difference, as a report holds it.
        graph: the learner's graph, as a report holds it.
    """
    graph_of = PlainGraph(graph)
    kind, wanted_calls = difference["kind"], tuple(difference["wanted_calls"])
    kinds = tuple(graph_of.kind(call) for call in difference["found_calls"])
    place = wanted_calls or graph_of.around(difference["found_calls"])
    found, wanted = _message(difference["found"]), _message(difference["wanted"])
    said: Hashable
    if kind == "edge":
        # In words the wires would be described by layers' names, which differ between learners.
        ends = [difference["wires"], difference["absent_wires"]]
        said = tuple(
            tuple((graph_of.kind(source), graph_of.kind(target)) for source, target in wires)
            for wires in ends
        )
    elif kind in ("input", "output"):
        said = (_open(found), _values(wanted))
    elif kind in ("extra", "uninspectable"):
        said = _open(_message(difference["message"]))
    else:
        said = (_values(found), _values(wanted))
    return ("difference", kind, kinds, difference["setting"], said, place)


def _error(check: CheckReport, found: Message) -> Seen:
    """Return an error, identified by its class and meaning; where that is unknown, by its text less names."""
    failure = check.failure
    assert failure is not None, "an error is a failure"
    meaning = failure.rationale.values.get("meaning")
    known = isinstance(meaning, Message)
    key = (
        "error",
        str(found.values["name"]),
        _open(meaning) if isinstance(meaning, Message) else _bare(found),
    )
    line = _line(failure.where)
    return Seen(
        key, "error", check.id, failure.rationale if known else found, found, None, failure.hint, line
    )


def _bare(error: Message) -> str:
    first = str(error.values["text"]).strip().partition("\n")[0][:_ERROR_LENGTH]
    return _NUMBER.sub("0", _QUOTED.sub("''", first))


def _line(where: Message | None) -> str:
    """Return the learner's line that an error came from, where that is known."""
    if where is None:
        return ""
    line = where.values.get("line")
    if isinstance(line, str):
        return line.strip()[:_LINE_LENGTH]
    inner = (_line(value) for value in where.values.values() if isinstance(value, Message))
    return next((found for found in inner if found), "")


def _named_difference(check: CheckReport, drawing: Drawing | None) -> Mapping[str, Any] | None:
    """Return the difference in the picture that a check's failure is about, or that it names as the cause."""
    failure = check.failure
    if failure is None or drawing is None or not drawing.differences:
        return None
    said = [failure.rationale, *_within(failure.rationale)]
    for difference in drawing.differences:
        if _message(difference["message"]) in said:
            return difference
    named = [*_within(failure.where), *([failure.where] if failure.where is not None else [])]
    places = [
        (place.values["layer"], place.values.get("setting")) for place in named if "layer" in place.values
    ]
    for difference in drawing.differences:
        message = _message(difference["message"])
        if message is None or "layer" not in message.values:
            continue
        if (message.values["layer"], message.values.get("setting")) in places:
            return difference
    return None


def _within(message: Message | None) -> Iterable[Message]:
    """Yield the messages that fill a message's gaps, and those that fill theirs."""
    for value in message.values.values() if message is not None else ():
        if isinstance(value, Message):
            yield value
            yield from _within(value)


def _message(written: Any) -> Message | None:
    return None if written is None else Message.model_validate(written)


def _open(message: Message | None) -> Hashable:
    """Return a message's sentences, with the gaps that hold names and numbers left open."""
    if message is None:
        return None
    inner = ((name, _open(value)) for name, value in message.values.items() if isinstance(value, Message))
    return (message.text, *sorted(inner))


def _values(message: Message | None) -> Hashable:
    """Return a message with everything that fills it."""
    if message is None:
        return None
    filled = (
        (name, _values(value) if isinstance(value, Message) else str(value))
        for name, value in message.values.items()
    )
    return (message.text, *sorted(filled, key=lambda pair: pair[0]))


def _facts(message: Message | None) -> Hashable:
    """Return a fact that was found or wanted: values count, but not the names that somebody has chosen."""
    if message is None:
        return None
    if message.text == "{text}":
        return _CODE.sub("``", str(message.values.get("text", "")))
    numbers = (
        (name, _facts(value) if isinstance(value, Message) else str(value))
        for name, value in message.values.items()
        if not isinstance(value, str)
    )
    return (message.text, *sorted(numbers, key=lambda pair: pair[0]))


@dataclass
class PlainGraph:
    """A report's graph, by its calls' ids."""

    graph: Mapping[str, Any]
    _calls: dict[int, Mapping[str, Any]] = field(init=False)
    _kinds: dict[int, str] = field(init=False)

    def __post_init__(self) -> None:
        self._calls = {call["id"]: call for call in self.graph["calls"]}
        self._kinds = {operation["id"]: operation["kind"] for operation in self.graph["operations"]}

    def kind(self, call: int) -> str:
        """Return the kind of a call's operation; empty where there is no such call."""
        return self._kinds[self._calls[call]["operation"]] if call in self._calls else ""

    def sources(self, call: int) -> list[int]:
        """Return the calls that a call reads."""
        return [source for source, _ in self._calls[call]["inputs"]] if call in self._calls else []

    def around(self, calls: Iterable[int]) -> Hashable:
        """Return the kinds of what those calls read and of what reads them: a place the reference lacks."""
        inside = set(calls)
        before = [
            source
            for call in inside
            if call in self._calls
            for source, _ in self._calls[call]["inputs"]
            if source not in inside
        ]
        after = [
            call["id"]
            for call in self._calls.values()
            if call["id"] not in inside and any(source in inside for source, _ in call["inputs"])
        ]
        return (tuple(sorted(map(self.kind, before))), tuple(sorted(map(self.kind, after))))
