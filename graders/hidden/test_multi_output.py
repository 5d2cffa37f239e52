"""Multi-output, the hidden checks: the graph is the reference's graph."""

from autograder.checks import Subject, expect, task
from autograder.messages import message

PROBES = {"posts-tower": [[{"shape": (317,), "dtype": "int32"}], [{"shape": (269,), "dtype": "int32"}]]}


@task("posts-tower", points=1)
def test_the_tower_has_the_layers_of_the_table(posts_tower: Subject) -> None:
    """The tower has the layers of the table, in their order."""
    hint = message(
        "Compare the picture with the table of task 1, from the top down: windows, filters, activations."
    )
    expect(posts_tower, hint=hint).has_structure()


@task("posts-tower", points=1)
def test_the_tower_has_the_settings_of_the_table(posts_tower: Subject) -> None:
    """Each layer has the settings of the table, for posts of every length."""
    hint = message(
        "Compare the picture with the table of task 1, from the top down: windows, filters, activations."
    )
    expect(posts_tower, hint=hint).has_settings()


# Any function that returns a tensor does this much: it is worth something where something else is right, too.
@task(
    "posts-tower",
    points=1,
    needs_any=(
        "test_the_tower_gives_one_vector",
        "test_the_tower_has_the_layers_of_the_table",
        "test_the_tower_has_the_settings_of_the_table",
    ),
)
def test_the_tower_takes_posts_of_every_length(posts_tower: Subject) -> None:
    """The function takes posts of every length, and returns a tensor."""
    hint = message("Which line of the function works only for some sizes, and what does the function return?")
    expect(posts_tower, hint=hint).builds()


@task("three-heads", points=2)
def test_three_heads_read_one_tower(three_heads: Subject) -> None:
    """One tower reads the posts, and each head reads the tower's vector."""
    hint = message(
        "Ask two questions about each head: which tensor does it read, and what range may its output have?"
    )
    expect(three_heads, hint=hint).has_structure()


@task("three-heads", points=1)
def test_the_heads_fit_their_answers(three_heads: Subject) -> None:
    """Each head's units and activation fit what it predicts."""
    hint = message(
        "Ask two questions about each head: which tensor does it read, and what range may its output have?"
    )
    expect(three_heads, hint=hint).has_settings()
