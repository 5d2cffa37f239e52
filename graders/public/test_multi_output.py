"""Multi-output, the public checks: what a learner may see while working."""

from autograder.checks import Subject, expect, task
from autograder.messages import message

# Window and step of the tower's layers, as the notebook's table has them.
CONVOLUTION, POOLING = (5, 1), (5, 5)
TOWER = {
    "conv_1": CONVOLUTION,
    "pool_1": POOLING,
    "conv_2": CONVOLUTION,
    "conv_3": CONVOLUTION,
    "pool_2": POOLING,
    "conv_4": CONVOLUTION,
    "conv_5": CONVOLUTION,
}


def lengths_behind(words: int) -> dict[str, int]:
    """Return what windows without padding leave of a post, layer by layer."""
    left = {}
    for name, (window, step) in TOWER.items():
        words = (words - window) // step + 1
        left[name] = words
    return left


def words_needed(positions: int = 1) -> int:
    """How many words leave that many positions: the way back through the layers."""
    for window, step in reversed(TOWER.values()):
        positions = (positions - 1) * step + window
    return positions


def convolution(channels: int, filters: int) -> int:
    """Return the parameters of a convolution with a window of five."""
    return (5 * channels + 1) * filters


EMBEDDING = 50_000 * 256
CONVOLUTIONS = convolution(256, 128) + convolution(128, 256) + 3 * convolution(256, 256)
DENSE = (256 + 1) * 128


@task("post-lengths", points=2)
def test_every_length_is_right(post_lengths: Subject) -> None:
    """The length of a 1,000-word post after each layer is right, and so is the shortest length."""
    hint = message(
        "Go layer by layer: a window of 5 removes four positions, pooling divides the length by 5 and drops "
        "the rest. For `shortest`, go backwards from the end."
    )
    expect(post_lengths, hint=hint).equals({**lengths_behind(1000), "shortest": words_needed()})


@task("posts-tower", points=0)
def test_the_tower_builds(posts_tower: Subject) -> None:
    """The function builds a tower for posts of 1,000 words and for posts of any length."""
    hint = message("If the length is `None`, no layer may need the length to create its weights.")
    expect(posts_tower, hint=hint).builds()


@task("posts-tower", points=1)
def test_the_tower_gives_one_vector(posts_tower: Subject) -> None:
    """The tower turns a post into one vector of 128 numbers, however long the post is."""
    hint = message("One layer takes the largest value of each filter over the whole text.")
    expect(posts_tower, hint=hint).has_output_shapes((None, 128), (None, 128))


@task("posts-tower", points=0)
def test_the_tower_has_its_parameters(posts_tower: Subject) -> None:
    """The embedding has 12,800,000 parameters, and the other layers have the right numbers, too."""
    hint = message("`model.summary()` shows the parameters of each layer; compare them with the task's list.")
    expect(posts_tower, hint=hint).has_parameters(EMBEDDING + CONVOLUTIONS + DENSE)


@task("three-heads", points=0)
def test_the_model_builds(three_heads: Subject) -> None:
    """A model has been built."""
    expect(three_heads).builds()


@task("three-heads", points=1)
def test_the_input_and_the_heads_have_their_names(three_heads: Subject) -> None:
    """The input is called `posts`, the outputs `age`, `income` and `gender`, in this order."""
    hint = message("Dicts of losses and targets use these names; lists use this order.")
    expect(three_heads, hint=hint).has_input_names("posts")
    expect(three_heads, hint=hint).has_output_names("age", "income", "gender")


@task("three-heads", points=0)
def test_the_posts_are_read_once(three_heads: Subject) -> None:
    """One tower reads the posts for all three heads."""
    hint = message("Call the tower once, and let every head read the vector that it returns.")
    expect(three_heads, hint=hint).calls("Embedding", 1)
