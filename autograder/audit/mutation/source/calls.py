"""Makes calls with other arguments or of another layer; layers that are not called, or made too often."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

import libcst

from autograder.audit.mutation.source.code import Change, Code, Scope
from autograder.audit.mutation.source.containers import without
from autograder.audit.mutation.source.spelling import misspelt, near_kinds


def call_changes(code: Code) -> Iterator[Change]:
    """Yield every slip in what is called, in its arguments, and in how often it is made."""
    for call in code.nodes(libcst.Call):
        yield from _arguments(code, call)
        if isinstance(call.func, libcst.Call):
            made = code.said(call.func)
            yield code.change("layer not called", call, f"{made} is not called", {call: call.func})
            if len(call.args) == 1:
                read = call.args[0].value
                yield code.change("layer passed by", call, f"{code.said(read)}, without {made}", {call: read})
    yield from _kinds(code)
    yield from _made_each_time(code)
    yield from _made_once(code)


def _arguments(code: Code, call: libcst.Call) -> Iterator[Change]:
    name = code.said(call.func)
    for place, argument in enumerate(call.args):
        operator = "positional argument dropped" if argument.keyword is None else "keyword argument dropped"
        fewer = call.with_changes(args=without(call.args, place))
        yield code.change(operator, argument, f"{name}: without {code.said(argument)}", {call: fewer})
        if argument.keyword is not None:
            wrong = misspelt(argument.keyword.value)
            keyword = argument.with_changes(keyword=argument.keyword.with_changes(value=wrong))
            what = f"{name}: {wrong}= instead of {argument.keyword.value}="
            yield code.change("keyword misspelt", argument, what, {argument: keyword})
    for first, second in pairwise(call.args):
        if (first.keyword is None) != (second.keyword is None) or first.value.deep_equals(second.value):
            continue
        what = f"{name}: {code.said(first)} and {code.said(second)} exchanged"
        turned = {first.value: second.value, second.value: first.value}
        yield code.change("arguments exchanged", first, what, turned)


def _kinds(code: Code) -> Iterator[Change]:
    for attribute in code.nodes(libcst.Attribute):
        for other in near_kinds(attribute.attr.value):
            what = f"{other} instead of {attribute.attr.value}"
            changed = {attribute.attr: attribute.attr.with_changes(value=other)}
            yield code.change("layer changed", attribute, what, changed)


def _made_each_time(code: Code) -> Iterator[Change]:
    """Yield the code with a new layer at each place where a layer with a name is called."""
    makers = _makers(code)
    for call in code.nodes(libcst.Call):
        if isinstance(call.func, libcst.Name):
            maker = makers.get((code.scope(call), call.func.value))
            if maker is not None:
                what = f"{code.said(maker)} instead of {call.func.value}"
                yield code.change("layer made each time", call, what, {call.func: maker})


def _makers(code: Code) -> dict[tuple[Scope, str], libcst.Call]:
    """Return the call that makes each variable of each function, where it is made by a call."""
    found = {}
    for assigned in code.nodes(libcst.Assign):
        target = assigned.targets[0].target
        if isinstance(target, libcst.Name) and isinstance(assigned.value, libcst.Call):
            found[code.scope(assigned), target.value] = assigned.value
    return found


def _made_once(code: Code) -> Iterator[Change]:
    """Yield the code with one layer where there were several alike, or one for every turn of a loop."""
    alike: dict[tuple[libcst.CSTNode, str], list[libcst.Call]] = defaultdict(list)
    for call in code.nodes(libcst.Call):
        if not isinstance(call.func, libcst.Call):
            continue
        loop = next((one for one in code.around(call) if isinstance(one, libcst.For | libcst.While)), None)
        if loop is not None and code.scope(loop) is code.scope(call):
            yield _hoisted(code, loop, [call])
        else:
            alike[code.block(call), code.module.code_for_node(call.func)].append(call)
    for calls in alike.values():
        for first, second in pairwise(calls):
            yield _hoisted(code, code.statement(first), [first, second])


def _hoisted(code: Code, before: libcst.BaseStatement, calls: list[libcst.Call]) -> Change:
    """Return the code with the layer of those calls made once, in a line of its own."""
    made = calls[0].func
    line = libcst.SimpleStatementLine(
        [libcst.Assign([libcst.AssignTarget(libcst.Name("shared_layer"))], made)]
    )
    times = "for every turn of the loop" if len(calls) == 1 else "for two calls"
    what = f"one {code.said(made)} {times}"
    changes = {call.func: libcst.Name("shared_layer") for call in calls}
    return code.change("layer made once", calls[0], what, changes, before=(before, line))
