"""The schema of evidence, version 1: its caps, its error, and what a document holds once it is read.

A document is `{"evidence": 1, "task", "arguments": [VALUE], "probes": [PROBE]}`, one per `check()` call.
Where what captures it was altered (`evidence.seal`), it has no arguments, and `altered` says what.

VALUE, by its `kind`: `none`; `number` (`value`: a number, `"nan"`, `"inf"` or `"-inf"`); `bool`; `text`;
`list` (`items`, `type`: list or tuple); `dict` (`items`: pairs of values); `array` (`shape`, `dtype`, the
first values, `truncated`); `model` (`model`: MODEL); `layer` (`operation`, with the `operations` and
`graphs` that it wraps); `tensor` (`shape`, `dtype`); `function` (`name`); `opaque` (`type`).

PROBE: `inputs` (`shape` and `dtype` of a tensor, or the plain `value` that was passed), `result` (a VALUE:
the model that the function's tensors make, or what else it returns; null after an error), `returned` (the
type's name), `error` or null.

MODEL: `name`, `class`, `inspectable`, `operations`, `graphs`, `graph` (an index into them, or null),
`compile`. An OPERATION has `id`, `module`, `class_name`, `name`, `config` (null where it tells none; without
initializers, regularizers and constraints), `custom` (not a class of Keras, or called in a way of its own),
`base` (the nearest class of Keras), `graph` (it is a model itself). A layer inside a wrapper's `config` is
`{"operation": id}`; a function as activation, `{"function": "module.name"}`. A GRAPH has `inputs`, `outputs`
(`[call, output]` each), `input_names`, `output_names`, `input_keys`, `output_keys` (of dicts, else null) and
`calls`: `id`, `operation`, `args`, `kwargs`, `outputs`. An argument is one of `{"tensor": [call, output]}`,
`{"list"}`, `{"value"}` (a scalar; `"..."` for an ellipsis), `{"slice"}`, `{"array"}`, `{"opaque"}`; a nested
model's is one list of tensors, in the order of its own inputs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from autograder.messages import AutograderError, Message

VERSION = 1

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 64
MAX_OPERATIONS = 5_000
MAX_CALLS = 10_000
MAX_INLINED_CALLS = 50_000
MAX_ITEMS = 10_000
MAX_PROBES = 16
MAX_RANK = 16
MAX_TEXT = 20_000
MAX_TEXTS = 1_000_000
MAX_VALUES = 50_000
MAX_ARRAY_VALUES = 1_000
MAX_ERROR_TEXT = 2_000
MAX_NAME = 400
MAX_INTEGER = 2**63

Value: TypeAlias = dict[str, Any]
"""One captured value: a plain JSON object whose `kind` says what it is."""

ModelEvidence: TypeAlias = dict[str, Any]
"""One captured model: `operations`, `graphs`, `graph`, `compile`; what `graph.read_model` takes."""

ProbeRequest: TypeAlias = Sequence[Mapping[str, Any]]
"""The arguments of one probe: `{"shape": [28, 28, 192], "dtype": "float32"}` for a tensor, without the batch
axis; `{"value": 32}` for a plain value, where a list of numbers is passed as an array."""


class EvidenceError(AutograderError):
    """Evidence that is damaged, too large, or not evidence at all."""

    def __init__(self, message: Message, detail: str = "") -> None:
        super().__init__(message)
        self._detail = detail

    def __str__(self) -> str:
        return self._detail or super().__str__()


@dataclass(frozen=True)
class ProbeInput:
    """One argument that a learner's function was called with: a tensor, or a plain value if `shape` is None.

    `shape` has no batch axis.
    """

    shape: tuple[int | None, ...] | None
    dtype: str = "float32"
    value: Any = None


@dataclass(frozen=True)
class ProbeError:
    """What a learner's function raised, with the line of the learner's own code that it came from.

    `function` is the name of the function that the line stands in.
    """

    type: str
    message: str
    line: str | None
    line_number: int | None
    function: str | None = None


@dataclass(frozen=True)
class Probe:
    """One call of a learner's function: the model it made, else the value it returned or its error."""

    inputs: tuple[ProbeInput, ...]
    result: ModelEvidence | None
    returned: str
    error: ProbeError | None
    value: Value | None = None


@dataclass(frozen=True)
class Evidence:
    """What one `check(...)` call left behind, read and validated."""

    task: str
    arguments: tuple[Value, ...]
    probes: tuple[Probe, ...] = ()
    altered: str = ""
