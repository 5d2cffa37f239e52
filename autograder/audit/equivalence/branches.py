"""Writes a chain of layers as a `Sequential`, as a model of its own, as a loop or as a function."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable
from dataclasses import dataclass

from autograder.audit.equivalence.cell import Cell, assign, assigned, blocks, load, reads
from autograder.audit.equivalence.choices import Choices
from autograder.audit.equivalence.names import argument, is_plain, parsed
from autograder.audit.equivalence.statements import dead_after

RULES = {
    "sequential": "Layers one behind the other are a `Sequential` model that is called.",
    "sub-model": "Layers one behind the other are a functional model of their own that is called.",
    "loop": "Layers one behind the other are called in a loop.",
    "helper": "Layers one behind the other are called in a function of their own.",
    "comprehension": "One layer or function is called on several tensors in a comprehension.",
}


_Form = Callable[[], list[ast.stmt]]


@dataclass(frozen=True)
class _Link:
    """The step `target = layer(source)`, whose layer is made in it."""

    target: str
    layer: ast.Call
    source: str


def write_chains(cell: Cell, choices: Choices) -> None:
    """Write the chains of each block in other ways."""
    for block in blocks(cell.tree):
        place = 0
        while place < len(block):
            chain = _chain(cell, block, place)
            if chain:
                form = choices.pick(None, _forms(cell, chain))
                if form is not None:
                    made = form()
                    block[place : place + len(chain)] = made
                    place += len(made) - len(chain)
            place += max(len(chain), 1)


def _chain(cell: Cell, block: list[ast.stmt], place: int) -> list[_Link]:
    """Return the links from a place onwards, the result of each read only by the next."""
    chain: list[_Link] = []
    for number in range(place, len(block)):
        link = _link(cell, block[number])
        if link is None or (chain and link.source != chain[-1].target):
            break
        moved = {link.source, link.target, *(one.target for one in chain)}
        if moved & set(reads(link.layer)):
            break
        if chain and link.target != link.source and not dead_after(cell, block, number, link.source):
            break
        chain.append(link)
    return chain


def _link(cell: Cell, statement: ast.stmt) -> _Link | None:
    target = assigned(statement)
    call = statement.value if isinstance(statement, ast.Assign) else None
    if target is None or not isinstance(call, ast.Call) or call.keywords or len(call.args) != 1:
        return None
    (source,) = call.args
    kind = cell.names.made_layer(call.func)
    if kind is None or not isinstance(source, ast.Name) or not isinstance(call.func, ast.Call):
        return None
    # An output is named after its layer; in a model of its own, that name would be lost.
    fixed = {keyword.arg for keyword in call.func.keywords} & {"name", "return_state", None}
    return None if fixed else _Link(target, call.func, source.id)


def _forms(cell: Cell, chain: list[_Link]) -> list[tuple[str, _Form]]:
    source, target = chain[0].source, chain[-1].target
    made = [link.layer for link in chain]
    entrance = ast.Call(
        cell.names.spelled("", "Input"),
        [parsed(f"{source}.shape[1:]")],
        [ast.keyword("dtype", parsed(f"{source}.dtype"))],
    )

    def called(model: ast.Call) -> list[ast.stmt]:
        return [assign(target, ast.Call(model, [load(source)], []))]

    forms: list[tuple[str, _Form]] = [
        ("sequential", lambda: called(_sequential(cell, made))),
        ("sequential", lambda: called(_sequential(cell, [entrance, *made]))),
        ("sub-model", lambda: _sub_model(cell, made, entrance, source, target)),
        ("helper", lambda: _helper(cell, made, source, target)),
    ]
    if len(chain) > 1:
        listed = ast.List(_copies(made), ast.Load())
        forms.append(("loop", lambda: _loop(cell, listed, source, target)))
        if len({ast.dump(one) for one in made}) == 1:
            forms.append(("loop", lambda: _repeated(made, source, target)))
    return forms


def _copies(made: list[ast.Call]) -> list[ast.expr]:
    return [copy.deepcopy(one) for one in made]


def _sequential(cell: Cell, made: list[ast.Call]) -> ast.Call:
    return ast.Call(cell.names.spelled("", "Sequential"), [ast.List(_copies(made), ast.Load())], [])


def _sub_model(
    cell: Cell, made: list[ast.Call], entrance: ast.Call, source: str, target: str
) -> list[ast.stmt]:
    first, last = cell.fresh("entrance"), cell.fresh("inside")
    steps: list[ast.stmt] = [assign(first, copy.deepcopy(entrance))]
    for layer, read in zip(_copies(made), [first] + [last] * len(made), strict=False):
        steps.append(assign(last, ast.Call(layer, [load(read)], [])))
    model = ast.Call(cell.names.spelled("", "Model"), [load(first), load(last)], [])
    return [*steps, assign(target, ast.Call(model, [load(source)], []))]


def _helper(cell: Cell, made: list[ast.Call], source: str, target: str) -> list[ast.stmt]:
    name, given = cell.fresh("branch", "chain"), cell.fresh("tensor", "given")
    body: list[ast.stmt] = [assign(given, ast.Call(layer, [load(given)], [])) for layer in _copies(made)]
    function = ast.parse(f"def {name}({given}):\n    return {given}").body[0]
    assert isinstance(function, ast.FunctionDef)
    function.body[:0] = body
    return [function, assign(target, parsed(f"{name}({source})"))]


def _loop(cell: Cell, made: ast.expr, source: str, target: str) -> list[ast.stmt]:
    layer = cell.fresh("layer", "one_layer")
    loop = ast.For(
        ast.Name(layer, ast.Store()), made, [assign(target, parsed(f"{layer}({target})"))], [], lineno=0
    )
    return [loop] if source == target else [assign(target, load(source)), loop]


def _repeated(made: list[ast.Call], source: str, target: str) -> list[ast.stmt]:
    body: list[ast.stmt] = [assign(target, ast.Call(copy.deepcopy(made[0]), [load(target)], []))]
    loop = ast.For(ast.Name("_", ast.Store()), parsed(f"range({len(made)})"), body, [], lineno=0)
    return [loop] if source == target else [assign(target, load(source)), loop]


def wrap_shared(cell: Cell, choices: Choices) -> None:
    """Put a layer that is made first and called later into a `Sequential`."""
    for block in blocks(cell.tree):
        for statement in block:
            if assigned(statement) is None or not isinstance(statement, ast.Assign):
                continue
            made = statement.value
            kind = cell.names.made_layer(made)
            if kind is None or not isinstance(made, ast.Call) or not is_plain(made):
                continue
            if any(argument(made, kind, one) for one in ("name", "return_state")):
                continue
            statement.value = choices.pick(made, [("sequential", _sequential(cell, [made]))])


def comprehend(cell: Cell, choices: Choices) -> None:
    """Call something on several tensors in a comprehension."""
    for block in blocks(cell.tree):
        for place in reversed(range(len(block) - 1)):
            one, other = _named_call(block[place]), _named_call(block[place + 1])
            if one is None or other is None or one[1] != other[1] or one[0] in reads(block[place + 1]):
                continue
            (first, called, left), (second, _, right) = one, other
            if first != second and choices.pick(False, [("comprehension", True)]):
                each = cell.fresh("each")
                code = f"{first}, {second} = [{called}({each}) for {each} in ({left}, {right})]"
                block[place : place + 2] = ast.parse(code).body


def _named_call(statement: ast.stmt) -> tuple[str, str, str] | None:
    """Return the three names of `target = called(given)`; None for any other statement."""
    target = assigned(statement)
    call = statement.value if isinstance(statement, ast.Assign) else None
    if target is None or not isinstance(call, ast.Call) or call.keywords or len(call.args) != 1:
        return None
    (given,) = call.args
    if not isinstance(call.func, ast.Name) or not isinstance(given, ast.Name):
        return None
    return target, call.func.id, given.id
