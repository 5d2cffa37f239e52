"""Several inputs, the hidden checks: the graph is the reference's graph."""

from autograder.checks import Subject, expect, task
from autograder.messages import message

PROBES = {"encode-answers": [[{"value": [0]}], [{"value": [7, 250, 7, 498, 31]}]]}


@task("two-inputs", points=2, needs="test_the_reader_has_its_parameters")
def test_each_input_has_its_own_branch(two_inputs: Subject) -> None:
    """Text and question are each read by the branch of the table, and meet before the answer."""
    hint = message("Put a finger on each input of the picture and follow its branch down to the join.")
    expect(two_inputs, hint=hint).matches()
