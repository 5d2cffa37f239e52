"""Residual identity, the public checks: what a learner may see while working."""

from autograder.checks import Subject, expect, task
from autograder.messages import message


@task("identity-costs", points=2)
def test_every_cost_is_right(identity_costs: Subject) -> None:
    """The two shapes and the two parameter counts are right."""
    hint = message(
        "Build the three convolutions with Keras, and read `.shape`, without the batch axis, and "
        "`count_params()`."
    )
    expect(identity_costs, hint=hint).equals(
        {
            "valid": [22, 22, 128],
            "same": [28, 28, 128],
            "convolutions": 3 * (3 * 3 * 128 + 1) * 128,
            "shortcut": 0,
        }
    )


@task("identity-block", points=0)
def test_the_block_builds(identity_block: Subject) -> None:
    """The function builds a block for every size and every number of channels."""
    hint = message(
        "Write the output shape next to each line of the block: the two shapes that are added must be equal."
    )
    expect(identity_block, hint=hint).builds()


@task("identity-block", points=1)
def test_the_input_is_added(identity_block: Subject) -> None:
    """The block adds two tensors."""
    hint = message("Concatenation doubles the channels with every block; addition keeps their number.")
    expect(identity_block, hint=hint).joins_by("Add")


@task("identity-block", points=1)
def test_the_block_returns_the_size_it_was_given(identity_block: Subject) -> None:
    """The output has the height, the width and the channels of the input."""
    hint = message("The padding keeps height and width; the number of filters sets the channels.")
    expect(identity_block, hint=hint).has_output_shapes((None, 28, 28, 128), (None, 27, 27, 64))


@task("identity-stack", points=0)
def test_the_network_builds(identity_stack: Subject) -> None:
    """The function returns a network for every depth."""
    hint = message("`deep_network(3)` should return a `keras.Model`, from the images to the classes.")
    expect(identity_stack, hint=hint).builds()


@task("identity-stack", points=1)
def test_every_block_is_a_part_of_the_network(identity_stack: Subject) -> None:
    """Between the images and the classes there is one addition per block."""
    hint = message(
        "A block whose output is never read is not part of the model. Which name does the loop read?"
    )
    for index, model in enumerate(identity_stack.models):
        (depth,) = model.given
        expect(identity_stack.alone(index), hint=hint).calls("Add", depth.value)
