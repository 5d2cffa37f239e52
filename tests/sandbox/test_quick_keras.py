"""Keras with less bookkeeping is Keras: the same attributes, signatures, files and evidence."""

from __future__ import annotations

import inspect
import json
import os
import re
import sys
import typing
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras.src.layers.layer import Layer
from keras.src.ops.operation import Operation
from keras.src.utils import tracking
from keras.src.utils.tracking import Tracker

from autograder.course import load_course
from autograder.evidence import probing
from autograder.grading import GradingSession, choose_isolation
from autograder.messages import render
from autograder.sandbox import CellSource, Request, Run, WarmInterpreter, best_level, quick_keras
from autograder.sandbox.warm import _FORKS_BEFORE_COLLAPSING
from benchmarks.bookkeeping import BY_CHANCE, handed_in, solved
from tests import warm as programs
from tests.sandbox.running import errors, printed

ROOT = Path(__file__).parents[2]

# Where a way puts something into another place.
PLACES: list[tuple[Any, str]] = [
    (Layer, "__setattr__"),
    (Tracker, "track"),
    (Operation, "__new__"),
    (typing, "_get_protocol_attrs"),
    (probing, "_tells"),
    *((sys.modules[name], "inspect") for name in quick_keras._ASKING),
]


def there() -> list[Any]:
    """What is in those places."""
    return [vars(owner).get(name) for owner, name in PLACES]


def put(things: list[Any]) -> None:
    for (owner, name), thing in zip(PLACES, things, strict=True):
        if vars(owner).get(name) is not thing:
            setattr(owner, name, thing)


@contextmanager
def quickly() -> Iterator[tuple[str, ...]]:
    """Keras with every way in this process, for a while."""
    before = there()
    try:
        yield quick_keras.install()
    finally:
        put(before)


# What is known


def test_every_way_knows_what_is_installed() -> None:
    """Where it does not, Keras, TensorFlow or Python has changed.

    Read the new text and what stands in for it, let `make bench-bookkeeping` compare, and note the digest.
    """
    changed = {
        place: quick_keras.digest(place)
        for way in quick_keras.WAYS
        for place in way.stands_on
        if not quick_keras._is_known(place)
    }

    assert changed == {}
    assert quick_keras.unknown() == ()


def test_a_text_that_reads_differently_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    place = "keras/src/layers/layer.py:Layer.__setattr__"
    lines = quick_keras._lines(quick_keras._LAYER)
    other = tuple(line.replace("_setattr_hook(name, value)", "_setattr_hook(value, name)") for line in lines)
    monkeypatch.setattr(quick_keras, "_lines", lambda file: other if file == quick_keras._LAYER else ())
    # Otherwise it is kept as long as the process lives, which has one installation.
    monkeypatch.setattr(quick_keras, "digest", inspect.unwrap(quick_keras.digest))

    assert quick_keras.digest(place) not in ("", *quick_keras._KNOWN[place])
    assert set(quick_keras.unknown()) >= {"attributes", "operations"}
    with quickly() as installed:
        assert installed == ()
        assert Layer.__setattr__ is inspect.unwrap(Layer.__setattr__)
    said = quick_keras.without()
    assert said is not None
    assert f"Keras {keras.__version__}, TensorFlow" in render(said, "en")
    assert "attributes" in render(said, "ko")
    assert "longer" not in render(said, "ko")


def test_the_text_of_a_function_is_all_of_it() -> None:
    for text, function in (
        ("keras/src/layers/layer.py:Layer._initialize_tracker", Layer._initialize_tracker),
        ("keras/src/utils/tracking.py:Tracker.track", Tracker.track),
        ("typing.py:_get_protocol_attrs", typing._get_protocol_attrs),  # type: ignore[attr-defined]
    ):
        file, _, name = text.partition(":")
        found = quick_keras._text(quick_keras._lines(file), name.split("."))
        assert found == inspect.getsource(function).rstrip()


@pytest.mark.parametrize("left_out", ["all", "attributes,protocols"])
def test_ways_can_be_left_out(monkeypatch: pytest.MonkeyPatch, left_out: str) -> None:
    assert quick_keras.without() is None
    monkeypatch.setenv(quick_keras.LEFT_OUT, left_out)
    said = quick_keras.without()
    assert said is not None
    assert quick_keras.LEFT_OUT in render(said, "en")
    plain = Layer.__setattr__
    with quickly() as installed:
        expected = () if left_out == "all" else ("signatures", "operations", "rehearsal")
        assert installed == expected
        assert Layer.__setattr__ is plain


