"""Colours, isomorphisms and matchings."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.graph.comparison.anchors import _pairs, anchors
from autograder.graph.comparison.compare import compare
from autograder.graph.comparison.findings import Findings
from autograder.graph.comparison.isomorphism import Net, isomorphism
from autograder.graph.comparison.matching import Matcher, family
from autograder.graph.model import Graph, Tensor, settled
from tests.graph.builders import Builder, changed, inception, residual, shuffled, siamese, without
from tests.graph.strategies import graphs


def nets(found: Graph, wanted: Graph) -> tuple[Net, Net]:
    return Net(found, ("Concatenate",)), Net(wanted, ("Concatenate",))


def mapped(found: Graph, wanted: Graph) -> list[int] | None:
    ours, theirs = nets(found, wanted)
    fixed = anchors(ours, theirs, False)
    return isomorphism(ours, theirs, fixed.found, fixed.wanted)


@pytest.mark.parametrize(
    ("found", "pairs", "ordered"),
    [
        (("age", "sex", "income"), [(0, 0), (1, 2), (2, 1)], False),
        (("age", "sex", "wage"), [(0, 0), (1, 1), (2, 2)], True),
    ],
)
def test_one_name_that_is_left_answers_to_the_one_that_is_left(found, pairs, ordered):
    assert _pairs(found, ("age", "income", "gender"), False) == (pairs, ordered)


@pytest.mark.parametrize("make", [inception, residual, siamese])
@pytest.mark.parametrize("seed", range(3))
def test_an_isomorphism_maps_every_call_to_its_own(make, seed):
    graph = make()
    copy = shuffled(graph, seed)

    mapping = mapped(copy, graph)

    assert mapping is not None
    assert sorted(mapping) == list(range(len(graph.calls) + len(graph.outputs)))
    for node, call in enumerate(copy.calls):
        image = graph.calls[mapping[node]]
        assert graph.operation_of(image).settings == copy.operation_of(call).settings


def test_sharing_is_part_of_what_a_graph_is():
    assert mapped(siamese(shared=False), siamese()) is None


def equal_towers(count: int, shared: tuple[tuple[int, ...], ...]) -> Graph:
    """Towers of two equal layers each, added up; `shared` says which layers each tower calls."""
    b = Builder()
    x = b.input(4)
    layers = [b.operation("Dense", units=4) for _ in range(2 * count)]
    ends = [b.call(layers[second], b.call(layers[first], x)) for first, second in shared]
    return b.graph(b.merge("Add", *ends))


def test_symmetry_does_not_confuse_who_shares_with_whom():
    """A ring of shared layers and two smaller rings look alike from every single call."""
    ring = equal_towers(6, ((0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0)))
    two_rings = equal_towers(6, ((0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3)))

    assert mapped(two_rings, ring) is None
    assert mapped(shuffled(ring, 3), ring) is not None
    assert mapped(shuffled(two_rings, 4), two_rings) is not None


def told_apart_by_networkx(one: Graph, other: Graph) -> bool:
    """The same question put to a general algorithm: calls, wires and layers all made nodes of one graph."""
    encoded = []
    for net in (Net(one, ("Concatenate",)), Net(other, ("Concatenate",))):
        graph = nx.DiGraph()
        for node in range(net.size):
            end = net.input_nodes.index(node) if node in net.input_nodes else max(-1, node - net.calls)
            graph.add_node(node, label=(net.signatures[node], node in net.input_nodes, end))
            graph.add_node(("layer", net.operation[node]), label="layer")
            graph.add_edge(("layer", net.operation[node]), node)
            for slot, (source, index) in enumerate(net.inputs[node]):
                wire = (node, slot)
                graph.add_node(wire, label=("wire", -1 if net.free[node] else slot, index))
                graph.add_edges_from([(source, wire), (wire, node)])
        encoded.append(graph)
    return not nx.is_isomorphic(*encoded, node_match=lambda left, right: left["label"] == right["label"])


@settings(max_examples=120, deadline=None)
@given(one=graphs(calls=4), other=graphs(calls=4), seed=st.integers(0, 2**20))
def test_graphs_are_equal_exactly_when_they_are_isomorphic(one, other, seed):
    assert told_apart_by_networkx(one, other) == bool(compare(one, other))
    copy = shuffled(one, seed)
    assert told_apart_by_networkx(copy, one) == bool(compare(copy, one))


@settings(max_examples=60, deadline=None)
@given(
    shared=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=4), data=st.data()
)
def test_equal_towers_that_share_at_random_are_told_apart_exactly(shared, data):
    size = len(shared)
    pairs = st.tuples(st.integers(0, 3), st.integers(0, 3))
    others = data.draw(st.lists(pairs, min_size=size, max_size=size))
    one, other = equal_towers(4, tuple(shared)), equal_towers(4, tuple(others))

    assert told_apart_by_networkx(one, other) == bool(compare(one, other))


def test_which_result_of_a_call_is_read_counts():
    def stateful(index: int) -> Graph:
        b = Builder()
        lstm = b.operation("LSTM", units=4, return_state=True)
        result = b.call(lstm, b.input(None, 4))
        return b.graph(b.dense(Tensor(result.call, index), 1))

    assert mapped(stateful(0), stateful(0)) is not None
    assert mapped(stateful(1), stateful(0)) is None


def test_true_is_not_one_and_not_a_number_is_itself():
    assert settled(True) != settled(1)
    assert settled(float("nan")) == settled(float("nan"))
    assert settled((1, (2.0, True))) == settled((1, (2, True)))


def test_a_changed_call_is_matched_with_what_it_was():
    graph = inception()
    ours, theirs = nets(changed(graph, 3, strides=(1, 1)), graph)

    matching = Matcher(ours, theirs, anchors(ours, theirs, False)).match()

    assert matching == list(range(ours.size))


def test_a_missing_call_leaves_its_counterpart_alone():
    graph = residual()
    ours, theirs = nets(without(graph, 4), graph)

    matching = Matcher(ours, theirs, anchors(ours, theirs, False)).match()

    assert matching == [0, 1, 2, 3, 5, 6]


@pytest.mark.parametrize("seed", range(30))
def test_branches_that_became_alike_are_not_crossed(seed):
    """Without its middle convolution the fourth branch is like the second."""
    graph = inception()

    assert [found.kind for found in compare(shuffled(without(graph, 7), seed), graph)] == ["missing"]


def test_an_isomorphism_leaves_nothing_to_say():
    ours, theirs = nets(shuffled(inception(), 5), inception())
    fixed = anchors(ours, theirs, False)
    mapping = isomorphism(ours, theirs, fixed.found, fixed.wanted)
    assert mapping is not None

    assert Findings(ours, theirs, list(mapping), frozenset()).all == []


def test_kinds_have_families():
    assert family("SeparableConv2D") == family("Conv1D")
    assert family("Add") == family("Concatenate")
    assert family("Dense") != family("Add")
