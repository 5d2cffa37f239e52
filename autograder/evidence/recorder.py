"""Records the evidence of `check(...)` while a submission is being graded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from autograder.evidence.capture import capture
from autograder.evidence.schema import VERSION, ProbeRequest
from autograder.evidence.seal import Seal, without_interruptions


class Recorder(Protocol):
    """A receiver of the documents that a run leaves behind, in the order of its `check` calls."""

    def record(self, document: dict[str, Any]) -> None:
        """Keep one document."""


@dataclass
class Recording:
    """A recorder, with the probes that each task asks for and the seal that must not be broken."""

    recorder: Recorder
    probes: Mapping[str, Sequence[ProbeRequest]] = field(default_factory=dict)
    seal: Seal | None = None

    def take(self, task: str, objects: Sequence[Any]) -> None:
        """Capture and record what a learner passed to `check`; if the seal is broken, record that instead."""
        if self.seal is not None:
            without_interruptions()
            if altered := self.seal.broken():
                self.recorder.record({"evidence": VERSION, "task": task, "arguments": [], "altered": altered})
                return
        wanted = self.probes.get(task, ()) if isinstance(task, str) else ()
        self.recorder.record(capture(task, objects, wanted))


_current: Recording | None = None


def install(
    recorder: Recorder | None,
    probes: Mapping[str, Sequence[ProbeRequest]] | None = None,
    seal: Seal | None = None,
) -> None:
    """Make `check(...)` leave its evidence with `recorder`; with None it checks in place again."""
    global _current
    _current = None if recorder is None else Recording(recorder, probes or {}, seal)


def current() -> Recording | None:
    """Return the recording that is on, if any."""
    return _current
