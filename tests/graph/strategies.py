"""Random graphs for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from autograder.graph.model import Graph
from tests.graph.builders import Builder

OPERATORS = ("Dense", "LSTM", "Dropout")
MERGES = ("Add", "Concatenate", "Subtract")


@st.composite
def graphs(draw: st.DrawFn, calls: int = 10) -> Graph:
    """Random models: several inputs and outputs, shared layers, merges, ordered and not."""
    b = Builder()
    tensors = [b.input(8) for _ in range(draw(st.integers(1, 3)))]
    layers: list[int] = []
    for _ in range(draw(st.integers(1, calls))):
        if draw(st.booleans()):
            several = draw(st.lists(st.sampled_from(tensors), min_size=2, max_size=3))
            tensors.append(b.call(b.operation(draw(st.sampled_from(MERGES))), *several))
            continue
        if layers and draw(st.integers(0, 3)) == 0:
            layer = draw(st.sampled_from(layers))
        else:
            layer = b.operation(draw(st.sampled_from(OPERATORS)), size=draw(st.integers(1, 2)))
            layers.append(layer)
        tensors.append(
            b.call(layer, draw(st.sampled_from(tensors)), activation=draw(st.sampled_from([None, "relu"])))
        )
    outputs = draw(st.lists(st.sampled_from(tensors[-4:]), min_size=1, max_size=2, unique=True))
    return b.graph(*outputs, names=tuple(f"out_{number}" for number in range(len(outputs))))