# Signatures


def test_a_signature_from_the_table_is_the_one_that_inspect_gives() -> None:
    with quickly():
        asked = inspect
        quick = vars(sys.modules[Layer.__module__])["inspect"]
        assert quick is not inspect
        for kind in quick_keras._of_keras(Operation):
            for name in (*quick_keras._OF_OPERATIONS, *quick_keras._OF_LAYERS):
                function = getattr(kind, name, kind.__init__)
                assert quick.signature(function) == asked.signature(function), (kind, name)
            assert quick.getfullargspec(kind.__init__) == asked.getfullargspec(kind.__init__), kind
        for layer in (keras.layers.Dense(2), keras.layers.LSTM(2), keras.Sequential(), keras.layers.Add()):
            for method in (layer.build, layer.call, layer.compute_output_shape, layer.quantize):
                assert quick.signature(method) == asked.signature(method), method


def test_a_function_that_somebody_has_given_another_inside_is_asked_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with quickly():
        quick = vars(sys.modules[Layer.__module__])["inspect"]
        monkeypatch.setattr(keras.layers.Add.call, "__defaults__", (None,))
        assert quick.signature(keras.layers.Add.call) == inspect.signature(keras.layers.Add.call)

        def call(self: object, inputs: object, more: int = 3) -> None: ...

        monkeypatch.setattr(keras.layers.Add, "call", call)
        assert list(keras.layers.Add()._call_signature.parameters) == ["inputs", "more"]


# Attributes

NAMES = ("first", "second", "units", "trainable", "built", "name", "input_spec", "dtype", "own", "given")
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from(["", "text", 0.5, b"bytes", 2j, "function", "initializer", "policy", "array"]),
    st.sampled_from(["Dense", "frozen", "variable", "fixed", "metric", "seeds", "model", "same"]),
)
VALUES = st.recursive(
    LEAVES,
    lambda inside: st.one_of(
        st.tuples(st.sampled_from([list, tuple, "pair"]), st.lists(inside, max_size=3)),
        st.tuples(st.just(set), st.lists(st.sampled_from([1, "text", "Dense", "variable"]), max_size=2)),
        st.tuples(st.sampled_from([dict, OrderedDict]), st.lists(inside, max_size=2)),
    ),
    max_leaves=6,
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("set"), st.sampled_from(NAMES), VALUES),
        st.tuples(st.just("delete"), st.sampled_from(NAMES)),
        st.tuples(st.just("add"), st.sampled_from(NAMES), VALUES),
        st.tuples(st.just("take"), st.sampled_from(NAMES)),
        st.tuples(st.just("untracked"), st.sampled_from(NAMES), VALUES),
        st.tuples(st.sampled_from(["lock", "unlock", "freeze"])),
    ),
    min_size=1,
    max_size=9,
)


class Pair(typing.NamedTuple):
    left: object
    right: object


class Own(keras.layers.Layer):
    """A learner's, with a default and a property."""

    first = None

    @property
    def own(self) -> object:
        return self.__dict__.get("_own")

    @own.setter
    def own(self, value: object) -> None:
        self._own = value


MADE: Mapping[str, Callable[[], Any]] = {
    "function": lambda: np.mean,
    "initializer": lambda: keras.initializers.Zeros(),
    "policy": lambda: keras.dtype_policies.DTypePolicy("float32"),
    "array": lambda: np.arange(3),
    "Dense": lambda: keras.layers.Dense(1, name="inner"),
    "frozen": lambda: keras.layers.Dense(1, name="frozen", trainable=False),
    "variable": lambda: keras.Variable([1.0, 2.0], name="weight"),
    "fixed": lambda: keras.Variable(1.0, trainable=False, name="fixed"),
    "metric": lambda: keras.metrics.Mean(name="mean"),
    "seeds": lambda: keras.random.SeedGenerator(1),
    "model": lambda: keras.Sequential([keras.layers.Dense(1, name="deep")], name="model"),
}
OUTER: Mapping[str, Callable[[], Any]] = {
    "Dense": lambda: keras.layers.Dense(2, name="outer"),
    "own": lambda: Own(name="outer"),
    "Sequential": lambda: keras.Sequential(name="outer"),
    "Functional": lambda: keras.Model(given := keras.Input((2,), name="given"), given, name="outer"),
}


