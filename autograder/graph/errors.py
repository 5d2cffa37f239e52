"""What can be wrong with a graph, as errors that carry a message for people."""

from __future__ import annotations

from autograder.messages import AutograderError, Message


class GraphError(AutograderError):
    """A graph that cannot be read or reckoned with."""


class ShapeError(GraphError):
    """Sizes that do not meet: `call` cannot take what reaches it, or has no shape that Keras could tell."""

    def __init__(self, message: Message, call: int) -> None:
        super().__init__(message)
        self.call = call
