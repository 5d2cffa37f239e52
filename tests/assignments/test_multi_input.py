"""What the notebook `multi-input` claims, run anew."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.assignments.notebooks import COURSE, code_of, run_code, solved_notebook


def without_experiment(given: str = "") -> dict[str, Any]:
    """What the notebook's cells leave behind, the experiment left out; none of them fails."""
    cells = [cell for cell in code_of(COURSE, "multi-input", given) if "experiment" not in cell[0]]
    names, errors = run_code(cells)
    assert errors == {}
    return names


@pytest.mark.slow
def test_without_a_class_count_the_answers_come_out_short() -> None:
    answers = np.array([3, 1, 4])

    assert without_experiment("encode-answers-answer")["encode_answers"](answers).shape == (3, 5)
    assert without_experiment()["encode_answers"](answers).shape == (3, 500)


@pytest.mark.slow
def test_the_reader_as_given_out_is_deaf_to_the_question() -> None:
    """It has as many parameters as the right one, and gives the same answer to every question."""
    given, right = without_experiment("two-inputs-answer"), without_experiment()
    texts, questions = given["texts"][:4], given["questions"][:4]
    said = [given["reader"].predict([texts, asked], verbose=0) for asked in (questions, questions[::-1])]

    assert given["reader"].count_params() == right["reader"].count_params() == 1_000_052
    assert np.array_equal(*said)


@pytest.mark.slow
def test_an_exchanged_list_is_taken_and_an_unknown_key_is_not() -> None:
    """Tasks 3 and 4, and question 3."""
    names = without_experiment()
    reader, texts, questions = names["reader"], names["texts"], names["questions"]

    assert reader.predict([questions, texts], verbose=0).shape == (64, 500)
    with pytest.raises(ValueError, match='Missing data for input "text"'):
        reader.predict({"texts": texts, "questions": questions}, verbose=0)
    by_name = {"question": questions, "text": texts}
    assert np.allclose(reader.predict(by_name, verbose=0), reader.predict([texts, questions], verbose=0))


@pytest.mark.slow
def test_the_experiment_shows_what_its_text_says() -> None:
    """Nearly everything right by position and by name; exchanged, far fewer, and more than by guessing."""
    names = solved_notebook("multi-input").names
    accuracy = names["accuracy"]

    assert accuracy["by position"] == accuracy["by name"] > 0.95
    assert 1 / 16 < accuracy["swapped"] < 0.35
