"""Does Keras's own bookkeeping in less time, in the warm interpreter and its forks only.

Two thirds of the time of a run's cells goes into building models once more for each probe, and nearly all of
that is bookkeeping in Python: attributes of layers that might have to be tracked, signatures of functions,
protocols. Each *way* here answers the same question in less time, and does the same to the same objects. It
knows the text of every function that it replaces or relies on: where one of them reads differently, the way
is left out, and Keras does the work itself.
"""

from __future__ import annotations

import copy
import functools
import gc
import hashlib
import importlib
import importlib.metadata
import importlib.util
import inspect
import json
import os
import platform
import random
import re
import sys
import typing
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any, NamedTuple

from autograder.messages import Message, message

LEFT_OUT = "AUTOGRADER_PLAIN_KERAS"
"""The environment variable that names the ways a warm interpreter leaves out, with commas, or is `all`.

It is read when the interpreter starts, before any learner code runs; programs that compare the two set it."""

# Every text that a way relies on, and the beginning of its SHA-256 in the versions that were examined.
_LAYER = "keras/src/layers/layer.py"
_OPERATION = "keras/src/ops/operation.py"
_TRACKING = "keras/src/utils/tracking.py"
_TRACKABLE = "keras/src/backend/tensorflow/trackable.py"
_TRAINER = "keras/src/backend/tensorflow/trainer.py"
_AUTO = "tensorflow/python/trackable/autotrackable.py"
_STRUCTURES = "tensorflow/python/trackable/data_structures.py"
_KNOWN: Mapping[str, tuple[str, ...]] = {
    "keras/src/layers/layer.py:Layer.__new__": ("597485a61e6f5364",),
    "keras/src/ops/operation.py:Operation.__new__": ("055964b292ef4c0d",),
    "keras/src/utils/tracking.py:is_tracking_enabled": ("a67e033cfb8886b5",),
    "keras/src/utils/tracking.py:Tracker.track": ("40bd312fa594d7bc",),
    "keras/src/utils/tracking.py:TrackedList.__init__": ("0be933f54a47a115",),
    "keras/src/utils/tracking.py:TrackedDict.__init__": ("4c062c4ce8d34071",),
    "keras/src/utils/tracking.py:TrackedOrderedDict.__init__": ("78c22f96cde7b8dd",),
    "keras/src/utils/tracking.py:TrackedSet.__init__": ("95dd0bf05246d8f5",),
    "keras/src/layers/layer.py:Layer.__setattr__": ("a650e5bf4314dba9",),
    "keras/src/layers/layer.py:Layer._initialize_tracker": ("0b12f674b159bfe9",),
    "keras/src/ops/operation.py:Operation._setattr_hook": ("354a57216c113e99",),
    "keras/src/backend/tensorflow/trackable.py:KerasAutoTrackable.__setattr__": ("9bcf007d5e702e50",),
    "keras/src/backend/tensorflow/trackable.py:sticky_attribute_assignment": ("fb1f8c5b8d33f897",),
    "tensorflow/python/trackable/autotrackable.py:AutoTrackable.__setattr__": ("976705c52307edad",),
    "tensorflow/python/trackable/data_structures.py:_should_wrap_tuple": ("121c36cbfe816680",),
    "tensorflow/python/trackable/data_structures.py:wrap_or_unwrap": ("4013bf447db1865e",),
    "tensorflow/python/trackable/data_structures.py:sticky_attribute_assignment": ("994ce976b7cca360",),
    "keras/src/backend/tensorflow/trainer.py:TensorFlowTrainer.__init__": ("2b3b584d37153e6c",),
    "typing.py:_get_protocol_attrs": ("b9602489c6c99efe",),
}

# The versions of Python on which the comparisons have been run.
_PYTHONS = ((3, 11),)

# The functions about which Keras asks `inspect` while it builds, and the modules that ask.
_OF_OPERATIONS = ("__init__",)
_OF_LAYERS = ("build", "call", "compute_output_shape")
_ASKING = (
    "keras.src.layers.layer",
    "keras.src.models.functional",
    "keras.src.models.model",
    "keras.src.models.sequential",
    "keras.src.ops.operation",
)


