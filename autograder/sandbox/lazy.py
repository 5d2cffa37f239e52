"""Weights that are made when somebody looks at them, and not before.

Most models of a course are built and looked at, and never trained: drawing their initial weights takes four
fifths of the time that building them does. Keras itself defers a variable's value in a stateless scope; here
every variable with an initializer is deferred, until its value is first read. What is read is what an eager
variable would hold: an initializer draws its seed when it is made, not when it is used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class _Value:
    """Keras's `Variable._value`, made on the first reading."""

    def __init__(self, initialize: Callable[[Any, Any], None]) -> None:
        self._initialize = initialize

    def __get__(self, variable: Any, _owner: type | None = None) -> Any:
        if variable is None:
            return self
        fields = variable.__dict__
        if fields.get("_value") is None and "_drawn_later" in fields:
            import tensorflow as tf

            initializer = fields.pop("_drawn_later")
            # Read first while a function is traced, the value must still outlive the trace.
            with tf.init_scope():
                self._initialize(variable, initializer)
        try:
            return fields["_value"]
        except KeyError:
            raise AttributeError("_value") from None

    def __set__(self, variable: Any, value: Any) -> None:
        variable.__dict__["_value"] = value


def defer_weights() -> None:
    """Defer the weights of every Keras variable that this process and its forks will make."""
    from keras.src.backend.tensorflow.core import Variable

    initialize = Variable._initialize_with_initializer

    def drawn_later(variable: Any, initializer: Any) -> None:
        variable.__dict__["_value"] = None
        variable.__dict__["_drawn_later"] = initializer

    Variable._initialize_with_initializer = drawn_later
    Variable._value = _Value(initialize)
