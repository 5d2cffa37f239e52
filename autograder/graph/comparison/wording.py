"""Findings put into words: the layer or output, what was found, what is wanted, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from autograder.graph.comparison import wording_calls, wording_wires
from autograder.graph.comparison.difference import Difference, DifferenceKind
from autograder.graph.comparison.findings import Finding, Findings
from autograder.graph.comparison.isomorphism import Net
from autograder.graph.comparison.phrases import Said, ids, shapes_written
from autograder.graph.comparison.place import named, place
from autograder.graph.label import code
from autograder.messages import message, verbatim

_SAYINGS: dict[str, Callable[[Findings, Finding], Said]] = {
    "setting": wording_calls.setting,
    "operator": wording_calls.operator,
    "uninspectable": wording_calls.uninspectable,
    "input shape": wording_wires.input_shape,
    "missing": wording_calls.missing,
    "extra": wording_calls.extra,
    "missing input": wording_wires.missing_input,
    "extra input": wording_wires.extra_input,
    "missing output": wording_wires.missing_output,
    "extra output": wording_wires.extra_output,
    "merged": wording_calls.merged,
    "doubled": wording_calls.doubled,
    "rewired": wording_wires.rewired,
    "also": wording_wires.also,
    "lost": wording_wires.lost,
    "result": wording_wires.result,
    "operands": wording_wires.operands,
    "swapped": wording_wires.swapped,
    "outputs": wording_wires.outputs,
    "inputs": wording_wires.inputs,
    "separate": wording_calls.separate,
    "shared": wording_calls.shared,
}


def difference(findings: Findings, finding: Finding) -> Difference:
    """The difference that a finding amounts to."""
    said = _SAYINGS[finding.variant](findings, finding)
    net = findings.found
    return Difference(
        kind=said.kind,
        found_calls=ids(net, finding.found),
        wanted_calls=ids(findings.wanted, finding.wanted),
        setting=finding.setting,
        found=said.found,
        wanted=said.wanted,
        message=said.message,
        where=said.where,
        missing=tuple(said.missing),
        before=ids(net, said.before),
        after=tuple(net.graph.calls[node].id for node in said.after if node < net.calls),
        wires=_wires(net, said.wires),
        absent_wires=_wires(net, said.absent_wires),
    )


def shape_difference(found: Net, wanted: Net, node: int, image: int) -> Difference:
    """Of two graphs that are alike in all else, the first call whose result has another shape."""
    call, wanted_call = found.graph.calls[node], wanted.graph.calls[image]
    shape, other = shapes_written(call.shapes), shapes_written(wanted_call.shapes)
    text = message(
        "{layer} gives the shape {found}; {wanted} is wanted.",
        layer=named(found, node),
        found=shape,
        wanted=other,
    )
    ids_of_both = (call.id,), (wanted_call.id,)
    return Difference("shape", *ids_of_both, None, verbatim(shape), verbatim(other), text, place(found, node))


def name_difference(
    net: Net, node: int, kind: DifferenceKind, found: str, wanted: str, image: int | None
) -> Difference:
    """An input or output that does not bear the name that the task fixes."""
    number = net.input_nodes.index(node) + 1 if kind == "input" else node - net.calls + 1
    text = (
        message(
            "Input {number} is called {found}; it should be called {wanted}.",
            number=number,
            found=code(found),
            wanted=code(wanted),
        )
        if kind == "input"
        else message(
            "Output {number} is called {found}; it should be called {wanted}.",
            number=number,
            found=code(found),
            wanted=code(wanted),
        )
    )
    calls = ids(net, (node,))
    images = () if image is None else (image,)
    return Difference(kind, calls, images, "name", verbatim(found), verbatim(wanted), text, place(net, node))


def _wires(net: Net, wires: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Wires between calls, by their ids; what leads to an output is no wire between calls."""
    calls = net.graph.calls
    return tuple(
        (calls[source].id, calls[reader].id) for source, reader in wires if max(source, reader) < net.calls
    )
