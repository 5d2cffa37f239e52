"""Loss weights, the public checks: what a learner may see while working."""

from autograder.checks import Subject, expect, task
from autograder.messages import message

LOSSES = {
    "age": "mean_squared_error",
    "income": "categorical_crossentropy",
    "gender": "binary_crossentropy",
}
WEIGHTS = {"age": 0.25, "income": 1.0, "gender": 10.0}
METRICS = {"age": ("mean_absolute_error",), "income": ("accuracy",), "gender": ("accuracy",)}
NOTICED = {
    "wrong_loss_key": "fit",
    "two_losses": "never",
    "missing_weight": "fit",
    "extra_weight": "never",
    "one_metric": "fit",
}


@task("compile-mistakes", points=3)
def test_every_mistake_is_noticed_when_it_is(compile_mistakes: Subject) -> None:
    """The five answers about when Keras raises an error are right."""
    hint = message("Make this mistake with a new model, then train it for a moment on a few made-up authors.")
    expect(compile_mistakes, hint=hint).equals(NOTICED, choices=("compile", "fit", "never"))


@task("compile-by-list", points=0)
def test_the_first_model_is_compiled(compile_by_list: Subject) -> None:
    """The model has been compiled."""
    expect(compile_by_list).builds()
    expect(compile_by_list).has_output_names("age", "income", "gender")
    expect(compile_by_list).is_compiled()


@task("compile-by-list", points=1, needs="test_the_first_model_is_compiled")
def test_the_list_gives_each_head_its_loss(compile_by_list: Subject) -> None:
    """Each head of the first model has its loss."""
    hint = message("A list follows the order of the outputs: age, income, gender.")
    expect(compile_by_list, hint=hint).has_losses(LOSSES)


@task("compile-by-list", points=1, needs="test_the_first_model_is_compiled")
def test_the_list_gives_each_head_its_weight(compile_by_list: Subject) -> None:
    """Each head of the first model has its weight."""
    hint = message("A list follows the order of the outputs: age, income, gender.")
    expect(compile_by_list, hint=hint).has_loss_weights(WEIGHTS)


@task("compile-by-name", points=0)
def test_the_second_model_is_compiled(compile_by_name: Subject) -> None:
    """The second model has been compiled."""
    expect(compile_by_name).builds()
    expect(compile_by_name).has_output_names("age", "income", "gender")
    expect(compile_by_name).is_compiled()


@task("compile-by-name", points=1, needs="test_the_second_model_is_compiled")
def test_the_names_give_each_head_its_loss(compile_by_name: Subject) -> None:
    """Each head of the second model has its loss."""
    hint = message(
        "Look at the targets: age is a number, income ten numbers of which one is 1, gender a 0 or a 1."
    )
    expect(compile_by_name, hint=hint).has_losses(LOSSES)


@task("compile-by-name", points=1, needs="test_the_second_model_is_compiled")
def test_the_names_give_each_head_its_weight(compile_by_name: Subject) -> None:
    """Each head of the second model has its weight, and no weight is lost."""
    hint = message("The weights are the same as in task 2; each belongs under the name of its output.")
    expect(compile_by_name, hint=hint).has_loss_weights(WEIGHTS)


@task("compile-by-name", points=1, needs="test_the_second_model_is_compiled")
def test_each_head_has_its_metric(compile_by_name: Subject) -> None:
    """Age is measured by mean absolute error, income and gender by accuracy."""
    hint = message("A model with several outputs needs metrics for each head; one flat list will not do.")
    expect(compile_by_name, hint=hint).has_metrics(METRICS)
