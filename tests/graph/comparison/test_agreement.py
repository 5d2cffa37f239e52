"""Matchings that grow from what agrees: fast in large graphs, exact behind and before a change."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.graph import Graph, Tensor
from autograder.graph.comparison.agreement import Agreement
from autograder.graph.comparison.anchors import anchors
from autograder.graph.comparison.compare import compare
from autograder.graph.comparison.findings import Findings
from autograder.graph.comparison.isomorphism import Net, is_isomorphism
from autograder.graph.comparison.matching import Matching
from tests.graph.builders import Builder, changed, inception, residual, rewired, shuffled, without
from tests.graph.strategies import graphs


def matchings(found: Graph, wanted: Graph) -> tuple[Net, Net, list[Matching]]:
    ours, theirs = Net(found, ("Concatenate",)), Net(wanted, ("Concatenate",))
    return ours, theirs, list(Agreement(ours, theirs, anchors(ours, theirs, False)).matchings())


def chain_of_blocks(count: int, filters: tuple[int, ...] = (8,)) -> Graph:
    """Residual blocks in a row, all alike but for their filters: an input goes past two convolutions."""
    b = Builder()
    x = b.conv(b.input(8, 8, 8), filters[0], 1)
    for number in range(count):
        size = filters[number % len(filters)]
        y = b.conv(b.conv(x, size, 3, padding="same"), 8, 1, activation=None)
        x = b.merge("Add", x, y, name=f"join_{number}")
    return b.graph(b.conv(x, 2, 1))


def without_block(graph: Graph, join: int) -> Graph:
    """The graph without the three calls that end with that join."""
    entrance = graph.call(join).inputs[0].call
    found = graph
    for reader in graph.consumers(join):
        slots = [slot for slot, tensor in enumerate(reader.inputs) if tensor.call == join]
        for slot in slots:
            found = rewired(found, reader.id, slot, entrance)
    gone = {join, join - 1, join - 2}
    return replace(found, calls=tuple(call for call in found.calls if call.id not in gone))


@settings(max_examples=60, deadline=None)
@given(graph=graphs(), seed=st.integers(0, 2**20))
def test_a_copy_agrees_in_everything(graph, seed):
    ours, theirs, found = matchings(shuffled(graph, seed), graph)

    for matching in found:
        assert None not in matching
        assert len(set(matching)) == ours.size == theirs.size


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(one=graphs(), other=graphs())
def test_a_matching_takes_no_call_twice(one, other):
    _, _, found = matchings(one, other)

    for matching in found:
        images = [image for image in matching if image is not None]
        assert len(images) == len(set(images))
        assert Findings(*_nets(one, other), matching, frozenset()).weight >= 0


def _nets(one: Graph, other: Graph) -> tuple[Net, Net]:
    return Net(one, ("Concatenate",)), Net(other, ("Concatenate",))


@pytest.mark.parametrize("seed", range(5))
def test_branches_alike_are_told_apart_by_what_follows_them(seed):
    graph = inception()
    ours, theirs, (matching, *_) = matchings(shuffled(graph, seed), graph)

    assert is_isomorphism(ours, theirs, [image for image in matching if image is not None])


@pytest.mark.parametrize("make", [inception, residual])
def test_all_but_the_changed_call_agrees(make):
    graph = make()
    for call in graph.calls[1:-1]:
        if graph.operation_of(call).kind == "Conv2D":
            _, _, (matching, *_) = matchings(changed(graph, call.id, filters=7), graph)
            assert matching == list(range(len(matching)))


@pytest.mark.parametrize("join", [4, 10, 16, 28])
def test_of_blocks_all_alike_a_whole_one_is_missing(join):
    graph = chain_of_blocks(10)
    assert graph.operation_of(join).kind == "Add"

    (difference,) = compare(without_block(graph, join), graph)

    assert difference.kind == "missing"
    kinds = [graph.operation_of(call).kind for call in difference.wanted_calls]
    assert kinds == ["Conv2D", "Conv2D", "Add"]


def test_a_thousand_calls_are_compared_in_a_second():
    wanted = chain_of_blocks(330, (8, 12, 16))
    mutants = [
        changed(wanted, 502, filters=9),
        without(wanted, 500),
        rewired(wanted, 502, 0, 497),
    ]
    compare(*mutants[:1], wanted)

    for found in mutants:
        started = time.process_time()
        differences = compare(found, wanted)
        assert time.process_time() - started < 1.0
        assert len(differences) == 1
    assert len(wanted.calls) == 993
    assert Tensor(992) == wanted.outputs[0]