@dataclass(frozen=True)
class Way:
    """A part of Keras's bookkeeping that is done in less time.

    `stands_on` are the texts that must read as they are known. From version `until` on Python does it itself.
    """

    name: str
    install: Callable[[], None]
    stands_on: tuple[str, ...]
    until: tuple[int, int] | None = None

    @property
    def needed(self) -> bool:
        """Whether this Python does not do it itself."""
        return self.until is None or sys.version_info[:2] < self.until

    @property
    def known(self) -> bool:
        """Whether every text that it relies on is installed in a version that it knows."""
        return sys.version_info[:2] in _PYTHONS and all(map(_is_known, self.stands_on))


def unknown() -> tuple[str, ...]:
    """Return the names of the ways that do not know what is installed, without importing it."""
    return tuple(way.name for way in WAYS if way.needed and not way.known)


def without() -> Message | None:
    """Return what to say where a warm interpreter would leave ways out; None where it leaves out none."""
    if chosen := os.environ.get(LEFT_OUT):
        return message(
            "The environment variable {variable} is set ({value}), so Keras does all of its bookkeeping "
            "as it comes: scores are the same, but a submission takes longer.",
            variable=LEFT_OUT,
            value=chosen,
        )
    if not (ways := unknown()):
        return None
    return message(
        "Keras {keras}, TensorFlow {tensorflow} and Python {python} are not all versions whose bookkeeping "
        "the grader knows how to shorten (what it leaves out: {ways}): scores are the same, but a submission "
        "takes longer.",
        keras=_version("keras"),
        tensorflow=_version("tensorflow"),
        python=platform.python_version(),
        ways=", ".join(ways),
    )


def _version(module: str) -> str:
    """Return the version of a package, under whichever name it was installed; `?` where it has none."""
    names = importlib.metadata.packages_distributions().get(module, ())
    return next((importlib.metadata.version(name) for name in names), "?")


_installed: tuple[str, ...] = ()


def install() -> tuple[str, ...]:
    """Install every way that knows what is installed, before any learner code runs; return their names."""
    global _installed
    if "keras" not in sys.modules or sys.modules["keras"].backend.backend() != "tensorflow":
        return ()
    left_out = os.environ.get(LEFT_OUT, "").split(",")
    if "all" in left_out:
        return ()
    chosen = [way for way in WAYS if way.name not in left_out and way.needed and way.known]
    for way in chosen:
        way.install()
    _installed = tuple(way.name for way in chosen)
    return _installed


def _is_known(place: str) -> bool:
    return digest(place) in _KNOWN.get(place, ())


@functools.cache
def digest(place: str) -> str:
    """Return the digest of a text such as `typing.py:_get_protocol_attrs`; empty where it is not found."""
    file, _, name = place.partition(":")
    text = _text(_lines(file), name.split("."))
    return hashlib.sha256(text.encode()).hexdigest()[:16] if text else ""


@functools.cache
def _lines(file: str) -> tuple[str, ...]:
    """Return the lines of a module's file, found without importing the package."""
    package, _, inside = file.partition("/")
    found = importlib.util.find_spec(package.removesuffix(".py"))
    if found is None or found.origin is None:
        return ()
    try:
        path = Path(found.origin)
        path = path.parent / inside if inside else path
        return tuple(path.read_text(encoding="utf-8").splitlines())
    except OSError:
        return ()


def _text(lines: tuple[str, ...], names: list[str]) -> str:
    """Return the lines of a function or class, named from the outside in, with its decorators."""
    start, indent = -1, ""
    for depth, name in enumerate(names):
        head = re.compile(rf"( {{4}}| {{2}}){{{depth}}}(class|def) {re.escape(name)}\b")
        start = next((number for number in range(start + 1, len(lines)) if head.match(lines[number])), -1)
        if start < 0:
            return ""
    indent = lines[start][: len(lines[start]) - len(lines[start].lstrip())]
    first = start
    while first and lines[first - 1].startswith(f"{indent}@"):
        first -= 1
    # The bracket that closes its parameters may be indented as little as its first line.
    over = re.compile(rf"\s{{0,{len(indent)}}}[^\s)]")
    end = next((number for number in range(start + 1, len(lines)) if over.match(lines[number])), len(lines))
    return "\n".join(line.rstrip() for line in lines[first:end]).rstrip()


