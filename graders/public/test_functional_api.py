"""The functional API, the public checks: what a learner may see while working."""

from autograder.checks import Subject, expect, task
from autograder.messages import message


@task("sequential-rewrite", points=0)
def test_there_is_a_model(sequential_rewrite: Subject) -> None:
    """A model has been built."""
    hint = message("The last line of the cell makes the model from two tensors, the first and the last.")
    expect(sequential_rewrite, hint=hint).builds()


@task("sequential-rewrite", points=0)
def test_the_model_is_no_sequential_one(sequential_rewrite: Subject) -> None:
    """The model is made by calling layers on tensors."""
    hint = message("Each layer has two pairs of parentheses: what it is, and which tensor it is called on.")
    expect(sequential_rewrite, hint=hint).is_functional()


@task("sequential-rewrite", points=0)
def test_the_model_has_the_parameters_of_the_sequential_one(sequential_rewrite: Subject) -> None:
    """The model has 3,466 parameters, as many as the `Sequential` one."""
    hint = message(
        "`classifier.summary()` shows how many parameters each layer has; the first one has 2,080."
    )
    expect(sequential_rewrite, hint=hint).has_parameters(3466)


@task("broken-chain", points=0)
def test_the_chain_holds(broken_chain: Subject) -> None:
    """A model has been built."""
    hint = message("Which tensor does each line read, and which line made it?")
    expect(broken_chain, hint=hint).builds()


@task("build-classifier", points=0)
def test_the_function_builds_a_model(build_classifier: Subject) -> None:
    """The function returns a model for every width and depth."""
    expect(build_classifier).builds()


@task("build-classifier", points=0, needs="test_the_function_builds_a_model")
def test_no_hidden_layer_is_lost(build_classifier: Subject) -> None:
    """The parameter counts of the models fit their width and depth."""
    hint = message("Call the function with a depth of 3 and count the layers in `summary()`.")
    expect(build_classifier, hint=hint).has_parameters(3466, 2026)


@task("compile-classifier", points=0)
def test_the_model_is_compiled(compile_classifier: Subject) -> None:
    """The model has been compiled."""
    expect(compile_classifier).is_compiled()


@task("compile-classifier", points=1, needs="test_the_model_is_compiled")
def test_the_loss_fits_the_labels(compile_classifier: Subject) -> None:
    """The loss is the one for one-hot labels and ten probabilities."""
    hint = message("The labels are ten numbers for each image, not one.")
    described = message("a loss for one-hot labels")
    expect(compile_classifier, hint=hint).has_losses(
        {"output": "categorical_crossentropy"}, described=described
    )


@task("compile-classifier", points=1, needs="test_the_loss_fits_the_labels")
def test_the_optimizer_is_rmsprop(compile_classifier: Subject) -> None:
    """The optimizer is RMSprop."""
    expect(compile_classifier).has_optimizer("rmsprop")
