"""What `nbgrader generate_feedback` gives back to a learner."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.messages import Language
from tests.gradebook.courses import ROOT, formgrader, grade, hand_in, nbgrader, url_of

pytestmark = pytest.mark.slow

HOSTILE = """
from IPython.display import HTML, SVG, display
display(HTML("<script>alert(1)</script><b>bold</b>"))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(2)</script></svg>"))
print("<img src=x onerror=alert(3)>")
"""


def page_of(course: Path, student: str) -> Path:
    return course / "feedback" / student / "inception" / "inception.html"


@pytest.fixture(scope="module")
def returned(generated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course whose class has feedback: in either language, changed by hand, and with hostile outputs."""
    course = tmp_path_factory.mktemp("feedback") / "course"
    shutil.copytree(generated, course)
    hand_in(course, "jung-haeun", "inception")
    english = hand_in(course, "jung-haeun", "inception", as_student="english")
    notebook = nbformat.read(english, as_version=4)
    notebook.metadata["autograder"]["language"] = "en"
    answer = next(
        c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == "branch-sizes-answer"
    )
    answer.source += HOSTILE
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell("**mine** <script>alert(4)</script>"))
    nbformat.write(notebook, english)
    hand_in(course, "kim-seoyeon", "inception")
    done = grade(course, "--output", course / "out")
    assert done.returncode == 0, done.stderr
    with Gradebook(url_of(course)) as gradebook:
        gradebook.find_grade("inception-module", "inception", "inception", "jung-haeun").manual_score = 4
        comment = gradebook.find_comment("inception-module-answer", "inception", "inception", "jung-haeun")
        comment.manual_comment = "Look at *branch c* again."
        gradebook.find_submission("inception", "jung-haeun").notebooks[0].late_submission_penalty = 0.5
        gradebook.db.commit()
    done = nbgrader(course, "generate_feedback", "inception")
    assert done.returncode == 0, done.stderr
    return course


@pytest.fixture(scope="module")
def pages(returned: Path) -> Callable[[str], str]:
    """The feedback pages by student."""
    return lambda student: page_of(returned, student).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("student", "language", "says"),
    [("english", "en", "The output has the wrong shape"), ("jung-haeun", "ko", "출력의 크기가")],
)
def test_the_card_is_there_in_the_notebooks_language(
    pages, student: str, language: Language, says: str
) -> None:
    page = pages(student)

    assert f'<html lang="{language}">' in page
    assert page.count('class="bs-card"') == 3
    assert "(None, 14, 14, 448)" in page
    assert "<svg" in page


@pytest.mark.parametrize("student", ["english", "jung-haeun", "kim-seoyeon"])
def test_the_page_fetches_nothing_and_runs_nothing(pages, student: str) -> None:
    page = pages(student)

    assert "<script" not in page
    assert "default-src 'none'" in page
    assert (
        re.findall(
            r"(?:src|href)=[\"'](?!data:image/|#)[^\"']*", re.sub(r'<a [^>]*href="https?://', "<a ", page)
        )
        == []
    )
    assert re.search(r"@import|url\(\s*['\"]?http", page) is None


def test_what_a_learner_made_is_shown_and_does_nothing(pages) -> None:
    page = pages("english")

    assert "<b>bold</b>" in page
    assert "<strong>mine</strong>" in page
    assert "<img src=x" not in page.replace("&lt;", "")
    assert "&lt;img src=x onerror=alert(3)&gt;" in page


@pytest.mark.parametrize("student", ["english", "jung-haeun", "kim-seoyeon"])
def test_no_line_of_a_hidden_check_is_in_it(pages, student: str) -> None:
    page = pages(student)
    source = (ROOT / "graders/hidden/test_inception.py").read_text(encoding="utf-8")

    lines = [line.strip() for line in source.splitlines() if len(line.strip()) > 25 and '"""' not in line]
    assert lines
    assert [line for line in lines if line in page] == []
    for name in re.findall(r"def (test_\w+)", source):
        assert name not in page


def test_the_scores_are_the_gradebooks_and_what_a_person_changed_is_said(pages) -> None:
    page = pages("jung-haeun")

    # 2 + 4 + 3 by hand and by the grader, less half a point for being late.
    assert "8.5 / 10점" in page
    head = page.split('<p class="bs-remark bs-given">')[1].split("</p>")[0]
    assert page.count("bs-remark bs-given") == 1
    assert head == "교수자가 이 과제의 점수를 4 / 5점으로 바꾸었습니다. 검사로 받은 점수는 3 / 5점입니다."
    assert "4 / 5점</p></header>" in page
    assert "3 / 5점</p></header>" not in page
    assert "Look at <em>branch c</em> again." in page
    assert "늦게 제출함" in page


def test_full_marks_bring_why_it_works(pages) -> None:
    assert "다른 풀이" in pages("kim-seoyeon")
    assert "다른 풀이" not in pages("jung-haeun")


def test_a_page_shows_what_the_gradebook_has_or_is_named_and_made_anew(
    returned: Path, tmp_path: Path
) -> None:
    """After another grading, which says whose scores have changed, and after a score by hand.

    Nothing else is released, and what is as it should be is not made again.
    """
    course = shutil.copytree(returned, tmp_path / "course")
    (tmp_path / "exchange").mkdir()
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc = get_config()\nc.Exchange.root = {str(tmp_path / 'exchange')!r}\n")
    hand_in(course, "kim-seoyeon", "inception", as_student="english")

    done = grade(course, "--output", course / "out")
    with Gradebook(url_of(course)) as gradebook:
        gradebook.find_grade("inception-network", "inception", "inception", "jung-haeun").manual_score = 1
        gradebook.db.commit()
    (held_back,) = formgrader(course, "release", "inception")
    made = nbgrader(course, "generate_feedback", "inception")

    assert "Scores that changed" in done.stdout
    assert ",english,inception,inception-module,3,5,5,yes," in (course / "out/changes.csv").read_text()
    # One has handed in other work; another's penalty for being late has gone with the grading.
    assert "Feedback pages of `inception` that show an earlier grading: 2." in done.stderr
    assert "`nbgrader generate_feedback inception`, then `nbgrader release_feedback inception`" in done.stderr
    assert (held_back["success"], held_back.keys()) == (False, {"success", "log"})
    for student in ("english", "jung-haeun"):
        said = f"[ERROR] {student}: the feedback page shows something else than the gradebook has now."
        assert said in held_back["log"]
    assert made.returncode == 0, made.stderr
    assert "10 / 10점" in page_of(course, "english").read_text(encoding="utf-8")
    assert "7 / 10점" in page_of(course, "jung-haeun").read_text(encoding="utf-8")
    made_before, kept = (page_of(place, "kim-seoyeon").stat().st_mtime_ns for place in (returned, course))
    assert made_before == kept
