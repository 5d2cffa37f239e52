"""Deferred weights are the weights that an eager model would have, made when they are first read."""

from __future__ import annotations

from functools import cache

import pytest

from autograder.sandbox import CellSource, Request, WarmInterpreter, best_level
from tests import warm as programs
from tests.sandbox.running import RunCells, errors, printed

MODEL = """
import keras, numpy as np
keras.utils.set_random_seed(7)
x = keras.Input((6,))
y = keras.layers.Dense(5, activation="relu")(x)
y = keras.layers.BatchNormalization()(y)
y = keras.layers.Dropout(0.5)(y)
z = keras.layers.LSTM(3)(keras.layers.Embedding(9, 4)(x))
model = keras.Model(x, keras.layers.Dense(2)(keras.layers.concatenate([y, z])))
"""
FIT = """
model.compile("rmsprop", "mse", jit_compile=False)
history = model.fit(np.ones((8, 6)), np.ones((8, 2)), epochs=2, verbose=0, shuffle=False)
print([round(float(loss), 4) for loss in history.history["loss"]])
print([round(float(weight.sum()), 4) for weight in model.get_weights()])
"""
# To trace a step of an LSTM takes longer than all the rest; its weights are compared without one (below).
TRAINED = MODEL.replace("keras.layers.LSTM(3)", "keras.layers.GlobalAveragePooling1D()")


@cache
def eagerly(source: str) -> str:
    """What the source prints in a program of its own, where weights are drawn at once."""
    done = programs.run(["-c", source])
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_nothing_is_drawn_before_it_is_read(run: RunCells) -> None:
    ran = run(
        MODEL,
        "print({'_drawn_later' in weight.__dict__ for weight in model.weights}, model.count_params())",
        "values = model.get_weights()\n"
        "print({'_drawn_later' in weight.__dict__ for weight in model.weights})",
    )

    assert errors(ran) == [None, None, None]
    assert printed(ran, 1).startswith("{True} ")
    assert printed(ran, 2) == "{False}\n"


@pytest.mark.slow
def test_training_gives_what_it_gives_eagerly(warm: WarmInterpreter) -> None:
    """As what keeps a model, below, at the best level alone."""
    cells = [CellSource(number, f"cell-{number}", source) for number, source in enumerate((TRAINED, FIT))]
    ran = warm.run(Request(cells, level=best_level().level))

    assert errors(ran) == [None, None]
    assert printed(ran, 1) == eagerly(TRAINED + FIT)


@pytest.mark.slow
def test_weights_read_in_another_order_are_the_same_weights(run: RunCells) -> None:
    sums = "print([round(float(weight.numpy().sum()), 4) for weight in model.weights])"

    ran = run(MODEL, "[weight.numpy() for weight in reversed(model.weights)];", sums)

    assert errors(ran) == [None, None, None]
    assert printed(ran, 2) == eagerly(MODEL + sums)


def test_weights_can_be_set_saved_and_shared_before_they_are_read(run: RunCells) -> None:
    ran = run(
        MODEL,
        "model.set_weights([np.full(weight.shape, 2.0) for weight in model.weights])",
        "model.save_weights('kept.weights.h5')\nother = keras.models.clone_model(model)",
        "other.load_weights('kept.weights.h5')\n"
        "print(float(other.weights[0].numpy()[0, 0]), model(np.ones((1, 6))).shape)",
    )

    assert errors(ran) == [None, None, None, None]
    assert printed(ran, 3) == "2.0 (1, 2)\n"


