"""Each rule about what is written finds what breaks it, and says so once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from autograder.audit import written_findings
from autograder.audit.linting.linter import step_findings, unread_findings
from autograder.audit.linting.sources import id_findings
from autograder.course import Course
from autograder.course.source import read_source
from autograder.messages import render
from tests.audit.conftest import Made, draw, solved, text

SOURCE = "solutions/adding/adding.ipynb"
ENGLISH = "assignments/en/adding/adding.ipynb"
NOBODYS = "nothing reads it, for no assignment of course.yml is called so; rename or delete it."

Spoil = Callable[[NotebookNode], object]


def said(course: Course) -> list[tuple[str, str]]:
    """What the linter says without running anything: rule and sentence."""
    return [
        (finding.rule, render(finding.said, "en")) for finding in written_findings(course, course.assignments)
    ]


def cell(notebook: NotebookNode, cell_id: str) -> NotebookNode:
    return next(found for found in notebook.cells if found.id == cell_id)


def text_of(cell_id: str, source: str) -> Spoil:
    return lambda notebook: cell(notebook, cell_id).update(source=source)


def plot(*sources: str, ids: tuple[str, ...] = ("plot-en", "plot-ko")) -> Spoil:
    """With a cell that draws a plot: one for all languages, or one in each."""
    heads = [f"import matplotlib.pyplot as plt\n{source}" for source in sources]

    def spoil(notebook: NotebookNode) -> None:
        made = [new_code_cell(heads[0], id="plot")]
        if len(heads) > 1:
            made = [
                new_code_cell(head, id=name, metadata={"lang": language})
                for name, head, language in zip(ids, heads, ("en", "ko"), strict=True)
            ]
        notebook.cells[-3:-3] = made

    return spoil


def test_a_course_in_order_is_left_in_peace(make: Made) -> None:
    assert said(make()) == []


@pytest.mark.parametrize(
    "sources",
    [
        ["plt.imshow(picture)", "plt.imshow(picture)  # 그림"],
        ["plt.title(f'{name} has {count}')", "# 제목\nplt.title(f'{count}, {name}')"],
        ["plt.plot(x, label='3×3')"],
        ["plt.xlabel('$x$')"],
    ],
)
def test_plots_that_say_the_same_in_each_language_are_left_in_peace(make: Made, sources: list[str]) -> None:
    assert said(make(source=plot(*sources))) == []


@pytest.mark.parametrize(
    ("there", "instead", "rule", "sentence"),
    [
        (
            "      - id: one-product",
            "      - id: one-more\n        title: {en: More, ko: 또}\n        points: 6\n"
            "        expects: value\n        hints: [{en: Count., ko: 세어 보자.}]\n      - id: one-product",
            "source",
            f"{SOURCE}: there is no grade cell for the task `one-more`; it should be one line, "
            '`check("one-more", ...)`.',
        ),
        (
            "          - {en: And again., ko: 한 번 더 더해 보자.}\n",
            "",
            "hints",
            "course.yml: the task `one-product` has 2 hints; it should have 3.",
        ),
        (
            "{en: Count again., ko: 다시 세어 보자.}",
            "{en: Count again., ko: Count again.}",
            "languages",
            "course.yml: hint 2 of `one-sum` in `ko` is “Count again.”; it should be in that language.",
        ),
        (
            "{en: Add., ko: 더해 보자.}",
            "{en: It is product = total * 3., ko: 더해 보자.}",
            "hints",
            "course.yml: hint 1 of `one-product` gives a line of the solution away, `product = total * 3`; "
            "it should not.",
        ),
        (
            "{en: One sum, ko: 합 하나}",
            "{en: 합 하나, ko: 합 하나}",
            "languages",
            "course.yml: the title of `one-sum` in `en` is “합 하나”; it should be in that language.",
        ),
    ],
)
def test_a_fault_of_the_registry_is_found(
    make: Made, there: str, instead: str, rule: str, sentence: str
) -> None:
    def spoil(written: str) -> str:
        assert there in written
        spoiled = written.replace(there, instead)
        return spoiled.replace("points: 10", "points: 16") if rule == "source" else spoiled

    course = make(spoil, release=False)

    assert said(course)[:1] == [(rule, sentence)]


def test_points_and_tasks_have_their_bounds(make: Made) -> None:
    """Ten points, two to five tasks."""

    def one_task(written: str) -> str:
        written = written.split("      - id: one-product")[0]
        return written.replace("    points: 10\n    minutes", "    points: 4\n    minutes")

    def one_less(notebook: NotebookNode) -> None:
        notebook.cells = [*notebook.cells[:9], *notebook.cells[-3:]]
        cell(notebook, "alternative").metadata["afterwards"] = "one-sum-answer"

    assert said(make(one_task, one_less)) == [
        ("points", "course.yml: `adding` is worth 4 points; every assignment is worth 10."),
        ("tasks", "course.yml: `adding` has 1 tasks; it should have 2 to 5."),
    ]


@pytest.mark.parametrize(
    ("spoil", "rule", "sentence"),
    [
        (
            lambda notebook: cell(notebook, "one-sum-answer").metadata.nbgrader.update(grade_id="sum-answer"),
            "order",
            f"{SOURCE}: the graded cells are `sum-answer`, `one-sum`, `one-product-answer`, `one-product`; "
            "they should be `one-sum-answer`, `one-sum`, `one-product-answer`, `one-product`, each answer "
            "right before its check.",
        ),
        (
            text_of("task-2-en", "## Task 2: one product (5 points)"),
            "headings",
            f"{SOURCE}: the headings in `en` give the tasks' numbers, names and points as `1: one sum (4)`, "
            "`2: one product (5)`; they should be `1: one sum (4)`, `2: one product (6)`, because a card "
            "shows the same title.",
        ),
        (
            text_of("task-2-en", "## Task 2: what is it? (6 points)"),
            "headings",
            f"{SOURCE}: the headings in `en` give the tasks' numbers, names and points as `1: one sum (4)`, "
            "`2: what is it? (6)`; they should be `1: one sum (4)`, `2: one product (6)`, because a card "
            "shows the same title.",
        ),
        (
            text_of("task-2-ko", "## 과제 3: 곱 하나 (6점)"),
            "headings",
            f"{SOURCE}: the headings in `ko` give the tasks' numbers, names and points as `1: 합 하나 (4)`, "
            "`3: 곱 하나 (6)`; they should be `1: 합 하나 (4)`, `2: 곱 하나 (6)`, because a card "
            "shows the same title.",
        ),
        (
            text_of("one-sum-answer", "total = 2"),
            "stub",
            f"{SOURCE}, cell `one-sum-answer`: line 1: `### BEGIN SOLUTION` should be here.",
        ),
        (
            text_of("one-sum-answer", solved("total = 1 + 1", "total = 1  +  1")),
            "stub",
            f"{SOURCE}, cell `one-sum-answer`: the starter code is the solution; it should leave something "
            "to do.",
        ),
        (
            text_of("one-sum-answer", solved("total = 1 + 1", "total = ...")),
            "stub",
            f"{SOURCE}, cell `one-sum-answer`: the starter code has a placeholder, `...`; it should be code "
            "that somebody might write.",
        ),
        (
            text_of("one-sum-answer", solved("total = 1 + 1", "total = 1 +")),
            "stub",
            f"{SOURCE}, cell `one-sum-answer`: the starter code is not valid Python; "
            "it should be code that can be run (line 1: invalid syntax).",
        ),
        (
            text_of("intro-ko", "# 더하기\n\n- `sum`이 하는 일."),
            "languages",
            f"{SOURCE}, cell `intro-ko`: list items: 1; it should be as in `intro-en`: 0.",
        ),
        (
            text_of("intro-ko", "# 더하기\n\n`total`이 하는 일."),
            "languages",
            f"{SOURCE}, cell `intro-ko`: names in code: `total`; it should be as in `intro-en`: `sum`.",
        ),
        (
            lambda notebook: cell(notebook, "intro-ko").update(id="introduction-ko"),
            "languages",
            f"{SOURCE}, cell `intro-en`: the text is missing in at least one language of the course.",
        ),
        (
            lambda notebook: cell(notebook, "intro-ko").update(id="intro-kor"),
            "languages",
            f"{SOURCE}, cell `intro-en`: the text is missing in at least one language of the course.",
        ),
        (
            lambda notebook: notebook.update(cells=notebook.cells[:-3]),
            "afterwards",
            f"{SOURCE}: there is nothing to show after full marks; there should be a text in each language "
            "and an alternative solution (`afterwards`).",
        ),
        (
            text_of("alternative", "product = (total * 3)  # the same"),
            "afterwards",
            f"{SOURCE}, cell `alternative`: the alternative is the solution of `one-product-answer`; it "
            "should be written differently.",
        ),
        (
            text_of("alternative", "product = sum([total] *"),
            "afterwards",
            f"{SOURCE}, cell `alternative`: the alternative is not valid Python; it should be code that can "
            "be run (line 1: '(' was never closed).",
        ),
        (
            plot("axes.legend()\naxes.set(xlabel='epoch')"),
            "languages",
            f"{SOURCE}, cell `plot`: the labels of this plot are the same in every language; make it one "
            "cell for each language, `plot-en`, `plot-ko`, with `lang` in the metadata.",
        ),
        (
            plot("axes.set_title('Loss')", "axes.set_title('손실')", ids=("plot-en", "figure-ko")),
            "languages",
            f"{SOURCE}, cell `plot-en`: code in several languages should be the cells `plot-en`, `plot-ko`, "
            "each with its language in `lang`.",
        ),
        (
            plot("axes.plot(x[:10], label='loss')", "axes.plot(x[:20], label='손실')"),
            "languages",
            f"{SOURCE}, cell `plot-ko`: the code does something else than `plot-en`; only texts and "
            "comments may differ.",
        ),
        (
            text_of("afterwards-en", "Because $1 + 1 = 2$."),
            "afterwards",
            f"{SOURCE}, cell `afterwards-en`: the formula `$1 + 1 = 2$` would be shown as plain text; "
            "reports cannot show formulas.",
        ),
        (
            lambda notebook: notebook.cells.pop(3),
            "source",
            f"{SOURCE}: from cell `intro-en` on, the languages have different numbers of text cells (en: 2, "
            "ko: 1).",
        ),
        (
            lambda notebook: cell(notebook, "one-sum").metadata.nbgrader.update(points=5),
            "source",
            f"{SOURCE}: the grade cell `one-sum` is worth 5 points, and course.yml says 4.",
        ),
    ],
)
def test_a_fault_of_a_source_notebook_is_found(make: Made, spoil: Spoil, rule: str, sentence: str) -> None:
    course = make(source=spoil, release=False)

    assert (rule, sentence) in said(course)
    assert {found for found, _ in said(course)} == {rule}


def test_an_id_of_two_assignments_is_found(make: Made) -> None:
    """nbgrader's database knows cells by their id."""
    course = make()
    adding = course.assignments[0]
    other = adding.model_copy(update={"id": "taking"})
    source = read_source(course, adding)

    found = [render(one.said, "en") for one in id_findings(course, [(adding, source), (other, source)])]

    assert found[0] == (
        "solutions/taking/taking.ipynb, cell `one-sum-answer`: the grade_id `one-sum-answer` is used in "
        "`adding`, too; it should be unique in the course."
    )
    assert len(found) == 4


