"""Places the boxes of a picture: in rows from top to bottom, with few crossings and straight wires."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[float, float]

COLUMN_GAP = 26.0
WIRE_GAP = 20.0
ROW_GAP = 40.0
SWEEPS = 6
PASSES = 12
DUMMY_WIDTH = 6.0


@dataclass(frozen=True)
class Layout:
    """The centres of the boxes, the points of the wires, and the size of the whole picture.

    A wire's points lead from the bottom of its source to the top of its target. They come in pairs: the wire
    runs straight down within a pair and bends between pairs.
    """

    centres: tuple[Point, ...]
    wires: tuple[tuple[Point, ...], ...]
    width: float
    height: float


@dataclass
class _Rows:
    """The boxes, and the bends of long wires, row by row, each with its neighbours `above` and `below`."""

    order: list[list[int]]
    above: list[list[int]]
    below: list[list[int]]
    rank: list[int]
    chains: list[list[int]]


def arrange(sizes: Sequence[tuple[float, float]], wires: Sequence[tuple[int, int]]) -> Layout:
    """Place boxes of the given widths and heights, wired from lower to higher numbers.

    The same arguments always give the same layout.
    """
    rows = _layered(len(sizes), wires)
    _uncross(rows)
    widths = [width for width, _ in sizes] + [DUMMY_WIDTH] * (len(rows.rank) - len(sizes))
    x = _columns(rows, widths, len(sizes))
    _straighten(rows, x, widths, len(sizes))
    tops: list[float] = []
    bottoms: list[float] = []
    y = 0.0
    for row in rows.order:
        tops.append(y)
        y += max((sizes[node][1] for node in row if node < len(sizes)), default=0.0)
        bottoms.append(y)
        y += ROW_GAP + _bustle(rows, row, x)
    # A box shorter than its row sits in the row's middle.
    middles = [(top + bottom) / 2 for top, bottom in zip(tops, bottoms, strict=True)]
    left = min((x[node] - width / 2 for node, width in enumerate(widths)), default=0.0)
    centres = tuple((x[node] - left, middles[rows.rank[node]]) for node in range(len(sizes)))
    ports = _ports(rows, wires, x, widths)
    paths = []
    for number, chain in enumerate(rows.chains):
        source, target = wires[number]
        leave = middles[rows.rank[source]] + sizes[source][1] / 2
        arrive = middles[rows.rank[target]] - sizes[target][1] / 2
        points: list[Point] = [(x[source] - left, leave), (x[source] - left, bottoms[rows.rank[source]])]
        for bend in chain:
            at = x[bend] - left
            points += [(at, tops[rows.rank[bend]]), (at, bottoms[rows.rank[bend]])]
        points += [(ports[number] - left, tops[rows.rank[target]]), (ports[number] - left, arrive)]
        paths.append(tuple(points))
    right = max((x[node] + width / 2 for node, width in enumerate(widths)), default=0.0)
    return Layout(centres, tuple(paths), right - left, bottoms[-1] if bottoms else 0.0)


def _layered(count: int, wires: Sequence[tuple[int, int]]) -> _Rows:
    """Put each box in a row below all that it reads, and a bend where a wire passes through a row."""
    sources: list[list[int]] = [[] for _ in range(count)]
    targets: list[list[int]] = [[] for _ in range(count)]
    for source, target in wires:
        sources[target].append(source)
        targets[source].append(target)
    rank = [0] * count
    for node in range(count):
        rank[node] = 1 + max((rank[source] for source in sources[node]), default=-1)
    for node in range(count - 1, -1, -1):
        # A box that reads nothing stands close to those that read it.
        if not sources[node] and targets[node]:
            rank[node] = min(rank[target] for target in targets[node]) - 1
    first = _first_order(count, sources, targets)
    order: list[list[int]] = [[] for _ in range(max(rank, default=-1) + 1)]
    above: list[list[int]] = [[] for _ in range(count)]
    below: list[list[int]] = [[] for _ in range(count)]
    place = [float(number) for number in first]
    chains: list[list[int]] = []
    for source, target in wires:
        chain: list[int] = []
        before = source
        for row in range(rank[source] + 1, rank[target]):
            bend = len(rank)
            rank.append(row)
            above.append([before])
            below.append([])
            below[before].append(bend)
            share = (row - rank[source]) / (rank[target] - rank[source])
            place.append(place[source] + (place[target] - place[source]) * share)
            chain.append(bend)
            before = bend
        above[target].append(before)
        below[before].append(target)
        chains.append(chain)
    for node in sorted(range(len(rank)), key=lambda node: place[node]):
        order[rank[node]].append(node)
    return _Rows(order, above, below, rank, chains)


def _first_order(count: int, sources: list[list[int]], targets: list[list[int]]) -> list[int]:
    """Return each box's number from left to right, by the order of merges' branches, from the outputs up."""
    number = [-1] * count
    seen = 0
    for end in [node for node in range(count) if not targets[node]]:
        waiting = [(end, iter(sources[end]))]
        entered = {end}
        while waiting:
            node, rest = waiting[-1]
            following = next((other for other in rest if number[other] < 0 and other not in entered), None)
            if following is None:
                waiting.pop()
                number[node] = seen
                seen += 1
            else:
                entered.add(following)
                waiting.append((following, iter(sources[following])))
    return number


def _uncross(rows: _Rows) -> None:
    """Order each row by its neighbours' positions, downwards and upwards, and keep the best order seen."""
    position = [0.0] * len(rows.rank)

    def number(row: list[int]) -> None:
        for place, node in enumerate(row):
            position[node] = place

    for row in rows.order:
        number(row)
    best = [list(row) for row in rows.order]
    fewest = _crossings(rows, position)
    for sweep in range(SWEEPS):
        if fewest == 0:
            break
        downwards = sweep % 2 == 0
        near = rows.above if downwards else rows.below
        for row in rows.order if downwards else reversed(rows.order):
            wish = {
                node: sum(position[other] for other in near[node]) / len(near[node])
                if near[node]
                else position[node]
                for node in row
            }
            row.sort(key=wish.__getitem__)
            number(row)
        crossings = _crossings(rows, position)
        if crossings < fewest:
            fewest, best = crossings, [list(row) for row in rows.order]
    rows.order[:] = best


