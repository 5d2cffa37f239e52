"""Limits a YAML tree before it is made into data: a course is accepted, what only fills the memory is not."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from autograder.messages import Message, message

MOST_ENTRIES = 100_000
"""How many entries a file may have, aliases followed: fifty times those of a course of thirty assignments."""
MOST_DEPTH = 40
MOST_DIGITS = 40

_TAG = "tag:yaml.org,2002:"
# The tags that a course is written in; a merge is `<<`.
_PLAIN = ("str", "int", "float", "bool", "null", "timestamp", "map", "seq", "merge")
_TEXT = (_TAG + "str", _TAG + "merge", _TAG + "timestamp")


def fault_of(node: Node, construct: Callable[[Node], object]) -> tuple[int, Message] | None:
    """Return the line (from 0) of a tree's fault, and a sentence about it; None where it can be a course.

    Each node is looked at once, however many aliases refer to it.

    Args:
        node: the tree's root.
        construct: makes data from a scalar, or raises.
    """
    sizes: dict[int, int] = {}
    open_now: set[int] = set()
    # Each node is visited twice: first to queue its parts, then to add up their sizes.
    waiting: list[tuple[Node, int]] = [(node, 1)]
    while waiting:
        here, depth = waiting.pop()
        if id(here) in sizes:
            continue
        parts = _parts(here)
        if id(here) in open_now:
            open_now.remove(id(here))
            sizes[id(here)] = 1 + sum(sizes[id(part)] for part in parts)
            if sizes[id(here)] > MOST_ENTRIES:
                return here.start_mark.line, message(
                    "with all that its aliases repeat this has more than {most} entries; write out what "
                    "is meant",
                    most=MOST_ENTRIES,
                )
            continue
        said = _fault(here, depth, construct)
        if said is not None:
            return here.start_mark.line, said
        open_now.add(id(here))
        waiting.append((here, depth))
        for part in reversed(parts):
            if id(part) in open_now:
                return part.start_mark.line, message(
                    "this holds itself by an alias; write out what is meant instead of the alias"
                )
            waiting.append((part, depth + 1))
    return None


def _parts(node: Node) -> list[Node]:
    if isinstance(node, MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, SequenceNode) else []


def _fault(node: Node, depth: int, construct: Callable[[Node], object]) -> Message | None:
    """Return what is wrong with one node by itself; None if nothing."""
    if depth > MOST_DEPTH:
        return message("this is nested deeper than {most} levels; no course is", most=MOST_DEPTH)
    kind = str(node.tag).removeprefix(_TAG)
    if kind not in _PLAIN:
        return message(
            "`{kind}` is no kind of value that a course has; write a text, a number, a list or a mapping",
            kind=f"!!{kind}" if str(node.tag).startswith(_TAG) else str(node.tag),
        )
    if isinstance(node, ScalarNode):
        return _scalar_fault(node, kind, construct)
    if isinstance(node, MappingNode):
        return _key_fault(key for key, _ in node.value)
    return None


def _scalar_fault(node: ScalarNode, kind: str, construct: Callable[[Node], object]) -> Message | None:
    unwritable = next((sign for sign in node.value if _is_unwritable(sign)), None)
    if unwritable is not None:
        return message(
            "the character {code} cannot be written in a text; leave it out", code=f"U+{ord(unwritable):04X}"
        )
    if kind in ("str", "timestamp", "merge"):
        return None
    if len(node.value) > MOST_DIGITS:
        return message(
            "a number of {count} characters is more than can be meant; {most} at most are read",
            count=len(node.value),
            most=MOST_DIGITS,
        )
    try:
        construct(node)
    except Exception:
        return message("`{value}` is not what `!!{kind}` says it is", value=node.value, kind=kind)
    return None


def _key_fault(keys: Iterable[Node]) -> Message | None:
    for key in keys:
        if not isinstance(key, ScalarNode):
            return message("a list or a mapping cannot be a key; write a word before the colon")
        if key.tag not in _TEXT and str(key.tag).startswith(_TAG):
            return message("the key `{key}` is no text; put it in quotes", key=key.value)
    return None


def _is_unwritable(sign: str) -> bool:
    """Return whether no file, terminal or page takes a character: half of one (UTF-16), or a control."""
    return "\ud800" <= sign <= "\udfff" or (sign < " " and sign not in "\t\n\r") or sign == "\x7f"
