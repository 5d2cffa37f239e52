"""The functional API, the hidden checks: the graph is the reference's graph."""

from autograder.checks import Subject, expect, task
from autograder.messages import message

PROBES = {"build-classifier": [[{"value": 7}, {"value": 3}], [{"value": 48}, {"value": 1}]]}


@task("sequential-rewrite", points=2)
def test_the_layers_are_those_of_the_sequential_model(sequential_rewrite: Subject) -> None:
    """The layers of the `Sequential` model are called one after the other."""
    hint = message("Compare your lines with those of the `Sequential` model, one by one.")
    expect(sequential_rewrite, hint=hint).is_functional()
    expect(sequential_rewrite, hint=hint).has_structure()


@task("sequential-rewrite", points=1)
def test_the_settings_are_those_of_the_sequential_model(sequential_rewrite: Subject) -> None:
    """Each layer has the size and the activation that it has in the `Sequential` model."""
    hint = message("Compare your lines with those of the `Sequential` model, one by one.")
    expect(sequential_rewrite, hint=hint).has_settings()


@task("broken-chain", points=1)
def test_every_link_of_the_chain_is_in_its_place(broken_chain: Subject) -> None:
    """The chain leads through the rescaling and both hidden layers to the ten classes."""
    hint = message("Read the line with the arrows in task 2 aloud, and find the line of code for each part.")
    expect(broken_chain, hint=hint).has_structure()


# Most of these settings are those of task 1: they are worth something in the chain of this task.
@task("broken-chain", points=1, needs="test_every_link_of_the_chain_is_in_its_place")
def test_every_link_is_as_the_task_says(broken_chain: Subject) -> None:
    """Each layer of the chain has the settings that the task gives."""
    hint = message("Read the line with the arrows in task 2 aloud, and find the line of code for each part.")
    expect(broken_chain, hint=hint).has_settings()


@task("build-classifier", points=2)
def test_the_function_builds_a_chain_of_the_depth_asked_for(build_classifier: Subject) -> None:
    """Each model is one chain: the requested number of hidden layers, then the ten classes."""
    hint = message("Call the function with a depth of 3 and count the layers in `summary()`.")
    expect(build_classifier, hint=hint).has_structure()


@task("build-classifier", points=1)
def test_the_function_builds_layers_of_the_width_asked_for(build_classifier: Subject) -> None:
    """Each hidden layer has the requested width and ReLU, and the last layer has softmax."""
    hint = message("Compare `build_classifier(32, 2)` with the model of task 1.")
    expect(build_classifier, hint=hint).has_settings()