def _crossings(rows: _Rows, position: list[float]) -> int:
    total = 0
    for row in rows.order:
        ends = [
            position[other] for node in row for other in sorted(rows.below[node], key=position.__getitem__)
        ]
        total += sum(ends[i] > ends[j] for i in range(len(ends)) for j in range(i + 1, len(ends)))
    return total


def _columns(rows: _Rows, widths: list[float], boxes: int) -> list[float]:
    """Return the horizontal centres: each box as near to the middle of its neighbours as the others allow."""
    x = [0.0] * len(rows.rank)
    for row in rows.order:
        at = 0.0
        for before, node in zip([None, *row], row, strict=False):
            at += 0.0 if before is None else _apart(before, node, widths, boxes)
            x[node] = at
        middle = (x[row[0]] + x[row[-1]]) / 2 if row else 0.0
        for node in row:
            x[node] -= middle
    pulls = _pulls(rows, boxes)
    for sweep in range(PASSES):
        for row in rows.order if sweep % 2 == 0 else reversed(rows.order):
            wishes, weights = [], []
            for node in row:
                weight = sum(pull for _, pull in pulls[node])
                weights.append(weight or 0.1)
                wishes.append(
                    sum(x[other] * pull for other, pull in pulls[node]) / weight if weight else x[node]
                )
            for node, at in zip(row, _settle(row, wishes, weights, widths, boxes), strict=True):
                x[node] = at
    return x


def _pulls(rows: _Rows, boxes: int) -> list[list[tuple[int, float]]]:
    """Return each node's neighbours and how strongly each attracts it, so that branches run straight."""
    pulls: list[list[tuple[int, float]]] = [[] for _ in rows.rank]
    for node, others in enumerate(rows.below):
        for other in others:
            pull = 16.0 if min(node, other) >= boxes else 8.0 if _only(rows, node, other) else 1.0
            pulls[node].append((other, pull))
            pulls[other].append((node, pull))
    return pulls


def _only(rows: _Rows, node: int, other: int) -> bool:
    """Return whether the way from `node` to `other` neither forks nor joins."""
    return len(rows.below[node]) == 1 and len(rows.above[other]) == 1


