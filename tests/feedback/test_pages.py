"""The class page: complete, valid, readable with a keyboard and by ear, and proof against its contents."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from autograder.feedback import (
    Entry,
    Ledger,
    Report,
    pages,
    read_report,
    report_path,
    report_paths,
    submission_page,
    write_pages,
    write_report,
)
from autograder.feedback.pages import INLINE_LIMIT
from autograder.messages import LANGUAGES, Language, Message, render
from tests.feedback import builders
from tests.feedback.markup import Page, dangers, parsed

Golden = Callable[[str, str], None]

ATTACKS = [
    "<script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</title><svg onload=alert(1)>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "[a](javascript:alert(1))",
    "<svg/onload=alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "`<b onclick=alert(1)>`",
    "{{ 7 * 7 }}{% raw %}",
    "<!--",
    "]]><script>alert(1)</script>",
    "<details open ontoggle=alert(1)>",
    "\u202e<script\u200b>",
]


def classroom(output: Path, reports: list[Report]) -> list[Path]:
    """Those reports as files under an output folder."""
    for number, report in enumerate(reports):
        write_report(report, output / "reports" / f"s{number}" / "a.json")
    return report_paths(output)


def everybody() -> list[Report]:
    """A submission of every kind."""
    return [
        builders.report("김하늘", afterwards=builders.AFTERWARDS),
        builders.failing(),
        builders.unreadable(),
        builders.stopped(),
        builders.report("Kim, Jr"),
        builders.report("jung", [], outcome="broken", max_score=5.0, cells=[]),
    ]


def skeleton(page: Page) -> list[str]:
    """A page's elements, without code and what is inside pictures, where long words take more lines."""
    return [e.name for e in page.elements if e.name != "code" and "svg" not in e.within]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_index_is_the_golden_one(tmp_path: Path, language: Language, golden: Golden) -> None:
    """The whole page, in each language."""
    write_pages(classroom(tmp_path, everybody()), tmp_path, language, title="Class 7")

    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    # How a picture is drawn, and how it all looks, is held elsewhere.
    page = re.sub(r"<svg id=.*?</svg>", "<svg>…</svg>", page, flags=re.DOTALL)
    page = re.sub(r"<style>.*?</style>", "<style>…</style>", page, flags=re.DOTALL)
    golden(f"index.{language}.html", page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_index_is_well_formed(tmp_path: Path, language: Language) -> None:
    """Every element is closed, every id is there once, every reference has its target."""
    write_pages(classroom(tmp_path, everybody()), tmp_path, language)

    page = parsed((tmp_path / "index.html").read_text(encoding="utf-8"))
    ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
    targets = [element.attributes["href"][1:] for element in page.named("a")]
    assert page.slips == []
    assert sorted(ids) == sorted(set(ids))
    assert [target for target in targets if target not in ids] == []
    assert dangers(page) == []


def test_the_index_leads_to_the_page_of_the_class_where_there_is_one(tmp_path: Path) -> None:
    write_pages(classroom(tmp_path, [builders.report()]), tmp_path, "en", class_page="class.html")
    page = parsed((tmp_path / "index.html").read_text(encoding="utf-8"))

    assert [e.text for e in page.named("a") if e.attributes["href"] == "class.html"] == [
        "What the class has not understood yet"
    ]


def test_the_index_can_be_read_by_ear(tmp_path: Path) -> None:
    """One main heading, no level left out, landmarks, header cells with their scope, a language, a title."""
    write_pages(classroom(tmp_path, everybody()), tmp_path, "ko")

    page = parsed((tmp_path / "index.html").read_text(encoding="utf-8"))
    levels = [int(element.name[1]) for element in page.named("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert [(a, b) for a, b in pairwise(levels) if b > a + 1] == []
    assert [len(page.named(name)) for name in ("main", "footer", "h1")] == [1, 1, 1]
    assert len([title for title in page.named("title") if "svg" not in title.within]) == 1
    assert [e for e in page.named("th") if e.attributes.get("scope") not in ("col", "row")] == []
    assert page.named("html")[0].attributes["lang"] == "ko"
    assert [
        e for e in page.named("svg") if "aria-hidden" not in e.attributes and "role" not in e.attributes
    ] == []


def test_a_verdict_is_a_word_beside_its_mark(tmp_path: Path) -> None:
    """Colour alone says nothing."""
    write_pages(classroom(tmp_path, everybody()), tmp_path, "en")

    page = parsed((tmp_path / "index.html").read_text(encoding="utf-8"))
    words = {element.text for element in page.elements if element.attributes.get("class") == "bs-word"}
    assert words == {"passed", "failed", "skipped", "grader error"}


def test_the_first_failure_is_opened_and_no_other() -> None:
    """The reader's eye falls on one thing."""
    two = builders.task([builders.check("a"), builders.check("b", "failed"), builders.check("c", "failed")])

    page = parsed("".join(submission_page(builders.report("kim", [two]), "en")))
    opened = [
        "open" in element.attributes for element in page.named("details") if "article" in element.within
    ]
    assert opened == [True, False]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_a_learner_becomes_markup(tmp_path: Path, attack: str, language: Language) -> None:
    """Names, errors, titles, tracebacks: wherever an attack stands, it is text."""
    calm, hostile = tmp_path / "calm", tmp_path / "hostile"
    write_pages(classroom(calm, [builders.hostile("calm")]), calm, language)
    write_pages(classroom(hostile, [builders.hostile(attack)]), hostile, language)

    page = parsed((hostile / "index.html").read_text(encoding="utf-8"))
    plain = parsed((calm / "index.html").read_text(encoding="utf-8"))
    assert page.slips == []
    assert dangers(page) == []
    assert skeleton(plain) == skeleton(page)


def test_the_page_forbids_scripts_and_fetching(tmp_path: Path) -> None:
    """Should anything slip through after all, the browser is told not to run it."""
    write_pages(classroom(tmp_path, everybody()), tmp_path, "en")

    page = parsed((tmp_path / "index.html").read_text(encoding="utf-8"))
    policies = [e.attributes["content"] for e in page.named("meta") if "http-equiv" in e.attributes]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"]


def test_a_large_class_gets_a_page_for_each_submission(tmp_path: Path) -> None:
    """Beyond the limit the index stays small and leads to pages, whose way back leads to it."""
    names = [f"st {number} %&" for number in range(INLINE_LIMIT + 1)]
    for name in names:
        write_report(builders.report(name), report_path(tmp_path, name, "inception"))
    write_pages(report_paths(tmp_path), tmp_path, "en")

    index = parsed((tmp_path / "index.html").read_text(encoding="utf-8"))
    links = [element.attributes["href"] for element in index.named("a") if "tbody" in element.within]
    assert len(links) == INLINE_LIMIT + 1
    assert links[0] == "feedback/st%200%20%25%26/inception.html"
    assert index.named("article") == []
    page = parsed((tmp_path / "feedback" / "st 0 %&" / "inception.html").read_text(encoding="utf-8"))
    back = page.named("a")[1].attributes["href"]
    assert (tmp_path / "feedback" / "st 0 %&" / back).resolve() == (tmp_path / "index.html").resolve()
    assert page.slips == []
    assert dangers(page) == []


def test_a_page_is_written_again_only_where_something_has_changed(tmp_path: Path) -> None:
    """Another report, another language, or no page any more."""
    reports = [builders.report(f"s{number:03}") for number in range(INLINE_LIMIT + 1)]
    paths = []
    for report in reports:
        paths.append(report_path(tmp_path, report.student, report.assignment))
        write_report(report, paths[-1])

    def pages() -> dict[str, int]:
        return {page.parent.name: page.stat().st_mtime_ns for page in tmp_path.glob("feedback/*/*.html")}

    first = write_pages(paths, tmp_path, "en")
    before = pages()
    with Ledger(tmp_path) as ledger:
        ledger.note(Entry("k", summary) for summary in first)
    write_report(reports[3].model_copy(update={"score": 0.0}), paths[3])
    next(tmp_path.glob("feedback/s004/*.html")).unlink()

    again = write_pages(paths, tmp_path, "en")
    changed = {student for student, written in pages().items() if written != before[student]}
    assert changed == {"s003", "s004"}
    assert [one.score for one in again] == [0.0 if one.student == "s003" else one.score for one in first]

    write_pages(paths, tmp_path, "ko")
    assert all(written != before[student] for student, written in pages().items())


def test_order_is_by_student_and_assignment(tmp_path: Path) -> None:
    """Whatever order the files come in, the page is the same."""
    paths = classroom(tmp_path, everybody())
    write_pages(paths, tmp_path / "a", "en")
    write_pages(list(reversed(paths)), tmp_path / "b", "en")

    first = (tmp_path / "a" / "index.html").read_text(encoding="utf-8")
    assert first == (tmp_path / "b" / "index.html").read_text(encoding="utf-8")


def test_a_damaged_report_costs_itself(tmp_path: Path) -> None:
    """The others are shown."""
    paths = classroom(tmp_path, [builders.report(), builders.failing()])
    paths[0].write_text("{", encoding="utf-8")

    summaries = write_pages(paths, tmp_path, "en")

    assert [summary.student for summary in summaries] == ["lee"]


def test_an_empty_class_has_a_page(tmp_path: Path) -> None:
    """It says that nothing is there."""
    assert write_pages([], tmp_path, "en") == []
    assert "There are no submissions here yet." in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_a_report_survives_its_page(tmp_path: Path) -> None:
    """Rendering reads a report and nothing else."""
    path = classroom(tmp_path, [builders.failing()])[0]
    before = read_report(path)
    write_pages([path], tmp_path, "ko")

    assert read_report(path) == before


def many(output: Path) -> list[Path]:
    """So many reports that each has a page of its own; the first is of `s0`."""
    for number in range(INLINE_LIMIT + 1):
        write_report(builders.report(f"s{number}"), report_path(output, f"s{number}", "inception"))
    return report_paths(output)


def a_folder(page: Path) -> None:
    page.mkdir(parents=True)


def a_link_to_elsewhere(page: Path) -> None:
    (page.parents[2] / "elsewhere").mkdir()
    page.parent.parent.mkdir()
    page.parent.symlink_to(page.parents[2] / "elsewhere")


@pytest.mark.parametrize("make", [a_folder, a_link_to_elsewhere])
def test_a_page_that_cannot_be_written_costs_no_other(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """What is in the way is named, and nothing is written through a link."""
    make(tmp_path / "feedback" / "s0" / "inception.html")
    told: list[Message] = []

    summaries = write_pages(many(tmp_path), tmp_path, "en", tell=told.append)

    assert len(summaries) == INLINE_LIMIT + 1
    (said,) = [render(each, "en") for each in told]
    assert said.startswith(
        f"s0, inception: the page {tmp_path / 'feedback' / 's0' / 'inception.html'} cannot"
    )
    assert len(list(tmp_path.glob("feedback/*/*.html"))) == INLINE_LIMIT + (make is a_folder)
    assert not list(tmp_path.glob("elsewhere/*"))


@pytest.mark.parametrize("inline", [True, False])
def test_a_report_that_cannot_be_shown_costs_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inline: bool
) -> None:
    view = pages._report_view

    def fail(report: Report, *rest: Any) -> dict[str, Any]:
        if report.student == "s0":
            raise RecursionError
        return view(report, *rest)

    monkeypatch.setattr(pages, "_report_view", fail)
    told: list[Message] = []

    write_pages(many(tmp_path)[: 3 if inline else None], tmp_path, "en", tell=told.append)

    assert [render(said, "en").split(":")[0] for said in told] == ["s0, inception"]
    assert "RecursionError" in render(told[0], "en")


def test_a_report_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    paths = many(tmp_path)[:2]
    paths[0].write_text("{")
    told: list[Message] = []

    summaries = write_pages(paths, tmp_path, "en", tell=told.append)

    assert [summary.student for summary in summaries] == ["s1"]
    assert str(paths[0]) in render(told[0], "en")
