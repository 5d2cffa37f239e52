"""What the notebook `multi-output` claims, counted and run anew."""

from __future__ import annotations

import math
from typing import Any

import pytest

from autograder.course.source import read_source
from tests.assignments.notebooks import COURSE, code_of, run_code, solved_notebook


@pytest.fixture(scope="module")
def solved() -> dict[str, Any]:
    """What the solved notebook leaves behind, its experiment included."""
    return solved_notebook("multi-output").names


def lengths_of(posts_tower: Any, words: int) -> list[int]:
    """The lengths that Keras itself finds behind each convolution and pooling."""
    import keras
    from keras import layers

    model = keras.Model(posts := keras.Input((words,), dtype="int32"), posts_tower(posts))
    wanted = (layers.Conv1D, layers.MaxPooling1D)
    return [layer.output.shape[1] for layer in model.layers if isinstance(layer, wanted)]


@pytest.mark.slow
def test_the_lengths_of_task_one_are_keras_s(solved: dict[str, Any]) -> None:
    *right, shortest = solved["lengths"].values()

    assert lengths_of(solved["posts_tower"], 1000) == right
    assert lengths_of(solved["posts_tower"], shortest)[-1] == 1
    with pytest.raises(ValueError, match="zero or negative"):
        lengths_of(solved["posts_tower"], shortest - 1)


@pytest.mark.slow
def test_posts_of_a_hundred_words_fail_at_fit_and_not_before(solved: dict[str, Any]) -> None:
    """The model builds and compiles; the data are what brings the error up."""
    import keras
    import numpy as np

    posts = keras.Input((None,), dtype="int32", name="posts")
    age = keras.layers.Dense(1, name="age")(solved["posts_tower"](posts))
    model = keras.Model(posts, age)
    model.compile(optimizer="sgd", loss="mse")

    with pytest.raises(ValueError, match="Negative dimension"):
        model.fit(np.ones((2, 100), "int32"), np.ones((2, 1)), verbose=0)
    model.fit(np.ones((2, 269), "int32"), np.ones((2, 1)), verbose=0)


@pytest.mark.slow
def test_the_experiment_shows_what_its_text_says(solved: dict[str, Any]) -> None:
    """268 words are one too few; a position more for every 25 words; the plot's formula is the tower's."""
    assert solved["works"] == {1000: True, 269: True, 268: False, 100: False}
    for words in (1000, 500, 317, 269):
        assert solved["positions"](words) == lengths_of(solved["posts_tower"], words)[-1]
    assert all(solved["positions"](n + 25) == solved["positions"](n) + 1 for n in range(269, 900))


@pytest.mark.slow
def test_the_parameters_are_the_chapter_s(solved: dict[str, Any]) -> None:
    """12,800,000 in the embedding, most of the model's."""
    model = solved["model"]
    embedding = next(layer for layer in model.layers if "embedding" in layer.name)

    assert embedding.count_params() == 12_800_000
    prose = "\n".join(cell.source for cell in read_source(COURSE, COURSE.assignment("multi-output")).cells)
    assert "12,800,000" in prose
    assert math.isclose(embedding.count_params() / model.count_params(), 0.9, abs_tol=0.05)


@pytest.mark.slow
def test_the_tower_s_stub_needs_a_known_length() -> None:
    """It breaks in the model of task 3, whose length is open; the stub of the heads runs."""
    _, broken = run_code(code_of(COURSE, "multi-output", given="posts-tower-answer")[:4])
    names, none = run_code(code_of(COURSE, "multi-output", given="three-heads-answer")[:4])

    assert broken == {"three-heads-answer": "ValueError"}
    assert none == {}
    assert [tuple(output.shape) for output in names["model"].outputs] == [(None, 1), (None, 1), (None, 10)]
