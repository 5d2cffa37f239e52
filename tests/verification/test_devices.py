"""Devices are asked what they are, and are left as they were."""

from __future__ import annotations

import sys

import keras
import pytest

from autograder.verification.devices import device_of, environment, full_precision, peak_bytes

pytestmark = pytest.mark.slow


def test_products_have_every_digit_for_a_while_and_then_as_before() -> None:
    keras.Variable(1.0)
    options = sys.modules["tensorflow"].config.experimental
    before = options.tensor_float_32_execution_enabled()

    def stopped_within() -> None:
        with full_precision():
            assert options.tensor_float_32_execution_enabled() is False
            raise RuntimeError

    with pytest.raises(RuntimeError):
        stopped_within()
    assert options.tensor_float_32_execution_enabled() is before


def test_the_device_is_asked_of_the_variable() -> None:
    assert device_of(keras.Variable(1.0)) == ("CPU:0", False)


def test_memory_on_a_cpu_is_the_process_s() -> None:
    assert 50e6 < peak_bytes(accelerated=False) < 1e12


def test_a_cpu_that_is_asked_for_hides_the_gpus() -> None:
    assert environment("jax", "cpu")["JAX_PLATFORMS"] == "cpu"
    assert environment("torch", "cpu")["CUDA_VISIBLE_DEVICES"] == ""
    assert "CUDA_VISIBLE_DEVICES" not in environment("torch", "auto")
