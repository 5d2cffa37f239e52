"""Residual identity, the hidden checks: the graph is the reference's graph."""

from autograder.checks import Subject, expect, task
from autograder.messages import message

PROBES = {
    "identity-block": [[(31, 18, 16)], [(5, 5, 3)]],
    "identity-stack": [[{"value": 2}], [{"value": 7}]],
}


@task("identity-block", points=1)
def test_three_convolutions_lie_between_the_input_and_the_sum(identity_block: Subject) -> None:
    """The branch has three convolutions; the shortcut is the block's input itself."""
    hint = message(
        "Start at the input in the picture: one path leads through three boxes, the other through none."
    )
    expect(identity_block, hint=hint).has_structure()


@task("identity-block", points=1)
def test_the_convolutions_are_as_the_task_says(identity_block: Subject) -> None:
    """Each convolution has the window, the channels and the ReLU that the task asks for, for every size."""
    hint = message("Compare each convolution with the text of task 2: window, channels, padding, activation.")
    expect(identity_block, hint=hint).has_settings()


# Any function that returns a tensor does this much: it is worth something where something else is right, too.
@task(
    "identity-block",
    points=1,
    needs_any=(
        "test_the_input_is_added",
        "test_the_block_returns_the_size_it_was_given",
        "test_three_convolutions_lie_between_the_input_and_the_sum",
        "test_the_convolutions_are_as_the_task_says",
    ),
)
def test_the_block_takes_every_size(identity_block: Subject) -> None:
    """The function takes every size and every number of channels, and returns a tensor."""
    hint = message("Which line of the function works only for some sizes, and what does the function return?")
    expect(identity_block, hint=hint).builds()


@task("identity-stack", points=1)
def test_the_network_is_a_stem_the_blocks_and_a_head(identity_stack: Subject) -> None:
    """The network is the first convolution, the blocks in a row, the pooling and the ten classes."""
    hint = message("Read the line with the arrows in task 3, and find the line of code for each part.")
    expect(identity_stack, hint=hint).has_structure()


@task("identity-stack", points=1)
def test_the_network_has_the_settings_of_the_task(identity_stack: Subject) -> None:
    """Each layer has the size and the activation that the task asks for."""
    hint = message("Read the line with the arrows in task 3, and find the line of code for each part.")
    expect(identity_stack, hint=hint).has_settings()
