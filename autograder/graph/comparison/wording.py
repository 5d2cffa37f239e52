"""Puts findings into words: the layer or output, what was found, what is wanted, and where it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import singledispatch

from autograder.graph import uninspectable
from autograder.graph.comparison.anchors import input_names, output_names
from autograder.graph.comparison.difference import Difference, DifferenceKind
from autograder.graph.comparison.findings import (
    AlsoRead,
    Doubled,
    Extra,
    ExtraInput,
    ExtraOutput,
    Finding,
    Findings,
    InputShapeDiffers,
    InputsTurned,
    Merged,
    Missing,
    MissingInput,
    MissingOutput,
    NotRead,
    OperandsTurned,
    OperatorDiffers,
    OtherResult,
    OutputsTurned,
    Rewired,
    Separate,
    SettingDiffers,
    Shared,
    Swapped,
    Uninspectable,
)
from autograder.graph.comparison.isomorphism import OUTPUT, Net
from autograder.graph.comparison.matching import family
from autograder.graph.label import code, is_automatic, written
from autograder.graph.model import Setting, Shape
from autograder.messages import Message, message, verbatim

KINDS_SHOWN = 4


@dataclass(frozen=True)
class Said:
    """A finding's kind and words, as in `Difference`; the last four are nodes of the found net."""

    kind: DifferenceKind
    message: Message
    where: Message
    found: Message
    wanted: Message | None
    missing: Sequence[str] = ()
    before: Sequence[int] = ()
    after: Sequence[int] = ()
    wires: Sequence[tuple[int, int]] = ()
    absent_wires: Sequence[tuple[int, int]] = ()


