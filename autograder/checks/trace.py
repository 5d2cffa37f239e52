"""Digests what a task's evidence shows, to tell whether two answers are the same apart from made-up names."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from autograder.checks.subject import Model, Subject
from autograder.graph import chosen_names, plain
from autograder.messages import Message

# The numbers that Keras counts up in a session, and addresses in memory, differ from run to run.
_COUNTED = re.compile(r"(?<=[a-z0-9])_\d+\b|0x[0-9a-f]+")


def trace(subject: Subject) -> str:
    """Return a digest of what a subject shows; two runs of the same code give the same one.

    >>> from autograder.checks import subject_of, trace
    >>> trace(subject_of({"units": 64})) == trace(subject_of(dict(units=64)))
    True
    """
    shown = {
        "models": [_model(model) for model in subject.models],
        "value": subject.value,
        "absence": _said(subject.absence.rationale) if subject.absence is not None else None,
    }
    text = _COUNTED.sub("", json.dumps(shown, sort_keys=True, ensure_ascii=False))
    return hashlib.blake2s(text.encode(), digest_size=12).hexdigest()


def _model(model: Model) -> dict[str, Any]:
    failure = model.failure
    return {
        "graph": plain(chosen_names(model.graph)) if model.graph is not None else None,
        "value": model.value,
        # Only what the error says, not what is made of it: whether its line is known depends on who runs it.
        "failure": _said(failure.found or failure.rationale) if failure is not None else None,
    }


def _said(said: Message) -> Any:
    return said.model_dump(mode="json")
