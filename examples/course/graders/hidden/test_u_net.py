"""A U-shaped network, the hidden checks: the graph is the reference's graph."""

from autograder.checks import Subject, expect, task
from autograder.messages import message

PROBES = {"up-block": [[(4, 6, 5), (8, 12, 2), {"value": 7}]]}


@task("up-block", points=2, needs="test_the_two_ways_are_joined")
def test_the_block_is_the_one_of_the_picture(up_block: Subject) -> None:
    """The block doubles, joins and convolves, at every size."""
    hint = message("Compare your lines with the picture, box by box.")
    expect(up_block, hint=hint).matches()


@task("u-net-model", points=2, needs="test_there_is_a_model")
def test_the_whole_is_the_u_of_the_task(u_net_model: Subject) -> None:
    """Each skip connection leads from before the pooling to the step of its own size."""
    hint = message("Follow each skip connection in your picture: what has its tensor been through?")
    expect(u_net_model, hint=hint).matches()
