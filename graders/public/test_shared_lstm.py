"""Shared LSTM, the public checks: what a learner may see while working."""

from autograder.checks import Subject, expect, task
from autograder.messages import message

LSTM = 4 * (128 + 32 + 1) * 32
DENSE = 2 * 32 + 1


@task("lstm-parameters", points=2)
def test_every_count_is_right(lstm_parameters: Subject) -> None:
    """The four parameter counts are right."""
    hint = message("Put the numbers of the task into the formula, or ask `count_params()` of a model.")
    expect(lstm_parameters, hint=hint).equals(
        {"lstm": LSTM, "dense": DENSE, "shared": LSTM + DENSE, "cloned": 2 * LSTM + DENSE}
    )


@task("siamese-model", points=0)
def test_the_model_builds(siamese_model: Subject) -> None:
    """A model has been built."""
    expect(siamese_model).builds()


@task("siamese-model", points=1)
def test_one_lstm_reads_both_sentences(siamese_model: Subject) -> None:
    """One LSTM is called on both sentences."""
    hint = message(
        "Creating a layer and calling it are two things: create one LSTM, and call it once on each sentence."
    )
    expect(siamese_model, hint=hint).shares("LSTM", calls=2)


# The starter code has the names: they are worth something where one LSTM reads what they name.
@task("siamese-model", points=1, needs="test_one_lstm_reads_both_sentences")
def test_the_inputs_are_left_and_right(siamese_model: Subject) -> None:
    """The two inputs are called `left` and `right`, in this order."""
    hint = message(
        "`keras.Input` takes a `name`, and `keras.Model` takes the inputs in the order that the task gives."
    )
    expect(siamese_model, hint=hint).has_input_names("left", "right")


@task("siamese-model", points=0)
def test_the_model_has_20_673_parameters(siamese_model: Subject) -> None:
    """The model has 20,673 parameters."""
    hint = message("Compare with your counts of task 1: which layer has more, or less, than it should?")
    expect(siamese_model, hint=hint).has_parameters(20_673)


@task("siamese-builder", points=0)
def test_the_function_builds_a_model(siamese_builder: Subject) -> None:
    """The function returns a model for every number of units and features."""
    hint = message("`build_siamese(7, 20)` should return a `keras.Model` with two inputs.")
    expect(siamese_builder, hint=hint).builds()


@task("siamese-builder", points=1)
def test_the_function_shares_one_lstm(siamese_builder: Subject) -> None:
    """In every model one LSTM is called on both sentences."""
    hint = message(
        "How many times does Python run the line that creates the LSTM, and what is the LSTM called on?"
    )
    expect(siamese_builder, hint=hint).shares("LSTM", calls=2)


@task("siamese-builder", points=1, needs="test_the_function_shares_one_lstm")
def test_the_function_names_the_inputs(siamese_builder: Subject) -> None:
    """The inputs of every model are called `left` and `right`, in this order."""
    hint = message(
        "`keras.Input` takes a `name`, and `keras.Model` takes the inputs in the order that the task gives."
    )
    expect(siamese_builder, hint=hint).has_input_names("left", "right")