@pytest.mark.parametrize(
    ("spoil", "rule", "sentence"),
    [
        (
            text_of("one-sum-answer", "total = 1 + 1"),
            "solution text",
            f"{ENGLISH}, cell `one-sum-answer`: the line `total = 1 + 1` is part of the solution; it "
            "should not be given out.",
        ),
        (
            lambda notebook: notebook.cells.append(text("why", "en", "```\nproduct = sum([total] * 3)\n```")),
            "solution text",
            f"{ENGLISH}, cell `why-en`: the line `product = sum([total] * 3)` is part of the solution; "
            "it should not be given out.",
        ),
        (
            text_of("one-sum-answer", "### BEGIN STUB\ntotal = 11"),
            "solution text",
            f"{ENGLISH}: `### BEGIN` is in what students get; it should not be.",
        ),
        (
            text_of("imports", "open('/home/author/total.txt')"),
            "absolute path",
            f"{ENGLISH}: the absolute path `/home/author/total.txt` is one of the author's machine; it "
            "should be relative.",
        ),
        (
            lambda notebook: cell(notebook, "imports").update(execution_count=3),
            "outputs",
            f"{ENGLISH}, cell `imports`: the cell has outputs; it should have none.",
        ),
        (
            lambda notebook: cell(notebook, "one-sum").metadata.update(editable=True),
            "locked",
            f"{ENGLISH}, cell `one-sum`: `editable` in its metadata should be false, so that it is kept as "
            "it is.",
        ),
        (
            lambda notebook: cell(notebook, "one-sum-answer").metadata.pop("deletable"),
            "locked",
            f"{ENGLISH}, cell `one-sum-answer`: `deletable` in its metadata should be false, so that it is "
            "kept as it is.",
        ),
        (
            lambda notebook: cell(notebook, "one-sum").metadata.nbgrader.update(locked=False),
            "locked",
            f"{ENGLISH}, cell `one-sum`: `locked` in its nbgrader metadata should be true.",
        ),
        (
            lambda notebook: cell(notebook, "one-sum").metadata.nbgrader.update(points=5),
            "points",
            f"{ENGLISH}, cell `one-sum`: the cell is worth 5 points, and course.yml says 4.",
        ),
        (
            text_of("intro-en", "# 더하기와 빼기"),
            "languages",
            f"{ENGLISH}, cell `intro-en`: “# 더하기와 빼기” is not in `en`.",
        ),
        (
            lambda notebook: notebook.cells.remove(cell(notebook, "picture-en")),
            "picture",
            f"{ENGLISH}: there are 0 pictures of the target; there should be one.",
        ),
        (
            text_of("picture-en", '<img alt="sum" width="90" src="data:image/png;base64,AAAA">'),
            "picture",
            f"{ENGLISH}, cell `picture-en`: the picture is described as “sum”; a reader who cannot "
            "see it needs more.",
        ),
    ],
)
def test_a_fault_of_a_release_is_found(make: Made, spoil: Spoil, rule: str, sentence: str) -> None:
    course = make()
    path = course.root / ENGLISH
    notebook = nbformat.read(path, as_version=4)
    spoil(notebook)
    nbformat.write(notebook, path)

    assert (rule, sentence) in said(course)
    assert {found for found, _ in said(course)} == {rule}


