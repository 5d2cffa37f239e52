"""Several inputs, the hidden checks: the graph is the reference's graph."""

from autograder.checks import Subject, expect, task
from autograder.messages import message

PROBES = {"encode-answers": [[{"value": [0]}], [{"value": [7, 250, 7, 498, 31]}]]}


@task("two-inputs", points=1)
def test_each_input_has_its_own_branch(two_inputs: Subject) -> None:
    """The text and the question each have a branch of their own; the branches meet before the answer."""
    hint = message("Start at each input of the picture and follow its branch down to the concatenation.")
    expect(two_inputs, hint=hint).has_structure()


# The starter code has the sizes: they are worth something where each input has its branch.
@task("two-inputs", points=1, needs="test_each_input_has_its_own_branch")
def test_each_branch_is_the_one_of_the_table(two_inputs: Subject) -> None:
    """Each layer has the size given in the table, and the last one has 500 units with softmax."""
    hint = message("Start at each input of the picture and follow its branch down to the concatenation.")
    expect(two_inputs, hint=hint).has_settings()
