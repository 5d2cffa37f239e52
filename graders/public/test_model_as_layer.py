"""A model as a layer, the public checks: what a learner may see while working."""

from autograder.checks import Subject, expect, task
from autograder.messages import message

# What each `Conv2D` of the small encoder is: window, channels in, channels out.
SMALL_ENCODER = [(3, 3, 16), (3, 16, 32)]


def encoder_parameters() -> int:
    """Return the weights and biases of one small encoder."""
    return sum((kernel**2 * channels + 1) * filters for kernel, channels, filters in SMALL_ENCODER)


@task("stereo-features", points=0)
def test_the_features_build(stereo_features: Subject) -> None:
    """The function builds a model for photos of every size."""
    expect(stereo_features).builds()


@task("stereo-features", points=2)
def test_both_cameras_share_one_encoder(stereo_features: Subject) -> None:
    """One encoder is called on the left and on the right photo."""
    hint = message(
        "Calling an encoder creates no weights; making one does. How many encoders are "
        "made, and which photo does each read?"
    )
    expect(stereo_features, hint=hint).calls("Conv2D", 2 * len(SMALL_ENCODER))
    expect(stereo_features, hint=hint).shares("Conv2D", 2)


@task("stereo-features", points=1, needs="test_both_cameras_share_one_encoder")
def test_the_feature_maps_lie_side_by_side(stereo_features: Subject) -> None:
    """The two feature maps keep their height and width and are concatenated: 32 + 32 channels."""
    hint = message(
        "Each feature map of the encoder has 32 channels; concatenating must leave them unmixed and unpooled."
    )
    expect(stereo_features, hint=hint).has_output_shapes((None, 12, 12, 64), (None, 9, 5, 64))


@task("weight-counts", points=2)
def test_every_count_is_right(weight_counts: Subject) -> None:
    """The parameter counts of the six models are right."""
    hint = message("Count the objects that hold weights; how often they are called makes no difference.")
    one = encoder_parameters()
    expect(weight_counts, hint=hint).equals(
        {
            "one_camera": one,
            "two_cameras": one,
            "same_camera_twice": one,
            "two_encoders": 2 * one,
            "cloned": 2 * one,
            "with_score": one + 64 + 1,
        }
    )


@task("stereo-xception", points=0)
def test_the_cameras_build(stereo_xception: Subject) -> None:
    """A model has been built."""
    expect(stereo_xception).builds()


@task("stereo-xception", points=1)
def test_the_cameras_give_feature_maps(stereo_xception: Subject) -> None:
    """The model returns feature maps of 8×8 with twice Xception's 2,048 channels."""
    hint = message("Xception returns feature maps unless an argument asks for something else.")
    expect(stereo_xception, hint=hint).has_output_shapes((None, 8, 8, 4096))


@task("stereo-xception", points=1)
def test_xception_sees_both_cameras(stereo_xception: Subject) -> None:
    """Xception is called on the left and on the right photo."""
    hint = message("For each call, follow its argument back to the camera that it comes from.")
    expect(stereo_xception, hint=hint).calls(
        "Conv2D", 2 * 6
    )  # Beside its 34 separable ones, Xception has six.
    expect(stereo_xception, hint=hint).shares("Conv2D", 2)


# In the starter code one Xception sees one camera twice: that it exists once is no merit there.
@task("stereo-xception", points=1, needs="test_xception_sees_both_cameras")
def test_xception_exists_once(stereo_xception: Subject) -> None:
    """There is only one set of Xception weights."""
    hint = message(
        "Twice the parameters means two networks. Which line creates one, and how many times does it run?"
    )
    expect(stereo_xception, hint=hint).has_parameters(20_861_480)
