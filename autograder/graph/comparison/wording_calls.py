"""What is said of calls that differ: settings, operators, calls missing and too many, sharing."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.graph.comparison.difference import DifferenceKind
from autograder.graph.comparison.findings import Finding, Findings
from autograder.graph.comparison.isomorphism import Net
from autograder.graph.comparison.phrases import Said, around, chain, layer_of, listed, shown_kinds
from autograder.graph.comparison.place import between, named, place
from autograder.graph.label import code, is_automatic, written
from autograder.messages import Message, message, verbatim


def setting(findings: Findings, finding: Finding) -> Said:
    net, node = findings.found, finding.found[0]
    default = message("the default")
    value = default if finding.absent == "found" else verbatim(written(finding.value))
    wanted = default if finding.absent == "wanted" else verbatim(written(finding.wanted_value))
    text = message(
        "In {layer}, {setting} is {found}; it should be {wanted}.",
        layer=layer_of(net, finding.found),
        setting=code(finding.setting or ""),
        found=value,
        wanted=wanted,
    )
    kind: DifferenceKind = "input" if node in net.input_nodes else "setting"
    return Said(kind, text, place(net, node), value, wanted)


def operator(findings: Findings, finding: Finding) -> Said:
    net, node = findings.found, finding.found[0]
    kind, wanted = net.kinds[node], findings.wanted.kinds[finding.wanted[0]]
    operation = net.graph.operations[net.graph.calls[node].operation]
    if is_automatic(operation.name, operation.kind):
        text = message(
            "{layer} stands where {wanted} is wanted.",
            layer=layer_of(net, finding.found),
            wanted=code(wanted),
        )
    else:
        text = message(
            "{layer} is {found} where {wanted} is wanted.",
            layer=layer_of(net, finding.found),
            found=code(kind),
            wanted=code(wanted),
        )
    return Said("operator", text, place(net, node), verbatim(kind), verbatim(wanted))


def uninspectable(findings: Findings, finding: Finding) -> Said:
    net, node = findings.found, finding.found[0]
    operation = net.graph.operations[net.graph.calls[node].operation]
    text = message(
        "{layer} cannot be inspected: {kind} holds code that nobody but its author knows. "
        "Say the same with layers of Keras.",
        layer=layer_of(net, finding.found),
        kind=code(operation.origin or operation.kind),
    )
    return Said("uninspectable", text, place(net, node), verbatim(operation.kind), None)


def missing(findings: Findings, finding: Finding) -> Said:
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


def extra(findings: Findings, finding: Finding) -> Said:
    net = findings.found
    where = around(net, finding.found)
    kinds = [net.kinds[node] for node in finding.found]
    if len(kinds) == 1:
        text = message(
            "{layer} is one call too many {where}.", layer=named(net, finding.found[0]), where=where
        )
    else:
        text = message(
            "{count} calls are too many {where}: {kinds}.", count=len(kinds), where=where, kinds=chain(kinds)
        )
    return Said("extra", text, where, verbatim(chain(kinds)), message("nothing"))


def merged(findings: Findings, finding: Finding) -> Said:
    net, node = findings.found, finding.found[0]
    readers = sorted({reader for reader, _, _ in net.readers[node]})
    text = message(
        "The result of {layer} goes to {readers}; each of them wants its own {kind}.",
        layer=named(net, node),
        readers=listed(net, readers),
        kind=code(net.kinds[node]),
    )
    return Said(
        "sharing", text, around(net, finding.found), verbatim("1"), verbatim(str(len(finding.wanted)))
    )


def doubled(findings: Findings, finding: Finding) -> Said:
    net = findings.found
    node, twin = finding.found
    text = message(
        "{layer} does again what {other} does, on the same tensor; "
        "one call, its result used twice, is wanted.",
        layer=named(net, node),
        other=named(net, twin),
    )
    return Said("extra", text, place(net, node), verbatim("2"), verbatim("1"))


def separate(findings: Findings, finding: Finding) -> Said:
    net = findings.found
    count = finding.value
    assert isinstance(count, int)
    layers = listed(net, sorted(dict.fromkeys(finding.found[:count])))
    models = _sub_models(net, finding.found)
    found = message("{count} separate layers", count=count)
    wanted = message("one layer, called {count} times", count=count)
    if finding.size > 1:
        found, wanted = _copies(count), message("one shared part, called {count} times", count=count)
    if finding.size > 1 and len(models) == 2 == count:
        text = message(
            "{first} and {second} are separate models, each with its own weights; "
            "one shared model, called twice, is wanted.",
            first=code(models[0]),
            second=code(models[1]),
        )
    elif finding.size == 1:
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
    where = around(net, _inside(net, finding.found, models) or finding.found[:count])
    return Said("sharing", text, where, found, wanted)


def shared(findings: Findings, finding: Finding) -> Said:
    net, node = findings.found, finding.found[0]
    count = finding.value
    assert isinstance(count, int)
    layer = net.labels.layers[net.graph.calls[node].operation]
    same_tensor = len({net.inputs[other] for other in finding.found[:count]}) < count
    models = _sub_models(net, finding.found)
    found = message("one layer, called {count} times", count=count)
    wanted = message("{count} separate layers", count=count)
    if finding.size > 1:
        found, wanted = message("one shared part, called {count} times", count=count), _copies(count)
    if finding.size > 1 and len(models) == 1:
        text = message(
            "{model} is one model called {count} times; "
            "separate models, each with its own weights, are wanted.",
            model=code(models[0]),
            count=count,
        )
    elif finding.size > 1:
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
    where = around(net, _inside(net, finding.found, models) or finding.found[:count])
    return Said("sharing", text, where, found, wanted)


def _copies(count: int) -> Message:
    return message("{count} separate parts, each with its own weights", count=count)


def _sub_models(net: Net, nodes: Sequence[int]) -> list[str]:
    """The sub-models that those calls were written in; none where some were not."""
    paths = [net.graph.calls[node].path for node in nodes]
    return list(dict.fromkeys(path[0] for path in paths)) if all(paths) else []


def _inside(net: Net, nodes: Sequence[int], models: Sequence[str]) -> list[int]:
    """Everything in the sub-models that several layers were found in; none where it is about one layer."""
    if not models or len(nodes) <= len(models):
        return []
    calls = net.graph.calls
    return [node for node, call in enumerate(calls) if call.path and call.path[0] in models]
