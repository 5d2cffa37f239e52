"""Inception, the hidden checks: the graph is the reference's graph."""

from autograder.checks import Subject, expect, task
from autograder.messages import message

PROBES = {"inception-module": [[(33, 20, 8)]]}


@task(
    "inception-module",
    points=2,
    needs="test_the_module_halves_the_image_and_gives_512_channels",
)
def test_every_branch_is_the_one_of_the_table(inception_module: Subject) -> None:
    """Each branch has the layers of the table, in their order and with their settings."""
    hint = message("Compare the branch in the picture with its row of the table, from the top down.")
    expect(inception_module, hint=hint).matches(branch_order_free=True)


@task("inception-network", points=2, needs="test_the_module_is_a_part_of_the_network")
def test_the_network_is_stem_module_and_head(inception_network: Subject) -> None:
    """The network is the stem, the module, the pooling and the ten classes, and nothing else."""
    hint = message(
        "Say the sentence with the arrows in task 3 aloud, and point at the line for each part of it."
    )
    expect(inception_network, hint=hint).matches(branch_order_free=True)
