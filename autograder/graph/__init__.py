"""A model as a graph of calls: read, canonical form, shapes, compare, draw."""

from autograder.graph.canonical import canonical
from autograder.graph.comparison.compare import compare
from autograder.graph.comparison.difference import (
    DIFFERENCE_KINDS,
    Difference,
    DifferenceKind,
    difference_from_plain,
    plain_difference,
)
from autograder.graph.compile_effects import resolved_metric
from autograder.graph.drawing.draw import draw
from autograder.graph.drawing.lines import Line, lines, told
from autograder.graph.drawing.mermaid import mermaid
from autograder.graph.errors import GraphError, ShapeError
from autograder.graph.label import Labels, code, is_automatic, label, labelled
from autograder.graph.model import Call, Compiled, Graph, Operation, Setting, Shape, Tensor
from autograder.graph.parameters import count_parameters
from autograder.graph.plain import from_plain, plain
from autograder.graph.read import Parts, read_model
from autograder.graph.revealing import chosen_names, outline
from autograder.graph.shapes import InputShapes, with_shapes

__all__ = [
    "DIFFERENCE_KINDS",
    "Call",
    "Compiled",
    "Difference",
    "DifferenceKind",
    "Graph",
    "GraphError",
    "InputShapes",
    "Labels",
    "Line",
    "Operation",
    "Parts",
    "Setting",
    "Shape",
    "ShapeError",
    "Tensor",
    "canonical",
    "chosen_names",
    "code",
    "compare",
    "count_parameters",
    "difference_from_plain",
    "draw",
    "from_plain",
    "is_automatic",
    "label",
    "labelled",
    "lines",
    "mermaid",
    "outline",
    "plain",
    "plain_difference",
    "read_model",
    "resolved_metric",
    "told",
    "with_shapes",
]
