"""Each rule that is tried out finds what breaks it: the small course's notebooks, graded for real."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from nbformat import NotebookNode

from autograder.audit.linting.linter import lint
from autograder.audit.linting.trials import trial_findings
from autograder.course import Course
from autograder.course.source import read_source
from autograder.grading import GradingSession, choose_isolation
from autograder.messages import render
from autograder.sandbox import WarmInterpreter
from tests.audit.conftest import HIDDEN, PUBLIC, Made, draw, solved

pytestmark = pytest.mark.slow

SOURCE = "solutions/adding/adding.ipynb"
Tried = Callable[[Course], list[tuple[str, str]]]


@pytest.fixture(scope="module")
def warm() -> Iterator[WarmInterpreter]:
    with WarmInterpreter.spawn() as interpreter:
        yield interpreter


@pytest.fixture
def tried(warm: WarmInterpreter) -> Tried:
    """What the linter says of what it tries out: rule and sentence."""

    def found(course: Course) -> list[tuple[str, str]]:
        adding = course.assignments[0]
        session = GradingSession(course, warm, choose_isolation(course, unsafe=False))
        findings = trial_findings(session, adding, read_source(course, adding))
        return [(finding.rule, render(finding.said, "en")) for finding in findings]

    return found


def code(cell_id: str, source: str) -> Callable[[NotebookNode], None]:
    def spoil(notebook: NotebookNode) -> None:
        next(cell for cell in notebook.cells if cell.id == cell_id).source = source

    return spoil


def test_a_course_in_order_is_left_in_peace(
    make: Made, write_graders: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole linter; the pictures are of few letters."""
    write_graders()
    monkeypatch.setattr("autograder.audit.linting.linter.targets", lambda _course: draw)
    course = make()

    assert lint(course, course.assignments) == []


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (
            code("one-sum-answer", solved("total = 1 + 1", "total = 4 // 2")),
            [
                (
                    "stub",
                    "course.yml: the starter code of `one-sum` gets 4 of 4 points; `stub_scores` in "
                    "course.yml says 0.",
                )
            ],
        ),
        (
            code("imports", "from autograder import check, hnit"),
            [
                (
                    "stub",
                    f"{SOURCE}, cell `imports`: the notebook as given out stops here with ",
                ),
            ],
        ),
        (
            code("one-sum-answer", solved("total = 1 + 1", "while True: pass")),
            [
                (
                    "stub",
                    f"{SOURCE}, cell `one-sum-answer`: the notebook as given out exceeds its limits here; "
                    "it should run to its end.",
                )
            ],
        ),
        (
            code("one-product-answer", solved("product = total * 4", "product = 0")),
            [
                (
                    "solution",
                    f"{SOURCE}: the solution gets 0 of 6 points for `one-product`; it should get them all. ",
                )
            ],
        ),
        (
            code("one-product-answer", solved("product = total / 0", "product = 0")),
            [("grader", f"{SOURCE}: the solution does not solve `one-product`: ")],
        ),
        (
            code("alternative", "product = total + 3"),
            [
                (
                    "afterwards",
                    f"{SOURCE}: the alternative gets 0 of 6 points for `one-product`; it should get them",
                )
            ],
        ),
        (
            code("alternative", "product = 6\nprint(prodct)"),
            [
                (
                    "afterwards",
                    f"{SOURCE}, cell `alternative`: the alternative does not run to the end: ",
                )
            ],
        ),
    ],
)
def test_what_the_grader_says_otherwise_is_found(
    make: Made,
    write_graders: Callable[..., None],
    tried: Tried,
    spoil: Callable[[NotebookNode], None],
    found: list[tuple[str, str]],
) -> None:
    write_graders()
    said = tried(make(source=spoil, release=False))

    for (rule, sentence), (wanted, beginning) in zip(said, found, strict=False):
        assert rule == wanted
        assert sentence.startswith(beginning)
    assert len(said) >= len(found)


@pytest.mark.parametrize(("stub_scores", "count"), [("4.5", 1), ("0", 1), ("3", 0)])
def test_the_starter_code_gets_exactly_what_is_meant(
    make: Made, write_graders: Callable[..., None], tried: Tried, stub_scores: str, count: int
) -> None:
    """Points for the starter code are no finding where `stub_scores` says as many."""
    write_graders(
        hidden=HIDDEN.replace("points=6", "points=3")
        + '\n\n@task("one-product", points=3)\ndef test_there_is_a_product(one_product: Subject) -> None:\n'
        '    """There is a product."""\n'
    )
    course = make(
        lambda written: written.replace("points: 6", f"points: 6\n        stub_scores: {stub_scores}"),
        release=False,
    )

    assert len(tried(course)) == count


def test_points_that_do_not_add_up_are_found(
    make: Made, write_graders: Callable[..., None], tried: Tried
) -> None:
    write_graders(public=PUBLIC.replace("points=4", "points=3"))

    assert tried(make(release=False)) == [
        (
            "grader",
            "graders/public/test_adding.py: the checks of `one-sum` here and in "
            "graders/hidden/test_adding.py add up to 3 points; course.yml says 4.",
        )
    ]


def test_a_check_that_breaks_is_found(make: Made, write_graders: Callable[..., None], tried: Tried) -> None:
    write_graders(public=PUBLIC.replace("expect(one_sum)", "1 / 0 or expect(one_sum)"))

    """Once, with its file and its line, whichever of the course's own notebooks it breaks on."""
    assert tried(make(release=False)) == [
        (
            "grader",
            "A check stops with an error of its own; mend it there: test_the_sum_is_right "
            "(graders/public/test_adding.py:7): ZeroDivisionError: division by zero",
        )
    ]


def test_a_task_without_checks_is_found(make: Made, write_graders: Callable[..., None], tried: Tried) -> None:
    write_graders(public="")

    assert tried(make(release=False)) == [
        (
            "grader",
            "graders/public/test_adding.py: the task `one-sum` has no check here or in "
            'graders/hidden/test_adding.py; write one, with `@task("one-sum", points=4)` above it.',
        )
    ]


@pytest.mark.parametrize(
    ("public", "sentence"),
    [
        (PUBLIC.replace("None:", "None"), ", line 5: it cannot be imported: SyntaxError: "),
        ("x = 1\n{}['nothing']\n" + PUBLIC, ", line 2: it cannot be imported: KeyError: 'nothing'."),
        (PUBLIC.replace("expect, task", "expct, task"), ", line 1: it cannot be imported: ImportError: "),
        (PUBLIC + PUBLIC, ", line 12: `test_the_sum_is_right` is the name of another check already (line 5)"),
        (PUBLIC.replace("one-sum", "so").replace("one_sum", "so"), ": the check `test_the_sum_is_right` "),
    ],
    ids=["syntax", "raises", "no such name", "one name twice", "no such task"],
)  # fmt: skip
def test_what_is_wrong_with_a_graders_file_is_said_with_the_file(
    public: str, sentence: str, make: Made, write_graders: Callable[..., None], tried: Tried
) -> None:
    """And not with the source notebook, which is in order."""
    write_graders(public=public)

    ((rule, said),) = tried(make(release=False))

    assert rule == "grader"
    assert said.startswith(f"graders/public/test_adding.py{sentence}")
    assert "Traceback" not in said
    assert "(/" not in said
