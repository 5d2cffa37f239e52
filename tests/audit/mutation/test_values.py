"""Arrays, tables and plots that are a little wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from autograder.audit.mutation.values import value_changes

ARRAY = {
    "kind": "array",
    "shape": [2, 2],
    "dtype": "float64",
    "values": [1.0, 2.0, 3.0, "nan"],
    "truncated": False,
}
ROW = {"shape": [2], "dtype": "float64", "values": [1.0, 2.0], "truncated": False}
TEXTS = {
    "kind": "list",
    "type": "list",
    "items": [{"kind": "text", "value": "a"}, {"kind": "text", "value": "b"}],
}
TABLE = {
    "kind": "table",
    "rows": 2,
    "columns": [
        {"name": "n", "dtype": "float64", "values": {"kind": "array", **ROW}},
        {"name": "t", "dtype": "object", "values": TEXTS},
    ],
}
AXES = {
    "title": "Loss",
    "x_label": "epoch",
    "y_label": "",
    "x_scale": "linear",
    "y_scale": "linear",
    "x_limits": [0, 1],
    "y_limits": [0, 1],
    "legend": ["loss"],
    "lines": [{"label": "loss", "x": ROW, "y": ROW}],
    "points": [],
    "bars": [],
    "images": [],
    "others": 0,
}
PLOT = {"kind": "plot", "title": "", "axes": [AXES]}


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (ARRAY, {"[0, 0]: 2.0", "[1, 0]: 4.0"}),
        ({"kind": "array", **ROW}, {"[0]: 2.0", "[1]: 3.0", "without the last entry"}),
        (
            TABLE,
            {
                "without the column n",
                "the column nx instead of n",
                "the column n, [0]: 2.0",
                "the column n, [1]: 3.0",
                "without the column t",
                "the column tx instead of t",
                "the column t, 0: 'ax' instead of 'a'",
                "the column t, 1: 'bx' instead of 'b'",
                "the column t, 0 and 1 exchanged",
            },
        ),
        (
            PLOT,
            {
                "without its title",
                "without its x_label",
                "without its legend",
                "lines[0], y[0]: 2.0",
                "lines[0], y[1]: 3.0",
                "without lines[0]",
            },
        ),
    ],
    ids=["array", "row", "table", "plot"],
)
def test_each_change_is_one_thing_that_is_another(value: dict[str, Any], wanted: set[str]) -> None:
    before = json.dumps(value)
    changes = list(value_changes(value))

    assert {change.what for change in changes} == wanted
    assert json.dumps(value) == before
    assert all(json.dumps(change.value) != before for change in changes)


def test_what_is_changed_in_a_table_is_called_by_its_column() -> None:
    assert {change.touched for change in value_changes(TABLE)} == {("n",), ("t",)}
