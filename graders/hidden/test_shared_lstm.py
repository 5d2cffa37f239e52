"""Shared LSTM, the hidden checks: the graph is the reference's graph."""

from autograder.checks import Subject, expect, task
from autograder.messages import message

PROBES = {"siamese-builder": [[{"value": 5}, {"value": 3}], [{"value": 16}, {"value": 16}]]}


@task("siamese-model", points=1, needs="test_the_model_has_20_673_parameters")
def test_the_model_is_the_one_of_the_task(siamese_model: Subject) -> None:
    """The encodings are concatenated, left first, and end in one unit with sigmoid."""
    hint = message("Go through the list in task 2 from the top, and point at the line for each part of it.")
    expect(siamese_model, hint=hint).matches(branch_order_free=False)


@task("siamese-builder", points=2, needs="test_the_function_shares_one_lstm")
def test_the_function_builds_the_model_of_task_2_in_every_size(siamese_builder: Subject) -> None:
    """Units and features are those that the function is called with, and the rest is as in task 2."""
    hint = message("Look for a number in the function that should be one of its parameters.")
    expect(siamese_builder, hint=hint).matches(branch_order_free=False)
