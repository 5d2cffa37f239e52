"""Compares two canonical graphs: no difference exactly when they are the same, else few, causes first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from autograder.graph.comparison.agreement import Agreement
from autograder.graph.comparison.anchors import Anchors, anchors, input_names, loosened, padded
from autograder.graph.comparison.difference import Difference, DifferenceKind
from autograder.graph.comparison.findings import Finding, Findings
from autograder.graph.comparison.isomorphism import Net, isomorphism
from autograder.graph.comparison.matching import Matcher, Matching
from autograder.graph.comparison.unfolding import Unfolded, unfolded
from autograder.graph.comparison.wording import difference, name_difference, shape_difference
from autograder.graph.label import is_automatic
from autograder.graph.model import Graph, Shape

SMALL = 60
"""The number of nodes up to which a matching of least cost is found at once."""
LARGE = 200
"""The number of nodes above which only the first matchings are tried."""
UNFOLDED_AT_MOST = 3
"""How often graphs are unfolded further at most, as long as that lowers the weight of the findings."""


def compare(
    found: Graph, wanted: Graph, *, names: bool = False, free_order: Sequence[str] = ("Concatenate",)
) -> list[Difference]:
    """Return what sets `found` apart from `wanted`, the earliest cause first; empty for the same graph.

    Both graphs are canonical. `names` says that the names of inputs and outputs count. Operators in
    `free_order` may take their inputs in any order, as `Add` and the like always may. A graph with a call
    that cannot be inspected is never the same as another.

    >>> import keras
    >>> from autograder.checks import subject_of
    >>> from autograder.graph import compare, told
    >>> x = keras.Input((8,), name="x")
    >>> narrow, wide = (
    ...     subject_of(keras.Model(x, keras.layers.Dense(units)(x))).model.graph for units in (4, 8)
    ... )
    >>> compare(wide, wide)
    []
    >>> told(compare(narrow, wide), "en")
    ['In `Dense(4)`, `units` is 4; it should be 8. The place: between the input `x` and the output.']
    """
    ours, theirs = Net(found, free_order), Net(wanted, free_order)
    fixed = anchors(ours, theirs, names)
    misnamed = _misnamed(ours, theirs, fixed) if names else []
    mapping = isomorphism(ours, theirs, fixed.found, fixed.wanted)
    if mapping is not None:
        return misnamed or _shapes(ours, theirs, mapping)
    best, origins = _told_apart(found, wanted, names, free_order)
    return misnamed + [_of_origin(difference(best, finding), *origins) for finding in _causes_first(best)]


def _told_apart(
    found: Graph, wanted: Graph, names: bool, free_order: Sequence[str]
) -> tuple[Findings, tuple[Mapping[int, int], Mapping[int, int]]]:
    """Return the best findings, and for both unfolded graphs which given call each new call was part of."""
    sides = [Unfolded(found), Unfolded(wanted)]
    best: Findings | None = None
    origins: tuple[Mapping[int, int], Mapping[int, int]] = ({}, {})
    for _ in range(UNFOLDED_AT_MOST + 1):
        nets = Net(sides[0].graph, free_order), Net(sides[1].graph, free_order)
        findings = _best(*nets, anchors(*nets, names))
        if best is not None and findings.weight >= best.weight - 1e-6:
            break
        best, origins = findings, (sides[0].origin, sides[1].origin)
        more = unfolded(sides[0], sides[1], nets, findings.matching)
        if all(one is other for one, other in zip(more, sides, strict=True)):
            break
        sides = more
    assert best is not None
    return best, origins


def _of_origin(told: Difference, found: Mapping[int, int], wanted: Mapping[int, int]) -> Difference:
    """Return a difference in terms of the calls of the graphs as they were given."""

    def calls(numbers: Sequence[int], origin: Mapping[int, int]) -> tuple[int, ...]:
        return tuple(dict.fromkeys(origin.get(number, number) for number in numbers))

    def wires(ends: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
        """Return the wires between calls, without those that begin or end inside a call."""
        return tuple(wire for wire in ends if not found.keys() & wire)

    return replace(
        told,
        found_calls=calls(told.found_calls, found),
        wanted_calls=calls(told.wanted_calls, wanted),
        before=calls(told.before, found),
        after=calls(told.after, found),
        wires=wires(told.wires),
        absent_wires=wires(told.absent_wires),
    )


def _best(ours: Net, theirs: Net, fixed: Anchors) -> Findings:
    """Return the findings of the matching that explains the differences best."""
    loose = loosened(ours, theirs, fixed)
    if fixed.ordered:
        # Perhaps only the inputs or outputs are in another order.
        crossed = isomorphism(ours, theirs, loose.found, loose.wanted)
        if crossed is not None:
            return Findings(ours, theirs, list(crossed), fixed.ordered)
    best: Findings | None = None
    tried: list[Matching] = []
    for several in _matchings(ours, theirs, fixed, loose):
        for matching in several:
            if matching in tried:
                continue
            tried.append(matching)
            findings = Findings(ours, theirs, matching, fixed.ordered)
            if best is None or findings.weight < best.weight - 1e-6:
                best = findings
        if best is not None and (len(best.all) == 1 or max(ours.size, theirs.size) > LARGE):
            break
    assert best is not None
    return best


def _matchings(ours: Net, theirs: Net, fixed: Anchors, loose: Anchors) -> Iterator[list[Matching]]:
    """Yield the matchings to try: those that grow from what agrees, and those of least cost.

    For small graphs the one of least cost comes first: of equal layers in a row, it leaves out an inner one.
    """
    grown = list(Agreement(ours, theirs, fixed).matchings())
    if max(ours.size, theirs.size) > SMALL and grown:
        yield grown
    matcher = Matcher(ours, theirs, fixed)
    yield [matcher.match(), *grown]
    if fixed.ordered:
        yield [Matcher(ours, theirs, loose).match()]


def _causes_first(findings: Findings) -> list[Finding]:
    """Return the findings from the input downwards; at the same place they keep their order."""
    heights = _heights(findings.found), _heights(findings.wanted)

    def height(finding: Finding) -> tuple[float, int]:
        at = [heights[0][node] for node in finding.found] or [heights[1][node] for node in finding.wanted]
        return min(at), min((*finding.found, *finding.wanted))

    return sorted(findings.all, key=height)


def _heights(net: Net) -> list[float]:
    heights: list[float] = []
    for sources in net.inputs:
        heights.append(1 + max((heights[source] for source, _ in sources), default=-1.0))
    return heights


def _misnamed(ours: Net, theirs: Net, fixed: Anchors) -> list[Difference]:
    differences: list[Difference] = []
    wanted_at = {key: node for node, key in enumerate(fixed.wanted) if key is not None}
    for node, key in enumerate(fixed.found):
        if key is None:
            continue
        image = wanted_at[key]
        kind: DifferenceKind = "input" if node < ours.calls else "output"
        if kind == "input":
            found = input_names(ours)[ours.input_nodes.index(node)]
            wanted = input_names(theirs)[theirs.input_nodes.index(image)]
        else:
            found = padded(ours.graph.output_names, len(ours.graph.outputs))[node - ours.calls]
            wanted = padded(theirs.graph.output_names, len(theirs.graph.outputs))[image - theirs.calls]
        end = image if kind == "input" else theirs.inputs[image][0][0]
        wanted_call = theirs.graph.calls[end].id
        # No task asks for a name that Keras made up: it depends on what was built before.
        if found != wanted and not is_automatic(wanted, theirs.graph.operation_of(wanted_call).kind):
            differences.append(name_difference(ours, node, kind, found, wanted, wanted_call))
    return differences


def _shapes(ours: Net, theirs: Net, mapping: Sequence[int]) -> list[Difference]:
    for node, image in enumerate(mapping[: ours.calls]):
        if not _compatible(ours.graph.calls[node].shapes, theirs.graph.calls[image].shapes):
            return [shape_difference(ours, theirs, node, image)]
    return []


def _compatible(found: Sequence[Shape], wanted: Sequence[Shape]) -> bool:
    """Return whether shapes agree as far as both are known; the size of the batch does not count."""
    if not found or not wanted:
        return True
    return [shape[1:] for shape in found] == [shape[1:] for shape in wanted]
