"""Mutates every architecture of `keras.applications`: does the comparison name exactly what was changed?

Each is changed at ten places drawn at random, evenly over the kinds of change, and compared with itself; each
is copied, too, with other names, calls in another order and free operands exchanged: `graph.mutants`,
`graph.misnamed` and `graph.copies_refused`. Of some architectures alone, or with another
seed, nothing is written.

    python -m benchmarks.applications [--dry-run] [--seed 1] [ARCHITECTURE ...]
"""

from __future__ import annotations

import copy
import random
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from autograder.audit.mutation.edit import Edit, Model, put_in_order, redirect, references, rename, renumber
from autograder.audit.mutation.interface import interface_edits
from autograder.audit.mutation.settings import setting_edits
from autograder.audit.mutation.wiring import wiring_edits
from autograder.graph import (
    Difference,
    Graph,
    GraphError,
    canonical,
    compare,
    count_parameters,
    read_model,
    with_shapes,
)
from autograder.graph.label import is_automatic
from benchmarks.architectures import COMMAND, architectures, build, evidence_of
from benchmarks.expected import Side, expected
from benchmarks.options import benchmark_options
from benchmarks.results import record

PLACES = 10
CANDIDATES = 200
"""Edits of each operator that places are drawn from: a large model has millions."""

_FREE = ("Add", "Multiply", "Average", "Maximum", "Minimum", "Concatenate")
_NOT_COMPUTED = ("trainable", "seed", "renorm_momentum", "synchronized")
"""Settings that say how a layer is trained, not what it computes."""


@dataclass
class Tally:
    """What became of an architecture's mutants."""

    mutants: int = 0
    misnamed: list[str] = field(default_factory=list)
    drawn_again: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0


def graph_of(model: Model) -> Graph:
    """Return a model's canonical graph.

    Raises:
        GraphError: Keras would not have built it.
    """
    return canonical(with_shapes(read_model(model)))


def mutated(model: Model, seed: int, places: int = PLACES) -> Tally:
    """Compare an architecture with copies of it that are changed at one place each."""
    tally = Tally()
    wanted = Side(model, graph_of(model))
    pools = _pools(model, random.Random(seed))
    while tally.mutants < places and pools:
        for operator in [*pools]:
            if not _drawn(pools[operator], wanted, tally):
                del pools[operator]
            if tally.mutants == places:
                break
    return tally


def _pools(model: Model, choose: random.Random) -> dict[str, list[Edit]]:
    """Edits drawn at random, by their operators, which are in random order."""
    pools: dict[str, list[Edit]] = {}
    seen: Counter[str] = Counter()
    for edits in (setting_edits, wiring_edits, interface_edits):
        for edit in edits(model):
            seen[edit.operator] += 1
            pool = pools.setdefault(edit.operator, [])
            if len(pool) < CANDIDATES:
                pool.append(edit)
            elif (place := choose.randrange(seen[edit.operator])) < CANDIDATES:
                pool[place] = edit
    for pool in pools.values():
        choose.shuffle(pool)
    return {operator: pools[operator] for operator in choose.sample(sorted(pools), len(pools))}


def _drawn(pool: list[Edit], wanted: Side, tally: Tally) -> bool:
    """Whether some edit of the pool makes a mutant, which is counted then."""
    while pool:
        edit = pool.pop()
        try:
            changed = edit.made_to(wanted.model)
            found = Side(changed, graph_of(changed))
        except (LookupError, GraphError):
            tally.drawn_again["not to be built"] += 1
            continue
        started = time.perf_counter()
        differences = compared(edit, found, wanted)
        tally.slowest = max(tally.slowest, time.perf_counter() - started)
        reason = None if differences else reason_for_equality(edit, wanted, found)
        if reason is not None:
            tally.drawn_again[reason] += 1
            continue
        tally.mutants += 1
        if not is_named(edit, differences, wanted, found):
            told = "; ".join(f"{one.kind}: {one.message.text}" for one in differences) or "nothing"
            tally.misnamed.append(f"{edit.operator}: {edit.what}\n    told {len(differences)}: {told}")
        return True
    return False


