"""Finds out which class an object really has, and whether it is one of Keras's own."""

from __future__ import annotations

import sys

from autograder.evidence.plainly import text
from autograder.evidence.schema import MAX_NAME


def is_genuine(kind: type) -> bool:
    """Return whether a class is the very class that Keras has under its module and name."""
    name = type_name_parts(kind)
    if not (name[0] == "keras" or name[0].startswith("keras.")):
        return False
    return getattr(sys.modules.get(name[0]), name[1], None) is kind


def type_name_parts(kind: type) -> tuple[str, str]:
    """Return a class's module and name, as its own dictionary has them."""
    module = type.__getattribute__(kind, "__module__")
    name = type.__getattribute__(kind, "__name__")
    if not isinstance(module, str) or not isinstance(name, str):
        return ("unknown", "unknown")
    return text(module, MAX_NAME), text(name, MAX_NAME)
