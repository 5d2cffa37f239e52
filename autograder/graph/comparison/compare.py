"""Two canonical graphs compared: no difference exactly when they are the same, else few, causes first."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.graph.comparison.anchors import Anchors, anchors, input_names, loosened, padded
from autograder.graph.comparison.colours import Net, isomorphism
from autograder.graph.comparison.difference import Difference, DifferenceKind
from autograder.graph.comparison.findings import Finding, Findings
from autograder.graph.comparison.matching import BALANCED, LOPSIDED, Matcher
from autograder.graph.comparison.wording import difference, name_difference, shape_difference
from autograder.graph.label import is_automatic
from autograder.graph.model import Graph, Shape


def compare(
    found: Graph, wanted: Graph, *, names: bool = False, free_order: Sequence[str] = ("Concatenate",)
) -> list[Difference]:
    """What sets `found` apart from `wanted`, the earliest cause first; empty when they are the same graph.

    Both graphs are canonical. `names` says that the names of inputs and outputs count. Operators in
    `free_order` may take their inputs in any order, as `Add` and its kind always may. A graph with a call
    that cannot be inspected is never the same as another.
    """
    ours, theirs = Net(found, free_order), Net(wanted, free_order)
    fixed = anchors(ours, theirs, names)
    misnamed = _misnamed(ours, theirs, fixed) if names else []
    mapping = isomorphism(ours, theirs, fixed.found, fixed.wanted)
    if mapping is not None:
        return misnamed or _shapes(ours, theirs, mapping)
    best = _best(ours, theirs, fixed)
    return misnamed + [difference(best, finding) for finding in _causes_first(best)]


def _best(ours: Net, theirs: Net, fixed: Anchors) -> Findings:
    """The findings of the matching that explains most with least."""
    loose = loosened(ours, theirs, fixed)
    if fixed.ordered:
        # Inputs or outputs in another order, and nothing else.
        crossed = isomorphism(ours, theirs, loose.found, loose.wanted)
        if crossed is not None:
            return Findings(ours, theirs, list(crossed), fixed.ordered)
    matcher = Matcher(ours, theirs, fixed)
    matchings = [matcher.match(BALANCED)]
    best = Findings(ours, theirs, matchings[0], fixed.ordered)
    if len(best.all) == 1:
        return best
    matchings.append(matcher.improve(matchings[0]))
    matchings += [matcher.improve(matcher.match(emphasis)) for emphasis in LOPSIDED]
    if fixed.ordered:
        matchings.append(Matcher(ours, theirs, loose).match(BALANCED))
    for number, matching in enumerate(matchings[1:], start=1):
        if matching in matchings[:number]:
            continue
        findings = Findings(ours, theirs, matching, fixed.ordered)
        if findings.weight < best.weight - 1e-6:
            best = findings
    return best


def _causes_first(findings: Findings) -> list[Finding]:
    """Findings from the input downwards; of one call's, its operator before its settings."""
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
        # Nobody asks for a name that Keras made up: it counts what was built before.
        if found != wanted and not is_automatic(wanted, theirs.graph.operation_of(wanted_call).kind):
            differences.append(name_difference(ours, node, kind, found, wanted, wanted_call))
    return differences


def _shapes(ours: Net, theirs: Net, mapping: Sequence[int]) -> list[Difference]:
    for node, image in enumerate(mapping[: ours.calls]):
        if not _compatible(ours.graph.calls[node].shapes, theirs.graph.calls[image].shapes):
            return [shape_difference(ours, theirs, node, image)]
    return []


def _compatible(found: Sequence[Shape], wanted: Sequence[Shape]) -> bool:
    """Whether shapes agree as far as both are known; the size of a batch is nobody's business."""
    if not found or not wanted:
        return True
    return [shape[1:] for shape in found] == [shape[1:] for shape in wanted]
