"""The stereo model is trained on two views of a brightness."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.verification.trainings import Feed, Names, Scale, Size, Training, compiled


def _stereo_model(names: Names, scale: Scale) -> Any:
    """Return a brightness from two cameras: through the small encoder, or at full size an Xception."""
    import keras

    if scale == "chapter":
        inputs, features = names["model"].inputs, names["model"].output
    else:
        inputs = [keras.Input((32, 32, 3), name=side) for side in ("left", "right")]
        features = names["stereo_features"](*inputs)
    pooled = keras.layers.GlobalAveragePooling2D()(features)
    return compiled(keras.Model(inputs, keras.layers.Dense(1, name="score")(pooled)), "mean_squared_error")


def _views(_names: Names, random: np.random.Generator, size: Size) -> Feed:
    """Two views, each of another brightness; the score is the sum of both."""
    lights = random.uniform(0, 1, size=(2, size.samples)).astype("float32")
    shape = (size.samples, size.length, size.length, 3)
    views = [light[:, None, None, None] * random.random(shape, dtype="float32") for light in lights]
    return views, 2 * lights.sum(axis=0)[:, None]


TRAININGS = [Training("fit", _stereo_model, _views, Size(64, 3, 8, 32), Size(64, 3, 8, 250), 0.8)]
