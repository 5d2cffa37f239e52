"""Loss weights, the hidden checks: the model is the reference's, and so is its optimizer."""

from autograder.checks import Subject, expect, task
from autograder.messages import message


# The starter code has both: they are worth something where something else is right, too.
@task(
    "compile-by-list",
    points=1,
    needs_any=("test_the_list_gives_each_head_its_loss", "test_the_list_gives_each_head_its_weight"),
)
def test_the_first_model_is_left_as_it_was(compile_by_list: Subject) -> None:
    """The first model is unchanged and has the optimizer of the task."""
    hint = message(
        "The task is only about `compile`: leave the model as it is, and check the name of the optimizer."
    )
    expect(compile_by_list, hint=hint).matches(names=True)
    expect(compile_by_list, hint=hint).has_optimizer()


@task(
    "compile-by-name",
    points=1,
    needs_any=(
        "test_the_names_give_each_head_its_loss",
        "test_the_names_give_each_head_its_weight",
        "test_each_head_has_its_metric",
    ),
)
def test_the_second_model_is_left_as_it_was(compile_by_name: Subject) -> None:
    """The second model is unchanged and has the optimizer of the task."""
    hint = message(
        "The task is only about `compile`: leave the model as it is, and check the name of the optimizer."
    )
    expect(compile_by_name, hint=hint).matches(names=True)
    expect(compile_by_name, hint=hint).has_optimizer()
