"""What a learner has written is the lines of each task that are unlike what was given out."""

from __future__ import annotations

from autograder.grading.recognise import GivenOut, SourceCell
from autograder.grading.restore import RestoredCell
from autograder.grading.written import MOST_CHARACTERS, lines_given_out, written

STUB = "inputs = keras.Input(shape=(28, 28))\noutputs = layers.Dense(10)(inputs)"
SOURCE = GivenOut(
    cells=(
        SourceCell("answer", "a", STUB, locked=False, graded=False, metadata={}),
        SourceCell("first", "b", 'check("first", model)', locked=True, graded=True, metadata={}),
        SourceCell("second", "c", 'check("second", model)', locked=True, graded=True, metadata={}),
    ),
    others=frozenset({"import keras\nfrom keras import layers"}),
    metadata={},
)


def answers(*texts: tuple[str, str | None]) -> dict[str, str]:
    cells = [RestoredCell(f"c{number}", text, number, task=task) for number, (text, task) in enumerate(texts)]
    return dict(written(cells, lines_given_out(SOURCE, ["model.summary()"])))


def test_what_was_given_out_does_not_count_however_it_was_mended() -> None:
    """Stub, set-up, a prompt's code, and a stub's line with a setting more; blank lines as little."""
    mended = STUB.replace("Dense(10)", "Dense(10, activation='relu')")
    own = "    for size in (64, 32):  # from wide to narrow"

    found = answers(
        ("import keras\nfrom keras import layers", None),
        (f"{STUB}\n\n{mended}\nmodel.summary()\n{own}  ", None),
        ('check("first", model)', "first"),
        ('check("second", model)', "second"),
    )

    assert found == {"first": own, "second": ""}


def test_a_line_is_the_tasks_whose_check_it_stands_above() -> None:
    found = answers(
        ("one = 1", None), ("", "first"), ("two = 2", None), ("three = 3", None), ("", "second"), ("x", None)
    )

    assert found == {"first": "one = 1", "second": "two = 2\nthree = 3"}


def test_of_an_endless_answer_the_beginning_is_kept() -> None:
    found = answers(("a = 1\n" * MOST_CHARACTERS, None), ("b = 2", None), ("", "first"))

    assert len(found["first"]) <= MOST_CHARACTERS
    assert "b = 2" not in found["first"]
