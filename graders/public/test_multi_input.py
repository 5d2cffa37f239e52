"""Several inputs, the public checks: what a learner may see while working."""

import numpy as np

from autograder.checks import Subject, expect, task
from autograder.messages import message

ONE_HOT = np.eye(500)


@task("encode-answers", points=2)
def test_every_answer_is_a_vector_of_500(encode_answers: Subject) -> None:
    """Every answer number becomes 500 numbers, with a 1 at its position and 0 everywhere else."""
    hint = message("The number of possible answers does not depend on the answers in one batch.")
    expect(encode_answers, hint=hint).returns(ONE_HOT[[3, 1, 4]].tolist(), ONE_HOT[[499, 0]].tolist())


@task("two-inputs", points=0)
def test_the_reader_builds(two_inputs: Subject) -> None:
    """A model has been built."""
    expect(two_inputs).builds()


@task("two-inputs", points=1)
def test_the_inputs_are_text_and_question(two_inputs: Subject) -> None:
    """The inputs are named `text` and `question` and come in this order."""
    hint = message(
        "An input's name is an argument of `keras.Input`; it is not the name of the Python variable."
    )
    expect(two_inputs, hint=hint).has_input_names("text", "question")


@task("two-inputs", points=0)
def test_the_reader_has_its_parameters(two_inputs: Subject) -> None:
    """The model has 1,000,052 parameters."""
    hint = message(
        "`reader.summary()` shows how many parameters each layer has; compare the layers with the table."
    )
    expect(two_inputs, hint=hint).has_parameters(1_000_052)


@task("two-inputs", points=1)
def test_the_reader_is_compiled_for_one_hot_answers(two_inputs: Subject) -> None:
    """The model is compiled with RMSprop and the loss for one-hot answers."""
    hint = message("One of 500 answers is right: that needs a different loss from 500 yes-or-no questions.")
    compiled = expect(two_inputs, hint=hint)
    compiled.has_losses({"answer": "categorical_crossentropy"})
    compiled.has_optimizer("rmsprop")


@task("feed-by-position", points=2)
def test_the_list_holds_texts_and_questions_in_order(feed_by_position: Subject) -> None:
    """The list has the array of each input, in the order of the model's inputs."""
    hint = message("The texts have 100 words each, the questions 20. Which input comes first?")
    expect(feed_by_position, hint=hint).holds_arrays([(64, 100), (64, 20)])


@task("feed-by-name", points=2)
def test_the_dict_holds_an_array_for_each_input(feed_by_name: Subject) -> None:
    """The dict has the right array under the name of each input."""
    hint = message("The keys are the names that the inputs have in the model.")
    expect(feed_by_name, hint=hint).holds_arrays({"text": (64, 100), "question": (64, 20)})