def _subclasses(base: type) -> Iterator[type]:
    """Yield a class and everything derived from it."""
    waiting, seen = [base], {base}
    while waiting:
        kind = waiting.pop()
        yield kind
        children: list[type] = type.__subclasses__(kind)
        new = [child for child in children if child not in seen]
        seen.update(new)
        waiting += new


def _of_keras(base: type) -> Iterator[type]:
    """Yield those that are Keras's own of a class and everything derived from it."""
    return (kind for kind in _subclasses(base) if kind.__module__.startswith("keras.src."))


# Signatures


class _Asked(NamedTuple):
    """What `inspect` says about a function of Keras's, as long as the function is unchanged."""

    function: FunctionType
    code: object
    defaults: object
    named_defaults: object
    signature: inspect.Signature
    bound: inspect.Signature | None
    specification: inspect.FullArgSpec

    @property
    def holds(self) -> bool:
        """Whether nobody has replaced the function's code or defaults."""
        function: Any = self.function
        return (
            function.__code__ is self.code
            and function.__defaults__ is self.defaults
            and function.__kwdefaults__ is self.named_defaults
        )


class _Inspect(ModuleType):
    """`inspect` as Keras's modules see it: answers about Keras's own functions come from a table."""

    def __init__(self, table: Mapping[FunctionType, _Asked]) -> None:
        super().__init__("inspect", inspect.__doc__)
        self.Parameter = inspect.Parameter
        self.signature, self.getfullargspec = _from_table(table)

    def __getattr__(self, name: str) -> Any:
        return getattr(inspect, name)


