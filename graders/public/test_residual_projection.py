"""Residual projection, the public checks: what a learner may see while working."""

from autograder.checks import Subject, expect, task
from autograder.messages import message


@task("add-shapes", points=2)
def test_every_sum_is_right(add_shapes: Subject) -> None:
    """For each pair, the shape of the sum is right; it is `None` where Keras raises an error."""
    hint = message(
        "Add two tensors of these shapes in Keras, and read the error or the shape of the result, without "
        "the batch axis."
    )
    expect(add_shapes, hint=hint).equals(
        {
            "equal": [14, 14, 128],
            "fewer_channels": None,
            "one_channel": [14, 14, 128],
            "smaller": None,
        }
    )


@task("residual-block", points=0)
def test_the_block_builds(residual_block: Subject) -> None:
    """The function builds a block for every image size."""
    hint = message(
        "Write the output shape next to each line of the block; the branch and the "
        "shortcut must end with the same shape."
    )
    expect(residual_block, hint=hint).builds()


@task("residual-block", points=1)
def test_the_shortcut_is_added(residual_block: Subject) -> None:
    """The shortcut and the branch are added."""
    hint = message("A residual is added to the input; joined in any other way it is not a residual.")
    expect(residual_block, hint=hint).joins_by("Add")


@task("residual-block", points=1, needs="test_the_shortcut_is_added")
def test_nothing_is_stretched_to_fit(residual_block: Subject) -> None:
    """The branch and the shortcut have the same shape when they are added."""
    hint = message("Look at the channels of both tensors: Keras repeats a single channel without a warning.")
    expect(residual_block, hint=hint).adds_equal_shapes()


@task("residual-network", points=0)
def test_the_network_builds(residual_network: Subject) -> None:
    """A network has been built."""
    expect(residual_network).builds()


@task("residual-network", points=1)
def test_the_network_adds_two_shortcuts(residual_network: Subject) -> None:
    """Two residual blocks follow each other."""
    hint = message("Each block adds once: count the additions in the picture.")
    expect(residual_network, hint=hint).calls("Add", 2)