def made(recipe: Any, once: dict[str, Any]) -> Any:
    """The value of a recipe; what is called `same` is the first thing that was made."""
    if isinstance(recipe, str) and recipe in MADE:
        thing = MADE[recipe]()
        once.setdefault("same", thing)
        return thing
    if recipe == "same":
        return once.get("same")
    if not isinstance(recipe, tuple):
        return recipe
    kind, parts = recipe
    inside = [made(part, once) for part in parts]
    if kind == "pair":
        return Pair(*[*inside, None, None][:2])
    if kind in (dict, OrderedDict):
        return kind(zip("abc", inside, strict=False))
    return kind(inside)


def follow(outer: str, steps: list[tuple[Any, ...]]) -> list[object]:
    """What is to be seen of a layer after each step."""
    keras.backend.clear_session(free_memory=False)
    layer, once = OUTER[outer](), dict[str, Any]()
    seen: list[object] = []
    for step in steps:
        try:
            _do(layer, once, *step)
        except Exception as error:
            seen.append((type(error).__name__, str(error)))
        seen.append(_look(layer))
    return seen


def _do(layer: Any, once: dict[str, Any], what: str, name: str = "", recipe: Any = None) -> None:
    if what == "set":
        setattr(layer, name, made(recipe, once))
    elif what == "delete":
        delattr(layer, name)
    elif what == "add":
        held = getattr(layer, name)
        value = made(recipe, once)
        if isinstance(held, dict):
            held["more"] = value
        elif isinstance(held, set):
            held.add(value)
        else:
            held.append(value)
    elif what == "take":
        held = getattr(layer, name)
        if isinstance(held, set) and len(held) > 1:
            # Which of several a set would give away depends on where they lie.
            held.remove(min(held, key=lambda thing: str(shape_of(thing))))
        else:
            held.pop()
    elif what == "untracked":
        with tracking.DotNotTrackScope():
            setattr(layer, name, made(recipe, once))
    elif what == "lock":
        layer._lock_state()
    elif what == "unlock":
        layer._tracker.unlock()
    else:
        layer.trainable = not layer.trainable


def _look(layer: Any) -> object:
    stores = [[shape_of(thing) for thing in things] for _, things in layer._tracker.config.values()]
    weights = [(weight.name, weight.trainable) for weight in layer.variables]
    children = [(name, shape_of(child)) for name, child in layer._trackable_children().items()]
    attributes = [(name, shape_of(value)) for name, value in layer.__dict__.items()]
    return stores, weights, children, attributes, [*layer._tracked], layer._tracker.locked


def shape_of(value: Any) -> object:
    """A value as far as both ways can have the same: types, order, names, and plain values."""
    kind = type(value).__name__
    if isinstance(value, dict):
        return kind, [(str(key), shape_of(inside)) for key, inside in value.items()]
    if isinstance(value, (list, tuple)):
        return kind, [shape_of(inside) for inside in value]
    if isinstance(value, set):
        return kind, sorted(str(shape_of(inside)) for inside in value)
    if isinstance(value, (str, bytes, int, float, complex, type(None))):
        # Keras numbers nodes by where an operation lies.
        return kind, re.sub(r"\d{9,}", "id", repr(value))
    return kind, str(getattr(value, "name", ""))


@pytest.fixture(scope="module")
def ways() -> list[Any]:
    """What is in those places where every way is installed."""
    with quickly() as installed:
        assert installed == tuple(way.name for way in quick_keras.WAYS if way.needed)
        return there()


@settings(max_examples=50, deadline=None, database=None)
@given(st.sampled_from(sorted(OUTER)), STEPS)
def test_whatever_is_assigned_to_a_layer_it_is_the_same_layer(
    ways: list[Any], outer: str, steps: list[tuple[Any, ...]]
) -> None:
    plain, before = follow(outer, steps), there()
    put(ways)
    try:
        assert follow(outer, steps) == plain
    finally:
        put(before)


def test_what_is_assigned_is_kept_as_in_keras() -> None:
    """The very object, a copy of a tuple, and nothing where a class has the value already."""

    def kept() -> list[object]:
        layer = Own()
        items, pair = [1], (1, 2)
        layer.given, layer.second, layer.first = items, pair, None
        # Nothing is assigned that is there, and so it may be what cannot be assigned.
        dense = keras.layers.Dense(2)
        dense.dtype = dense.dtype
        return [layer.given is items, layer.second is pair, "first" in layer.__dict__, type(layer.given)]

    plain = kept()
    with quickly():
        assert kept() == plain


