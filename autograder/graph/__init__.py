"""A model as a graph of calls: read, canonical form, shapes, compare, draw."""

from autograder.graph.compare import compare
from autograder.graph.difference import DIFFERENCE_KINDS, Difference, DifferenceKind
from autograder.graph.label import label, labelled
from autograder.graph.model import Call, Compiled, Graph, Operation, Setting, Shape, Tensor

__all__ = [
    "DIFFERENCE_KINDS",
    "Call",
    "Compiled",
    "Difference",
    "DifferenceKind",
    "Graph",
    "Operation",
    "Setting",
    "Shape",
    "Tensor",
    "compare",
    "label",
    "labelled",
]