def _straighten(rows: _Rows, x: list[float], widths: list[float], boxes: int) -> None:
    """Put every branch on one vertical line, as near as possible to where its parts are."""
    leader = _branches(rows, boxes)
    members: dict[int, list[int]] = {}
    for node, first in enumerate(leader):
        members.setdefault(first, []).append(node)
    neighbours: dict[int, dict[int, float]] = {first: {} for first in members}
    beyond: dict[int, dict[int, float]] = {first: {} for first in members}
    for row in rows.order:
        for before, node in pairwise(row):
            one, other = leader[before], leader[node]
            gap = max(_apart(before, node, widths, boxes), neighbours[one].get(other, 0.0))
            neighbours[one][other] = beyond[other][one] = gap
    order = _topological(neighbours)
    wish = {first: sum(x[node] for node in nodes) / len(nodes) for first, nodes in members.items()}
    from_left: dict[int, float] = {}
    for first in order:
        from_left[first] = max([wish[first], *(from_left[o] + gap for o, gap in beyond[first].items())])
    from_right: dict[int, float] = {}
    for first in reversed(order):
        from_right[first] = min([wish[first], *(from_right[o] - gap for o, gap in neighbours[first].items())])
    # Both solutions keep all gaps, and so does the middle between them.
    at = {first: (from_left[first] + from_right[first]) / 2 for first in order}
    pulls = _pulls(rows, boxes)
    for sweep in range(SWEEPS):
        for first in order if sweep % 2 == 0 else reversed(order):
            inside = set(members[first])
            outside = [at[leader[o]] for node in members[first] for o, _ in pulls[node] if o not in inside]
            if outside:
                low = max((at[o] + gap for o, gap in beyond[first].items()), default=float("-inf"))
                high = min((at[o] - gap for o, gap in neighbours[first].items()), default=float("inf"))
                at[first] = max(low, min(high, sum(outside) / len(outside)))
    for node, first in enumerate(leader):
        x[node] = at[first]


def _branches(rows: _Rows, boxes: int) -> list[int]:
    """Return the first node of each node's branch: a run without forks and joins that crosses no other."""
    leader = list(range(len(rows.rank)))
    place = {node: number for row in rows.order for number, node in enumerate(row)}
    for row in rows.order:
        kept: list[tuple[int, int]] = []
        steps = [(node, other) for node in row for other in rows.below[node]]
        # A long wire should bend least, so it chooses first.
        steps.sort(key=lambda step: min(step) < boxes)
        for node, other in steps:
            straight = min(node, other) >= boxes or _only(rows, node, other)
            here, there = place[node], place[other]
            if straight and all((here - a) * (there - b) > 0 for a, b in kept):
                kept.append((here, there))
                leader[other] = leader[node]
    return leader


def _topological(onwards: dict[int, dict[int, float]]) -> list[int]:
    waiting = dict.fromkeys(onwards, 0)
    for others in onwards.values():
        for other in others:
            waiting[other] += 1
    ready = [node for node, count in waiting.items() if not count]
    for node in ready:
        for other in onwards[node]:
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    return ready


def _apart(one: int, other: int, widths: list[float], boxes: int) -> float:
    gap = COLUMN_GAP if one < boxes and other < boxes else WIRE_GAP
    return (widths[one] + widths[other]) / 2 + gap


def _settle(
    row: list[int], wishes: list[float], weights: list[float], widths: list[float], boxes: int
) -> list[float]:
    """Return the positions nearest to the wishes (least squares) that keep the row's order and gaps."""
    offsets = [0.0]
    for before, node in pairwise(row):
        offsets.append(offsets[-1] + _apart(before, node, widths, boxes))
    # Pool adjacent violators: boxes that would overlap move as one block.
    blocks: list[tuple[float, float, int]] = []
    for wish, weight, offset in zip(wishes, weights, offsets, strict=True):
        block = (wish - offset, weight, 1)
        while blocks and blocks[-1][0] > block[0]:
            at, mass, size = blocks.pop()
            total = mass + block[1]
            block = ((at * mass + block[0] * block[1]) / total, total, size + block[2])
        blocks.append(block)
    starts = [at for at, _, size in blocks for _ in range(size)]
    return [start + offset for start, offset in zip(starts, offsets, strict=True)]


def _bustle(rows: _Rows, row: list[int], x: list[float]) -> float:
    """Return the additional room below a row whose wires run far to the side."""
    reach = max((abs(x[node] - x[other]) for node in row for other in rows.below[node]), default=0.0)
    return min(reach / 16, 24.0)


def _ports(rows: _Rows, wires: Sequence[tuple[int, int]], x: list[float], widths: list[float]) -> list[float]:
    """Return where each wire arrives: side by side, in the order in which the wires come in."""
    arriving: dict[int, list[int]] = {}
    for number, (_, target) in enumerate(wires):
        arriving.setdefault(target, []).append(number)
    ports = [0.0] * len(wires)
    for target, numbers in arriving.items():
        last = {number: (rows.chains[number] or [wires[number][0]])[-1] for number in numbers}
        numbers.sort(key=lambda number: (x[last[number]], number))
        step = min(22.0, widths[target] * 0.8 / len(numbers))
        for place, number in enumerate(numbers):
            ports[number] = x[target] + (place - (len(numbers) - 1) / 2) * step
    return ports
