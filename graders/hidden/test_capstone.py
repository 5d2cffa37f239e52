"""The capstone, the hidden checks: the graphs are the reference's graphs."""

from autograder.checks import Subject, expect, task
from autograder.messages import message

PROBES = {
    "inception-join": [[(31, 18, 5)], [(12, 20, 4), {"value": 24}]],
    "projection-block": [[(19, 30, 7)], [(10, 12, 4), {"value": 24}]],
    "photo-features": [[(51, 37, 3), (51, 37, 3)]],
}


@task("inception-join", points=1)
def test_every_branch_is_the_one_of_the_table(inception_join: Subject) -> None:
    """Each branch has the layers of the table, in their order and with their settings."""
    hint = message("Compare the branch in the picture with its row of the table, from the top down.")
    expect(inception_join, hint=hint).matches()


@task("projection-block", points=1)
def test_the_block_is_two_convolutions_and_a_projection(projection_block: Subject) -> None:
    """The branch has the two convolutions of the task; the shortcut is a projection."""
    hint = message(
        "Compare the picture with the list in task 2, box by box: which one is not as in the list?"
    )
    expect(projection_block, hint=hint).matches()


@task("photo-features", points=1, needs="test_both_photos_share_one_encoder")
def test_the_encoder_is_convolution_join_block_and_pooling(photo_features: Subject) -> None:
    """The encoder is the convolution, the join, the block and the pooling, in this order."""
    hint = message("Read the line with the arrows in task 3 aloud, and find the line of code for each part.")
    expect(photo_features, hint=hint).matches()


@task("listing-model", points=1)
def test_every_head_reads_photos_and_words(listing_model: Subject) -> None:
    """Every head is as in the table and reads photos and words together."""
    hint = message(
        "For each head, compare units and activation with the table, and ask what the head reads. What reads "
        "the words is described above the table."
    )
    expect(listing_model, hint=hint).matches()
