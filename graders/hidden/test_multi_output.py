"""Multi-output, the hidden checks: the graph is the reference's graph."""

from autograder.checks import Subject, expect, task
from autograder.messages import message

PROBES = {"posts-tower": [[{"shape": (317,), "dtype": "int32"}], [{"shape": (269,), "dtype": "int32"}]]}


@task("posts-tower", points=1, needs="test_the_tower_has_its_parameters")
def test_the_tower_is_the_one_of_the_table(posts_tower: Subject) -> None:
    """The tower has the layers of the table, in their order and with their settings."""
    hint = message("Go down the table of task 1 with a finger on the picture: windows, filters, activations.")
    expect(posts_tower, hint=hint).matches()


@task("three-heads", points=2, needs="test_the_posts_are_read_once")
def test_three_heads_read_one_tower(three_heads: Subject) -> None:
    """Each head reads the tower's vector, and its size and activation fit its answer."""
    hint = message("For each head two questions: which tensor does it read, and which numbers may it give?")
    expect(three_heads, hint=hint).matches()
