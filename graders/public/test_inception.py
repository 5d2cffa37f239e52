"""Inception, the public checks: what a learner may see while working."""

from autograder.checks import Subject, expect, task
from autograder.messages import message

# Kernel and stride of each branch's layers, as the notebook's table has them.
BRANCHES = {"a": [(1, 2)], "b": [(1, 1), (3, 2)], "c": [(3, 2), (3, 1)], "d": [(1, 1), (3, 1), (3, 2)]}


def size_at_the_join(size: int, layers: list[tuple[int, int]]) -> int:
    """Return what windows without padding leave of `size` pixels."""
    for kernel, stride in layers:
        size = (size - kernel) // stride + 1
    return size


@task("branch-sizes", points=2)
def test_the_size_of_every_branch_is_right(branch_sizes: Subject) -> None:
    """The height of each of the four branches at the join is right."""
    hint = message(
        "Follow the branch layer by layer: a window removes its size minus one, a stride of 2 then halves."
    )
    expect(branch_sizes, hint=hint).equals(
        {name: size_at_the_join(28, layers) for name, layers in BRANCHES.items()}
    )


@task("inception-module", points=0)
def test_the_module_builds(inception_module: Subject) -> None:
    """The function builds a module for every image size."""
    hint = message(
        "Read the error's last line first: it names what does not exist, or the shapes "
        "that do not fit together."
    )
    expect(inception_module, hint=hint).builds()


@task("inception-module", points=1)
def test_the_branches_are_concatenated(inception_module: Subject) -> None:
    """The branches are concatenated along the channels."""
    hint = message("Adding mixes the branches; concatenate them, so that each keeps what it has found.")
    expect(inception_module, hint=hint).joins_by("Concatenate")


@task("inception-module", points=1)
def test_the_module_halves_the_image_and_gives_512_channels(inception_module: Subject) -> None:
    """The module halves height and width, and its output has four times 128 channels."""
    hint = message("Every branch halves the image exactly once, and every branch ends with 128 channels.")
    expect(inception_module, hint=hint).has_output_shapes((None, 14, 14, 512), (None, 14, 14, 512))


@task("inception-network", points=0)
def test_the_network_builds(inception_network: Subject) -> None:
    """A network has been built."""
    expect(inception_network).builds()


@task("inception-network", points=1)
def test_the_module_is_a_part_of_the_network(inception_network: Subject) -> None:
    """The path from the image to the classes leads through the module's join."""
    hint = message(
        "Follow the names: which tensor does each line read, and which one does the next line read?"
    )
    expect(inception_network, hint=hint).joins_by("Concatenate")
