"""The capstone, the public checks: what a learner may see while working."""

from autograder.checks import Subject, expect, task
from autograder.messages import message

# Convolutions of one encoder: the first one, four of the join, three of the block.
CONVOLUTIONS = 1 + 4 + 3


@task("inception-join", points=0)
def test_the_join_builds(inception_join: Subject) -> None:
    """The function builds a join for every image size."""
    hint = message("Write the height behind every layer of every branch: all three must end with the same.")
    expect(inception_join, hint=hint).builds()


@task("inception-join", points=0)
def test_the_branches_are_concatenated(inception_join: Subject) -> None:
    """The branches are laid side by side, along the channels."""
    hint = message("Adding mixes the branches into one; the join is to keep what each of them has found.")
    expect(inception_join, hint=hint).joins_by("Concatenate")


@task("inception-join", points=1, needs="test_the_branches_are_concatenated")
def test_the_join_keeps_the_image_and_gives_48_channels(inception_join: Subject) -> None:
    """The join keeps height and width and gives three times 16 channels."""
    hint = message("No branch may step over a pixel, and each of them ends with `filters` channels.")
    expect(inception_join, hint=hint).has_output_shapes((None, 32, 32, 48), (None, 27, 27, 48))


@task("projection-block", points=0)
def test_the_block_builds(projection_block: Subject) -> None:
    """The function builds a block for every image size."""
    hint = message("Both operands of the sum must end with the same height, width and channels.")
    expect(projection_block, hint=hint).builds()


@task("projection-block", points=0)
def test_the_shortcut_is_added(projection_block: Subject) -> None:
    """The shortcut and the branch are added."""
    hint = message("A residual is what is to be added to the input; joined in any other way it is none.")
    expect(projection_block, hint=hint).joins_by("Add")


@task("projection-block", points=1, needs="test_the_shortcut_is_added")
def test_nothing_is_stretched_to_fit(projection_block: Subject) -> None:
    """Branch and shortcut have one shape when they are added: half the image, 64 channels."""
    hint = message("Look at the channels of both operands: a single channel is repeated without a word.")
    expect(projection_block, hint=hint).adds_equal_shapes()
    expect(projection_block, hint=hint).has_output_shapes((None, 16, 16, 64), (None, 14, 14, 64))


@task("photo-features", points=0)
def test_the_features_build(photo_features: Subject) -> None:
    """The function builds a model for photos of every size."""
    hint = message("It calls the parts of tasks 1 and 2: mend those first.")
    expect(photo_features, hint=hint).builds()


@task("photo-features", points=1)
def test_both_photos_share_one_encoder(photo_features: Subject) -> None:
    """One encoder is called on the front and on the side."""
    hint = message("The parts make new layers whenever they run. How often do they run, and on which photo?")
    expect(photo_features, hint=hint).calls("Conv2D", 2 * CONVOLUTIONS)
    expect(photo_features, hint=hint).shares("Conv2D", 2)


@task("listing-model", points=0)
def test_the_listing_builds(listing_model: Subject) -> None:
    """There is a model of the listing to look at."""
    hint = message("It calls the parts of the tasks before: mend those first.")
    expect(listing_model, hint=hint).builds()


@task("listing-model", points=1)
def test_inputs_and_heads_have_their_names(listing_model: Subject) -> None:
    """Inputs and heads have the names of the task, in its order."""
    hint = message("An output is called after the layer that makes it: look at the argument `name`.")
    expect(listing_model, hint=hint).has_input_names("front", "side", "words")
    expect(listing_model, hint=hint).has_output_names("price", "kind", "damaged")


@task("listing-model", points=0)
def test_the_words_are_read(listing_model: Subject) -> None:
    """The path from the words to the heads leads through an LSTM."""
    hint = message("Follow the words: which line reads them, and which line reads what that one has made?")
    expect(listing_model, hint=hint).calls("LSTM", 1)


@task("listing-compile", points=0)
def test_the_listing_is_compiled(listing_compile: Subject) -> None:
    """The model of the listing is compiled."""
    hint = message("Without a model there is nothing to compile: mend the tasks before.")
    expect(listing_compile, hint=hint).builds()
    expect(listing_compile, hint=hint).is_compiled()


@task("listing-compile", points=1, needs="test_the_listing_is_compiled")
def test_each_head_has_its_loss(listing_compile: Subject) -> None:
    """Each head is trained with the loss of its row in the table."""
    hint = message("In a list, the first loss belongs to the first output. Is that the order of the table?")
    expect(listing_compile, hint=hint).has_losses(
        {
            "price": "mean_squared_error",
            "kind": "sparse_categorical_crossentropy",
            "damaged": "binary_crossentropy",
        }
    )


@task("listing-compile", points=1, needs="test_the_listing_is_compiled")
def test_each_loss_has_its_weight(listing_compile: Subject) -> None:
    """Each loss has the weight of its row in the table, in effect."""
    hint = message("Compare the keys with the names of the heads, letter by letter.")
    expect(listing_compile, hint=hint).has_loss_weights({"price": 0.1, "kind": 1.0, "damaged": 5.0})