def _from_table(table: Mapping[FunctionType, _Asked]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return an `inspect.signature` and an `inspect.getfullargspec` that look in a table first."""

    @functools.wraps(inspect.signature)
    def signature(asked: Any, **settings: Any) -> inspect.Signature:
        of, kind = asked, type(asked)
        if kind is FunctionType and asked not in table:
            # A layer's `build` is a function that wraps the method, and has the method's signature.
            inside = vars(asked)
            of = None if "__signature__" in inside else inside.get("__wrapped__")
            kind = type(of)
        if not settings:
            if kind is MethodType:
                found = table.get(of.__func__)
                if found is not None and found.bound is not None and found.holds:
                    return found.bound
            elif kind is FunctionType:
                found = table.get(of)
                if found is not None and found.holds:
                    return found.signature
        return inspect.signature(asked, **settings)

    @functools.wraps(inspect.getfullargspec)
    def getfullargspec(asked: Any) -> inspect.FullArgSpec:
        found = table.get(asked) if type(asked) is FunctionType else None
        if found is None or not found.holds:
            return inspect.getfullargspec(asked)
        # The caller may change its lists, so each gets copies.
        copied: Any = tuple(map(copy.copy, found.specification))
        return inspect.FullArgSpec(*copied)

    return signature, getfullargspec


@functools.cache
def _table() -> dict[FunctionType, _Asked]:
    """Return the answers about every operation and layer of Keras's, by function."""
    from keras.src.layers.layer import Layer
    from keras.src.ops.operation import Operation

    table: dict[FunctionType, _Asked] = {}
    for base, names in ((Operation, _OF_OPERATIONS), (Layer, _OF_LAYERS)):
        for function in (vars(kind).get(name) for kind in _of_keras(base) for name in names):
            # A wrapper would have to be compared with every function that it wraps.
            if (
                type(function) is FunctionType
                and not {"__wrapped__", "__signature__"} & vars(function).keys()
            ):
                table[function] = _ask(function)
    return table


def _ask(function: FunctionType) -> _Asked:
    signature = inspect.signature(function)
    try:
        bound = inspect.signature(MethodType(function, object()))
    except ValueError:
        bound = None
    inside = (function.__code__, function.__defaults__, function.__kwdefaults__)
    return _Asked(function, *inside, signature, bound, inspect.getfullargspec(function))


def _install_signatures() -> None:
    quick = _Inspect(_table())
    for name in _ASKING:
        module = importlib.import_module(name)
        if vars(module).get("inspect") is inspect:
            module.__dict__["inspect"] = quick


# Attributes


def _never_tracked() -> frozenset[type]:
    """Return the types, without subclasses, whose values neither Keras nor TensorFlow tracks or wraps."""
    import tensorflow as tf
    from keras import constraints, dtype_policies, initializers, regularizers
    from keras.src import backend
    from keras.src.layers import InputSpec, Layer
    from keras.src.metrics.metric import Metric
    from keras.src.saving.serialization_lib import SerializableDict

    plain = {bool, bytes, complex, float, int, str, type(None)}
    plain |= {BuiltinFunctionType, FunctionType, MethodType, inspect.Signature, InputSpec, SerializableDict}
    for base in (
        constraints.Constraint,
        dtype_policies.DTypePolicy,
        initializers.Initializer,
        regularizers.Regularizer,
    ):
        plain.update(_of_keras(base))
    tracked = (
        tf.__internal__.tracking.Trackable,
        backend.Variable,
        Layer,
        Metric,
        backend.random.SeedGenerator,
    )
    return frozenset(kind for kind in plain if not issubclass(kind, (*tracked, dict, list, set, tuple)))


def _install_attributes() -> None:
    never_tracked, containers = _never_tracked(), _containers()
    _assign_at_once(never_tracked, containers)
    _track_at_once(never_tracked, containers)


def _assign_at_once(never_tracked: frozenset[type], containers: Mapping[type, Callable[..., Any]]) -> None:
    from keras.src.layers.layer import Layer
    from keras.src.utils.tracking import is_tracking_enabled

    # A class that handles attributes itself, as a learner's may, is left to Keras's own function.
    layers = frozenset(kind for kind in _of_keras(Layer) if _is_usual(kind))
    assign = object.__setattr__
    plain = Layer.__setattr__

    @functools.wraps(plain)
    def __setattr__(self: Any, name: str, value: Any) -> None:  # noqa: N807
        kind = type(value)
        if kind in never_tracked:
            # Keras makes the tracker when the very first attribute is set.
            if type(self) in layers and hasattr(self, "_tracker"):
                try:
                    if getattr(self, name) is value:
                        return
                except AttributeError:
                    pass
                assign(self, name, value)
                return
        elif (
            kind in containers
            and type(self) in layers
            and name != "_tracker"
            and hasattr(self, "_tracker")
            and is_tracking_enabled()
        ):
            value = containers[kind](value, self._tracker)
            if getattr(self, "_self_setattr_tracking", True) and hasattr(self, "_tracked"):
                self._tracked.append(name)
            assign(self, name, value)
            return
        plain(self, name, value)

    Layer.__setattr__ = __setattr__


def _track_at_once(never_tracked: frozenset[type], containers: Mapping[type, Callable[..., Any]]) -> None:
    from keras.src.utils.tracking import Tracker, is_tracking_enabled

    plain = Tracker.track

    @functools.wraps(plain)
    def track(self: Any, attr: Any) -> Any:
        kind = type(attr)
        if kind in never_tracked:
            return attr
        if kind in containers:
            return containers[kind](attr, self) if is_tracking_enabled() else attr
        return plain(self, attr)

    Tracker.track = track


def _is_usual(kind: type) -> bool:
    """Return whether only the known functions assign the attributes of a layer of Keras's."""
    own = [base for base in kind.__mro__ if "__setattr__" in vars(base)]
    names = ("Layer", "KerasAutoTrackable", "AutoTrackable", "object")
    others = ("__getattr__", "__getattribute__", "_setattr_hook")
    return tuple(base.__name__ for base in own) == names and not any(
        other in vars(base)
        for base in kind.__mro__
        if base.__name__ not in ("Layer", "Operation", "object")
        for other in others
    )


def _containers() -> dict[type, Callable[..., Any]]:
    """Return what Keras puts in the place of a list, a dictionary or a set, by type."""
    from keras.src.utils import tracking

    return {
        list: tracking.TrackedList,
        OrderedDict: tracking.TrackedOrderedDict,
        dict: tracking.TrackedDict,
        set: tracking.TrackedSet,
    }


# Protocols


def _install_protocols() -> None:
    protocols = _subclasses(typing.Protocol)
    plain = typing._get_protocol_attrs  # type: ignore[attr-defined]
    table = {kind: plain(kind) for kind in protocols if kind.__module__.startswith("tensorflow.")}

    @functools.wraps(plain)
    def members(protocol: type) -> Any:
        return table[protocol] if protocol in table else plain(protocol)

    typing._get_protocol_attrs = members  # type: ignore[attr-defined]


# Operations


def _install_operations() -> None:
    from keras.src.ops.operation import Operation

    from autograder.evidence import probing

    plain, watching = Operation.__new__, probing.WATCHING

    @functools.wraps(plain)
    def __new__(cls: type, *args: Any, **kwargs: Any) -> Any:  # noqa: N807
        made = plain(cls, *args, **kwargs)
        for created in watching:
            created.append(made)
        return made

    Operation.__new__ = staticmethod(__new__)
    probing.told_by(__new__)


# A rehearsal


def rehearse() -> bool:
    """Build and describe a model of the usual layers, so that forks need not do what is only done once.

    What Python has learned about Keras's functions stays with them, and forks share it. Threads would be lost
    in forks: where a rehearsal in a child leaves any, or fails, this process does none. Random states and the
    numbers in names are afterwards what they were before.

    Returns:
        Whether this process has rehearsed.
    """
    if "rehearsal" not in _installed:
        return False
    child = os.fork()
    if child == 0:
        try:
            _rehearse()
            os._exit(len(os.listdir("/proc/self/task")) - 1)
        finally:
            os._exit(1)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        return False
    _rehearse()
    gc.collect()
    gc.freeze()
    return True


def _rehearse() -> None:
    import numpy
    import tensorflow as tf
    from keras.src.backend.common import global_state

    from autograder.evidence import capture

    state = vars(global_state.GLOBAL_STATE_TRACKER)
    before, drawn, numbers = dict(state), random.getstate(), numpy.random.get_state()
    has_strategy = tf.distribute.has_strategy
    try:
        # To answer whether there is a strategy, TensorFlow makes its graph, which starts a thread.
        tf.distribute.has_strategy = lambda: False
        json.dumps(capture("", [_usual], [[{"shape": [size, size, 3]}] for size in (28, 27, 29)]))
    finally:
        tf.distribute.has_strategy = has_strategy
        state.clear()
        state.update(before)
        random.setstate(drawn)
        numpy.random.set_state(numbers)


def _usual(x: Any) -> Any:
    """Build a model of the layers that most tasks ask for."""
    from keras import layers

    one = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
    two = layers.Conv2D(8, 1, padding="same", activation="relu", strides=1)(x)
    three = layers.MaxPooling2D(3, strides=1, padding="same")(x)
    x = layers.concatenate([one, two, layers.Conv2D(4, 1)(three)])
    x = layers.BatchNormalization()(x)
    x = layers.Activation("relu")(layers.add([x, layers.Conv2D(20, 1)(x)]))
    x = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(x))
    return layers.Dense(10, activation="softmax")(layers.Dense(4)(x))


