"""The audit proves graders, and finds what is wrong with one that is weak, harsh or broken."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from nbformat import NotebookNode

from autograder.audit.pages import write_audit
from autograder.audit.proof import Proof
from autograder.audit.proving import proofs
from autograder.course import Course, load_course
from autograder.grading import GradingError, GradingSession, choose_isolation
from autograder.messages import render
from autograder.sandbox import WarmInterpreter
from tests.audit.conftest import HIDDEN, Made, solved

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
EACH = 6
SAMPLE = ("functional-api", "multi-input", "inception", "shared-lstm")
"""Arguments of `compile`; arrays; a function and numbers; shared layers: what graders' checks are made of.
`make bench-audit` tries all ten, and `make course` what is pinned of each."""
FEW = 12
"""Wrong and right answers to the small course's two tasks: a wrong check shows in most of them."""
Written = Callable[..., None]


@pytest.fixture(scope="module")
def warm() -> Iterator[WarmInterpreter]:
    with WarmInterpreter.spawn() as interpreter:
        yield interpreter


@pytest.fixture(scope="module")
def some(warm: WarmInterpreter) -> list[Proof]:
    course = load_course(ROOT / "course.yml")
    chosen = [course.assignment(name) for name in SAMPLE]
    return proofs(session_of(course, warm), chosen, most=EACH, seed=11, jobs=2)


def session_of(course: Course, warm: WarmInterpreter) -> GradingSession:
    return GradingSession(course, warm, choose_isolation(course, unsafe=True))


@pytest.fixture
def proof(warm: WarmInterpreter) -> Callable[[Course], Proof]:
    """The proof of the small course's grader."""

    def found(course: Course) -> Proof:
        (only,) = proofs(session_of(course, warm), course.assignments, most=FEW, seed=1, jobs=1)
        return only

    return found


def test_a_sample_of_the_courses_graders_holds(some: list[Proof]) -> None:
    """A few answers of each; `make bench-audit` tries hundreds, of all ten."""
    assert [
        (one.assignment.id, [(found.what, found.fate, found.faults) for found in one.to_mend], one.refused)
        for one in some
        if one.to_mend or one.refused
    ] == []


def test_messages_lead_to_the_mistake(some: list[Proof]) -> None:
    unexplained = [one for proof in some for one in proof.outcomes if one.unexplained]
    killed = sum(proof.fates["killed"] for proof in some)

    assert killed >= 3 * len(some)
    assert len(unexplained) <= 0.02 * killed, [(one.what, one.unexplained) for one in unexplained]


def test_the_same_seed_makes_the_same_answers(
    proof: Callable[[Course], Proof], make: Made, write_graders: Written
) -> None:
    write_graders()
    course = make()

    first, again = proof(course), proof(course)

    assert [one.what for one in first.outcomes] == [one.what for one in again.outcomes]
    assert first.holds
    assert first.mutants > 8
    assert first.equivalents > 4


def test_a_weak_check_is_found(proof: Callable[[Course], Proof], make: Made, write_graders: Written) -> None:
    """It looks at whether there is a product, and not at which."""
    write_graders(hidden=HIDDEN.replace("expect(one_product).equals(6)", "bool(one_product.value)"))

    found = proof(make())

    assert not found.holds
    assert found.killed < 1
    survivors = [one for one in found.outcomes if one.fate == "survived"]
    assert {one.task for one in survivors} == {"one-product"}
    assert found.to_mend == survivors


def test_a_harsh_check_is_found_with_a_small_program(
    proof: Callable[[Course], Proof], make: Made, write_graders: Written
) -> None:
    """It wants the entries of a dict in the order that the reference happens to have."""
    harsh = """
        from autograder.checks import Subject, expect, task
        from autograder.checks.verdict import CheckFailure, Failure
        from autograder.messages import message


        @task("one-product", points=6)
        def test_the_product_is_right(one_product: Subject) -> None:
            '''The product is right.'''
            expect(one_product).equals({"six": 6, "eight": 8})
            if [key["value"] for key, _ in one_product.value["items"]] != ["six", "eight"]:
                raise CheckFailure(Failure(rationale=message("No.")))
        """
    write_graders(hidden=textwrap.dedent(harsh))

    found = proof(make(source=_product('product = {"six": 6, "eight": 8}')))

    assert not found.holds
    assert found.refused
    smallest = min((one.program for one in found.refused), key=len)
    assert "total" not in smallest
    assert smallest.index("eight") < smallest.index("six")
    assert len(smallest.splitlines()) <= 4


def test_a_check_that_breaks_kills_nothing(
    proof: Callable[[Course], Proof], make: Made, write_graders: Written
) -> None:
    look = "    expect(one_product).equals(6)"
    write_graders(hidden=HIDDEN.replace(look, f"    1 / (one_product.value['value'] == 6)\n{look}"))

    found = proof(make(source=_product("product = 6")))

    assert found.fates["broken"] > 0
    assert any("ZeroDivisionError" in one.trouble for one in found.to_mend if one.fate == "broken")


def _product(code: str) -> Callable[[NotebookNode], None]:
    def change(notebook: NotebookNode) -> None:
        cell = next(cell for cell in notebook.cells if cell.id == "one-product-answer")
        cell.source = solved(code, "product = total ** 4")

    return change


def _unsolved(notebook: NotebookNode) -> None:
    cell = next(cell for cell in notebook.cells if cell.id == "one-product-answer")
    cell.source = "product = total * 3"


@pytest.mark.parametrize(
    ("hidden", "source", "said"),
    [
        (HIDDEN, _unsolved, "There is no solution of `one-product` in the source notebook of `adding`"),
        (
            HIDDEN,
            _product("product = 7"),
            "The reference solution of `adding` gets 0 of 6 points for `one-product`",
        ),
        (
            HIDDEN,
            _product("product = 1 / 0"),
            "solutions/adding/adding.ipynb: the solution does not solve `one-product`",
        ),
        (
            HIDDEN + "    assert 1 / 0\n",
            _product("product = 6"),
            "A check of `adding` breaks on the reference solution: test_the_product_is_right",
        ),
    ],
    ids=["no solution", "no full marks", "does not run", "breaks"],
)
def test_what_cannot_be_audited_is_said(
    proof: Callable[[Course], Proof],
    make: Made,
    write_graders: Written,
    hidden: str,
    source: Callable[[NotebookNode], None],
    said: str,
) -> None:
    write_graders(hidden=hidden)
    course = make(source=source, release=source is not _unsolved)

    with pytest.raises(GradingError) as error:
        proof(course)

    assert said in render(error.value.message, "en")


def test_the_pages_show_every_wrong_answer_in_both_languages(some: list[Proof], tmp_path: Path) -> None:
    write_audit(some, tmp_path, "en")

    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    for one in some:
        assert f'href="{one.assignment.id}.html"' in index
        page = (tmp_path / f"{one.assignment.id}.html").read_text(encoding="utf-8")
        shown = [found for found in one.outcomes if found.fate == "killed"]
        assert page.count('<details class="bs-submission"') >= len(shown)
        assert page.count('<dt lang="en">') == page.count('<dt lang="ko">') > 0
        assert "<script" not in page
