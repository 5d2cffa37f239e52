"""The documentation's site has every page, in both languages, and needs nothing from elsewhere."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from types import ModuleType

import pytest

from tests import warm
from tests.vocabulary import module_at, vocabulary

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
# What is written for whoever reads the documentation; the rest belongs to a folder that it describes.
PAGES = [
    path.relative_to(ROOT).as_posix()
    for path in (*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *ROOT.glob("benchmarks/*.md"))
]


@pytest.fixture(scope="module")
def builder() -> ModuleType:
    """`deploy/docs.py`, which is in no package."""
    return module_at(ROOT / "deploy" / "docs.py")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both sites, built as `make docs` does; a warning is an error."""
    output = tmp_path_factory.mktemp("site")
    # The pages of the API import Keras: here it has been imported before.
    done = warm.run(["-m", "deploy.docs", output])
    assert done.returncode == 0, done.stdout + done.stderr
    return output


@pytest.mark.slow
@pytest.mark.parametrize(("language", "start"), [("en", "README"), ("ko", "README.ko")])
def test_every_page_is_one_step_from_the_start(
    site: Path, builder: ModuleType, language: str, start: str
) -> None:
    """The English site has what is English; the Korean one what is Korean, and English pages for the rest."""
    korean = {page for page in PAGES if page.endswith(".ko.md")}
    left_out = {page.replace(".ko.md", ".md") for page in korean} if language == "ko" else korean
    notebooks = [path.relative_to(ROOT) for path in ROOT.glob(f"assignments/{language}/*/*.ipynb")]
    wanted = {*map(Path, set(PAGES) - left_out), *notebooks}

    links = builder.Page(site / language / f"{start}.html").links

    assert {page.with_suffix(".html").as_posix() for page in wanted} - {f"{start}.html"} <= set(links)
    assert len(notebooks) == 10


@pytest.mark.slow
def test_an_assignment_is_what_students_get_with_its_picture(site: Path) -> None:
    page = (site / "ko/assignments/ko/inception/inception.html").read_text(encoding="utf-8")

    assert "find_spec" not in page
    assert "inception_module" in page
    assert re.search(r'<img [^>]*alt="[^"]*[가-힣][^>]* src="data:image/png;base64,', page)
    assert "<math" in page


@pytest.mark.slow
def test_a_page_in_english_alone_says_so_in_the_korean_site(site: Path) -> None:
    said = "이 페이지는 영어로만 있다"

    assert said in (site / "ko/docs/glossary.html").read_text(encoding="utf-8")
    assert said not in (site / "ko/docs/learner.ko.html").read_text(encoding="utf-8")
    assert said not in (site / "en/docs/glossary.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_korean_words_are_found_without_their_particles(site: Path) -> None:
    text = (site / "ko/searchindex.js").read_text(encoding="utf-8")
    index = json.loads(text.removeprefix("Search.setIndex(").removesuffix(")"))

    assert {"함수", "함수를", "지름길"} <= set(index["terms"])
    assert "glossary" in index["titleterms"]
    assert "splitQuery" in (site / "ko/_static/language_data.js").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_graders_vocabulary_is_described_from_its_docstrings(site: Path) -> None:
    """Each name of the tables, which lead there."""
    page = (site / "en/docs/vocabulary.html").read_text(encoding="utf-8")

    for entry in (one for entries in vocabulary().SECTIONS.values() for one in entries):
        assert f'id="{entry.path}"' in page
        assert re.search(rf'<td><p><a [^>]*href="#{re.escape(entry.path)}"', page), entry.written


def test_the_tables_of_the_vocabulary_are_those_of_the_docstrings() -> None:
    """Who changes a docstring, an argument or an expectation runs `python deploy/vocabulary.py`."""
    page = vocabulary().PAGE.read_text(encoding="utf-8")

    assert vocabulary().with_tables(page) == page


def test_the_example_on_the_vocabularys_page_is_that_of_a_docstring() -> None:
    """Which runs with the tests (tests/test_doctests.py)."""
    page = vocabulary().PAGE.read_text(encoding="utf-8")
    example = re.search(r"```python\n(>>> .*?)\n```", page, re.DOTALL)
    (entry,) = (one for one in vocabulary().SECTIONS["numbers"] if one.written == "is_at_least")

    assert example is not None
    assert inspect.getdoc(entry.thing).endswith(example[1])


def test_what_is_loaded_from_elsewhere_or_leads_nowhere_is_a_fault(
    builder: ModuleType, tmp_path: Path
) -> None:
    """Also what a style sheet loads; a link to elsewhere loads nothing."""
    (tmp_path / "one.html").write_text(
        '<link href="one.css"><script src="https://cdn.example/a.js"></script><a href="https://example.org">a</a>'
        '<p id="here"><a href="#here">b</a><a href="two.html#gone">c</a><a href="none.html">d</a></p>'
    )
    (tmp_path / "two.html").write_text("<p>two</p>")
    (tmp_path / "one.css").write_text('@import url("//fonts.example/a.css"); a { background: url(one.png) }')

    assert builder.faults_of(tmp_path) == [
        "one.html loads https://cdn.example/a.js",
        "one.html leads to two.html#gone, which is not there",
        "one.html leads to none.html, which is not there",
        "one.css loads //fonts.example/a.css",
    ]


def test_the_index_has_the_same_pages_in_both_languages() -> None:
    """And the Korean one says of each page whether it is in English alone."""
    item = r"^- \[.+?\]\((.+?)\)( \(영어\))?:"
    english, korean = (
        re.findall(item, (DOCS / name).read_text(encoding="utf-8"), re.MULTILINE)
        for name in ("README.md", "README.ko.md")
    )

    for (page, _), (counterpart, only_english) in zip(english, korean, strict=True):
        in_korean = page.replace("assignments/en", "assignments/ko")
        if (DOCS / page).with_suffix(".ko.md").exists():
            in_korean = page.replace(".md", ".ko.md")
        assert counterpart == in_korean
        assert bool(only_english) == (in_korean == page)


def test_every_decision_is_in_the_list_of_decisions() -> None:
    """In its order, each by its number and its heading."""
    listed = re.findall(
        r"^- \[(.+)\]\((\S+)\)$", (DOCS / "decisions" / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )

    assert listed == [
        (f"{path.name[:4]}: {path.read_text(encoding='utf-8').splitlines()[0].removeprefix('# ')}", path.name)
        for path in sorted((DOCS / "decisions").glob("0*.md"))
    ]
