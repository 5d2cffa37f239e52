"""Residual projection, the hidden checks: the graph is the reference's graph."""

from autograder.checks import Subject, expect, task
from autograder.messages import message

PROBES = {"residual-block": [[(31, 18, 16)], [(30, 16, 8), {"value": 24}]]}


@task("residual-block", points=1)
def test_the_block_is_two_convolutions_a_pooling_and_a_projection(residual_block: Subject) -> None:
    """The branch has two convolutions and a pooling layer; the shortcut is a projection."""
    hint = message("Compare the picture with the list in task 2: which box is not in the list?")
    expect(residual_block, hint=hint).has_structure()


@task("residual-block", points=1)
def test_the_layers_are_as_the_task_says(residual_block: Subject) -> None:
    """Each layer has the settings that the task gives, for every image size and every number of filters."""
    hint = message(
        "Compare each layer with the list in task 2. Then call the block on an odd image size, and with "
        "other `filters`: does each layer follow?"
    )
    expect(residual_block, hint=hint).has_settings()


# Any function that returns a tensor does this much: it is worth something where something else is right, too.
@task(
    "residual-block",
    points=1,
    needs_any=(
        "test_the_shortcut_is_added",
        "test_nothing_is_stretched_to_fit",
        "test_the_block_is_two_convolutions_a_pooling_and_a_projection",
        "test_the_layers_are_as_the_task_says",
    ),
)
def test_the_block_takes_an_image_of_every_size(residual_block: Subject) -> None:
    """The function takes an image of every size, and returns a tensor."""
    hint = message("Which line of the function works only for some sizes, and what does the function return?")
    expect(residual_block, hint=hint).builds()


@task("residual-network", points=1)
def test_the_network_is_a_stem_two_blocks_and_a_head(residual_network: Subject) -> None:
    """The network is the stem, the two blocks, the pooling and the ten classes."""
    hint = message("Read the line with the arrows in task 3 aloud, and find the line of code for each part.")
    expect(residual_network, hint=hint).has_structure()


@task("residual-network", points=1)
def test_the_network_doubles_channels_block_by_block(residual_network: Subject) -> None:
    """The blocks have 128 and 256 channels, and the other layers have the settings that the task gives."""
    hint = message("Read the line with the arrows in task 3 aloud, and find the line of code for each part.")
    expect(residual_network, hint=hint).has_settings()
