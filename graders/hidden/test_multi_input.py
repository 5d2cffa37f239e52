"""Several inputs, the hidden checks: the graph is the reference's graph."""

from autograder.checks import Subject, expect, task
from autograder.messages import message

PROBES = {"encode-answers": [[{"value": [0]}], [{"value": [7, 250, 7, 498, 31]}]]}


@task("two-inputs", points=1)
def test_each_input_has_its_own_branch(two_inputs: Subject) -> None:
    """Text and question are each read by a branch of their own, and meet before the answer."""
    hint = message("Put a finger on each input of the picture and follow its branch down to the join.")
    expect(two_inputs, hint=hint).has_structure()


# The starter code has the sizes: they are worth something where each input has its branch.
@task("two-inputs", points=1, needs="test_each_input_has_its_own_branch")
def test_each_branch_is_the_one_of_the_table(two_inputs: Subject) -> None:
    """Each layer has the size of the table, and the answer is one of 500 with softmax."""
    hint = message("Put a finger on each input of the picture and follow its branch down to the join.")
    expect(two_inputs, hint=hint).has_settings()
