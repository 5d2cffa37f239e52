"""Keras's own architectures: read, reckoned as Keras does, told from their mutants and not from copies."""

from __future__ import annotations

import pytest

from benchmarks.applications import copies_refused, mutated
from benchmarks.architectures import architectures, build, evidence_of, problems

# One of each family, as small as its builder allows.
SAMPLE = {
    "ConvNeXtTiny": {},
    "DenseNet121": {"include_top": False, "input_shape": (64, 64, 3)},
    "EfficientNetB0": {"include_top": False, "input_shape": (64, 64, 3)},
    "EfficientNetV2B0": {"include_top": False, "input_shape": (63, 65, 3)},
    "InceptionResNetV2": {"include_top": False, "input_shape": (75, 75, 3)},
    "InceptionV3": {"include_top": False, "input_shape": (None, None, 3)},
    "MobileNet": {"include_top": False, "input_shape": (64, 64, 3)},
    "MobileNetV2": {"include_top": False, "input_shape": (64, 64, 3)},
    "MobileNetV3Small": {"include_top": False, "input_shape": (64, 64, 3)},
    "NASNetMobile": {},
    "ResNet50": {"include_top": False, "input_shape": (64, 64, 3)},
    "ResNet50V2": {},
    "VGG16": {},
    "Xception": {"include_top": False, "input_shape": (250, 250, 3)},
}


@pytest.mark.parametrize("name", SAMPLE)
def test_an_architecture_is_read_and_its_shapes_are_those_of_keras(name):
    assert problems(build(name, **SAMPLE[name])) == ([], [])


def test_the_sample_names_architectures_of_keras():
    assert set(SAMPLE) <= set(architectures())


@pytest.mark.parametrize("name", ["InceptionV3", "MobileNetV3Small", "ResNet50V2", "VGG16"])
def test_a_mutant_differs_by_what_was_changed_and_a_copy_by_nothing(name):
    model = evidence_of(build(name, **SAMPLE[name]))

    tally = mutated(model, seed=11, places=12)

    assert (tally.mutants, tally.misnamed) == (12, [])
    assert copies_refused(model, seed=11) == []
