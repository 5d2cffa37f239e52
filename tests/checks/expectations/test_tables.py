"""Tables: however they are handed in, by their columns and rows, and what is said of the first wrong one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from autograder.checks import expect
from tests.checks.subjects import said, subject

COLUMNS = {"name": ["ada", "bob", "cyd"], "score": [1.5, 2.0, 3.25]}
ROWS = [{"name": "ada", "score": 1.5}, {"name": "bob", "score": 2.0}, {"name": "cyd", "score": 3.25}]
FRAME = pd.DataFrame(COLUMNS)
RECORDS = np.array([("ada", 1.5), ("bob", 2.0), ("cyd", 3.25)], dtype=[("name", "U3"), ("score", "f8")])


@pytest.mark.parametrize(
    "table",
    [
        COLUMNS,
        ROWS,
        FRAME,
        RECORDS,
        {"score": np.array([1.5, 2.0, 3.25]), "name": ("ada", "bob", "cyd")},
        FRAME[["score", "name"]],
        FRAME.set_index("name"),
        FRAME.set_index(pd.Index([7, 8, 9])),
    ],
    ids=["columns", "rows", "frame", "records", "arrays", "other order", "index", "unnamed index"],
)
def test_a_table_is_the_same_in_each_of_its_forms(table: Any) -> None:
    for reference in (COLUMNS, FRAME):
        expect(subject(table, reference)).equals_table()
        expect(subject(table, reference)).is_close(tolerance=0.1)
    expect(subject(table)).equals_table(ROWS)
    expect(subject(table)).has_columns("score", "name", only=True)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (3, "This task needs a table. | 3 | a data frame, a dict of columns"),
        ([1, 2], "This task needs a table. | [1, 2] | a data frame, a dict of columns"),
        ({"name": ["ada"], "score": [1, 2]}, "This task needs a table. | {'name': ['ada'], 'score': [1, 2]}"),
        (
            FRAME.rename(columns={"score": "Score "}),
            "The table has no column 'score'; 'Score ' is spelt differently. | 'name', 'Score ' | 'name', "
            "'score'",
        ),
        (FRAME[["name"]], "The table has no column 'score'. | 'name' | 'name', 'score'"),
        (FRAME.assign(rank=1), "The table should not have the column 'rank'. | 'name', 'score', 'rank'"),
        (FRAME[:2], "The table has the wrong number of rows. | 2 rows | 3 rows"),
        (FRAME[::-1], "The table has the right rows, but in another order."),
        (FRAME.assign(score=["1.5", "2", "3"]), "The column 'score' has the wrong type. | texts | numbers"),
        (
            FRAME.assign(score=[1.5, 2.5, 3.0]),
            "The column 'score' is wrong in 2 of 3 rows; the first is row 1, counted from 0. | 2.5 | a "
            "smaller number | row 1: {'name': 'bob', 'score': 2.5}",
        ),
        (
            FRAME.assign(name=["ada", None, "cyd"]),
            "The column 'name' is wrong in row 1, counted from 0. | nan | row 1: {'name': nan, 'score': 2.0}",
        ),
    ],
)
def test_what_is_wrong_with_a_table_is_said_with_its_row(table: Any, sentence: str) -> None:
    assert said(lambda: expect(subject(table, FRAME)).equals_table()).startswith(sentence)


def test_rows_may_be_in_any_order_where_the_check_says_so() -> None:
    noisy = FRAME.assign(score=FRAME["score"] + 0.01)[::-1]
    wrong = FRAME.assign(score=[1.5, 9.0, 3.25])[::-1]

    expect(subject(noisy, FRAME)).equals_table(any_order=True, tolerance=0.05)
    assert said(lambda: expect(subject(wrong, FRAME)).equals_table(any_order=True)) == (
        "The column 'score' is wrong in row 1, counted from 0. | 9.0 | a smaller number | row 1: "
        "{'name': 'bob', 'score': 9.0}"
    )


def test_an_empty_cell_is_none_nan_and_pandas_na_alike() -> None:
    for table in (
        pd.DataFrame({"n": pd.array([1, None], dtype="Int64")}),
        pd.DataFrame({"n": [1, np.nan]}),
        {"n": [1, None]},
    ):
        expect(subject(table)).equals_table({"n": [1, None]})


def test_dates_and_categories_are_compared_by_what_they_say() -> None:
    frame = pd.DataFrame({"day": pd.to_datetime(["2026-01-02"]), "kind": pd.Categorical(["cat"])})

    expect(subject(frame, frame.copy())).equals_table()
    expect(subject(frame)).has_columns("kind")


def test_of_a_long_table_the_first_rows_and_the_number_of_rows_count() -> None:
    long = pd.DataFrame({"n": np.arange(5000)})

    expect(subject(long, long)).equals_table()
    assert "5,000 rows" in said(lambda: expect(subject(long[:4000], long)).equals_table())


def test_a_table_that_a_function_returns_may_be_said() -> None:
    def right(count: int) -> pd.DataFrame:
        return pd.DataFrame({"n": range(count)})

    made = subject(lambda count: right(count) * 2, right, [[{"value": 3}]])

    assert said(lambda: expect(made).equals_table()) == (
        "The column 'n' is wrong in 2 of 3 rows; the first is row 1, counted from 0. | 2 | 1 | row 1: "
        "{'n': 2}, when called with 3"
    )
