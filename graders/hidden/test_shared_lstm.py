"""Shared LSTM, the hidden checks: the graph is the reference's graph."""

from autograder.checks import Subject, expect, task
from autograder.messages import message

PROBES = {"siamese-builder": [[{"value": 5}, {"value": 3}], [{"value": 16}, {"value": 16}]]}


# The starter code has the rest of the network: that is worth something where one LSTM reads both sentences.
@task("siamese-model", points=1, needs="test_one_lstm_reads_both_sentences")
def test_the_model_is_the_one_of_the_task(siamese_model: Subject) -> None:
    """The encodings are concatenated, left first, and one layer reads them."""
    hint = message(
        "Go through the list in task 2 from the top, and find the line of code for each part of it."
    )
    expect(siamese_model, hint=hint).has_structure(branch_order_free=False)


@task("siamese-model", points=1)
def test_the_layers_have_the_settings_of_the_task(siamese_model: Subject) -> None:
    """The LSTM has 32 units, and the model ends in one unit with sigmoid."""
    hint = message(
        "Go through the list in task 2 from the top, and find the line of code for each part of it."
    )
    expect(siamese_model, hint=hint).has_settings(branch_order_free=False)


@task("siamese-builder", points=1, needs="test_the_function_shares_one_lstm")
def test_the_function_builds_the_model_of_task_2(siamese_builder: Subject) -> None:
    """Every model concatenates the encodings, left first, and one layer reads them."""
    hint = message("Compare what `build_siamese(32, 128)` returns with the model of task 2.")
    expect(siamese_builder, hint=hint).has_structure(branch_order_free=False)


@task("siamese-builder", points=1)
def test_the_function_builds_the_model_in_every_size(siamese_builder: Subject) -> None:
    """The units and features are the function's arguments; everything else is as in task 2."""
    hint = message("Look for a number in the function that should be one of its parameters.")
    expect(siamese_builder, hint=hint).has_settings(branch_order_free=False)
