"""The capstone, the public checks: what a learner may see while working."""

from autograder.checks import Subject, expect, task
from autograder.messages import message

# Convolutions of one encoder: the first one, four of the join, three of the block.
CONVOLUTIONS = 1 + 4 + 3


@task("inception-join", points=0)
def test_the_join_builds(inception_join: Subject) -> None:
    """The function builds a join for every image size."""
    hint = message(
        "Write down the height after each layer of each branch; all three branches "
        "must end at the same height."
    )
    expect(inception_join, hint=hint).builds()


@task("inception-join", points=0)
def test_the_branches_are_concatenated(inception_join: Subject) -> None:
    """The branches are concatenated along the channels."""
    hint = message("Adding mixes the branches; concatenate them, so that each keeps what it has found.")
    expect(inception_join, hint=hint).joins_by("Concatenate")


@task("inception-join", points=1, needs="test_the_branches_are_concatenated")
def test_the_join_keeps_the_image_and_gives_48_channels(inception_join: Subject) -> None:
    """The join keeps height and width, and its output has three times 16 channels."""
    hint = message("No branch may skip a pixel, and each of them ends with `filters` channels.")
    expect(inception_join, hint=hint).has_output_shapes((None, 32, 32, 48), (None, 27, 27, 48))


@task("projection-block", points=0)
def test_the_block_builds(projection_block: Subject) -> None:
    """The function builds a block for every image size."""
    hint = message("The branch and the shortcut must end with the same height, width and number of channels.")
    expect(projection_block, hint=hint).builds()


@task("projection-block", points=0)
def test_the_shortcut_is_added(projection_block: Subject) -> None:
    """The shortcut and the branch are added."""
    hint = message("A residual is added to the input; joined in any other way it is not a residual.")
    expect(projection_block, hint=hint).joins_by("Add")


@task("projection-block", points=1, needs="test_the_shortcut_is_added")
def test_nothing_is_stretched_to_fit(projection_block: Subject) -> None:
    """The branch and the shortcut have the same shape when they are added: half the image, 64 channels."""
    hint = message("Look at the channels of both tensors: Keras repeats a single channel without a warning.")
    expect(projection_block, hint=hint).adds_equal_shapes()
    expect(projection_block, hint=hint).has_output_shapes((None, 16, 16, 64), (None, 14, 14, 64))


@task("photo-features", points=0)
def test_the_features_build(photo_features: Subject) -> None:
    """The function builds a model for photos of every size."""
    hint = message("This function calls the parts of tasks 1 and 2: fix those first.")
    expect(photo_features, hint=hint).builds()


@task("photo-features", points=1)
def test_both_photos_share_one_encoder(photo_features: Subject) -> None:
    """One encoder is called on the front and on the side."""
    hint = message(
        "The parts make new layers whenever they run. How many times do they run, and on which photo?"
    )
    expect(photo_features, hint=hint).calls("Conv2D", 2 * CONVOLUTIONS)
    expect(photo_features, hint=hint).shares("Conv2D", 2)


@task("listing-model", points=0)
def test_the_listing_builds(listing_model: Subject) -> None:
    """The listing model has been built."""
    hint = message("This model calls the parts of the earlier tasks: fix those first.")
    expect(listing_model, hint=hint).builds()


@task("listing-model", points=1)
def test_inputs_and_heads_have_their_names(listing_model: Subject) -> None:
    """The inputs and the heads have the names that the task gives, in the same order."""
    hint = message(
        "An output is named after the layer that makes it: look at the argument `name`. `keras.Model` takes "
        "the outputs in the order of the table."
    )
    expect(listing_model).has_input_names("front", "side", "words")
    expect(listing_model, hint=hint).has_output_names("price", "kind", "damaged")


@task("listing-model", points=0)
def test_the_words_are_read(listing_model: Subject) -> None:
    """The path from the words to the heads leads through an LSTM."""
    hint = message("Follow the words: which line reads them, and which line reads the result?")
    expect(listing_model, hint=hint).calls("LSTM", 1)


@task("listing-compile", points=0)
def test_the_listing_is_compiled(listing_compile: Subject) -> None:
    """The listing model has been compiled."""
    hint = message(
        "The model called `model` is looked at. If there is none yet, fix the earlier tasks first."
    )
    expect(listing_compile, hint=hint).builds()
    expect(listing_compile, hint=hint).is_compiled()


@task("listing-compile", points=1, needs="test_the_listing_is_compiled")
def test_each_head_has_its_loss(listing_compile: Subject) -> None:
    """Each head is trained with the loss of its row in the table."""
    hint = message(
        "Compare each loss with its row of the table. In a list, the first loss belongs to the first output."
    )
    expect(listing_compile, hint=hint).has_losses(
        {
            "price": "mean_squared_error",
            "kind": "sparse_categorical_crossentropy",
            "damaged": "binary_crossentropy",
        }
    )


@task("listing-compile", points=1, needs="test_the_listing_is_compiled")
def test_each_loss_has_its_weight(listing_compile: Subject) -> None:
    """Each loss ends up with the weight of its row in the table."""
    hint = message(
        "In a list, the first weight belongs to the first output. In a dict, each key is the name of a head, "
        "and the losses must be in a dict, too."
    )
    expect(listing_compile, hint=hint).has_loss_weights({"price": 0.1, "kind": 1.0, "damaged": 5.0})
