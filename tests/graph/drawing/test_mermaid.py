"""A graph as a chart of Mermaid's, which GitHub draws."""

from __future__ import annotations

import re
from dataclasses import replace

from autograder.graph import compare
from autograder.graph.drawing.mermaid import mermaid
from autograder.graph.drawing.scene import scene
from tests.graph.builders import Builder, inception, residual, rewired, siamese, without_branch


def test_every_box_and_every_wire_is_there() -> None:
    chart = mermaid(inception(), (), "en")
    pictured = scene(inception(), ())

    assert chart.startswith("flowchart TD\n")
    assert len(re.findall(r'^  n\d+[\[(]+".*"[\])]+$', chart, re.M)) == len(pictured.boxes)
    assert re.findall(r"^  n(\d+) --> n(\d+)$", chart, re.M) == [
        (str(wire.source), str(wire.target)) for wire in pictured.wires
    ]
    assert "style" not in chart


def test_what_differs_is_numbered_and_marked() -> None:
    """A branch that is missing, and a wire that leads elsewhere."""
    wanted = inception()
    join = next(call for call in wanted.calls if len(call.inputs) == 4)
    found = without_branch(wanted, join.id, 1)
    ghost = mermaid(found, compare(found, wanted), "en")
    crossed = rewired(residual(), residual().calls[-1].id, 0, 0)
    wrong = mermaid(crossed, compare(crossed, residual()), "en")

    assert "#91;1#93; missing<br/>Conv2D → Conv2D" in ghost
    assert ghost.count("-.->") == 2
    assert re.search(r"^  n\d+ --x n\d+$", wrong, re.M)
    assert re.search(r"^  linkStyle \d+,\d+ stroke:", wrong, re.M)


def test_a_shared_layer_says_so_in_its_colour() -> None:
    chart = mermaid(siamese(), (), "ko")

    assert chart.count("공유") == 2
    assert len(set(re.findall(r"^  style n\d+ (.*)$", chart, re.M))) == 1


def test_no_name_means_anything_to_mermaid_or_to_a_page() -> None:
    graph = inception()
    named = {
        key: replace(one, name='x"];\n```\nclick n0 "javascript:a()"<b>&#__1. #35;')
        for key, one in graph.operations.items()
    }
    chart = mermaid(replace(graph, operations=named), (), "en")
    labels = re.findall(r'^  n\d+[\[(]+"(.*)"[\])]+$', chart, re.M)

    assert "click n0" in chart
    assert len(labels) == len(scene(graph, ()).boxes)
    for label in labels:
        assert not re.search(r'["<>&`\\_\[\]]', re.sub(r"<br/>|#\d+;", "", label))
    assert "`" not in chart


def test_a_graph_that_nobody_could_read_is_not_drawn() -> None:
    b = Builder()
    x = b.input(8)

    assert mermaid(b.graph(b.merge("Add", *(b.dense(x, 8) for _ in range(200)))), (), "en") == ""
