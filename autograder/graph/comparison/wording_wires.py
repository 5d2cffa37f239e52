"""What is said of wires, inputs and outputs that differ."""

from __future__ import annotations

from autograder.graph.comparison.findings import Finding, Findings
from autograder.graph.comparison.isomorphism import OUTPUT
from autograder.graph.comparison.phrases import Said, around, in_a_row, several, shapes_written
from autograder.graph.comparison.place import between, input_name, named, output_name, place
from autograder.messages import Message, message, verbatim


def input_shape(findings: Findings, finding: Finding) -> Said:
    net, node = findings.found, finding.found[0]
    shape = shapes_written(net.graph.calls[node].shapes)
    wanted = shapes_written(findings.wanted.graph.calls[finding.wanted[0]].shapes)
    text = message(
        "The shape of {input} is {found}; it should be {wanted}.",
        input=named(net, node),
        found=shape,
        wanted=wanted,
    )
    return Said("input", text, place(net, node), verbatim(shape), verbatim(wanted))


def missing_input(findings: Findings, finding: Finding) -> Said:
    net = findings.wanted
    number = next(net.input_nodes.index(node) for node in finding.wanted if node in net.input_nodes)
    text = message(
        "Missing: {input} (inputs found: {found}, wanted: {wanted}).",
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


def extra_input(findings: Findings, finding: Finding) -> Said:
    net = findings.found
    number = next(net.input_nodes.index(node) for node in finding.found if node in net.input_nodes)
    text = message(
        "One too many: {input} (inputs found: {found}, wanted: {wanted}).",
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


def missing_output(findings: Findings, finding: Finding) -> Said:
    net = findings.wanted
    number = next(node - net.calls for node in finding.wanted if node >= net.calls)
    before, after = findings.neighbours(finding.wanted)
    text = message(
        "Missing: {output} (outputs found: {found}, wanted: {wanted}).",
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


def extra_output(findings: Findings, finding: Finding) -> Said:
    net = findings.found
    number = next(node - net.calls for node in finding.found if node >= net.calls)
    text = message(
        "One too many: {output} (outputs found: {found}, wanted: {wanted}).",
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


def rewired(findings: Findings, finding: Finding) -> Said:
    net = findings.found
    assert finding.source is not None
    assert finding.wanted_source is not None
    source, wanted = named(net, finding.source), named(net, findings.back[finding.wanted_source])
    node = finding.found[0]
    if net.kinds[node] == OUTPUT:
        text = message(
            "What goes to {output} comes from {found}; it should come from {wanted}.",
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


def also(findings: Findings, finding: Finding) -> Said:
    net = findings.found
    assert finding.source is not None
    text = message(
        "{layer} also takes {found}, which should not go there.",
        layer=several(net, finding.found),
        found=named(net, finding.source),
    )
    wires = [(finding.source, reader) for reader in finding.found]
    found, wanted = _taken(findings, finding)
    return Said("edge", text, place(net, finding.found[0]), found, wanted, wires=wires)


def lost(findings: Findings, finding: Finding) -> Said:
    net = findings.found
    assert finding.wanted_source is not None
    text = message(
        "{layer} should also take {wanted}.",
        layer=several(net, finding.found),
        wanted=named(net, findings.back[finding.wanted_source]),
    )
    absent = [(findings.back[finding.wanted_source], reader) for reader in finding.found]
    found, wanted = _taken(findings, finding)
    return Said("edge", text, place(net, finding.found[0]), found, wanted, absent_wires=absent)


def result(findings: Findings, finding: Finding) -> Said:
    net = findings.found
    assert finding.source is not None
    value, wanted = str(finding.value), str(finding.wanted_value)
    text = message(
        "{layer} takes result {found} of {source}; it should take result {wanted}.",
        layer=several(net, finding.found),
        found=value,
        source=named(net, finding.source),
        wanted=wanted,
    )
    return Said("edge", text, place(net, finding.found[0]), verbatim(value), verbatim(wanted))


def _taken(findings: Findings, finding: Finding) -> tuple[Message, Message]:
    """What a call takes, and what it should take, as far as that is in the model."""
    sources = [source for source, _ in findings.found.inputs[finding.found[0]]]
    wanted = [findings.back.get(source) for source, _ in findings.wanted.inputs[finding.wanted[0]]]
    return (
        in_a_row(findings.found, sources),
        in_a_row(findings.found, [source for source in wanted if source is not None]),
    )


def operands(findings: Findings, finding: Finding) -> Said:
    net, node = findings.found, finding.found[0]
    text = message("{layer} takes the right tensors in the wrong order.", layer=named(net, node))
    return Said("edge", text, place(net, node), *_taken(findings, finding))


def swapped(findings: Findings, finding: Finding) -> Said:
    net = findings.found
    first, second = finding.found
    text = message(
        "{first} comes before {second}; it should come after it.",
        first=named(net, first),
        second=named(net, second),
    )
    order, turned = in_a_row(net, [first, second]), in_a_row(net, [second, first])
    return Said("edge", text, place(net, first), order, turned, wires=[(first, second)])


def outputs(findings: Findings, finding: Finding) -> Said:
    net = findings.found
    found = in_a_row(net, [findings.found.inputs[node][0][0] for node in finding.found])
    wanted = in_a_row(net, [net.inputs[findings.back[image]][0][0] for image in finding.wanted])
    text = message("The outputs are in the order {found}; it should be {wanted}.", found=found, wanted=wanted)
    return Said("output", text, message("at the end of the model"), found, wanted)


def inputs(findings: Findings, finding: Finding) -> Said:
    net = findings.found
    found = in_a_row(net, finding.found)
    wanted = in_a_row(net, [findings.back[image] for image in finding.wanted])
    text = message("The inputs are in the order {found}; it should be {wanted}.", found=found, wanted=wanted)
    return Said("input", text, message("at the beginning of the model"), found, wanted)
