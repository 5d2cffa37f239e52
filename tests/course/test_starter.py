from __future__ import annotations

import ast
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course.starter import MarkerError, solution, starter

CELL = """\
def block(x):
    y = x
    ### BEGIN SOLUTION
    return y + x
    ### BEGIN STUB
    # if y is None:
    #     return x
    #
    # # added later
    # return y
    ### END STUB
    ### END SOLUTION"""


def test_the_stub_takes_the_solution_s_place() -> None:
    """One comment sign is taken off each line of the stub; indentation and real comments stay."""
    wanted = """\
def block(x):
    y = x
    if y is None:
        return x

    # added later
    return y"""

    assert wanted == starter(CELL)


def test_the_solution_is_the_cell_without_its_stub() -> None:
    """What the reference solution says has no markers in it."""

    assert solution(CELL) == "def block(x):\n    y = x\n    return y + x"


def test_a_cell_can_have_two_regions() -> None:
    """What stands between the regions stays."""
    region = "### BEGIN SOLUTION\na = {}\n### BEGIN STUB\n# a = {}\n### END STUB\n### END SOLUTION"

    assert starter(f"{region.format(1, 2)}\nb = 0\n{region.format(3, 4)}") == "a = 2\nb = 0\na = 4"


@pytest.mark.parametrize(
    ("source", "line", "wanted"),
    [
        ("x = 1", 1, "### BEGIN SOLUTION"),
        ("### BEGIN SOLUTION\nx = 1\n### END SOLUTION", 3, "### BEGIN STUB"),
        ("### BEGIN SOLUTION\n### BEGIN STUB\n# x = 1", 3, "### END STUB"),
        ("### BEGIN SOLUTION\n### BEGIN STUB\n# x = 1\n### END STUB\ny = 1", 5, "### END SOLUTION"),
        ("### BEGIN STUB\n# x = 1\n### END STUB", 1, "### BEGIN SOLUTION"),
        ("### BEGIN SOLUTION\n### BEGIN SOLUTION", 2, "### BEGIN STUB"),
        ("### BEGIN SOLUTION\n### BEGIN STUB\nx = 1\n### END STUB\n### END SOLUTION", 3, "#"),
    ],
)
def test_markers_out_of_place_are_named(source: str, line: int, wanted: str) -> None:
    """The error has the line and the marker that belongs there: nothing of a solution slips through."""
    with pytest.raises(MarkerError) as raised:
        starter(source)

    assert (line, wanted) == (raised.value.line, raised.value.wanted)


CODE = st.lists(
    st.sampled_from(["", "x = 1", "for i in range(3):\n    print(i)", "# a remark", "f'{x}'"]), min_size=1
).map("\n".join)


@given(CODE, CODE, st.integers(0, 3))
def test_a_stub_comes_back_as_its_author_wrote_it(code: str, answer: str, depth: int) -> None:
    """Commenting code out line by line, as JupyterLab's shortcut does, is undone exactly."""
    margin = "    " * depth
    stub = textwrap.indent(code, "# ", lambda _line: True).replace("# \n", "#\n")
    lines = ["### BEGIN SOLUTION", answer, "### BEGIN STUB", stub, "### END STUB", "### END SOLUTION"]
    cell = textwrap.indent("\n".join(lines), margin, lambda _line: True)

    found = starter(cell)

    assert [(margin + line).rstrip() for line in code.split("\n")] == found.split("\n")
    assert ast.dump(ast.parse(code)) == ast.dump(ast.parse(textwrap.dedent(found)))
