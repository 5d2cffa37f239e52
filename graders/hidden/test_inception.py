"""Inception, the hidden checks: the graph is the reference's graph."""

from autograder.checks import Subject, expect, task
from autograder.messages import message

PROBES = {"inception-module": [[(33, 20, 8)]]}


@task("inception-module", points=1)
def test_every_branch_has_the_layers_of_the_table(inception_module: Subject) -> None:
    """Each branch has the layers of the table, in their order."""
    hint = message("Compare the branch in the picture with its row of the table, from the top down.")
    expect(inception_module, hint=hint).has_structure()


@task("inception-module", points=1)
def test_every_layer_has_the_settings_of_the_table(inception_module: Subject) -> None:
    """Each layer has the settings of the table, for every image size."""
    hint = message("Compare the branch in the picture with its row of the table, from the top down.")
    expect(inception_module, hint=hint).has_settings()


# Any function that returns a tensor does this much: it is worth something where something else is right, too.
@task(
    "inception-module",
    points=1,
    needs_any=(
        "test_the_branches_are_concatenated",
        "test_the_module_halves_the_image_and_gives_512_channels",
        "test_every_branch_has_the_layers_of_the_table",
        "test_every_layer_has_the_settings_of_the_table",
    ),
)
def test_the_module_takes_an_image_of_every_size(inception_module: Subject) -> None:
    """The function takes an image of every size, and returns a tensor."""
    hint = message("Which line of the function works only for some sizes, and what does the function return?")
    expect(inception_module, hint=hint).builds()


@task("inception-network", points=1)
def test_the_network_is_stem_module_and_head(inception_network: Subject) -> None:
    """The network is the stem, the module, the pooling and the ten classes, and nothing else."""
    hint = message("Read the line with the arrows in task 3 aloud, and find the line of code for each part.")
    expect(inception_network, hint=hint).has_structure()


@task("inception-network", points=1)
def test_the_network_has_the_settings_of_the_task(inception_network: Subject) -> None:
    """Each layer has the size and the activation that the task asks for."""
    hint = message("Read the line with the arrows in task 3 aloud, and find the line of code for each part.")
    expect(inception_network, hint=hint).has_settings()
