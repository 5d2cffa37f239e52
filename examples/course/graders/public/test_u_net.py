"""A U-shaped network, the public checks: what a learner may see while working."""

from autograder.checks import Subject, expect, task
from autograder.messages import message

FILTERS = {"first": 16, "second": 32, "bottom": 64}


@task("sizes", points=3)
def test_the_sizes_are_those_of_the_convolutions(sizes: Subject) -> None:
    """The height and the channels of each convolution are right."""
    hint = message("A convolution with padding keeps the height; only the pooling after it halves it.")
    heights = {name: 64 // 2**level for level, name in enumerate(FILTERS)}
    expect(sizes, hint=hint).equals({name: [heights[name], filters] for name, filters in FILTERS.items()})


@task("up-block", points=0)
def test_the_block_builds(up_block: Subject) -> None:
    """The function builds a block for tensors of different depths."""
    expect(up_block).builds()


@task("up-block", points=2, needs="test_the_block_builds")
def test_the_two_ways_are_joined(up_block: Subject) -> None:
    """What comes from below and what comes across are joined along the channels."""
    hint = message("Adding needs as many channels on both sides; what keeps both sides whole?")
    expect(up_block, hint=hint).joins_by("Concatenate")


@task("u-net-model", points=0)
def test_there_is_a_model(u_net_model: Subject) -> None:
    """A model has been built."""
    hint = message("Compare the heights of the two tensors that each `up_block` joins.")
    expect(u_net_model, hint=hint).builds()


@task("u-net-model", points=1, needs="test_there_is_a_model")
def test_the_map_is_as_large_as_the_image(u_net_model: Subject) -> None:
    """The map is as large as the image."""
    expect(u_net_model).has_output_shapes((None, 64, 64, 1))
