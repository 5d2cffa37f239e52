"""Reading evidence: what is in the schema is read, and everything else is refused in a sentence."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from functools import cache

import keras
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from autograder.evidence import Evidence, EvidenceError, capture, read, schema
from tests.evidence.documents import example, use


def message_of(document):
    with pytest.raises(EvidenceError) as caught:
        read(document if isinstance(document, bytes | str) else json.dumps(document))
    return caught.value.message


def changed(*path_and_value):
    """The example with one place in it changed."""
    *path, last, value = path_and_value
    document = copy.deepcopy(example())
    place = document
    for step in path:
        place = place[step]
    place[last] = value
    return document


def test_what_capture_writes_is_read():
    evidence = read(json.dumps(example()))

    assert evidence.task == "task"
    assert list(evidence.arguments) == example()["arguments"]
    assert [probe.inputs[0].shape for probe in evidence.probes] == [(4,), (5,)]
    assert evidence.probes[1].error.type == "ValueError"


def test_bytes_are_read_as_text_is():
    document = json.dumps(example())

    assert read(document) == read(document.encode())


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"\xff\xfe",
        "{",
        '{"evidence": NaN}',
        '{"evidence": Infinity}',
        '{"evidence": -Infinity}',
        '{"evidence": 1' + "0" * 5000 + "}",
        "nothing",
    ],
)
def test_what_is_no_json_is_refused(document):
    assert message_of(document).text == "The evidence is not valid JSON."


@pytest.mark.parametrize("document", ["[" * 100_000, '{"a":' * 100_000])
def test_a_document_too_deep_is_refused_by_its_depth(document):
    assert message_of(document).text.startswith("The evidence is nested more than")


def test_a_document_too_large_is_refused_before_it_is_parsed():
    found = message_of(" " * (schema.MAX_BYTES + 1))

    assert (found.text, found.values) == (
        "The evidence is larger than {limit} bytes.",
        {"limit": schema.MAX_BYTES},
    )


MODEL = ("arguments", 0, "model")
GRAPH = (*MODEL, "graphs", 0)
TABLE, PLOT = ("arguments", 13), ("arguments", 14)
AXES = (*PLOT, "axes", 0)
COLUMN = "arguments[13].columns[1].values"
ARRAY = {"shape": [1], "dtype": "float64", "values": [1.0], "truncated": False}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (("evidence", 2), "evidence"),
        (("evidence", True), "evidence"),
        (("task", 3), "task"),
        (("task", "\ud800"), "task"),
        (("arguments", {}), "arguments"),
        (("arguments", 0, "kind", "pickle"), "arguments[0].kind"),
        (("arguments", 0, "kind", []), "arguments[0].kind"),
        (("arguments", 4, "value", "one"), "arguments[4].value"),
        (("arguments", 4, "value", 2**70), "arguments[4].value"),
        (("arguments", 6, "value", 1), "arguments[6].value"),
        ((*MODEL, "operations", 1, "id", 0), "arguments[0].model.operations[1].id"),
        ((*MODEL, "operations", 1, "custom", 0), "arguments[0].model.operations[1].custom"),
        ((*MODEL, "operations", 1, "graph", 9), "arguments[0].model.operations[1].graph"),
        ((*MODEL, "operations", 1, "config", []), "arguments[0].model.operations[1].config"),
        ((*MODEL, "graph", 7), "arguments[0].model.graph"),
        ((*MODEL, "class", None), "arguments[0].model.class"),
        ((*GRAPH, "inputs", 0, [99, 0]), "arguments[0].model.graphs[0].inputs"),
        ((*GRAPH, "inputs", 0, [0, 5]), "arguments[0].model.graphs[0].inputs"),
        ((*GRAPH, "output_names", []), "arguments[0].model.graphs[0].output_names"),
        ((*GRAPH, "calls", 0, "operation", -1), "arguments[0].model.graphs[0].calls[0].operation"),
        (
            (*GRAPH, "calls", 2, "args", 0, {"tensor": [2, 0]}),
            "arguments[0].model.graphs[0].calls[2].args[0]",
        ),
        ((*GRAPH, "calls", 2, "args", 0, {"call": 1}), "arguments[0].model.graphs[0].calls[2].args[0]"),
        (
            (*GRAPH, "calls", 2, "outputs", 0, "shape", [-1]),
            "arguments[0].model.graphs[0].calls[2].outputs.shape",
        ),
        (("probes", 0, "inputs", 0, "shape", ["28"]), "probes[0].inputs[0].shape"),
        (("probes", 0, "result", {"kind": "nothing"}), "probes[0].result.kind"),
        (("probes", 1, "error", "line_number", -1), "probes[1].error.line_number"),
        ((*TABLE, "rows", -1), "arguments[13].rows"),
        ((*TABLE, "rows", 2), "arguments[13].columns[0].values"),
        ((*TABLE, "columns", 0, "name", 3), "arguments[13].columns[0].name"),
        ((*TABLE, "columns", 1, "values", {"kind": "none"}), "arguments[13].columns[1].values"),
        ((*TABLE, "columns", 1, "values", "items", [{"kind": "list", "type": "list", "items": []}]), COLUMN),
        ((*PLOT, "title", None), "arguments[14].title"),
        ((*AXES, "x_limits", [1]), "arguments[14].axes[0].x_limits"),
        ((*AXES, "legend", [3]), "arguments[14].axes[0].legend"),
        ((*AXES, "others", 0.5), "arguments[14].axes[0].others"),
        ((*AXES, "images", [[None]]), "arguments[14].axes[0].images"),
        ((*AXES, "lines", 0, "x", "shape", [9]), "arguments[14].axes[0].lines[0].x.values"),
        ((*AXES, "lines", 0, "x", ARRAY), "arguments[14].axes[0].lines[0]"),
        ((*AXES, "bars", [None]), "arguments[14].axes[0].bars[0]"),
    ],
)
def test_a_damaged_document_is_refused_by_its_place(change, place):
    found = message_of(changed(*change))

    assert found.text == "The evidence is damaged at {place}."
    assert found.values["place"] == place


def test_floats_that_overflow_are_refused():
    assert (
        message_of(json.dumps(example()).replace("1.5", "1e999", 1)).values["place"] == "arguments[4].value"
    )


def deep_list(depth):
    value = {"kind": "none"}
    for _ in range(depth):
        value = {"kind": "list", "type": "list", "items": [value]}
    return value


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (("task", "x" * 500), "The evidence has a text longer than {limit} characters in {place}."),
        (("probes", [None] * 17), "The evidence has more than {limit} entries in {place}."),
        (("arguments", [deep_list(70)]), "The evidence is nested more than {limit} levels deep."),
        ((*MODEL, "operations", [None] * 5_001), "The evidence has more than {limit} entries in {place}."),
        ((*TABLE, "columns", [None] * 201), "The evidence has more than {limit} entries in {place}."),
        ((*PLOT, "axes", [None] * 33), "The evidence has more than {limit} entries in {place}."),
        ((*AXES, "points", [None] * 201), "The evidence has more than {limit} entries in {place}."),
    ],
)
def test_a_cap_is_named(change, text):
    assert message_of(changed(*change)).text == text


def test_operations_and_calls_are_counted_over_the_whole_document():
    document = example()
    few = {**document, "arguments": [document["arguments"][0]] * 400, "probes": []}
    (layer,) = (entry for entry in document["arguments"] if entry["kind"] == "layer")
    slim = copy.deepcopy(document["arguments"][0])
    slim["model"]["operations"] = slim["model"]["operations"][:1]
    slim["model"]["graphs"] = [
        {
            **slim["model"]["graphs"][0],
            "calls": [slim["model"]["graphs"][0]["calls"][0]]
            + [{**slim["model"]["graphs"][0]["calls"][0], "id": number} for number in range(1, 3000)],
            "inputs": [],
            "outputs": [],
            "input_names": [],
            "output_names": [],
            "input_keys": None,
            "output_keys": None,
        }
    ]

    assert message_of(few).text == "The evidence has more than {limit} layers."
    assert message_of({**document, "arguments": [slim] * 4}).text == (
        "The evidence has more than {limit} layer calls."
    )
    assert read(json.dumps({**document, "arguments": [layer] * 2})).task == "task"


def doubling(levels):
    """A model in which each nested model calls the next one twice."""
    x = keras.Input((1,))
    model = keras.Model(x, layers.ReLU()(x))
    for _ in range(levels):
        x = keras.Input((1,))
        model = keras.Model(x, model(model(x)))
    return model


def test_nested_models_may_not_grow_out_of_bounds():
    assert (
        message_of(capture("task", [doubling(20)])).text == "The evidence has more than {limit} layer calls."
    )
    assert read(json.dumps(capture("task", [doubling(4)]))).task == "task"


def test_a_model_may_not_be_nested_in_itself():
    document = capture("task", [doubling(2)])
    model = document["arguments"][0]["model"]
    model["operations"][model["graphs"][1]["calls"][1]["operation"]]["graph"] = 0

    with pytest.raises(EvidenceError, match="outside itself"):
        read(json.dumps(document))


# Whatever is done to a document, it is read or refused. `make bench-fuzzing` goes on for longer.

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.sampled_from(
        ["model", "list", "Conv2D", "keras.src.layers.core.dense", "Dense", "relu", "nan", "tensor", "kind"]
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


def places(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


@cache
def all_places():
    return [path for path in places(example()) if path]


def mangled(document, path, action, other, value):
    place = document
    for step in path[:-1]:
        place = place[step]
    if action == "remove":
        place.pop(path[-1])
    elif action == "replace":
        place[path[-1]] = value
    elif action == "swap":
        found = document
        for step in other:
            found = found[step]
        place[path[-1]] = copy.deepcopy(found)
    elif isinstance(place, list):
        place.insert(path[-1], copy.deepcopy(place[path[-1]]))
    else:
        place[str(value)[:5]] = value


@given(data=st.data())
@settings(max_examples=75, deadline=None)
def test_a_mangled_document_is_read_or_refused(data):
    """Some documents; `make bench-fuzzing` goes on for minutes."""
    document = copy.deepcopy(example())
    for _ in range(data.draw(st.integers(1, 3))):
        path, other = (data.draw(st.sampled_from(all_places())) for _ in range(2))
        action = data.draw(st.sampled_from(["remove", "replace", "swap", "double"]))
        try:
            mangled(document, path, action, other, data.draw(JSON))
        except (KeyError, IndexError, TypeError, AttributeError):
            continue
    with suppress(EvidenceError):
        use(read(json.dumps(document)))


@given(start=st.integers(0, 5_000), length=st.integers(0, 50), put=st.binary(max_size=20))
@settings(max_examples=100, deadline=None)
def test_a_document_with_bytes_exchanged_is_read_or_refused(start, length, put):
    document = json.dumps(example()).encode()
    with suppress(EvidenceError):
        assert isinstance(read(document[:start] + put + document[start + length :]), Evidence)


@given(document=JSON | st.dictionaries(st.sampled_from(["evidence", "task", "arguments", "probes"]), JSON))
@settings(max_examples=100, deadline=None)
def test_any_json_is_read_or_refused(document):
    with suppress(EvidenceError):
        assert isinstance(read(json.dumps(document)), Evidence)
