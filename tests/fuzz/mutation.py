"""Changing a JSON document where it has structure: bytes exchanged at random seldom get past its parser."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

# What programs trip over.
STRANGE: tuple[Any, ...] = (
    None, True, False, 0, -1, 0.5, 1e308, -1e308, float("nan"), float("inf"), 10**400, 2**63, "", "\0",
    "\ud800", "é" * 300, "{}", "../..", "<script>", [], {}, [[]], {"": None}, [None] * 1000,
)  # fmt: skip


def mutated(document: Any, choose: random.Random) -> Any:
    """The document with a few places removed, doubled, exchanged, or filled with something strange."""
    document = copy.deepcopy(document)
    for _ in range(choose.randint(1, 3)):
        places = _places(document)
        if not places:
            return choose.choice(STRANGE)
        holder, key = choose.choice(places)
        action = choose.choice(("remove", "strange", "exchange", "double", "rename"))
        if action == "remove":
            del holder[key]
        elif action == "strange":
            holder[key] = copy.deepcopy(choose.choice(STRANGE))
        elif action == "exchange":
            other, other_key = choose.choice(places)
            holder[key] = copy.deepcopy(other[other_key])
        elif isinstance(holder, list):
            holder.insert(choose.randint(0, len(holder)), copy.deepcopy(holder[key]))
        else:
            holder[choose.choice(("", "id", f"{key}x", "cells", "metadata"))] = holder[key]
    return document


def _places(document: Any) -> list[tuple[Any, Any]]:
    """Every value below the document, as what holds it and its key there."""
    found: list[tuple[Any, Any]] = []
    waiting = [document]
    while waiting:
        holder = waiting.pop()
        keys = (
            list(holder)
            if isinstance(holder, dict)
            else range(len(holder))
            if isinstance(holder, list)
            else ()
        )
        for key in keys:
            found.append((holder, key))
            waiting.append(holder[key])
    return found


def mutated_text(data: bytes, seed: int, most: int) -> bytes | None:
    """A JSON text changed in its structure, of at most `most` bytes; None where it is none."""
    try:
        document = json.loads(data)
        text = json.dumps(mutated(document, random.Random(seed))).encode()
    except (ValueError, RecursionError):
        return None
    return text if len(text) <= most else None
