"""Tables as evidence: columns with names and values, under caps, and nothing of what only looks like one."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from autograder.evidence import capture, read, schema


def told(thing: Any) -> Any:
    """A value as it is read outside."""
    (value,) = read(json.dumps(capture("task", [thing]))).arguments
    return value


def test_a_data_frame_is_told_by_its_columns() -> None:
    frame = pd.DataFrame({"n": [1, 2], "t": ["a", None], "x": [0.5, float("inf")]})

    table = told(frame)

    assert (table["kind"], table["rows"]) == ("table", 2)
    assert [(column["name"], column["dtype"]) for column in table["columns"]] == [
        ("n", "int64"),
        ("t", str(frame["t"].dtype)),
        ("x", "float64"),
    ]
    assert table["columns"][2]["values"]["values"] == [0.5, "inf"]
    assert table["columns"][1]["values"]["items"][0] == {"kind": "text", "value": "a"}


def test_named_levels_of_an_index_and_of_columns_are_told() -> None:
    frame = pd.DataFrame({"k": ["a", "a", "b"], "n": [1, 2, 3]}).groupby("k").agg({"n": ["sum", "mean"]})

    assert [column["name"] for column in told(frame)["columns"]] == ["k", "n, sum", "n, mean"]


def test_a_structured_array_is_a_table() -> None:
    table = told(np.array([(1, "a"), (2, "b")], dtype=[("n", "i4"), ("t", "U3")]))

    assert (table["rows"], [column["name"] for column in table["columns"]]) == (2, ["n", "t"])


def test_a_long_table_is_cut_and_says_how_long_it_is() -> None:
    table = told(pd.DataFrame({"n": np.arange(100_000), "t": ["x"] * 100_000}))

    numbers, texts = (column["values"] for column in table["columns"])
    assert (table["rows"], len(numbers["values"]), len(texts["items"])) == (100_000, 1000, 1000)
    assert (numbers["shape"], numbers["truncated"]) == ([100_000], True)


@pytest.mark.parametrize(
    "thing",
    [
        pd.DataFrame(np.zeros((2, schema.MAX_COLUMNS + 1))),
        pd.DataFrame(np.zeros((1000, 150))),
        pd.DataFrame([["x" * 20_000] * 60]),
        np.zeros((2, 2), dtype=[("n", "i4")]),
        np.zeros(2, dtype=[("n", "i4", (3,))]),
    ],
    ids=["columns", "values", "texts", "dimensions", "arrays in cells"],
)
def test_what_there_is_no_room_for_is_opaque(thing: Any) -> None:
    assert told(thing)["kind"] == "opaque"


class Named:
    """It says that it is a data frame, and that it has columns without an end."""

    __module__ = "pandas"

    @property
    def __class__(self) -> type:  # type: ignore[override]
        return pd.DataFrame

    @property
    def columns(self) -> Iterator[str]:
        while True:
            yield "n"


class Raising(pd.DataFrame):
    """A data frame that answers nothing."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError("asked")


class Another(pd.DataFrame):
    """A data frame with a shape of its own."""

    @property
    def shape(self) -> tuple[int, int]:
        raise RuntimeError("asked")


def test_what_only_looks_like_a_table_is_none() -> None:
    assert told(Named())["kind"] == "opaque"
    assert told(Raising({"n": [1]}))["kind"] == "opaque"


def test_a_class_cannot_answer_for_its_size() -> None:
    assert told(Another({"n": [1, 2]}))["rows"] == 2


class Hanging:
    """An object that would take for ever to become an array."""

    def __array__(self, *_: Any, **__: Any) -> Any:
        while True:
            time.sleep(1)

    def __str__(self) -> str:
        raise RuntimeError("asked")


def test_what_a_cell_holds_is_not_asked_what_it_is() -> None:
    cells = pd.DataFrame({"n": pd.Series([Hanging(), [1, 2], np.zeros(2), {"a": 1}, 3], dtype=object)})

    (column,) = told(cells)["columns"]

    assert [item["kind"] for item in column["values"]["items"]] == ["opaque"] * 4 + ["number"]