def difference(findings: Findings, finding: Finding) -> Difference:
    """Return the difference that a finding amounts to."""
    said = _said(finding, findings)
    net = findings.found
    return Difference(
        kind=said.kind,
        found_calls=ids(net, finding.found),
        wanted_calls=ids(findings.wanted, finding.wanted),
        setting=finding.setting if isinstance(finding, SettingDiffers) else None,
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
    """Return the difference for a call whose result has another shape, where all else is alike."""
    call, wanted_call = found.graph.calls[node], wanted.graph.calls[image]
    shape, other = shapes_written(call.shapes), shapes_written(wanted_call.shapes)
    text = message(
        "{layer} has the output shape {found}; it should be {wanted}.",
        layer=named(found, node),
        found=shape,
        wanted=other,
    )
    ids_of_both = (call.id,), (wanted_call.id,)
    return Difference("shape", *ids_of_both, None, verbatim(shape), verbatim(other), text, place(found, node))


def name_difference(
    net: Net, node: int, kind: DifferenceKind, found: str, wanted: str, image: int | None
) -> Difference:
    """Return the difference for an input or output that does not have the name that the task demands."""
    number = net.input_nodes.index(node) + 1 if kind == "input" else node - net.calls + 1
    text = (
        message(
            "Input {number} is named {found}; it should be named {wanted}.",
            number=number,
            found=code(found),
            wanted=code(wanted),
        )
        if kind == "input"
        else message(
            "Output {number} is named {found}; it should be named {wanted}.",
            number=number,
            found=code(found),
            wanted=code(wanted),
        )
    )
    calls = ids(net, (node,))
    images = () if image is None else (image,)
    return Difference(kind, calls, images, "name", verbatim(found), verbatim(wanted), text, place(net, node))


def _wires(net: Net, wires: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return the wires between calls, by the calls' ids, without those that lead to an output."""
    calls = net.graph.calls
    return tuple(
        (calls[source].id, calls[reader].id) for source, reader in wires if max(source, reader) < net.calls
    )


@singledispatch
def _said(finding: Finding, findings: Findings) -> Said:
    """Put a finding into words."""
    raise NotImplementedError(type(finding))


@_said.register
def _setting(finding: SettingDiffers, findings: Findings) -> Said:
    net, node = findings.found, finding.found[0]
    default = message("the default")
    as_found, as_wanted = _as_written(net, node, finding)
    value = default if finding.absent == "found" else verbatim(written(as_found))
    wanted = default if finding.absent == "wanted" else verbatim(written(as_wanted))
    text = message(
        "In {layer}, {setting} is {found}; it should be {wanted}.",
        layer=layer_of(net, finding.found),
        setting=code(finding.setting),
        found=value,
        wanted=wanted,
    )
    kind: DifferenceKind = "input" if node in net.input_nodes else "setting"
    return Said(kind, text, place(net, node), value, wanted)


def _as_written(net: Net, node: int, finding: SettingDiffers) -> tuple[Setting, Setting]:
    """Return both values of a setting; if the learner counted an axis from the front, so do both."""
    told = net.graph.operations[net.graph.calls[node].operation].written.get(finding.setting)
    value, wanted = finding.value, finding.wanted_value
    if not type(told) is type(value) is type(wanted) is int:
        return value, wanted
    axes = told - value
    return told, wanted + axes


@_said.register
def _operator(finding: OperatorDiffers, findings: Findings) -> Said:
    net, node = findings.found, finding.found[0]
    kind, wanted = net.kinds[node], findings.wanted.kinds[finding.wanted[0]]
    operation = net.graph.operations[net.graph.calls[node].operation]
    if is_automatic(operation.name, operation.kind):
        text = message(
            "{layer} is used where {wanted} should be.",
            layer=layer_of(net, finding.found),
            wanted=code(wanted),
        )
    else:
        text = message(
            "{layer} is {found}; it should be {wanted}.",
            layer=layer_of(net, finding.found),
            found=code(kind),
            wanted=code(wanted),
        )
    return Said("operator", text, place(net, node), verbatim(kind), verbatim(wanted))


@_said.register
def _uninspectable(finding: Uninspectable, findings: Findings) -> Said:
    net, node = findings.found, finding.found[0]
    operation = net.graph.operations[net.graph.calls[node].operation]
    text = message(
        "{layer}: {why} Use this instead: {instead}.",
        layer=layer_of(net, finding.found),
        why=uninspectable.why(operation),
        instead=uninspectable.instead(operation),
    )
    return Said("uninspectable", text, place(net, node), verbatim(operation.kind), None)


@_said.register
def _missing(finding: Missing, findings: Findings) -> Said:
    before, after = findings.neighbours(finding.wanted)
    where = between(findings.found, before, after)
    kinds = [findings.wanted.kinds[node] for node in finding.wanted]
    if len(kinds) == 1:
        text = message("A call of {kind} is missing {where}.", kind=code(kinds[0]), where=where)
    else:
        text = message(
            "{count} calls are missing {where}: {kinds}.", count=len(kinds), where=where, kinds=chain(kinds)
        )
    return Said(
        "missing",
        text,
        where,
        message("nothing"),
        verbatim(chain(kinds)),
        missing=shown_kinds(kinds),
        before=before,
        after=after,
    )


@_said.register
def _extra(finding: Extra, findings: Findings) -> Said:
    net = findings.found
    where = around(net, finding.found)
    kinds = [net.kinds[node] for node in finding.found]
    if len(kinds) == 1:
        text = message(
            "{layer} is an extra call {where}; remove it.", layer=named(net, finding.found[0]), where=where
        )
    else:
        text = message(
            "There are {count} extra calls {where}: {kinds}.",
            count=len(kinds),
            where=where,
            kinds=chain(kinds),
        )
    return Said("extra", text, where, verbatim(chain(kinds)), message("nothing"))


@_said.register
def _merged(finding: Merged, findings: Findings) -> Said:
    net, node = findings.found, finding.found[0]
    readers = sorted({reader for reader, _, _ in net.readers[node]})
    text = message(
        "The output of {layer} goes to {readers}; each of them needs its own {kind}.",
        layer=named(net, node),
        readers=listed(net, readers),
        kind=code(net.kinds[node]),
    )
    return Said(
        "sharing", text, around(net, finding.found), verbatim("1"), verbatim(str(len(finding.wanted)))
    )


@_said.register
def _doubled(finding: Doubled, findings: Findings) -> Said:
    net = findings.found
    node, twin = finding.found
    text = message(
        "{layer} repeats what {other} does to the same tensor; make one call and use its result twice.",
        layer=named(net, node),
        other=named(net, twin),
    )
    return Said("extra", text, place(net, node), verbatim("2"), verbatim("1"))


@_said.register
def _separate(finding: Separate, findings: Findings) -> Said:
    net = findings.found
    count = finding.count
    layers = listed(net, sorted(dict.fromkeys(finding.found[:count])))
    models = _sub_models(net, finding.found)
    found = message("{count} separate layers", count=count)
    wanted = message("one layer, called {count} times", count=count)
    if finding.size > 1:
        found, wanted = _copies(count), message("one shared part, called {count} times", count=count)
    if finding.size > 1 and len(models) == 2 == count:
        text = message(
            "{first} and {second} are separate models with weights of their own; create "
            "one model and call it twice.",
            first=code(models[0]),
            second=code(models[1]),
        )
    elif finding.size == 1:
        text = message(
            "{layers} are separate layers with weights of their own; create one layer and "
            "call it {count} times.",
            layers=layers,
            count=count,
        )
    else:
        text = message(
            "{layers} and the layers after them ({size} each) are separate copies; build "
            "this part once and call it {count} times.",
            layers=layers,
            size=finding.size,
            count=count,
        )
    where = around(net, _inside(net, finding.found, models) or finding.found[:count])
    return Said("sharing", text, where, found, wanted)


@_said.register
def _shared(finding: Shared, findings: Findings) -> Said:
    net, node = findings.found, finding.found[0]
    count = finding.count
    layer = net.labels.layers[net.graph.calls[node].operation]
    same_tensor = len({net.inputs[other] for other in finding.found[:count]}) < count
    models = _sub_models(net, finding.found)
    found = message("one layer, called {count} times", count=count)
    wanted = message("{count} separate layers", count=count)
    if finding.size > 1:
        found, wanted = message("one shared part, called {count} times", count=count), _copies(count)
    if finding.size > 1 and len(models) == 1:
        text = message(
            "{model} is one model called {count} times; create a new model for each call.",
            model=code(models[0]),
            count=count,
        )
    elif finding.size > 1:
        text = message(
            "{layer} and the {size} layers from it on are called {count} times; each call "
            "needs layers of its own.",
            layer=layer,
            size=finding.size,
            count=count,
        )
    elif same_tensor:
        text = message(
            "{layer} is called {count} times on the same tensor and gives the same result "
            "each time; create a new layer for each call.",
            layer=layer,
            count=count,
        )
    else:
        text = message(
            "{layer} is one layer called {count} times; create a new layer for each call.",
            layer=layer,
            count=count,
        )
    where = around(net, _inside(net, finding.found, models) or finding.found[:count])
    return Said("sharing", text, where, found, wanted)


def _copies(count: int) -> Message:
    return message("{count} separate parts, each with its own weights", count=count)


def _sub_models(net: Net, nodes: Sequence[int]) -> list[str]:
    """Return the sub-models that those calls were written in; none if some of them were not in any."""
    paths = [net.graph.calls[node].path for node in nodes]
    return list(dict.fromkeys(path[0] for path in paths)) if all(paths) else []


def _inside(net: Net, nodes: Sequence[int], models: Sequence[str]) -> list[int]:
    """Return all calls in the sub-models that several layers belong to; none where it is about one layer."""
    if not models or len(nodes) <= len(models):
        return []
    calls = net.graph.calls
    return [node for node, call in enumerate(calls) if call.path and call.path[0] in models]


@_said.register
def _input_shape(finding: InputShapeDiffers, findings: Findings) -> Said:
    net, node = findings.found, finding.found[0]
    shape = shapes_written(net.graph.calls[node].shapes)
    wanted = shapes_written(findings.wanted.graph.calls[finding.wanted[0]].shapes)
    text = message(
        "The shape of {input} is {found}; it should be {wanted}.",
        input=named(net, node),
        found=shape,
        wanted=wanted,
    )
    return Said("shape", text, place(net, node), verbatim(shape), verbatim(wanted))


@_said.register
def _missing_input(finding: MissingInput, findings: Findings) -> Said:
    net = findings.wanted
    number = next(net.input_nodes.index(node) for node in finding.wanted if node in net.input_nodes)
    text = message(
        "Missing: {input} (the number of inputs is {found}; it should be {wanted}).",
        found=len(findings.found.graph.inputs),
        wanted=len(net.graph.inputs),
        input=input_name(net, number),
    )
    return Said(
        "input",
        text,
        message("at the beginning of the model"),
        verbatim(str(len(findings.found.graph.inputs))),
        verbatim(str(len(net.graph.inputs))),
    )


@_said.register
def _extra_input(finding: ExtraInput, findings: Findings) -> Said:
    net = findings.found
    number = next(net.input_nodes.index(node) for node in finding.found if node in net.input_nodes)
    text = message(
        "Not needed: {input} (the number of inputs is {found}; it should be {wanted}).",
        found=len(net.graph.inputs),
        wanted=len(findings.wanted.graph.inputs),
        input=input_name(net, number),
    )
    return Said(
        "input",
        text,
        message("at the beginning of the model"),
        verbatim(str(len(net.graph.inputs))),
        verbatim(str(len(findings.wanted.graph.inputs))),
    )


@_said.register
def _missing_output(finding: MissingOutput, findings: Findings) -> Said:
    net = findings.wanted
    number = next(node - net.calls for node in finding.wanted if node >= net.calls)
    before, after = findings.neighbours(finding.wanted)
    text = message(
        "Missing: {output} (the number of outputs is {found}; it should be {wanted}).",
        found=len(findings.found.graph.outputs),
        wanted=len(net.graph.outputs),
        output=output_name(net, number),
    )
    return Said(
        "output",
        text,
        between(findings.found, before, after),
        verbatim(str(len(findings.found.graph.outputs))),
        verbatim(str(len(net.graph.outputs))),
        before=before,
        after=after,
    )


@_said.register
def _extra_output(finding: ExtraOutput, findings: Findings) -> Said:
    net = findings.found
    number = next(node - net.calls for node in finding.found if node >= net.calls)
    text = message(
        "Not needed: {output} (the number of outputs is {found}; it should be {wanted}).",
        found=len(net.graph.outputs),
        wanted=len(findings.wanted.graph.outputs),
        output=output_name(net, number),
    )
    return Said(
        "output",
        text,
        around(net, finding.found),
        verbatim(str(len(net.graph.outputs))),
        verbatim(str(len(findings.wanted.graph.outputs))),
    )


@_said.register
def _rewired(finding: Rewired, findings: Findings) -> Said:
    net = findings.found
    source, wanted = named(net, finding.source), named(net, findings.back[finding.wanted_source])
    node = finding.found[0]
    if net.kinds[node] == OUTPUT:
        text = message(
            "The source of {output} is {found}; it should be {wanted}.",
            output=named(net, node),
            found=source,
            wanted=wanted,
        )
        return Said("output", text, place(net, node), source, wanted, before=[finding.source])
    text = message(
        "{layer} takes {found}; it should take {wanted}.",
        layer=several(net, finding.found),
        found=source,
        wanted=wanted,
    )
    right = findings.back[finding.wanted_source]
    return Said(
        "edge",
        text,
        place(net, node),
        source,
        wanted,
        wires=[(finding.source, reader) for reader in finding.found],
        absent_wires=[(right, reader) for reader in finding.found],
    )


@_said.register
def _also(finding: AlsoRead, findings: Findings) -> Said:
    net = findings.found
    times, right = _times(findings, finding, finding.source)
    text = (
        message(
            "{layer} takes {found} {count} times; the right number is {wanted}.",
            layer=several(net, finding.found),
            found=named(net, finding.source),
            count=times,
            wanted=right,
        )
        if right
        else message(
            "{layer} also takes {found}; remove this input.",
            layer=several(net, finding.found),
            found=named(net, finding.source),
        )
    )
    wires = [(finding.source, reader) for reader in finding.found]
    found, wanted = _taken(findings, finding)
    return Said("edge", text, place(net, finding.found[0]), found, wanted, wires=wires)


@_said.register
def _lost(finding: NotRead, findings: Findings) -> Said:
    net = findings.found
    source = findings.back[finding.wanted_source]
    times, right = _times(findings, finding, source)
    text = (
        message(
            "{layer} should take {wanted} {count} times; the number now is {found}.",
            layer=several(net, finding.found),
            wanted=named(net, source),
            count=right,
            found=times,
        )
        if times
        else message(
            "{layer} should also take {wanted}.",
            layer=several(net, finding.found),
            wanted=named(net, source),
        )
    )
    absent = [(findings.back[finding.wanted_source], reader) for reader in finding.found]
    found, wanted = _taken(findings, finding)
    return Said("edge", text, place(net, finding.found[0]), found, wanted, absent_wires=absent)


@_said.register
def _result(finding: OtherResult, findings: Findings) -> Said:
    net = findings.found
    value, wanted = str(finding.index), str(finding.wanted_index)
    text = message(
        "{layer} takes result {found} of {source}; it should take result {wanted}.",
        layer=several(net, finding.found),
        found=value,
        source=named(net, finding.source),
        wanted=wanted,
    )
    return Said("edge", text, place(net, finding.found[0]), verbatim(value), verbatim(wanted))


def _times(findings: Findings, finding: Finding, source: int) -> tuple[int, int]:
    """Return how often a call takes a tensor of `source`, and how often it should."""
    taken = [other for other, _ in findings.found.inputs[finding.found[0]]]
    wanted = [findings.back.get(other) for other, _ in findings.wanted.inputs[finding.wanted[0]]]
    return taken.count(source), wanted.count(source)


def _taken(findings: Findings, finding: Finding) -> tuple[Message, Message]:
    """Return what a call takes, and what it should take as far as the model has it."""
    sources = [source for source, _ in findings.found.inputs[finding.found[0]]]
    wanted = [findings.back.get(source) for source, _ in findings.wanted.inputs[finding.wanted[0]]]
    return (
        in_a_row(findings.found, sources),
        in_a_row(findings.found, [source for source in wanted if source is not None]),
    )


@_said.register
def _operands(finding: OperandsTurned, findings: Findings) -> Said:
    net, node = findings.found, finding.found[0]
    text = message("{layer} takes the right tensors in the wrong order.", layer=named(net, node))
    return Said("edge", text, place(net, node), *_taken(findings, finding))


@_said.register
def _swapped(finding: Swapped, findings: Findings) -> Said:
    net = findings.found
    first, second = finding.found
    text = message(
        "{first} comes before {second}; it should come after it.",
        first=named(net, first),
        second=named(net, second),
    )
    order, turned = in_a_row(net, [first, second]), in_a_row(net, [second, first])
    return Said("edge", text, place(net, first), order, turned, wires=[(first, second)])


@_said.register
def _outputs(finding: OutputsTurned, findings: Findings) -> Said:
    net = findings.found
    found = in_a_row(net, [findings.found.inputs[node][0][0] for node in finding.found])
    wanted = in_a_row(net, [net.inputs[findings.back[image]][0][0] for image in finding.wanted])
    text = (
        message(
            "Keras sorts the keys of a dict of outputs, which gives the order {found}; "
            "it should be {wanted}.",
            found=found,
            wanted=wanted,
        )
        if "outputs" in net.graph.keyed
        else message(
            "The outputs are in the order {found}; it should be {wanted}.", found=found, wanted=wanted
        )
    )
    return Said("output", text, message("at the end of the model"), found, wanted)


@_said.register
def _inputs(finding: InputsTurned, findings: Findings) -> Said:
    net = findings.found
    found = in_a_row(net, finding.found)
    wanted = in_a_row(net, [findings.back[image] for image in finding.wanted])
    text = (
        message(
            "Keras sorts the keys of a dict of inputs, which gives the order {found}; it should be {wanted}.",
            found=found,
            wanted=wanted,
        )
        if "inputs" in net.graph.keyed
        else message(
            "The inputs are in the order {found}; it should be {wanted}.", found=found, wanted=wanted
        )
    )
    return Said("input", text, message("at the beginning of the model"), found, wanted)


def shapes_written(shapes: Sequence[Shape]) -> str:
    """Return shapes as Keras prints them."""
    return ", ".join(written(tuple(shape)) for shape in shapes)


def ids(net: Net, nodes: Sequence[int]) -> tuple[int, ...]:
    """Return the ids of calls; where there are only outputs, those of the calls that they come from."""
    own = [net.graph.calls[node].id for node in nodes if node < net.calls]
    if own:
        return tuple(own)
    return tuple(dict.fromkeys(net.graph.calls[net.inputs[node][0][0]].id for node in nodes))


def around(net: Net, nodes: Sequence[int]) -> Message:
    """Return the place between what leads to those nodes and what they lead to."""
    inside = set(nodes)
    before = [source for node in nodes for source, _ in net.inputs[node] if source not in inside]
    after = [reader for node in nodes for reader, _, _ in net.readers[node] if reader not in inside]
    return between(net, before, after)


def layer_of(net: Net, nodes: Sequence[int]) -> Message:
    """Return the name of those calls' layer; of a single call, the call's own label."""
    if len(nodes) == 1:
        return named(net, nodes[0])
    return net.labels.layers[net.graph.calls[nodes[0]].operation]


def several(net: Net, nodes: Sequence[int]) -> Message:
    """Return the layer's name if these are all of its calls; else the first call, and how many more."""
    if len(nodes) == 1:
        return named(net, nodes[0])
    operations = {net.graph.calls[node].operation if node < net.calls else None for node in nodes}
    only = operations.pop() if len(operations) == 1 else None
    if only is not None and len(net.graph.calls_of(only)) == len(nodes):
        return net.labels.layers[only]
    return message("{layer} (and {count} more)", layer=named(net, nodes[0]), count=len(nodes) - 1)


def listed(net: Net, nodes: Sequence[int]) -> Message:
    """Return two nodes by name; of any other number, what `several` returns."""
    if len(nodes) == 2:
        return message("{first} and {second}", first=named(net, nodes[0]), second=named(net, nodes[1]))
    return several(net, nodes)


def in_a_row(net: Net, nodes: Sequence[int]) -> Message:
    """Return names in a row, only the first few of many; for no nodes, "nothing"."""
    if not nodes:
        return message("nothing")
    listed = named(net, nodes[0])
    for node in nodes[1:KINDS_SHOWN]:
        listed = message("{first}, {second}", first=listed, second=named(net, node))
    return listed if len(nodes) <= KINDS_SHOWN else message("{first}, {second}", first=listed, second="…")


def shown_kinds(kinds: Sequence[str]) -> list[str]:
    """Return kinds one after another, without outputs; of many, the first few and the last."""
    shown = [kind for kind in kinds if kind != OUTPUT]
    return shown if len(shown) <= KINDS_SHOWN else [*shown[: KINDS_SHOWN - 1], "…", shown[-1]]


def chain(kinds: Sequence[str]) -> str:
    """Return kinds one after another, as code."""
    return " → ".join(kind if kind == "…" else code(kind) for kind in shown_kinds(kinds))


def named(net: Net, node: int) -> Message:
    """Return a node's name in a sentence: a call's label, `the input x`, `the output y`."""
    if net.kinds[node] == OUTPUT:
        return output_name(net, node - net.calls)
    if node in net.input_nodes:
        return input_name(net, net.input_nodes.index(node))
    return net.labels.of(net.graph.calls[node])


def input_name(net: Net, number: int) -> Message:
    """Return how the `number`-th input is named in a sentence: by its name where somebody chose one."""
    name = input_names(net)[number]
    if not is_automatic(name, "Input"):
        return message("the input {name}", name=code(name))
    if len(net.graph.inputs) == 1:
        return message("the input")
    return message("input {number}", number=number + 1)


def output_name(net: Net, number: int) -> Message:
    """Return how the `number`-th output is named in a sentence: by its name where somebody chose one."""
    name = output_names(net)[number]
    if name and name != f"output_{number}":
        return message("the output {name}", name=code(name))
    if len(net.graph.outputs) == 1:
        return message("the output")
    return message("output {number}", number=number + 1)


def place(net: Net, node: int) -> Message:
    """Return where in the model a node of this net is."""
    if net.kinds[node] == OUTPUT:
        return message("at the end of the model")
    if node in net.input_nodes:
        return message("at the beginning of the model")
    branch = branch_of(net, node)
    if branch is not None:
        merge, number, count = branch
        return message(
            "in branch {number} of the {count} that lead into {merge}",
            number=number,
            count=count,
            merge=named(net, merge),
        )
    if is_merge(net, node) and net.readers[node]:
        return message(
            "where {count} branches meet, before {after}",
            count=len(net.inputs[node]),
            after=_first(net, (reader for reader, _, _ in net.readers[node])),
        )
    return between(net, [source for source, _ in net.inputs[node]], [r for r, _, _ in net.readers[node]])


def between(net: Net, before: Iterable[int], after: Iterable[int]) -> Message:
    """Return the place between the first of some nodes and the first of others."""
    above, below = sorted(set(before)), sorted(set(after))
    if above and below:
        return message(
            "between {before} and {after}", before=named(net, above[0]), after=named(net, below[0])
        )
    if above:
        return message("after {before}", before=named(net, above[0]))
    if below:
        return message("before {after}", after=named(net, below[0]))
    return message("in the model")


def branch_of(net: Net, node: int) -> tuple[int, int, int] | None:
    """Return the merge that a node's branch leads into, which branch it is, and of how many."""
    while len(net.readers[node]) == 1:
        reader = net.readers[node][0][0]
        if is_merge(net, reader):
            slot = [source for source, _ in net.inputs[reader]].index(node)
            return reader, slot + 1, len(net.inputs[reader])
        if len(net.inputs[reader]) != 1:
            return None
        node = reader
    return None


def is_merge(net: Net, node: int) -> bool:
    """Return whether branches meet in that node."""
    return len(net.inputs[node]) > 1 and family(net.kinds[node]) == "merge"


def _first(net: Net, nodes: Iterable[int]) -> Message:
    return named(net, min(nodes))
