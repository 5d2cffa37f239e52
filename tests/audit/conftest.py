"""A small course that the linter has nothing to say of, to be spoiled in one place at a time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.course import Course, load_course
from autograder.course.release import release_files, write_release
from tests.course.conftest import FewLetters, answer, graded
from tests.warm import programs_are_warm  # noqa: F401

COURSE_YML = """\
version: 1
title: {en: Small, ko: 작은 과정}
languages: [en, ko]
rules:
  points: 10
  tasks: [2, 5]
  hints: 3
  afterwards: true
  headings: true
  picture: true
  no_placeholders: true
limits:
  cell_seconds: 2
assignments:
  - id: adding
    topic: 덧셈
    title: {en: Adding, ko: 더하기}
    points: 10
    minutes: 15
    tasks:
      - id: one-sum
        title: {en: One sum, ko: 합 하나}
        points: 4
        expects: value
        hints:
          - {en: Count., ko: 세어 보자.}
          - {en: Count again., ko: 다시 세어 보자.}
          - {en: Use fingers., ko: 손가락을 써 보자.}
      - id: one-product
        title: {en: One product, ko: 곱 하나}
        points: 6
        expects: value
        hints:
          - {en: Add., ko: 더해 보자.}
          - {en: Add again., ko: 또 더해 보자.}
          - {en: And again., ko: 한 번 더 더해 보자.}
"""

PUBLIC = '''\
from autograder.checks import Subject, expect, task


@task("one-sum", points=4)
def test_the_sum_is_right(one_sum: Subject) -> None:
    """The sum is right."""
    expect(one_sum).equals(2)
'''

HIDDEN = '''\
from autograder.checks import Subject, expect, task


@task("one-product", points=6)
def test_the_product_is_right(one_product: Subject) -> None:
    """The product is right."""
    expect(one_product).equals(6)
'''


KOREAN = """\
msgid "The sum is right."
msgstr "합이 맞습니다."

msgid "The product is right."
msgstr "곱이 맞습니다."
"""


def text(name: str, language: str, source: str, **metadata: object) -> NotebookNode:
    """A text cell in a language."""
    return new_markdown_cell(source, id=f"{name}-{language}", metadata={"lang": language, **metadata})


def solved(right: str, stub: str) -> str:
    """A solution cell's source."""
    return f"### BEGIN SOLUTION\n{right}\n### BEGIN STUB\n# {stub}\n### END STUB\n### END SOLUTION"


def source_notebook() -> NotebookNode:
    """A source notebook that the linter has nothing to say of."""
    return new_notebook(
        cells=[
            text("intro", "en", "# Adding\n\nWhat `sum` does."),
            text("intro", "ko", "# 더하기\n\n`sum`이 하는 일."),
            text("picture", "en", "![A sum of two numbers](target:one-sum)"),
            text("picture", "ko", "![두 수의 합을 나타낸 그림](target:one-sum)"),
            new_code_cell("from autograder import check, hint", id="imports"),
            text("task-1", "en", "## Task 1: one sum (4 points)"),
            text("task-1", "ko", "## 과제 1: 합 하나 (4점)"),
            answer("one-sum", solved("total = 1 + 1", "total = int('1' + '1')")),
            graded("one-sum", "total", 4),
            text("task-2", "en", "## Task 2: one product (6 points)"),
            text("task-2", "ko", "## 과제 2: 곱 하나 (6점)"),
            answer("one-product", solved("product = total * 3", "product = total ** 4")),
            graded("one-product", "product", 6),
            text("afterwards", "en", "Because.", afterwards=True),
            text("afterwards", "ko", "왜냐하면 그렇기 때문이다.", afterwards=True),
            new_code_cell(
                "product = sum([total] * 3)", id="alternative", metadata={"afterwards": "one-product-answer"}
            ),
        ],
        metadata={"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
    )


draw = FewLetters()


Made = Callable[..., Course]


@pytest.fixture
def make(tmp_path: Path) -> Made:
    """`make(registry, source)`: the small course, its two files spoiled by those."""

    def made(
        registry: Callable[[str], str] = lambda written: written,
        source: Callable[[NotebookNode], object] = lambda notebook: None,
        *,
        release: bool = True,
    ) -> Course:
        spoiled = registry(COURSE_YML)
        (tmp_path / "course.yml").write_text(spoiled, encoding="utf-8")
        if not (tmp_path / "graders").exists():
            written_graders(tmp_path)
        notebook = source_notebook()
        source(notebook)
        course = load_course(tmp_path / "course.yml")
        path = course.source(course.assignments[0])
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
        if release:
            write_release(course, lambda assignment: release_files(course, assignment, draw))
        return course

    return made


@pytest.fixture
def write_graders(tmp_path: Path) -> Callable[..., None]:
    """`write_graders(public, hidden)`: the small course's graders."""
    return partial(written_graders, tmp_path)


def written_graders(folder: Path, public: str = PUBLIC, hidden: str = HIDDEN) -> None:
    """Write the graders of the small course in a folder, and what they say in Korean."""
    for part, content in (("public", public), ("hidden", hidden)):
        path = folder / "graders" / part / "test_adding.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    catalogue = folder / "graders" / "messages" / "ko.po"
    catalogue.parent.mkdir(exist_ok=True)
    catalogue.write_text(KOREAN, encoding="utf-8")
