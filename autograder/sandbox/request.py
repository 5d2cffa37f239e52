"""The requests that the sandbox is given, and the runs that it returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from autograder.messages import AutograderError, Message

Level = Literal["full", "contained", "none"]
CellState = Literal["ok", "error", "interrupted", "ended", "not_run"]
MIB = 1024 * 1024

MOST_OUTPUTS = 5_000
"""How many outputs a cell may leave behind; no notebook that a person reads has a tenth of it."""


@dataclass(frozen=True)
class Limits:
    """How much one submission may use: seconds of wall clock, and bytes.

    `memory_bytes` is address space, for each process; `processes` counts processes and threads together, and
    leaves out what TensorFlow starts by itself; `output_bytes` is per cell; `events_bytes` is all that leaves
    the jail; `file_bytes` is one file; `disk_bytes` all files together, and `files` their number.
    """

    cell_seconds: float = 60.0
    notebook_seconds: float = 300.0
    memory_bytes: int = 6144 * MIB
    processes: int = 64
    output_bytes: int = MIB
    line_bytes: int = 16 * MIB
    events_bytes: int = 64 * MIB
    file_bytes: int = 64 * MIB
    disk_bytes: int = 256 * MIB
    files: int = 20_000


@dataclass(frozen=True)
class CellSource:
    """A code cell to be run; a graded one has a `task`.

    `setup` is run silently before it. Every statement of a `lenient` cell is run, even after one has failed;
    its error is the first one.
    """

    index: int
    id: str
    source: str
    task: str | None = None
    setup: str = ""
    lenient: bool = False


@dataclass(frozen=True)
class Request:
    """A notebook to be run: its code cells in order, and the inputs that its functions are probed with.

    `replacements` are put in place after the graded cells of their tasks (`evidence.stand_in`).
    """

    cells: Sequence[CellSource]
    probes: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    limits: Limits = Limits()
    level: Level = "full"
    replacements: Mapping[str, Any] = field(default_factory=dict)

    def as_plain(self) -> dict[str, Any]:
        """Return the request as plain JSON, the form in which it is sent."""
        return {
            "cells": [asdict(cell) for cell in self.cells],
            "probes": {task: list(inputs) for task, inputs in self.probes.items()},
            "replacements": dict(self.replacements),
            "limits": asdict(self.limits),
            "level": self.level,
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Request:
        """Return the request that `as_plain` wrote."""
        return cls(
            cells=[CellSource(**cell) for cell in plain["cells"]],
            probes=plain["probes"],
            replacements=plain["replacements"],
            limits=Limits(**plain["limits"]),
            level=plain["level"],
        )


@dataclass(frozen=True)
class CellError:
    """The exception that a cell raised, and the learner's own line it came from (`line_number` from 1)."""

    name: str
    value: str
    traceback: tuple[str, ...] = ()
    line: str | None = None
    line_number: int | None = None


@dataclass
class CellResult:
    """One cell as it ran; `outputs` are nbformat 4 outputs, `evidence` the raw text of its documents."""

    index: int
    id: str
    state: CellState = "not_run"
    outputs: list[dict[str, Any]] = field(default_factory=list)
    error: CellError | None = None
    seconds: float = 0.0
    evidence: list[bytes] = field(default_factory=list)


@dataclass
class Run:
    """A notebook as it ran; `ended` says why it stopped early, if it did.

    `exit_code` and `signal` are the process's, where the supervisor could tell; `max_rss` is in bytes;
    `cpu_seconds` are those of the process and the children it waited for; `leftovers` counts the processes
    that outlived the notebook and were killed (always 0 at `full`, where they die with their namespace).
    `lost` says that neither the notebook nor a limit of its own has ended it, as far as can be told: its
    supervisor is gone, it was killed, or it had not begun.
    """

    cells: list[CellResult]
    level: Level
    ended: Message | None = None
    exit_code: int | None = None
    signal: int | None = None
    max_rss: int = 0
    cpu_seconds: float = 0.0
    seconds: float = 0.0
    leftovers: int = 0
    lost: bool = False


class SandboxError(AutograderError):
    """The sandbox itself could not do its work; nothing is said about the submission."""


class WarmInterpreterGone(SandboxError):  # noqa: N818
    """The warm interpreter has died; a new one can be started and the run repeated."""