def compared(edit: Edit, found: Side, wanted: Side) -> list[Difference]:
    """Return what sets a mutant apart, where what was changed counts: names, or the order of a join."""
    if edit.operator == "merge order":
        return compare(found.graph, wanted.graph, free_order=())
    return compare(found.graph, wanted.graph, names=edit.operator.endswith(" renamed"))


def is_named(edit: Edit, differences: list[Difference], wanted: Side, found: Side) -> bool:
    """Whether one difference is told, and it is the one that the edit has made."""
    if len(differences) != 1:
        return False
    if any(one.is_said_by(differences[0], wanted, found) for one in expected(edit, wanted, found)):
        return True
    return any(
        one.kind == differences[0].kind and _explains(differences[0], wanted, found)
        for one in expected(edit, wanted, found)
    )


def _explains(difference: Difference, wanted: Side, found: Side) -> bool:
    """Whether a model without the calls that are said to be missing (or too many) is the other model.

    Of two equal layers in a row nobody can say which one is gone.
    """
    if difference.kind not in ("missing", "extra"):
        return False
    more, less, calls = (
        (wanted, found, difference.wanted_calls)
        if difference.kind == "missing"
        else (found, wanted, difference.found_calls)
    )
    names = {more.graph.operation_of(call).name for call in calls}
    return any(not compare(graph, less.graph) for graph in _bypassed(more.model, names))


def _bypassed(model: Model, names: set[str]) -> Iterator[Graph]:
    """Yield the model without some calls: what read them reads what they read."""
    graph = model["graphs"][model["graph"]]
    inside = {
        call["id"] for call in graph["calls"] if model["operations"][call["operation"]]["name"] in names
    }
    calls = graph["calls"]
    sources = {
        tuple(source) for number in inside for source in references(calls[number]) if source[0] not in inside
    }
    for source in sorted(sources):
        made = copy.deepcopy(model)
        turned = made["graphs"][made["graph"]]
        places = [place for call in turned["calls"] if call["id"] not in inside for place in references(call)]
        redirect([place for place in (*places, *turned["outputs"]) if place[0] in inside], list(source))
        try:
            put_in_order(turned)
        except LookupError:
            continue
        yield canonical(read_model(made))


def reason_for_equality(edit: Edit, wanted: Side, found: Side) -> str | None:
    """Why a mutant is the same model after all; None where there is no reason."""
    if edit.operator.endswith(" renamed") and _is_made_up(wanted, edit.touched[0]):
        return "equal: Keras made the name up"
    if edit.setting is not None and _is_inner_input(wanted, edit.touched[0]):
        return "equal: a nested model takes what it is called on"
    if edit.setting in _NOT_COMPUTED:
        return f"equal: {edit.setting} is no part of what a model computes"
    if edit.setting == "padding":
        shapes = ([call.shapes for call in side.graph.calls] for side in (wanted, found))
        return "equal: either padding pads nothing" if next(shapes) == next(shapes) else None
    if edit.operator in ("layer removed", "layer doubled") and _is_identity(wanted.model, edit.touched[0]):
        return "equal: the layer gives back what it takes"
    if edit.operator == "layers merged":
        counts = count_parameters(wanted.graph), count_parameters(found.graph)
        return "equal: layers without weights share nothing" if counts[0] == counts[1] else None
    return None


def _is_made_up(side: Side, name: str) -> bool:
    """Whether a name of an input or output is none of the model's author."""
    kind = next((one.kind for one in side.graph.operations.values() if one.name == name), "Input")
    return is_automatic(name, kind)


def _is_inner_input(side: Side, name: str) -> bool:
    """Whether a name is that of a nested model's input, which is no call of the canonical graph."""
    return side.classes[name] == "InputLayer" and name not in side.kinds


def _is_identity(model: Model, name: str) -> bool:
    entry = next(entry for entry in model["operations"] if entry["name"] == name)
    linear = entry["class_name"] == "Activation" and entry["config"]["activation"] == "linear"
    return linear or entry["class_name"] == "Identity"


