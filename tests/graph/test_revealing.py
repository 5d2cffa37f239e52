"""What is shown of a graph to somebody else: its outline, and no name that Keras has made up."""

from __future__ import annotations

from dataclasses import replace

from autograder.graph import chosen_names, compare, draw, outline, plain
from tests.graph.builders import changed, inception


def test_an_outline_has_calls_and_shapes_and_nothing_else() -> None:
    graph = inception()
    shown = outline(graph)

    assert [call.shapes for call in shown] == [call.shapes for call in graph]
    assert [call.inputs for call in shown] == [call.inputs for call in graph]
    assert {call.activation for call in shown} == {None}
    assert all(not operation.settings for operation in shown.operations.values())
    assert "padding" not in draw(shown).partition("</style>")[2]


def test_outlines_differ_in_what_is_joined_and_not_in_settings() -> None:
    graph = inception()
    pool = graph.of_kind("AveragePooling2D")[0]
    other = replace(
        graph,
        operations={
            number: replace(operation, kind="MaxPooling2D") if number == pool.operation else operation
            for number, operation in graph.operations.items()
        },
    )

    assert compare(outline(changed(graph, pool.id, name="x")), outline(graph)) == []
    assert [found.kind for found in compare(outline(other), outline(graph))] == ["operator"]


def test_names_that_keras_counted_are_left_out_and_chosen_ones_kept() -> None:
    graph = inception()
    named = {
        number: replace(operation, name=f"{operation.kind.lower()}_{number + 17}")
        for number, operation in graph.operations.items()
    }
    first = graph.of_kind("AveragePooling2D")[0].operation
    named[first] = replace(named[first], name="branch_c")
    counted = replace(graph, name="functional_23", operations=named)

    kept = {operation.name for operation in chosen_names(counted).operations.values()}

    assert kept == {"", "branch_c"}
    assert plain(chosen_names(counted))["name"] == ""
