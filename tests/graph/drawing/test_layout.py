"""Where boxes and wires go."""

from __future__ import annotations

from itertools import combinations, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.graph.drawing.layout import arrange

DIAMOND = [(0, 1), (0, 2), (1, 3), (2, 3)]


@st.composite
def pictures(draw: st.DrawFn) -> tuple[list[tuple[float, float]], list[tuple[int, int]]]:
    """Boxes of any size, and wires from lower to higher numbers."""
    count = draw(st.integers(1, 14))
    sizes = draw(st.lists(st.tuples(st.floats(20, 300), st.floats(20, 120)), min_size=count, max_size=count))
    ends = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(
        lambda pair: pair[0] < pair[1]
    )
    wires = draw(st.lists(ends, max_size=2 * count)) if count > 1 else []
    return sizes, wires


@settings(max_examples=80, deadline=None)
@given(pictures())
def test_boxes_never_overlap_and_stay_inside(picture):
    sizes, wires = picture

    layout = arrange(sizes, wires)

    for (x, y), (width, height) in zip(layout.centres, sizes, strict=True):
        assert x - width / 2 >= -0.01
        assert x + width / 2 <= layout.width + 0.01
        assert y - height / 2 >= -0.01
        assert y + height / 2 <= layout.height + 0.01
    for one, other in combinations(range(len(sizes)), 2):
        apart_x = (
            abs(layout.centres[one][0] - layout.centres[other][0]) - (sizes[one][0] + sizes[other][0]) / 2
        )
        apart_y = (
            abs(layout.centres[one][1] - layout.centres[other][1]) - (sizes[one][1] + sizes[other][1]) / 2
        )
        assert max(apart_x, apart_y) > 0


@settings(max_examples=80, deadline=None)
@given(pictures())
def test_wires_run_downwards_from_box_to_box(picture):
    sizes, wires = picture

    layout = arrange(sizes, wires)

    for (source, target), points in zip(wires, layout.wires, strict=True):
        heights = [y for _, y in points]
        assert all(lower >= upper - 0.01 for upper, lower in pairwise(heights))
        assert abs(points[0][0] - layout.centres[source][0]) < 0.01
        assert abs(points[-1][0] - layout.centres[target][0]) <= sizes[target][0] / 2


@settings(max_examples=30, deadline=None)
@given(pictures())
def test_the_same_boxes_are_laid_out_the_same(picture):
    assert arrange(*picture) == arrange(*picture)


def test_a_diamond_is_symmetric():
    layout = arrange([(80, 40)] * 4, DIAMOND)
    (top, left, right, bottom) = layout.centres

    assert top[0] == bottom[0]
    assert abs((left[0] + right[0]) / 2 - top[0]) < 0.01
    assert left[1] == right[1]


def test_branches_stand_in_the_order_in_which_the_merge_takes_them():
    wires = [(0, 1), (0, 2), (0, 3), (3, 4), (2, 4), (1, 4)]
    centres = arrange([(60, 30)] * 5, wires).centres

    assert centres[3][0] < centres[2][0] < centres[1][0]


def test_a_branch_runs_straight():
    wires = [(0, 1), (1, 2), (2, 3), (0, 4), (4, 3)]
    layout = arrange([(60, 30), (90, 30), (50, 30), (60, 30), (120, 30)], wires)

    assert layout.centres[1][0] == layout.centres[2][0]


def test_a_long_wire_goes_around_what_lies_between():
    wires = [(0, 1), (1, 2), (0, 2)]
    layout = arrange([(100, 40)] * 3, wires)
    left, right = layout.centres[1][0] - 50, layout.centres[1][0] + 50
    beside = [x for x, y in layout.wires[2] if abs(y - layout.centres[1][1]) <= 20]

    assert beside
    assert all(x < left or x > right for x in beside)


def test_no_boxes_make_an_empty_picture():
    layout = arrange([], [])

    assert layout.centres == ()
    assert layout.height == 0
