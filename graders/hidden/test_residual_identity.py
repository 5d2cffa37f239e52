"""Residual identity, the hidden checks: the graph is the reference's graph."""

from autograder.checks import Subject, expect, task
from autograder.messages import message

PROBES = {
    "identity-block": [[(31, 18, 16)], [(5, 5, 3)]],
    "identity-stack": [[{"value": 2}], [{"value": 7}]],
}


@task("identity-block", points=2, needs="test_the_block_returns_the_size_it_was_given")
def test_three_convolutions_lie_between_the_input_and_the_sum(identity_block: Subject) -> None:
    """The branch is three convolutions as the task says, the shortcut is the block's input itself."""
    hint = message("Begin at the input of the picture: one way leads through three boxes, one through none.")
    expect(identity_block, hint=hint).matches()


@task("identity-stack", points=2, needs="test_every_block_is_a_part_of_the_network")
def test_the_network_is_a_stem_the_blocks_and_a_head(identity_stack: Subject) -> None:
    """The network is the first convolution, the blocks in a row, the pooling and the ten classes."""
    hint = message("Point at the line for each part of the sentence with the arrows in task 3.")
    expect(identity_stack, hint=hint).matches()
