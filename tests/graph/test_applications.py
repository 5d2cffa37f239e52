"""Keras's own architectures: read, reckoned as Keras does, told from their mutants and not from copies.

`make bench-graph` does so with every one of them.
"""

from __future__ import annotations

from functools import cache

import keras
import pytest

from benchmarks.applications import copies_refused, mutated
from benchmarks.architectures import architectures, build, evidence_of, problems

# As small as their builders allow. Left out are families whose joins are those of one that is here: DenseNet
# and NASNet concatenate as Inception does; ResNet and the older MobileNet add as the newer ones do, and
# EfficientNet adds and gates as MobileNetV3 does. InceptionResNet scales by a class of its own, as ConvNeXt.
SAMPLE = {
    "ConvNeXtTiny": {},
    "InceptionV3": {"include_top": False, "input_shape": (None, None, 3)},
    "MobileNet": {"include_top": False, "input_shape": (64, 64, 3)},
    "MobileNetV3Small": {"include_top": False, "input_shape": (63, 65, 3)},
    "ResNet50V2": {},
    "VGG16": {},
    "Xception": {"include_top": False, "input_shape": (250, 250, 3)},
}


@cache
def built(name: str) -> keras.Model:
    """Return an architecture of the sample, which is looked at only."""
    return build(name, **SAMPLE[name])


@pytest.mark.parametrize("name", SAMPLE)
def test_an_architecture_is_read_and_its_shapes_are_those_of_keras(name):
    assert problems(built(name)) == ([], [])


def test_the_sample_names_architectures_of_keras():
    assert set(SAMPLE) <= set(architectures())


@pytest.mark.parametrize("name", ["InceptionV3", "MobileNetV3Small", "VGG16"])
def test_a_mutant_differs_by_what_was_changed_and_a_copy_by_nothing(name):
    """Of those with branches that are concatenated, with shortcuts and gates, and with one chain."""
    model = evidence_of(built(name))

    tally = mutated(model, seed=11, places=6)

    assert (tally.mutants, tally.misnamed) == (6, [])
    assert copies_refused(model, seed=11) == []
