"""What a family of processes holds is counted, whichever way they came by it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from autograder.sandbox import tree

SIZE = 64 * 1024**2
# Two processes that have written to one mapping, which neither of them has to itself.
SHARING = f"""
import mmap, os, sys
held = mmap.mmap(-1, {SIZE})
held.write(b"x" * {SIZE})
child = os.fork()
if child:
    print(child, flush=True)
else:
    sum(held[::4096])
sys.stdin.read()
os._exit(0)
"""


@pytest.fixture
def family() -> Iterator[list[int]]:
    """The two processes."""
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", SHARING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        yield [parent.pid, int(parent.stdout.readline())]
        parent.stdin.close()  # type: ignore[union-attr]


def test_memory_that_is_shared_on_purpose_is_memory(family: list[int]) -> None:
    """The quick count is enough to notice it: a limit that it stays below is not asked about any further."""
    assert tree.memory(family, enough=1024**4) >= SIZE


def test_it_is_counted_once_where_it_matters(family: list[int]) -> None:
    assert SIZE <= tree.memory(family, enough=0) < 2 * SIZE
