"""Errors for what can be wrong with a graph; each carries a message for people."""

from __future__ import annotations

from autograder.messages import AutograderError, Message


class GraphError(AutograderError):
    """A graph that cannot be read, or whose shapes cannot be computed."""


class ShapeError(GraphError):
    """Sizes that do not fit: `call` cannot take its inputs, or has no shape that Keras can compute."""

    def __init__(self, message: Message, call: int) -> None:
        super().__init__(message)
        self.call = call
