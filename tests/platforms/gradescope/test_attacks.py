"""On Gradescope nobody forges a point or sees what is hidden: some of the corpus, with Landlock and without.

`python -m benchmarks.attacks --through gradescope` tries all of it.
"""

from __future__ import annotations

import io
import os
import zipfile

import pytest

from tests.attacks.battlefield import CANARIES
from tests.attacks.techniques import CORPUS
from tests.platforms.gradescope.attacks import Arena

pytestmark = pytest.mark.slow

TRIED = (
    "reading-hidden-checks-on-the-disk",
    "reading-neighbours-work-on-the-disk",
    "reading-other-processes-memory",
)
# Only root can give learner code a user of its own; without one, and without Landlock, nothing is graded.
KERNELS = {"landlock": True, "no-landlock": False} if os.geteuid() == 0 else {"landlock": True}


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Arena:
    return Arena(tmp_path_factory.mktemp("arena"))


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("name", TRIED)
def test_it_gets_what_its_model_is_worth_and_sees_nothing(arena: Arena, name: str, kernel: str) -> None:
    (technique,) = (one for one in CORPUS if str(one) == name)
    found = arena.attack(technique, landlock=KERNELS[kernel])

    assert found.ran.returncode == 0, found.ran.said
    assert not found.forged, found.ran.results
    assert found.seen == []
    assert found.touched == []


def test_what_is_planted_lies_in_the_container(arena: Arena) -> None:
    with zipfile.ZipFile(io.BytesIO(arena.zip("inception"))) as archive:
        hidden = archive.read("course/graders/hidden/test_inception.py")
        solution = archive.read("course/solutions/inception/inception.ipynb")

    assert CANARIES["hidden"].encode() in hidden
    assert CANARIES["solution"].encode() in solution
