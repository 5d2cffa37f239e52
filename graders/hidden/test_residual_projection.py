"""Residual projection, the hidden checks: the graph is the reference's graph."""

from autograder.checks import Subject, expect, task
from autograder.messages import message

PROBES = {"residual-block": [[(31, 18, 16)]]}


@task("residual-block", points=2, needs="test_nothing_is_stretched_to_fit")
def test_the_block_is_two_convolutions_a_pooling_and_a_projection(residual_block: Subject) -> None:
    """The branch is two convolutions and a pooling, the shortcut a projection, as the task says."""
    hint = message("Go through the list in task 2 with a finger on the picture: which box has no line there?")
    expect(residual_block, hint=hint).matches()


@task("residual-network", points=2, needs="test_the_network_adds_two_shortcuts")
def test_the_network_doubles_channels_block_by_block(residual_network: Subject) -> None:
    """The network is the stem, a block of 128 and one of 256, the pooling and the ten classes."""
    hint = message(
        "Say the sentence with the arrows in task 3 aloud, and point at the line for each part of it."
    )
    expect(residual_network, hint=hint).matches()