SMALL = """
import copy, pickle
import keras, numpy as np, tensorflow as tf
from keras import layers

X, Y = np.ones((8, 4), "float32"), np.ones((8, 2), "float32")

def fresh():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dropout(0.5), layers.Dense(2)])
    # A program compiled for the processor would take a second for each model, and has no part in the weights.
    model.compile("sgd", "mse", jit_compile=False)
    return model

def same(one, other, traced=False):
    print(np.allclose(one(X), other(X)))
    one.run_eagerly = not traced
    one.fit(X, Y, verbose=0)
"""
# Each reads a weight first, in its own way, and trains the model after that; what is said is "True". The step
# is traced where graphs or devices have a part in the way; elsewhere tracing would take most of the time.
KEEPING = {
    "exporting, and serving without Python": "m = fresh(); m.export('exported', verbose=False)\n"
    "with tf.Graph().as_default(), tf.compat.v1.Session() as session:\n"
    "    signature = tf.compat.v1.saved_model.load(session, ['serve'], 'exported').signature_def['serve']\n"
    "    (asked,), (got,) = signature.inputs.values(), signature.outputs.values()\n"
    "    served = session.run(got.name, {asked.name: X})\n"
    "assert np.allclose(m(X), served)\n"
    "loaded = tf.saved_model.load('exported'); same(m, loaded.serve, traced=True)",
    "saving a SavedModel": "m = fresh(); tf.saved_model.save(m, 'saved'); same(m, m, traced=True)",
    "saving": "m = fresh(); m.save('m.keras'); same(m, keras.models.load_model('m.keras'))",
    "a checkpoint of TensorFlow's": "m, n = fresh(), fresh(); kept = tf.train.Checkpoint(m).save('kept')\n"
    "tf.train.Checkpoint(n).restore(kept); same(m, n)",
    "checkpoints while training": "m = fresh(); m.run_eagerly = True\n"
    "m.fit(X, Y, verbose=0, callbacks=[keras.callbacks.ModelCheckpoint('c.keras')])\n"
    "same(m, keras.models.load_model('c.keras'))",
    "cloning": "m = fresh(); n = keras.models.clone_model(m); n.set_weights(m.get_weights()); same(m, n)",
    "pickling": "m = fresh(); same(m, pickle.loads(pickle.dumps(m)))",
    "copying": "m = fresh(); same(m, copy.deepcopy(m))",
    "reading in a graph": "m = fresh()\n"
    "with tf.Graph().as_default():\n    read = [weight.value for weight in m.weights]\n"
    "same(m, m, traced=True)",
    "several devices": "strategy = tf.distribute.MirroredStrategy(['cpu:0'])\n"
    "with strategy.scope():\n    m = fresh()\n"
    "same(m, m, traced=True)",
}


@pytest.mark.slow
def test_what_keeps_a_model_in_keras_keeps_it_here(warm: WarmInterpreter) -> None:
    """It takes long, and no level has a part in it: the best is tried."""
    sources = (SMALL, *KEEPING.values())
    cells = [CellSource(number, f"cell-{number}", source) for number, source in enumerate(sources)]
    ran = warm.run(Request(cells, level=best_level().level))

    assert dict(zip(KEEPING, errors(ran)[1:], strict=True)) == dict.fromkeys(KEEPING)
    said = {name: printed(ran, number) for number, name in enumerate(KEEPING, start=1)}
    assert {name: text.splitlines()[-1] for name, text in said.items()} == dict.fromkeys(KEEPING, "True")


# What an initializer of one's own does, or refuses, and in which order seeds are given away.
WHEN_MADE = """
made = []
def own(shape, dtype=None):
    made.append(tuple(shape))
    return keras.ops.ones(shape, dtype)

def build(**settings):
    layer = layers.Dense(2, **settings)
    layer.build((None, 3))
    return layer

build(kernel_initializer=own)
print(made)
for refused in ("orthogonal", keras.initializers.Constant([1.0, 2.0, 3.0])):
    try:
        build(bias_initializer=refused)
    except Exception as error:
        print("refused")
generator = keras.random.SeedGenerator(5)
draw = keras.initializers.RandomNormal(seed=generator)
first, second = build(kernel_initializer=draw), build(kernel_initializer=draw)
print([round(float(layer.kernel.numpy().sum()), 4) for layer in (second, first)])
print([weight.value.name for weight in keras.Sequential([keras.Input((3,)), layers.Dense(2)]).weights])
"""


@pytest.mark.slow
def test_an_initializer_that_does_more_than_draw_is_called_when_the_weight_is_made(run: RunCells) -> None:
    ran = run(SMALL, WHEN_MADE)

    assert errors(ran) == [None, None]
    assert "refused\nrefused\n" in printed(ran, 1)
    assert printed(ran, 1) == eagerly(SMALL + WHEN_MADE)


def test_a_weight_whose_drawing_was_interrupted_is_drawn_when_it_is_read_again(run: RunCells) -> None:
    ran = run(
        SMALL,
        "layer = layers.Dense(2); layer.build((None, 3))\n"
        "kind = type(layer.kernel_initializer); call = kind.__call__\n"
        "def stopped(self, *args, **kwargs):\n"
        "    kind.__call__ = call\n"
        "    raise KeyboardInterrupt\n"
        "kind.__call__ = stopped\n"
        "layer.kernel.numpy()",
        "print(layer.kernel.numpy().shape)",
    )

    assert errors(ran)[2] is None
    assert printed(ran, 2) == "(3, 2)\n"
