"""Defers the making of weights until somebody reads them.

Most models of a course are built and inspected but never trained, and drawing their initial weights takes
four fifths of the time that building them takes. Keras itself defers a variable's value in a stateless scope;
here every variable whose initializer is Keras's own is deferred until its value is first read. The value is
what an eager variable would hold, because an initializer draws its seed when it is made, not when it is used.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

# These of Keras's initializers may refuse a shape, and must do so when the variable is made.
_PARTICULAR = ("Constant", "Identity", "Orthogonal", "STFT")


class _Value:
    """Keras's `Variable._value`, made on the first reading."""

    def __init__(self, initialize: Callable[[Any, Any], None]) -> None:
        self._initialize = initialize

    def __get__(self, variable: Any, _owner: type | None = None) -> Any:
        if variable is None:
            return self
        fields = variable.__dict__
        if fields.get("_value") is None and "_drawn_later" in fields:
            self._draw(variable, *fields["_drawn_later"])
        try:
            return fields["_value"]
        except KeyError:
            raise AttributeError("_value") from None

    def __set__(self, variable: Any, value: Any) -> None:
        variable.__dict__["_value"] = value

    def _draw(self, variable: Any, initializer: Any, scope: str) -> None:
        """Make the value that an eager variable would have; after an interrupt, the next reading makes it."""
        import tensorflow as tf
        from tensorflow.python.eager.context import eager_mode

        # A value that is first read while a function is traced or a graph is built, as by an export, must
        # outlive both; `init_scope` leaves functions but not graphs.
        with tf.init_scope(), eager_mode(), tf.name_scope(f"{scope}/" if scope else ""):
            self._initialize(variable, initializer)
        variable.__dict__.pop("_drawn_later", None)


def defer_weights() -> None:
    """Defer the weights of all variables that are made here and in forks, where Keras has TensorFlow."""
    if "keras" not in sys.modules or sys.modules["keras"].backend.backend() != "tensorflow":
        return
    import tensorflow as tf
    from keras.src.backend.tensorflow.core import Variable

    initialize = Variable._initialize_with_initializer

    def drawn_later(variable: Any, initializer: Any) -> None:
        # In somebody's own graph, or over several devices, the value belongs to the place where it is made.
        here = tf.executing_eagerly() and not tf.distribute.has_strategy()
        if not here or not _can_wait(initializer, variable):
            initialize(variable, initializer)
            return
        variable.__dict__["_value"] = None
        variable.__dict__["_drawn_later"] = initializer, tf.get_current_name_scope()

    Variable._initialize_with_initializer = drawn_later
    Variable._value = _Value(initialize)


def _can_wait(initializer: Any, variable: Any) -> bool:
    """Return whether an initializer may be called at any time, because it only draws and cannot raise."""
    from keras.src.backend.common.variables import is_float_dtype
    from keras.src.initializers.random_initializers import RandomInitializer

    kind = type(initializer)
    made_in = getattr(initializer, "__module__", None) or kind.__module__
    if not str(made_in).startswith("keras.src."):
        return False
    if kind.__name__ in _PARTICULAR:
        # LSTM and GRU draw their recurrent kernels with `Orthogonal`.
        return kind.__name__ == "Orthogonal" and len(variable._shape) >= 2 and _is_plain(initializer)
    if isinstance(initializer, RandomInitializer):
        return _is_plain(initializer) and is_float_dtype(variable._dtype)
    return True


def _is_plain(initializer: Any) -> bool:
    """Return whether an initializer's seed is a number: a seed generator gives each caller the next seed."""
    return isinstance(initializer.seed, int)
