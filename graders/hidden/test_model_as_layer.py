"""A model as a layer, the hidden checks: the graph is the reference's graph."""

from autograder.checks import Subject, expect, task
from autograder.messages import message

PROBES = {"stereo-features": [[(57, 31, 3), (57, 31, 3)]]}


@task("stereo-features", points=1, needs="test_both_cameras_share_one_encoder")
def test_the_features_are_the_small_encoder_s(stereo_features: Subject) -> None:
    """The output is the encoder's two feature maps, concatenated and otherwise unchanged."""
    hint = message(
        "Only the encoder lies between the photos and the concatenation, and nothing "
        "follows the concatenation."
    )
    expect(stereo_features, hint=hint).matches()


@task("stereo-xception", points=1)
def test_the_model_is_two_cameras_xception_and_a_join(stereo_xception: Subject) -> None:
    """The model is two cameras, `left` and `right`, one Xception, and the concatenation of its features."""
    hint = message("Read the line with the arrows in task 3 aloud, and find the line of code for each part.")
    expect(stereo_xception, hint=hint).matches(names=True)
    # The comparison does not count how often a camera is named among the inputs.
    expect(stereo_xception, hint=hint).has_input_names()
