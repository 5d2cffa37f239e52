"""The schema of evidence, version 1: what a document holds, its caps and its error.

A document is `{"evidence": 1, "task", "arguments": [Value], "probes": [...]}`, one per `check()` call. Where
the code that captures it was altered (`evidence.seal`), it has no arguments, and `altered` says what was.
A probe has `inputs` (`shape` and `dtype` of a tensor, or the plain `value` that was passed), `result` (a
Value: the model that the function's tensors make, or whatever else it returns; null after an error),
`returned` (the type's name), and `error` or null.

`reading` checks all of it by hand. Pydantic collects every error of a document before it reports the first,
which takes a minute and 15 GB for a hostile document (docs/decisions/0022).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NotRequired, TypeAlias

from typing_extensions import TypedDict

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
MAX_COLUMNS = 200
MAX_AXES = 32
MAX_SERIES = 200
MAX_ERROR_TEXT = 2_000
MAX_NAME = 400
MAX_INTEGER = 2**63

Number: TypeAlias = int | float | Literal["nan", "inf", "-inf"]
Shape: TypeAlias = list[int | None]
Reference: TypeAlias = list[int]
"""An output of a call: `[call, output]`."""
Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"
"""Any plain JSON."""


class ClassName(TypedDict):
    """Where a class was defined, and what it is called."""

    module: str
    name: str


class ArrayContent(TypedDict):
    """An array's first values, row by row; `truncated` says that there are more."""

    shape: list[int]
    dtype: str
    values: list[bool | Number]
    truncated: bool


class Symbol(TypedDict):
    """A symbolic tensor."""

    shape: Shape
    dtype: str


class TensorArgument(TypedDict):
    tensor: Reference


class ListArgument(TypedDict):
    list: list[Argument]


class ValueArgument(TypedDict):
    value: bool | int | float | str | None


class SliceArgument(TypedDict):
    slice: list[int | None]


class ArrayArgument(TypedDict):
    array: ArrayContent


class OpaqueArgument(TypedDict):
    opaque: str


Argument: TypeAlias = (
    TensorArgument | ListArgument | ValueArgument | SliceArgument | ArrayArgument | OpaqueArgument
)
"""What a call was given: tensors, lists, scalars (`"..."` for an ellipsis), or an object's type."""


class OperationEntry(TypedDict):
    """A layer or a function of Keras.

    `custom` says that it is not a class of Keras, or has a `call` of its own; `base` is then the nearest
    class of Keras. `graph` is given where it is a model itself. `stand_in` is given where it replaces what an
    earlier task makes: the task, and the number of the known call. `config` has no initializers, regularizers
    or constraints, and is None where the configuration cannot be had; in it, a layer inside a wrapper is
    `{"operation": id}`, and an activation that is a function is `{"function": "module.name"}`.
    """

    id: int
    module: str
    class_name: str
    name: str
    custom: bool
    base: ClassName | None
    graph: int | None
    config: dict[str, Plain] | None
    stand_in: NotRequired[list[Any]]


class CallEntry(TypedDict):
    """One call of an operation; a nested model's arguments are one list of tensors, in its inputs' order."""

    id: int
    operation: int
    args: list[Argument]
    kwargs: dict[str, Argument]
    outputs: list[Symbol]


class GraphEntry(TypedDict):
    """A graph's calls, each after the calls that it reads; the keys are those of dicts of tensors."""

    calls: list[CallEntry]
    inputs: list[Reference]
    outputs: list[Reference]
    input_names: list[str]
    output_names: list[str]
    input_keys: NotRequired[list[str] | None]
    output_keys: NotRequired[list[str] | None]


Operations: TypeAlias = list[OperationEntry]
Graphs: TypeAlias = list[GraphEntry]
ModelEvidence = TypedDict(
    "ModelEvidence",
    {
        "name": str,
        "class": ClassName,
        "inspectable": NotRequired[bool],
        "operations": Operations,
        "graphs": Graphs,
        "graph": int | None,
        "compile": NotRequired[dict[str, Plain] | None],
    },
)
"""One captured model: its operations and graphs, which graph is its own, and the arguments of `compile`."""


class NoneValue(TypedDict):
    """`None`."""

    kind: Literal["none"]


class NumberValue(TypedDict):
    """A number."""

    kind: Literal["number"]
    value: Number


class BoolValue(TypedDict):
    """A truth value."""

    kind: Literal["bool"]
    value: bool


class TextValue(TypedDict):
    """A text."""

    kind: Literal["text"]
    value: str


