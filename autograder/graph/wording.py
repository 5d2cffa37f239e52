"""Findings put into words: the layer or output, what was found, what is wanted, and where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from autograder.graph.anchors import output_names
from autograder.graph.colours import OUTPUT, Net
from autograder.graph.difference import Difference, DifferenceKind
from autograder.graph.findings import Finding, Findings
from autograder.graph.label import base_name, code, is_automatic, labels, written
from autograder.graph.model import Shape
from autograder.graph.place import between, input_name, named, output_name, place
from autograder.messages import Message, message, verbatim

KINDS_SHOWN = 4


@dataclass(frozen=True)
class Said:
    """A finding's kind and words."""

    kind: DifferenceKind
    message: Message
    where: Message
    found: str | None = None
    wanted: str | None = None


def difference(findings: Findings, finding: Finding) -> Difference:
    """The difference that a finding amounts to."""
    said = _SAYINGS[finding.variant](findings, finding)
    return Difference(
        kind=said.kind,
        found_calls=_ids(findings.found, finding.found),
        wanted_calls=_ids(findings.wanted, finding.wanted),
        setting=finding.setting,
        found=said.found,
        wanted=said.wanted,
        message=said.message,
        where=said.where,
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
    return Difference("shape", (call.id,), (wanted_call.id,), None, shape, other, text, place(found, node))


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
    calls = _ids(net, (node,))
    return Difference(
        kind, calls, () if image is None else (image,), "name", found, wanted, text, place(net, node)
    )


def shapes_written(shapes: Sequence[Shape]) -> str:
    """Shapes as Keras prints them."""
    return ", ".join(written(tuple(shape)) for shape in shapes)


def _setting(findings: Findings, finding: Finding) -> Said:
    net, node = findings.found, finding.found[0]
    value, wanted = written(finding.value), written(finding.wanted_value)
    text = message(
        "In {layer}, {setting} is {found}; it should be {wanted}.",
        layer=_layer(net, finding.found),
        setting=code(finding.setting or ""),
        found=value,
        wanted=wanted,
    )
    kind: DifferenceKind = "input" if node in net.input_nodes else "setting"
    return Said(kind, text, place(net, node), value, wanted)


def _operator(findings: Findings, finding: Finding) -> Said:
    net, node = findings.found, finding.found[0]
    kind, wanted = net.kinds[node], findings.wanted.kinds[finding.wanted[0]]
    operation = net.graph.operations[net.graph.calls[node].operation]
    if is_automatic(operation.name, operation.kind):
        text = message(
            "{layer} stands where {wanted} is wanted.", layer=_layer(net, finding.found), wanted=code(wanted)
        )
    else:
        text = message(
            "{layer} is {found} where {wanted} is wanted.",
            layer=_layer(net, finding.found),
            found=code(kind),
            wanted=code(wanted),
        )
    return Said("operator", text, place(net, node), kind, wanted)


def _uninspectable(findings: Findings, finding: Finding) -> Said:
    net, node = findings.found, finding.found[0]
    operation = net.graph.operations[net.graph.calls[node].operation]
    text = message(
        "{layer} cannot be inspected: {kind} holds code that nobody but its author knows. "
        "Say the same with layers of Keras.",
        layer=_layer(net, finding.found),
        kind=code(operation.origin or operation.kind),
    )
    return Said("uninspectable", text, place(net, node), operation.kind)


def _input_shape(findings: Findings, finding: Finding) -> Said:
    net, node = findings.found, finding.found[0]
    shape = shapes_written(net.graph.calls[node].shapes)
    wanted = shapes_written(findings.wanted.graph.calls[finding.wanted[0]].shapes)
    text = message(
        "The shape of {input} is {found}; it should be {wanted}.",
        input=named(net, node),
        found=shape,
        wanted=wanted,
    )
    return Said("input", text, place(net, node), shape, wanted)


def _missing(findings: Findings, finding: Finding) -> Said:
    where = _gap(findings, finding.wanted)
    kinds = [findings.wanted.kinds[node] for node in finding.wanted]
    if len(kinds) == 1:
        text = message("A call of {kind} is missing {where}.", kind=code(kinds[0]), where=where)
    else:
        text = message(
            "{count} calls are missing {where}: {kinds}.", count=len(kinds), where=where, kinds=_chain(kinds)
        )
    return Said("missing", text, where, wanted=_plain_chain(kinds))


def _extra(findings: Findings, finding: Finding) -> Said:
    net = findings.found
    where = _around(net, finding.found)
    if len(finding.found) == 1:
        text = message(
            "{layer} is one call too many {where}.", layer=named(net, finding.found[0]), where=where
        )
    else:
        kinds = [net.kinds[node] for node in finding.found]
        text = message(
            "{count} calls are too many {where}: {kinds}.", count=len(kinds), where=where, kinds=_chain(kinds)
        )
    return Said("extra", text, where, found=_plain_chain([net.kinds[node] for node in finding.found]))


def _missing_input(findings: Findings, finding: Finding) -> Said:
    net = findings.wanted
    number = next(net.input_nodes.index(node) for node in finding.wanted if node in net.input_nodes)
    text = message(
        "The model has {found} inputs where {wanted} are wanted: {input} is missing.",
        found=len(findings.found.graph.inputs),
        wanted=len(net.graph.inputs),
        input=input_name(net, number),
    )
    return Said(
        "input",
        text,
        message("at the beginning of the model"),
        str(len(findings.found.graph.inputs)),
        str(len(net.graph.inputs)),
    )


def _extra_input(findings: Findings, finding: Finding) -> Said:
    net = findings.found
    number = next(net.input_nodes.index(node) for node in finding.found if node in net.input_nodes)
    text = message(
        "The model has {found} inputs where {wanted} are wanted: {input} is one too many.",
        found=len(net.graph.inputs),
        wanted=len(findings.wanted.graph.inputs),
        input=input_name(net, number),
    )
    return Said(
        "input",
        text,
        message("at the beginning of the model"),
        str(len(net.graph.inputs)),
        str(len(findings.wanted.graph.inputs)),
    )


def _missing_output(findings: Findings, finding: Finding) -> Said:
    net = findings.wanted
    number = next(node - net.calls for node in finding.wanted if node >= net.calls)
    text = message(
        "The model has {found} outputs where {wanted} are wanted: {output} is missing.",
        found=len(findings.found.graph.outputs),
        wanted=len(net.graph.outputs),
        output=output_name(net, number),
    )
    return Said(
        "output",
        text,
        _gap(findings, finding.wanted),
        str(len(findings.found.graph.outputs)),
        str(len(net.graph.outputs)),
    )


def _extra_output(findings: Findings, finding: Finding) -> Said:
    net = findings.found
    number = next(node - net.calls for node in finding.found if node >= net.calls)
    text = message(
        "The model has {found} outputs where {wanted} are wanted: {output} is one too many.",
        found=len(net.graph.outputs),
        wanted=len(findings.wanted.graph.outputs),
        output=output_name(net, number),
    )
    return Said(
        "output",
        text,
        _around(net, finding.found),
        str(len(net.graph.outputs)),
        str(len(findings.wanted.graph.outputs)),
    )


def _merged(findings: Findings, finding: Finding) -> Said:
    net, node = findings.found, finding.found[0]
    readers = sorted({reader for reader, _, _ in net.readers[node]})
    text = message(
        "The result of {layer} goes to {readers}; each of them wants a {kind} of its own.",
        layer=named(net, node),
        readers=_listed(net, readers),
        kind=code(net.kinds[node]),
    )
    return Said("sharing", text, _around(net, finding.found), "1", str(len(finding.wanted)))


def _doubled(findings: Findings, finding: Finding) -> Said:
    net = findings.found
    node, twin = finding.found
    text = message(
        "{layer} does again what {other} does, on the same tensor; "
        "one call, its result used twice, is wanted.",
        layer=named(net, node),
        other=named(net, twin),
    )
    return Said("extra", text, place(net, node), "2", "1")


def _rewired(findings: Findings, finding: Finding) -> Said:
    net = findings.found
    assert finding.source is not None
    assert finding.wanted_source is not None
    source, wanted = named(net, finding.source), named(net, findings.back[finding.wanted_source])
    node = finding.found[0]
    if net.kinds[node] == OUTPUT:
        text = message(
            "{output} comes from {found}; it should come from {wanted}.",
            output=named(net, node),
            found=source,
            wanted=wanted,
        )
        return Said("output", text, place(net, node))
    text = message(
        "{layer} takes {found}; it should take {wanted}.",
        layer=_several(net, finding.found),
        found=source,
        wanted=wanted,
    )
    return Said("edge", text, place(net, node))


def _also(findings: Findings, finding: Finding) -> Said:
    net = findings.found
    assert finding.source is not None
    text = message(
        "{layer} also takes {found}, which should not go there.",
        layer=_several(net, finding.found),
        found=named(net, finding.source),
    )
    return Said("edge", text, place(net, finding.found[0]))


def _lost(findings: Findings, finding: Finding) -> Said:
    net = findings.found
    assert finding.wanted_source is not None
    text = message(
        "{layer} does not take {wanted}, which should go there too.",
        layer=_several(net, finding.found),
        wanted=named(net, findings.back[finding.wanted_source]),
    )
    return Said("edge", text, place(net, finding.found[0]))


def _result(findings: Findings, finding: Finding) -> Said:
    net = findings.found
    assert finding.source is not None
    value, wanted = str(finding.value), str(finding.wanted_value)
    text = message(
        "{layer} takes result {found} of {source}; it should take result {wanted}.",
        layer=_several(net, finding.found),
        found=value,
        source=named(net, finding.source),
        wanted=wanted,
    )
    return Said("edge", text, place(net, finding.found[0]), value, wanted)


def _operands(findings: Findings, finding: Finding) -> Said:
    net, node = findings.found, finding.found[0]
    text = message("{layer} takes the right tensors in the wrong order.", layer=named(net, node))
    return Said("edge", text, place(net, node))


def _swapped(findings: Findings, finding: Finding) -> Said:
    net = findings.found
    first, second = finding.found
    text = message(
        "{first} comes before {second}; it should come after it.",
        first=named(net, first),
        second=named(net, second),
    )
    return Said("edge", text, place(net, first))


def _outputs(findings: Findings, finding: Finding) -> Said:
    net = findings.found
    found = _tensors(net, [findings.found.inputs[node][0][0] for node in finding.found])
    wanted = _tensors(net, [net.inputs[findings.back[image]][0][0] for image in finding.wanted])
    text = message("The outputs are in the order {found}; it should be {wanted}.", found=found, wanted=wanted)
    return Said("output", text, message("at the end of the model"))


def _inputs(findings: Findings, finding: Finding) -> Said:
    net = findings.found
    found = _tensors(net, finding.found)
    wanted = _tensors(net, [findings.back[image] for image in finding.wanted])
    text = message("The inputs are in the order {found}; it should be {wanted}.", found=found, wanted=wanted)
    return Said("input", text, message("at the beginning of the model"))


def _separate(findings: Findings, finding: Finding) -> Said:
    net = findings.found
    count = finding.value
    assert isinstance(count, int)
    layers = _listed(net, sorted(dict.fromkeys(finding.found[:count])))
    if finding.size == 1:
        text = message(
            "{layers} are separate layers, each with its own weights; "
            "one shared layer, called {count} times, is wanted.",
            layers=layers,
            count=count,
        )
    else:
        text = message(
            "{layers} and what follows them ({size} layers each) are separate copies; "
            "one shared part, called {count} times, is wanted.",
            layers=layers,
            size=finding.size,
            count=count,
        )
    return Said("sharing", text, _around(net, finding.found[:count]))


def _shared(findings: Findings, finding: Finding) -> Said:
    net, node = findings.found, finding.found[0]
    count = finding.value
    assert isinstance(count, int)
    operation = net.graph.operations[net.graph.calls[node].operation]
    layer = code(base_name(operation))
    same_tensor = len({net.inputs[other] for other in finding.found[:count]}) < count
    if finding.size > 1:
        text = message(
            "{layer} and what follows it ({size} layers) are called {count} times; "
            "separate layers are wanted.",
            layer=layer,
            size=finding.size,
            count=count,
        )
    elif same_tensor:
        text = message(
            "{layer} is called {count} times on the same tensor and gives the same result each time; "
            "separate layers are wanted.",
            layer=layer,
            count=count,
        )
    else:
        text = message(
            "{layer} is one layer called {count} times; "
            "separate layers, each with its own weights, are wanted.",
            layer=layer,
            count=count,
        )
    return Said("sharing", text, _around(net, finding.found[:count]))


_SAYINGS: dict[str, Callable[[Findings, Finding], Said]] = {
    "setting": _setting,
    "operator": _operator,
    "uninspectable": _uninspectable,
    "input shape": _input_shape,
    "missing": _missing,
    "extra": _extra,
    "missing input": _missing_input,
    "extra input": _extra_input,
    "missing output": _missing_output,
    "extra output": _extra_output,
    "merged": _merged,
    "doubled": _doubled,
    "rewired": _rewired,
    "also": _also,
    "lost": _lost,
    "result": _result,
    "operands": _operands,
    "swapped": _swapped,
    "outputs": _outputs,
    "inputs": _inputs,
    "separate": _separate,
    "shared": _shared,
}


def _ids(net: Net, nodes: Sequence[int]) -> tuple[int, ...]:
    """Calls' ids; an output stands for the call that it comes from, unless that is named already."""
    own = [net.graph.calls[node].id for node in nodes if node < net.calls]
    if own:
        return tuple(own)
    return tuple(dict.fromkeys(net.graph.calls[net.inputs[node][0][0]].id for node in nodes))


def _gap(findings: Findings, missing: Sequence[int]) -> Message:
    """Where missing nodes should stand, told by the neighbours that are there."""
    inside = set(missing)
    before = [
        findings.back[source]
        for node in missing
        for source, _ in findings.wanted.inputs[node]
        if source in findings.back and source not in inside
    ]
    after = [
        findings.back[reader]
        for node in missing
        for reader, _, _ in findings.wanted.readers[node]
        if reader in findings.back and reader not in inside
    ]
    return between(findings.found, before, after)


def _around(net: Net, nodes: Sequence[int]) -> Message:
    inside = set(nodes)
    before = [source for node in nodes for source, _ in net.inputs[node] if source not in inside]
    after = [reader for node in nodes for reader, _, _ in net.readers[node] if reader not in inside]
    return between(net, before, after)


def _layer(net: Net, nodes: Sequence[int]) -> Message:
    """The layer of those calls: without the call's number where all calls of it are meant."""
    if len(nodes) == 1:
        return named(net, nodes[0])
    operation = net.graph.operations[net.graph.calls[nodes[0]].operation]
    return verbatim(code(base_name(operation)))


def _several(net: Net, nodes: Sequence[int]) -> Message:
    first = named(net, nodes[0])
    return (
        first if len(nodes) == 1 else message("{layer} and {count} more", layer=first, count=len(nodes) - 1)
    )


def _listed(net: Net, nodes: Sequence[int]) -> Message:
    if len(nodes) == 2:
        return message("{first} and {second}", first=named(net, nodes[0]), second=named(net, nodes[1]))
    return _several(net, nodes)


def _tensors(net: Net, nodes: Sequence[int]) -> Message:
    """Two to four names in a row."""
    listed = named(net, nodes[0])
    for node in nodes[1:]:
        listed = message("{first}, {second}", first=listed, second=named(net, node))
    return listed


def _chain(kinds: Sequence[str]) -> str:
    shown = [code(kind) for kind in kinds if kind != OUTPUT]
    return " → ".join(shown if len(shown) <= KINDS_SHOWN else [*shown[: KINDS_SHOWN - 1], "…", shown[-1]])


def _plain_chain(kinds: Sequence[str]) -> str:
    return _chain(kinds).replace("`", "")


__all__ = ["difference", "labels", "name_difference", "output_names", "shape_difference"]