# In the sandbox

SAVED = """
import copy, pickle, warnings
# The warm server is started with all warnings off.
warnings.filterwarnings("always", category=UserWarning)
import keras, numpy as np, tensorflow as tf
from keras import layers

@keras.saving.register_keras_serializable("course")
class Own(layers.Layer):
    def __init__(self, units=3, **settings):
        super().__init__(**settings)
        self.units = units
        self.many = [layers.Dense(units)]
        self.named = {"first": layers.Dense(2)}
        self.either = {1, 2}
        self.shapes = (1, (2, None))
    def build(self, shape):
        self.scale = self.add_weight(shape=(shape[-1],), name="scale", initializer="ones")
        self.many.append(layers.Dense(self.units))
        for layer in self.many:
            layer.build(shape)
        self.named["first"].build(shape)
        self.named["later"] = layers.Dense(1)
        self.named["later"].build(shape)
        self.either.add(3)
    def call(self, x):
        return self.many[0](x * self.scale) + self.many[1](x)
    def get_config(self):
        return {**super().get_config(), "units": self.units}

def fresh():
    keras.utils.set_random_seed(3)
    x = keras.Input((4,), name="x")
    y = layers.Dense(3, activation="relu", kernel_regularizer="l2")(x)
    y = layers.BatchNormalization()(layers.Dropout(0.5)(y))
    y = keras.Sequential([layers.Dense(4, name="deep")], name="inner")(y)
    model = keras.Model(x, layers.Dense(2, name="out")(Own(name="own")(y)), name="made")
    model.compile("adam", "mse", metrics=["mae"], jit_compile=False)
    return model

X, Y = np.arange(32.0).reshape(8, 4) / 32, np.ones((8, 2))

def told(model):
    print([(w.path, w.shape, w.trainable) for w in model.weights])
    print(np.round(np.asarray(model(X)), 4).tolist())

m = fresh()
told(m)
"""
# A SavedModel has what an export has, by the names that a checkpoint has.
KEPT = {
    "as .keras": "m.save('a.keras'); told(keras.models.load_model('a.keras'))",
    "as .h5": "m.save('a.h5'); told(keras.models.load_model('a.h5', compile=False))",
    "its weights": "m.save_weights('a.weights.h5'); n = fresh(); n.load_weights('a.weights.h5'); told(n)",
    "as an export": "m.export('exported', verbose=False)\n"
    "loaded = tf.saved_model.load('exported')\n"
    "print(np.round(np.asarray(loaded.serve(X.astype('float32'))), 4).tolist())\n"
    "print(sorted(name for name, _ in tf.train.list_variables('exported/variables/variables')))",
    "as a checkpoint": "kept = tf.train.Checkpoint(model=m).save('kept')\n"
    "print(sorted((name, shape) for name, shape in tf.train.list_variables(kept)))\n"
    "n = fresh(); tf.train.Checkpoint(model=n).restore(kept).assert_existing_objects_matched(); told(n)",
    "as a clone": "n = keras.models.clone_model(m); print(n.count_params())",
    "pickled": "told(pickle.loads(pickle.dumps(m)))",
    "copied": "told(copy.deepcopy(m))",
    "as its configuration": "print(m.get_config()); print(m.to_json()); m.summary(show_trainable=True)",
    "frozen": "m.get_layer('own').trainable = False; m.get_layer('inner').trainable = False; told(m)\n"
    "before = m.get_weights(); m.compile('sgd', 'mse', run_eagerly=True); m.fit(X, Y, verbose=0)\n"
    "print([bool(np.allclose(a, b)) for a, b in zip(before, m.get_weights())])",
    "with more layers": "o = Own()\n"
    "o.more = []; o.more.append(layers.Dense(2)); o.more.extend([layers.Dense(1)])\n"
    "o.kind = {}; o.kind['a'] = layers.Dense(3); o.build((None, 4)); print([w.path for w in o.weights])\n"
    "o.late = layers.Dense(1)",
    "with a slip": "try:\n    layers.Dense('three')\nexcept Exception as e:\n    print(type(e), e)\n"
    "layers.Dense(2)(layers.Dense(3))",
}