class ListValue(TypedDict):
    """A list or a tuple."""

    kind: Literal["list"]
    type: Literal["list", "tuple"]
    items: list[Value]


class DictValue(TypedDict):
    """A dict, as pairs of keys and values."""

    kind: Literal["dict"]
    items: list[list[Value]]


class ArrayValue(ArrayContent):
    """An array, or a tensor with values of its own."""

    kind: Literal["array"]


CELLS = ("none", "number", "bool", "text", "opaque")
"""The kinds of value that a cell of a table can be."""


class ColumnEntry(TypedDict):
    """A column of a table: an array of one dimension, or a list of texts, numbers and the like."""

    name: str
    dtype: str
    values: Value


class TableValue(TypedDict):
    """A table with named columns, each with its first `MAX_ARRAY_VALUES` rows."""

    kind: Literal["table"]
    rows: int
    columns: list[ColumnEntry]


class SeriesEntry(TypedDict):
    """A line, the points of a scatter plot, or bars (their positions and lengths), with its label."""

    label: str
    x: ArrayContent
    y: ArrayContent


class AxesEntry(TypedDict):
    """One pair of axes of a plot, and what it shows.

    `legend` is None where there is no legend. `images` has the shapes of images; `others` counts
    what is neither a line, nor points, nor bars, nor an image.
    """

    title: str
    x_label: str
    y_label: str
    x_scale: str
    y_scale: str
    x_limits: list[Number]
    y_limits: list[Number]
    legend: list[str] | None
    lines: list[SeriesEntry]
    points: list[SeriesEntry]
    bars: list[SeriesEntry]
    images: list[Shape]
    others: int


class PlotValue(TypedDict):
    """A plot of matplotlib's, as its axes hold it; `title` is that of the whole figure."""

    kind: Literal["plot"]
    title: str
    axes: list[AxesEntry]


class ModelValue(TypedDict):
    """A model."""

    kind: Literal["model"]
    model: ModelEvidence


class LayerValue(TypedDict):
    """A layer, with the operations and graphs that it wraps."""

    kind: Literal["layer"]
    operation: OperationEntry
    operations: Operations
    graphs: Graphs


class TensorValue(Symbol):
    """A symbolic tensor."""

    kind: Literal["tensor"]


class FunctionValue(TypedDict):
    """A function, by its name."""

    kind: Literal["function"]
    name: str


class OpaqueValue(TypedDict):
    """Anything else: its type."""

    kind: Literal["opaque"]
    type: str


Value: TypeAlias = (
    NoneValue
    | NumberValue
    | BoolValue
    | TextValue
    | ListValue
    | DictValue
    | ArrayValue
    | TableValue
    | PlotValue
    | ModelValue
    | LayerValue
    | TensorValue
    | FunctionValue
    | OpaqueValue
)
"""One captured value; its `kind` says which."""

ProbeRequest: TypeAlias = Sequence[Mapping[str, Any]]
"""The arguments of one probe: `{"shape": [28, 28, 192], "dtype": "float32"}` for a tensor, without the batch
axis; `{"value": 32}` for a plain value. A list of numbers is passed as an array."""


class TensorRequest(TypedDict):
    """A tensor's shape without the batch axis, its dtype, and the name of the operation that makes it."""

    shape: list[int | None]
    dtype: str
    name: str


class KnownCall(TypedDict):
    """How the reference solution calls a task's function, and what that returns; or a task's model.

    `inputs` is None for a model that no function makes. `model_inputs` are the inputs of the returned model,
    if it is one. `several` says that the outputs are a list, whatever their number.
    """

    inputs: ProbeRequest | None
    model_inputs: list[TensorRequest]
    outputs: list[TensorRequest]
    several: bool


class Replacement(TypedDict):
    """The stand-in that a name in a notebook's namespace refers to once its task has been checked.

    Without `calls`, the learner's own function stays, and its calls are recorded. `parameters` are those of
    the function, each a name and, if it has one, its default; None where a model is replaced.
    """

    name: str
    parameters: NotRequired[list[list[Any]] | None]
    calls: NotRequired[list[KnownCall]]


class EvidenceError(AutograderError):
    """Evidence that is damaged or too large, or a document that is not evidence."""

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

    `function` is the name of the function that the line is in.
    """

    type: str
    message: str
    line: str | None
    line_number: int | None
    function: str | None = None


@dataclass(frozen=True)
class Probe:
    """One call of a learner's function: the model it made, else the value it returned, or its error."""

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