def copied(model: Model, seed: int, operands: bool) -> Model:
    """Return the model under other names, its operations and calls in another order."""
    choose = random.Random(seed)
    made = copy.deepcopy(model)
    table = choose.sample(made["operations"], len(made["operations"]))
    numbers = {entry["id"]: number for number, entry in enumerate(table)}
    for entry in table:
        entry["id"] = numbers[entry["id"]]
        rename(entry, f"{entry['class_name'].lower()}_{choose.randrange(10**6)}_{entry['id']}")
    made["operations"] = table
    for graph in made["graphs"]:
        _reordered(graph, choose)
        for call in graph["calls"]:
            call["operation"] = numbers[call["operation"]]
            tensors = list(references(call))
            if operands and table[call["operation"]]["class_name"] in _FREE:
                for place, tensor in zip(
                    tensors, choose.sample([list(one) for one in tensors], len(tensors)), strict=True
                ):
                    place[:] = tensor
        for side in ("input", "output"):
            graph[f"{side}_names"] = [
                table[graph["calls"][call]["operation"]]["name"] for call, _ in graph[f"{side}s"]
            ]
    return made


def _reordered(graph: Model, choose: random.Random) -> None:
    """Another topological order of a graph's calls."""
    waits = {call["id"]: {reference[0] for reference in references(call)} for call in graph["calls"]}
    readers: dict[int, list[int]] = {}
    for number, sources in waits.items():
        for source in sources:
            readers.setdefault(source, []).append(number)
    ready = [number for number, sources in waits.items() if not sources]
    order: list[int] = []
    while ready:
        number = ready.pop(choose.randrange(len(ready)))
        order.append(number)
        for reader in readers.get(number, ()):
            waits[reader].remove(number)
            if not waits[reader]:
                ready.append(reader)
    renumber(graph, order)


def nameless(graph: Graph) -> Graph:
    """Return a graph without the names in it."""
    operations = {number: replace(operation, name="") for number, operation in graph.operations.items()}
    calls = tuple(replace(call, path=()) for call in graph.calls)
    return replace(graph, operations=operations, calls=calls, input_names=(), output_names=(), name="")


def copies_refused(model: Model, seed: int) -> list[str]:
    """Return what is wrong with copies that are the same model."""
    wanted = graph_of(model)
    same, turned = (graph_of(copied(model, seed, operands)) for operands in (False, True))
    refused = [
        f"a copy differs: {one.message.text}" for made in (same, turned) for one in compare(made, wanted)[:1]
    ]
    if nameless(same) != nameless(wanted):
        refused.append("a copy has another canonical form")
    return refused


def main() -> None:
    """Measure all of them and write the figures; measure those named and write nothing."""
    options = benchmark_options(__doc__)
    options.add_argument("names", nargs="*", metavar="ARCHITECTURE", help="these alone")
    options.add_argument("--seed", type=int, default=0, help="draws other mutants")
    chosen = options.parse_args()
    mutants = misnamed = refused = 0
    drawn_again: Counter[str] = Counter()
    for name in chosen.names or architectures():
        seed = zlib.crc32(name.encode()) + chosen.seed
        model = evidence_of(build(name))
        tally, wrong = mutated(model, seed), copies_refused(model, seed)
        print(f"{name}: {tally.mutants} mutants, the slowest comparison {tally.slowest:.2f} s", flush=True)
        for line in (*tally.misnamed, *wrong):
            print(f"  {line}", flush=True)
        mutants += tally.mutants
        misnamed += len(tally.misnamed)
        refused += len(wrong)
        drawn_again += tally.drawn_again
    for reason, times in drawn_again.most_common():
        print(f"drawn again: {times} times {reason}")
    if chosen.names or chosen.dry_run or chosen.seed:
        print(f"{mutants} mutants, {misnamed} misnamed, {refused} copies refused")
        return
    record("graph.mutants", mutants, "mutants", f"= {PLACES * len(architectures())}", COMMAND)
    record("graph.misnamed", misnamed, "mutants", "= 0", COMMAND)
    record("graph.copies_refused", refused, "copies", "= 0", COMMAND)


if __name__ == "__main__":
    main()
