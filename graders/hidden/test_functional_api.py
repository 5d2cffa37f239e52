"""The functional API, the hidden checks: the graph is the reference's graph."""

from autograder.checks import Subject, expect, task
from autograder.messages import message

PROBES = {"build-classifier": [[{"value": 7}, {"value": 3}], [{"value": 48}, {"value": 1}]]}


@task("sequential-rewrite", points=2, needs="test_the_model_has_the_parameters_of_the_sequential_one")
def test_the_model_is_the_sequential_one(sequential_rewrite: Subject) -> None:
    """The layers, their order and their activations are those of the `Sequential` model."""
    hint = message("Lay your lines beside the lines of the `Sequential` model, one by one.")
    expect(sequential_rewrite, hint=hint).matches()


@task("broken-chain", points=1, needs="test_the_chain_holds")
def test_every_link_of_the_chain_is_in_its_place(broken_chain: Subject) -> None:
    """The chain leads through the rescaling and both hidden layers to the ten classes."""
    hint = message(
        "Say the sentence with the arrows in task 2 aloud, and point at the line for each part of it."
    )
    expect(broken_chain, hint=hint).matches()


@task("build-classifier", points=2, needs="test_no_hidden_layer_is_lost")
def test_the_function_builds_what_is_asked_for(build_classifier: Subject) -> None:
    """Each model is a chain of hidden layers of the width asked for, with ReLU, and ten classes."""
    hint = message("Compare `build_classifier(32, 2)` with the model of task 1.")
    expect(build_classifier, hint=hint).matches()
