"""What the notebook `model-as-layer` says is so."""

from __future__ import annotations

import pytest

from tests.assignments.notebooks import COURSE, code_of, run_code, solved_notebook

ASSIGNMENT = "model-as-layer"


@pytest.mark.slow
def test_the_first_stub_builds_two_encoders() -> None:
    """It has the right shape and twice the weights."""
    import keras

    names, errors = run_code(code_of(COURSE, ASSIGNMENT, given="stereo-features-answer"))
    left, right = keras.Input((48, 48, 3)), keras.Input((48, 48, 3))
    model = keras.Model([left, right], names["stereo_features"](left, right))

    assert errors == {}
    assert model.output_shape == (None, 12, 12, 64)
    assert model.count_params() == 2 * 5088


@pytest.mark.slow
def test_keras_counts_what_task_two_says() -> None:
    """Six models, built as the table says, have the parameters of the solution."""
    import keras
    from keras import layers

    names, _ = run_code(code_of(COURSE, ASSIGNMENT)[:2])
    answer = dict(code_of(COURSE, ASSIGNMENT))["weight-counts-answer"]
    exec(answer, names)
    small_encoder = names["small_encoder"]
    left, right = keras.Input((48, 48, 3)), keras.Input((48, 48, 3))
    encoder = small_encoder()
    twin = keras.models.clone_model(encoder)
    twin.name = "twin"
    both = layers.concatenate([encoder(left), encoder(right)])
    features = {
        "one_camera": encoder(left),
        "two_cameras": both,
        "same_camera_twice": layers.concatenate([encoder(left), encoder(left)]),
        "two_encoders": layers.concatenate([small_encoder()(left), small_encoder()(right)]),
        "cloned": layers.concatenate([encoder(left), twin(right)]),
        "with_score": layers.Dense(1)(layers.GlobalAveragePooling2D()(both)),
    }

    assert names["parameters"] == {
        name: keras.Model([left, right], tensor).count_params() for name, tensor in features.items()
    }


@pytest.mark.slow
def test_the_last_stub_has_the_right_count_and_the_wrong_shape() -> None:
    """It builds; 20,861,480 parameters, but pooled, and blind on one eye."""
    names, errors = run_code(code_of(COURSE, ASSIGNMENT, given="stereo-xception-answer"))

    assert errors == {}
    assert names["model"].count_params() == 20_861_480
    assert names["model"].output_shape == (None, 4096)
    assert len(names["xception"].layers) == 132 + 1  # The last one pools.
    assert "block1_conv1_bn" in {layer.name for layer in names["xception"].layers}


@pytest.mark.slow
def test_only_one_encoder_s_features_can_be_compared() -> None:
    """Zero at a shift of 12 pixels with one encoder; about 0.87 at every shift with two."""
    names = solved_notebook(ASSIGNMENT).names
    shared = dict(zip(names["pixels"], names["shared"], strict=True))

    assert shared.pop(12) < 1e-6
    assert min(shared.values()) > 0.4
    assert all(abs(distance - 0.87) < 0.01 for distance in names["separate"])
