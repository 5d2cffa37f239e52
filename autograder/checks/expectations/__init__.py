"""What can be expected of a subject, by what is looked at: graphs, compile arguments, values."""

from autograder.checks.expectations.compiling import CompileExpectations
from autograder.checks.expectations.graphs import GraphExpectations
from autograder.checks.expectations.values import ValueExpectations

__all__ = ["CompileExpectations", "GraphExpectations", "ValueExpectations"]
