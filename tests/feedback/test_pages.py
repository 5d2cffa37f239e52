"""The index and the pages that it leads to: valid, readable by ear, and proof against their contents."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from autograder.feedback import (
    ClassList,
    Entry,
    GivenScores,
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
from autograder.messages import LANGUAGES, Language, Message, render
from tests.feedback import builders
from tests.feedback.markup import Page, dangers, parsed

Golden = Callable[[str, str], None]

MANY = 4

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


def page_of(report: Report, language: Language = "en") -> Page:
    """A submission's own page."""
    return parsed("".join(submission_page(report, language)))


def index_of(output: Path) -> Page:
    """The index in that folder."""
    return parsed((output / "index.html").read_text(encoding="utf-8"))


def bare(page: str) -> str:
    """A page without what is held elsewhere: how a picture is drawn, and how it all looks."""
    page = re.sub(r"<svg id=.*?</svg>", "<svg>…</svg>", page, flags=re.DOTALL)
    return re.sub(r"<style>.*?</style>", "<style>…</style>", page, flags=re.DOTALL)


def skeleton(page: Page) -> list[str]:
    """A page's elements, without code and what is inside pictures, where long words take more lines."""
    return [e.name for e in page.elements if e.name != "code" and "svg" not in e.within]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_index_is_the_golden_one(tmp_path: Path, language: Language, golden: Golden) -> None:
    """The whole page, in each language."""
    write_pages(classroom(tmp_path, everybody()), tmp_path, language, title="Class 7")

    golden(f"index.{language}.html", bare((tmp_path / "index.html").read_text(encoding="utf-8")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_submissions_pages_are_the_golden_ones(language: Language, golden: Golden) -> None:
    """From the first heading on; what is above is the same on every page."""
    pages = ["".join(submission_page(report, language)) for report in everybody()]

    golden(f"pages.{language}.html", "\n".join(bare(page[page.index("<h1>") :]) for page in pages))


@pytest.mark.parametrize("language", LANGUAGES)
def test_index_and_pages_are_well_formed(tmp_path: Path, language: Language) -> None:
    """Every element is closed, every id is there once, every reference has its target."""
    write_pages(classroom(tmp_path, everybody()), tmp_path, language)

    for page in (index_of(tmp_path), *(page_of(report, language) for report in everybody())):
        ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
        targets = [element.attributes["href"] for element in page.named("a")]
        assert page.slips == []
        assert sorted(ids) == sorted(set(ids))
        assert [one for one in targets if one.startswith("#") and one[1:] not in ids] == []
        assert [one for one in targets if one[0] != "#" and not (tmp_path / unquote(one)).is_file()] == []
        assert dangers(page) == []


def test_the_index_leads_to_the_page_of_the_class_where_there_is_one(tmp_path: Path) -> None:
    write_pages(classroom(tmp_path, [builders.report()]), tmp_path, "en", class_page="class.html")
    page = parsed((tmp_path / "index.html").read_text(encoding="utf-8"))

    assert [e.text for e in page.named("a") if e.attributes["href"] == "class.html"] == [
        "What the class has not understood yet"
    ]


@pytest.fixture(scope="module")
def index_and_pages(tmp_path_factory: pytest.TempPathFactory) -> list[Page]:
    """The index of a class, and a page of everybody in it."""
    output = tmp_path_factory.mktemp("pages")
    write_pages(classroom(output, everybody()), output, "ko")
    return [index_of(output), *(page_of(report, "ko") for report in everybody())]


def test_a_page_can_be_read_by_ear(index_and_pages: list[Page]) -> None:
    """One main heading, no level left out, landmarks, header cells with their scope, a language, a title."""
    for page in index_and_pages:
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


def test_a_verdict_is_a_word_beside_its_mark() -> None:
    """Colour alone says nothing."""
    elements = [element for report in everybody() for element in page_of(report).elements]
    words = {element.text for element in elements if element.attributes.get("class") == "bs-word"}
    assert words == {"passed", "failed", "skipped", "grader error"}


def test_the_first_failure_is_opened_and_no_other() -> None:
    """The reader's eye falls on one thing."""
    two = builders.task([builders.check("a"), builders.check("b", "failed"), builders.check("c", "failed")])

    page = page_of(builders.report("kim", [two]))
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

    for page, plain in (
        (index_of(hostile), index_of(calm)),
        (page_of(builders.hostile(attack), language), page_of(builders.hostile("calm"), language)),
    ):
        assert page.slips == []
        assert dangers(page) == []
        assert skeleton(plain) == skeleton(page)


def test_every_page_forbids_scripts_and_fetching(index_and_pages: list[Page]) -> None:
    """Should anything slip through after all, the browser is told not to run it."""
    policies = {
        element.attributes["content"]
        for page in index_and_pages
        for element in page.named("meta")
        if "http-equiv" in element.attributes
    }
    assert [*policies] == [
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    ]


def test_a_submission_s_page_can_be_handed_out(tmp_path: Path) -> None:
    """The index leads to it; it leads nowhere, and names nobody else."""
    names = ["st 1 %&", "kim", "lee"]
    for name in names:
        write_report(builders.report(name), report_path(tmp_path, name, "inception"))
    write_pages(report_paths(tmp_path), tmp_path, "en")

    index = index_of(tmp_path)
    links = [element.attributes["href"] for element in index.named("a") if "tbody" in element.within]
    assert links == [f"feedback/{name}/inception.html" for name in ("kim", "lee", "st%201%20%25%26")]
    assert index.named("article") == []
    text = (tmp_path / "feedback" / "kim" / "inception.html").read_text(encoding="utf-8")
    assert [element.attributes["href"] for element in parsed(text).named("a")] == ["#content"]
    assert "index.html" not in text
    assert "lee" not in text


def test_a_submission_s_page_is_in_the_language_of_its_notebook(tmp_path: Path) -> None:
    """Where the notebook names none, in the index's."""
    reports = [builders.report(name, language=said) for name, said in (("a", "ko"), ("b", "en"), ("c", None))]
    for report in reports:
        write_report(report, report_path(tmp_path, report.student, "inception"))
    write_pages(report_paths(tmp_path), tmp_path, "en")

    pages = {
        page.parent.name: page.read_text(encoding="utf-8") for page in tmp_path.glob("feedback/*/*.html")
    }
    assert {name: parsed(page).named("html")[0].attributes["lang"] for name, page in pages.items()} == {
        "a": "ko",
        "b": "en",
        "c": "en",
    }
    assert "고장 난 인셉션 가지 고치기" in pages["a"]
    assert index_of(tmp_path).named("html")[0].attributes["lang"] == "en"


def test_names_of_the_roster_stand_before_the_ids(tmp_path: Path) -> None:
    """Rows go by name, assignments by the course's order; another name makes the page anew."""
    names = {"s1": "Young, Ara", "s2": "Ahn, Yuna", "s3": "Ahn, Yuna"}
    for student in names:
        for assignment in ("a", "z"):
            report = builders.report(
                student, assignment=assignment, assignment_title={"en": f"Title {assignment}"}
            )
            write_report(report, report_path(tmp_path, student, assignment))
    class_list = ClassList(lambda student: names[student], ["z", "a"])
    lines = write_pages(report_paths(tmp_path), tmp_path, "en", class_list=class_list)

    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    rows = re.findall(r'<a href="feedback/(..)/(.)\.html">(.*?)</a> <span class="bs-id">(..)</span>', page)
    assert rows == [
        (student, assignment, names[student], student)
        for student in ("s2", "s3", "s1")
        for assignment in ("z", "a")
    ]
    assert re.findall(r'<th scope="row">(Title .)</th>', page) == ["Title z", "Title a"]
    own = tmp_path / "feedback" / "s2" / "a.html"
    assert "Ahn, Yuna · s2 · 2 / 2 points" in own.read_text(encoding="utf-8")
    write_pages(lines, tmp_path, "en", class_list=ClassList(lambda _student: "Ahn, Yuri"))
    assert "Ahn, Yuri · s2" in own.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "attack", ["</th><script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "x" * 9000]
)
def test_no_name_of_a_roster_becomes_markup(tmp_path: Path, attack: str) -> None:
    """And none is longer than a table can bear."""
    pages = []
    for name in ("calm", attack):
        output = tmp_path / str(len(pages))
        write_report(builders.report("kim"), report_path(output, "kim", "inception"))
        write_pages(
            report_paths(output), output, "en", class_list=ClassList(lambda _student, name=name: name)
        )
        text = (output / "feedback" / "kim" / "inception.html").read_text(encoding="utf-8")
        assert "x" * 100 not in text
        pages.append((index_of(output), parsed(text)))
    for calm, hostile in zip(*pages, strict=True):
        assert hostile.slips == []
        assert dangers(hostile) == []
        assert skeleton(calm) == skeleton(hostile)


def test_a_score_by_hand_is_what_index_and_page_show(tmp_path: Path) -> None:
    """And the page is made anew when it is given."""
    path = report_path(tmp_path, "lee", "inception")
    write_report(builders.failing(), path)
    own = tmp_path / "feedback" / "lee" / "inception.html"
    lines = write_pages([path], tmp_path, "en")
    assert "changed the score" not in own.read_text(encoding="utf-8")

    given = GivenScores("lee", "inception", 3.5, 5, {"module": 3.5, "sizes": 0}, ("module",))
    (summary,) = write_pages(lines, tmp_path, "en", given={("lee", "inception"): given})
    page = own.read_text(encoding="utf-8")

    assert summary.score == 3.5
    assert '<td class="bs-number">3.5 / 5</td>' in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "lee · 3.5 / 5 points" in page
    assert re.findall(r'class="bs-score">([^<]*)<', page) == ["3.5 / 4 points", "0 / 1 points"]
    assert page.count("to 3.5 / 4 points. The checks gave 1 / 4 points.") == 1


def test_a_page_is_written_again_only_where_something_has_changed(tmp_path: Path) -> None:
    """Another report, another language, or no page any more."""
    reports = [builders.report(f"s{number:03}") for number in range(6)]
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
    """Some reports; the first is of `s0`."""
    for number in range(MANY):
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

    assert len(summaries) == MANY
    (said,) = [render(each, "en") for each in told]
    assert said.startswith(
        f"s0, inception: the page {tmp_path / 'feedback' / 's0' / 'inception.html'} cannot"
    )
    assert len(list(tmp_path.glob("feedback/*/*.html"))) == MANY - 1 + (make is a_folder)
    assert not list(tmp_path.glob("elsewhere/*"))


def test_a_report_that_cannot_be_shown_costs_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = pages._report_view

    def fail(report: Report, *rest: Any) -> dict[str, Any]:
        if report.student == "s0":
            raise RecursionError
        return view(report, *rest)

    monkeypatch.setattr(pages, "_report_view", fail)
    told: list[Message] = []

    write_pages(many(tmp_path), tmp_path, "en", tell=told.append)

    assert [render(said, "en").split(":")[0] for said in told] == ["s0, inception"]
    assert "RecursionError" in render(told[0], "en")


def test_a_report_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    paths = many(tmp_path)[:2]
    paths[0].write_text("{")
    told: list[Message] = []

    summaries = write_pages(paths, tmp_path, "en", tell=told.append)

    assert [summary.student for summary in summaries] == ["s1"]
    assert str(paths[0]) in render(told[0], "en")
