"""Asks the backend about its devices, so that nothing is assumed of them."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

Device = Literal["auto", "cpu", "gpu"]


def environment(backend: str, device: Device) -> Mapping[str, str]:
    """Return the environment in which a new process's Keras takes that backend and that device."""
    wanted = {"KERAS_BACKEND": backend}
    if device == "cpu":
        wanted |= {"CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}
    # JAX takes three quarters of a GPU's memory at once, and so would not show what it needs.
    return wanted | {"XLA_PYTHON_CLIENT_PREALLOCATE": "false", "TF_FORCE_GPU_ALLOW_GROWTH": "true"}


def version_of(backend: str) -> str:
    """Return the version of a backend that has been imported."""
    return str(sys.modules[backend].__version__)


def device_of(variable: Any) -> tuple[str, bool]:
    """Return the device that a Keras variable is on, in the backend's own words, and whether it is no CPU."""
    import keras

    value = variable.value
    match keras.config.backend():
        case "tensorflow":
            name = str(value.device).rpartition("/device:")[2]
        case "jax":
            (found,) = value.devices()
            name = f"{found.platform}:{found.id} ({found.device_kind})"
        case "torch":
            name = str(value.device)
            if value.device.type == "cuda":
                name += f" ({sys.modules['torch'].cuda.get_device_name(value.device)})"
        case other:
            raise ValueError(f"{other} is no backend that trains")
    return name, not name.lower().startswith("cpu")


@contextmanager
def full_precision() -> Iterator[None]:
    """Keep products at full precision: GPUs would round single-precision factors to eleven bits (TF32)."""
    import keras

    match keras.config.backend():
        case "jax":
            with sys.modules["jax"].default_matmul_precision("highest"):
                yield
        case "torch":
            backends = sys.modules["torch"].backends
            rounded = backends.cudnn.allow_tf32, backends.cuda.matmul.allow_tf32
            backends.cudnn.allow_tf32 = backends.cuda.matmul.allow_tf32 = False
            try:
                yield
            finally:
                backends.cudnn.allow_tf32, backends.cuda.matmul.allow_tf32 = rounded
        case _:
            options = sys.modules["tensorflow"].config.experimental
            was_rounded = options.tensor_float_32_execution_enabled()
            options.enable_tensor_float_32_execution(False)
            try:
                yield
            finally:
                options.enable_tensor_float_32_execution(was_rounded)


def peak_bytes(accelerated: bool) -> int:
    """Return the most memory held so far: the accelerator's, or else this process's."""
    import keras

    if accelerated:
        match keras.config.backend():
            case "tensorflow":
                return int(sys.modules["tensorflow"].config.experimental.get_memory_info("GPU:0")["peak"])
            case "jax":
                return int(sys.modules["jax"].devices()[0].memory_stats()["peak_bytes_in_use"])
            case "torch":
                return int(sys.modules["torch"].cuda.max_memory_allocated())
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # macOS counts bytes, Linux kilobytes.
    return held if sys.platform == "darwin" else 1024 * held