_TRACKED = tuple(
    f"{_TRACKING}:{name}"
    for name in (
        "is_tracking_enabled",
        "Tracker.track",
        "TrackedList.__init__",
        "TrackedDict.__init__",
        "TrackedOrderedDict.__init__",
        "TrackedSet.__init__",
    )
)
WAYS = (
    Way("signatures", _install_signatures, (f"{_LAYER}:Layer.__new__", f"{_OPERATION}:Operation.__new__")),
    Way(
        "attributes",
        _install_attributes,
        (
            *_TRACKED,
            f"{_LAYER}:Layer.__setattr__",
            f"{_LAYER}:Layer._initialize_tracker",
            f"{_OPERATION}:Operation._setattr_hook",
            f"{_TRACKABLE}:KerasAutoTrackable.__setattr__",
            f"{_TRACKABLE}:sticky_attribute_assignment",
            f"{_AUTO}:AutoTrackable.__setattr__",
            f"{_STRUCTURES}:_should_wrap_tuple",
            f"{_STRUCTURES}:wrap_or_unwrap",
            f"{_STRUCTURES}:sticky_attribute_assignment",
        ),
    ),
    # From 3.12 on Python keeps a protocol's members itself.
    Way("protocols", _install_protocols, ("typing.py:_get_protocol_attrs",), until=(3, 12)),
    Way("operations", _install_operations, (f"{_OPERATION}:Operation.__new__",)),
    # `rehearse` does this, once it is worth its time.
    Way("rehearsal", lambda: None, (f"{_TRAINER}:TensorFlowTrainer.__init__",)),
)