@pytest.fixture(scope="module")
def plain() -> Iterator[WarmInterpreter]:
    """One in which Keras does all of its bookkeeping: a fork of the warm server, which does that, too."""
    with pytest.MonkeyPatch.context() as patch, programs.programs():
        patch.setenv(quick_keras.LEFT_OUT, "all")
        interpreter = WarmInterpreter.spawn()
    with interpreter:
        yield interpreter


def both(warm: WarmInterpreter, plain: WarmInterpreter, sources: Iterable[str]) -> tuple[Run, Run]:
    """A notebook, run each way."""
    cells = [CellSource(number, f"cell-{number}", source) for number, source in enumerate(sources)]
    request = Request(cells, level=best_level().level)
    return warm.run(request), plain.run(request)


WHICH = """
from keras.src.layers.layer import Layer
print(hasattr(Layer.__setattr__, "__wrapped__"))
"""


def test_learners_get_the_quick_ways_unless_they_are_left_out(
    warm: WarmInterpreter, plain: WarmInterpreter
) -> None:
    assert [printed(ran) for ran in both(warm, plain, [WHICH])] == ["True\n", "False\n"]


@pytest.mark.parametrize("assignment", ["multi-output", "shared-lstm"])
def test_notebooks_leave_the_same_outputs_and_evidence(
    warm: WarmInterpreter, plain: WarmInterpreter, assignment: str
) -> None:
    """The solution's, and a learner's of the example class: convolutions, and a layer that is called twice.

    `benchmarks.bookkeeping --check` compares all assignments.
    """
    course = load_course(ROOT / "course.yml")
    isolation = choose_isolation(course, unsafe=True)
    sides = [GradingSession(course, one, isolation) for one in (warm, plain)]
    works = [solved(assignment, "the solution", {}), *handed_in(course, [assignment], ("class",))][:2]

    assert len(works) == 2
    for work in works:
        quick, slow = (BY_CHANCE.sub("", work.run(side)) for side in sides)
        assert (work.name, quick) == (work.name, slow)


def test_a_rehearsal_leaves_no_thread_and_no_trace(warm: WarmInterpreter, plain: WarmInterpreter) -> None:
    """It is made once a warm interpreter has run often enough."""
    source = "from keras.src.backend.common import global_state\nimport random\n"
    source += "print(vars(global_state.GLOBAL_STATE_TRACKER), keras.layers.Dense(1).name)"
    level = best_level().level
    for _ in range(_FORKS_BEFORE_COLLAPSING):
        warm.run(Request([CellSource(0, "cell-0", "pass")], level=level))
    quick, slow = both(warm, plain, ["import keras", source])

    assert len(os.listdir(f"/proc/{warm.pid}/task")) == 1
    assert errors(quick) == [None, None]
    assert printed(quick, 1) == printed(slow, 1)


def test_another_meaning_for_what_builds_a_layer_is_noticed(warm: WarmInterpreter) -> None:
    """The evidence says that something is altered, and nothing of the model."""
    slips = {
        "quick_keras._table = list": "autograder.sandbox.quick_keras._table",
        "probing.WATCHING = []": "autograder.evidence.probing.WATCHING",
        "probing.told_by(len)": "autograder.evidence.probing._tells",
    }
    for slip, name in slips.items():
        cells = [
            "from autograder import check\nfrom autograder.evidence import probing\n"
            "from autograder.sandbox import quick_keras",
            slip,
            "check('task', 3)",
        ]
        sources = [CellSource(number, str(number), source) for number, source in enumerate(cells)]
        ran = warm.run(Request(sources, level=best_level().level))
        assert [json.loads(text)["altered"] for cell in ran.cells for text in cell.evidence] == [name]


def test_a_model_is_kept_and_frozen_as_in_keras(warm: WarmInterpreter, plain: WarmInterpreter) -> None:
    quick, slow = both(warm, plain, [SAVED, *KEPT.values()])

    assert errors(slow)[:-2] == [None] * (len(KEPT) - 1)
    for name, one, other in zip(["made", *KEPT], quick.cells, slow.cells, strict=True):
        assert (name, one.error) == (name, other.error)
        assert (name, said(one.outputs)) == (name, said(other.outputs))


def said(outputs: list[dict[str, Any]]) -> str:
    """Outputs without where objects lie."""
    return re.sub(r"0x[0-9a-f]{6,}", "0x", json.dumps(outputs))
