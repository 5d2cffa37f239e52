"""Two answers have one trace where they show the same, whatever Keras has counted meanwhile."""

from __future__ import annotations

from dataclasses import replace

from autograder.checks import Failure, Model, Subject, trace
from autograder.messages import Message, verbatim
from tests.graph.builders import changed, inception


def of_graph(**names: str) -> str:
    graph = inception()
    operations = {
        number: replace(operation, name=f"{operation.kind.lower()}_{number + int(names.get('count', 0))}")
        for number, operation in graph.operations.items()
    }
    return trace(Subject("module", [Model(graph=replace(graph, operations=operations))]))


def of_error(text: str) -> str:
    failure = Failure(
        rationale=verbatim("It stops."),
        found=Message(text="{name}: {text}", values={"name": "ValueError", "text": text}),
        where=verbatim(text[:3]),
    )
    return trace(Subject("module", [Model(failure=failure)]))


def test_names_that_keras_counts_leave_no_trace() -> None:
    assert of_graph() == of_graph(count="40")


def test_a_setting_leaves_a_trace() -> None:
    graph = inception()
    pool = graph.of_kind("AveragePooling2D")[0]

    assert trace(Subject("module", [Model(graph=changed(graph, pool.id, strides=(3, 3)))])) != trace(
        Subject("module", [Model(graph=graph)])
    )


def test_an_error_is_known_by_what_it_says() -> None:
    assert of_error("`conv2d_3` gives 14") == of_error("`conv2d_81` gives 14")
    assert of_error("`conv2d_3` gives 14") != of_error("`conv2d_3` gives 15")


def test_a_value_is_known_by_itself() -> None:
    assert trace(Subject("sizes", value={"a": 1})) == trace(Subject("sizes", value={"a": 1}))
    assert trace(Subject("sizes", value={"a": 1})) != trace(Subject("sizes", value={"a": 2}))
