"""On Gradescope nobody forges a point or sees what is hidden: some of the corpus, with Landlock and without.

Here one submission tries several techniques, one after the other, for each container takes seconds.
`python -m benchmarks.attacks --through gradescope` tries the whole corpus, each in a container of its own.
"""

from __future__ import annotations

import io
import zipfile

import pytest

from tests.attacks.battlefield import CANARIES
from tests.attacks.techniques import CORPUS, Sheet, Technique
from tests.platforms.gradescope.attacks import Arena
from tests.platforms.gradescope.harness import AS_ROOT

pytestmark = pytest.mark.slow

TRIED = (
    "reading-hidden-checks-on-the-disk",
    "reading-neighbours-work-on-the-disk",
    "reading-other-processes-memory",
)
# Only root can give learner code a user of its own; without one, and without Landlock, nothing is graded.
KERNELS = {"landlock": True, "no-landlock": False} if AS_ROOT else {"landlock": True}


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Arena:
    return Arena(tmp_path_factory.mktemp("arena"))


def all_of_them(sheet: Sheet) -> None:
    """One submission that tries each technique, and says at last that it has done so."""
    sheet.first('print("tried " + "all of them")')
    for technique in (one for one in CORPUS if str(one) in TRIED):
        assert (technique.assignment, technique.gets) == (sheet.assignment, {})
        technique.write(sheet)


@pytest.mark.parametrize("kernel", KERNELS)
def test_it_gets_what_its_model_is_worth_and_sees_nothing(arena: Arena, kernel: str) -> None:
    technique = Technique("all-of-them", "reading", "What is hidden.", "inception", {}, all_of_them)
    found = arena.attack(technique, landlock=KERNELS[kernel])

    assert found.ran.returncode == 0, found.ran.said
    assert "tried all of them" in found.ran.seen
    assert not found.forged, found.ran.results
    assert found.seen == []
    assert found.touched == []


def test_every_technique_that_is_tried_is_in_the_corpus() -> None:
    assert {*TRIED} <= {str(technique) for technique in CORPUS}


def test_what_is_planted_lies_in_the_container(arena: Arena) -> None:
    with zipfile.ZipFile(io.BytesIO(arena.zip("inception"))) as archive:
        hidden = archive.read("course/graders/hidden/test_inception.py")
        solution = archive.read("course/solutions/inception/inception.ipynb")

    assert CANARIES["hidden"].encode() in hidden
    assert CANARIES["solution"].encode() in solution