def test_a_release_that_is_no_notebook_is_found(make: Made) -> None:
    course = make()
    (course.root / ENGLISH).write_text("{", encoding="utf-8")

    ((rule, sentence),) = said(course)

    assert rule == "release"
    assert sentence.startswith(f"{ENGLISH}: this is not a notebook: ")


def test_a_release_out_of_step_is_found(make: Made, tmp_path: Path) -> None:
    """Missing, differing, left over: each with its file."""
    course = make()
    (tmp_path / "assignments/ko/adding/adding.ipynb").unlink()
    path = tmp_path / ENGLISH
    path.write_text(path.read_text(encoding="utf-8").replace("Adding", "Taking"), encoding="utf-8")
    old = tmp_path / "assignments/en/old/old.ipynb"
    old.parent.mkdir()
    old.write_text("{}", encoding="utf-8")

    assert [render(found.said, "en") for found in step_findings(course, course.assignments, draw)] == [
        f"{ENGLISH}: it is not what its source notebook makes; run `autograder release`.",
        "assignments/ko/adding/adding.ipynb: it is missing; run `autograder release`.",
        "assignments/en/old/old.ipynb: it belongs to no assignment of course.yml; delete it.",
    ]


def test_a_file_of_the_graders_that_nothing_reads_is_found(make: Made, tmp_path: Path) -> None:
    """A hyphen for an underscore, another ending, an assignment that is gone; helpers are left in peace."""
    course = make()
    (assignment,) = course.assignments
    hyphen = assignment.model_copy(update={"id": "adding-up"})
    course = course.model_copy(update={"assignments": [assignment, hyphen]})
    for name in (
        "pinned/adding-up.yml", "pinned/adding.yaml", "training/old.py", "hidden/test_old.py",
        "hidden/helpers.py", "training/notes.txt",
    ):  # fmt: skip
        path = course.pinned(assignment).parents[1] / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("", encoding="utf-8")

    assert [(found.file, render(found.said, "en")) for found in unread_findings(course)] == [
        (file, f"{file}: {said}")
        for file, said in (
            ("graders/hidden/test_old.py", NOBODYS),
            ("graders/training/old.py", NOBODYS),
            (
                "graders/pinned/adding-up.yml",
                "nothing reads it: the file of `adding-up` has to be called `adding_up.yml`.",
            ),
            (
                "graders/pinned/adding.yaml",
                "nothing reads it: the file of `adding` has to be called `adding.yml`.",
            ),
        )
    ]


def test_what_cannot_be_drawn_is_found(make: Made) -> None:
    """A picture of no task stops the release, and the linter says why."""
    course = make(source=text_of("picture-en", "![A sum of two numbers](target:two-sums)"), release=False)

    found = [render(one.said, "en") for one in step_findings(course, course.assignments, draw)]

    assert found == [
        f"{SOURCE}: cell `picture-en` shows the target of `two-sums`, but there is no such task here."
    ]
