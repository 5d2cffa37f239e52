"""The Korean catalogues are complete, the engine's and the course's, and in step with the source."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from autograder.messages import extract
from autograder.messages.catalogue import catalogue_of, read_catalogue, translations
from autograder.messages.particles import PARTICLES
from autograder.messages.rendering import GAP
from autograder.messages.sentences import UnextractableError

GRADERS = Path(__file__).parents[2] / "graders"
COURSES = GRADERS / "messages" / "ko.po"


@pytest.fixture(params=["engine", "course"])
def korean(request: pytest.FixtureRequest) -> Mapping[str, str]:
    """The translations of a catalogue."""
    return translations("ko") if request.param == "engine" else read_catalogue(COURSES)


@pytest.mark.parametrize("whose", ["engine", "course"])
def test_every_sentence_has_a_translation_and_no_other_is_there(whose: str) -> None:
    """What the source says and what the catalogue has are the same set; no entry is fuzzy or empty."""
    wanted = extract.sentences() if whose == "engine" else extract.grader_sentences(GRADERS)
    found = translations("ko") if whose == "engine" else read_catalogue(COURSES)

    assert sorted(wanted - found.keys()) == []
    assert sorted(found.keys() - wanted) == []


@pytest.mark.parametrize(
    ("path", "what"), [(catalogue_of("ko"), "Beyond Sequential"), (COURSES, "this course")]
)
def test_the_file_is_as_the_tool_writes_it(path: Path, what: str) -> None:
    """`make catalogue` would change nothing: sorted, no dates, no obsolete entries."""
    assert extract.written(extract.read(path), what, "ko") == path.read_text(encoding="utf-8")
    assert "#~" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["msgid", 'msgid "a"\n"b', "\x00"])
def test_what_is_no_catalogue_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "ko.po").write_text(text, encoding="utf-8")

    with pytest.raises(ValueError, match=r"."):
        read_catalogue(tmp_path / "ko.po")


def names(sentence: str) -> set[str]:
    """The names of a sentence's gaps; a lone particle is no gap of its own."""
    return {gap["name"] for gap in GAP.finditer(sentence) if gap["name"]}


def particles(sentence: str) -> set[str]:
    """The particles of a sentence's gaps."""
    return {gap["particle"] for gap in GAP.finditer(sentence) if gap["particle"]}


def test_translations_have_the_gaps_of_their_sentence(korean: Mapping[str, str]) -> None:
    """The same names, each with no particle or a known one."""
    wrong = {
        sentence: translation
        for sentence, translation in korean.items()
        if names(sentence) != names(translation) or particles(translation) - PARTICLES.keys()
    }

    assert wrong == {}


def test_translations_are_korean(korean: Mapping[str, str]) -> None:
    """Each holds Hangul, and is a sentence where the English is one."""
    wrong = [
        sentence
        for sentence, translation in korean.items()
        if not re.search("[가-힣]", translation)
        or (sentence.endswith(".") and not translation.endswith((".", "?", "}")))
        or (not sentence.endswith((".", "?")) and translation.endswith("."))
        or translation != translation.strip()
    ]

    assert wrong == []


def test_code_in_a_sentence_stays_code(korean: Mapping[str, str]) -> None:
    """What stands in backticks stands there in both languages."""
    code = re.compile("`[^`]+`")
    wrong = {
        sentence: translation
        for sentence, translation in korean.items()
        if set(code.findall(sentence)) - set(code.findall(translation))
    }

    assert wrong == {}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A small package with a sentence of every kind."""
    (tmp_path / "feedback" / "templates").mkdir(parents=True)
    (tmp_path / "code.py").write_text(
        'message("Outer {x}.", x=message("inner" " part"))\nmessage("One." if y else "Two.")\n'
        'message("{a} × {b}")\n'
        'def f():\n    """No title here."""\n',
        encoding="utf-8",
    )
    (tmp_path / "feedback" / "templates" / "a.html.j2").write_text(
        '<p>{{ say("Said.") }}</p>', encoding="utf-8"
    )
    return tmp_path


def test_sentences_are_found_wherever_they_are_said(package: Path) -> None:
    """Calls, nested calls, both arms of a choice, templates; not what holds no words."""
    assert extract.sentences(package) == {"Outer {x}.", "inner part", "One.", "Two.", "Said."}


def test_the_titles_of_checks_are_said_too(tmp_path: Path) -> None:
    """Of public and hidden ones, the first paragraph of their docstrings."""
    for part in ("public", "hidden"):
        (tmp_path / part).mkdir()
        (tmp_path / part / "test_a.py").write_text(
            f'def test_one():\n    """A {part} title\n    on two lines.\n\n    Not this."""\n'
            '    message("A hint.")\n'
            'def helper():\n    """Not this either."""\n',
            encoding="utf-8",
        )

    assert extract.grader_sentences(tmp_path) == {
        "A public title on two lines.",
        "A hidden title on two lines.",
        "A hint.",
    }


def test_a_sentence_must_be_written_out(tmp_path: Path) -> None:
    """A sentence made while running could have no translation: the tool says where it is."""
    (tmp_path / "code.py").write_text("message(f'No {way}')", encoding="utf-8")

    with pytest.raises(UnextractableError, match=r"code\.py:1: write the sentence out"):
        extract.sentences(tmp_path)


def test_merging_fills_gaps_and_keeps_what_is_there(tmp_path: Path) -> None:
    """A fragment's translation is taken where there is none; what nobody says any more goes."""
    old, fragment = tmp_path / "old.po", tmp_path / "fragment.po"
    old.write_text(
        'msgid "A"\nmsgstr "가"\n\nmsgid "Gone"\nmsgstr "옛말"\n\nmsgid "B"\nmsgstr ""\n', encoding="utf-8"
    )
    fragment.write_text('msgid "A"\nmsgstr "나"\n\nmsgid "B"\nmsgstr "다"\n', encoding="utf-8")

    merged = extract.updated({"A", "B", "C"}, [extract.read(old), extract.read(fragment)])

    assert {entry.id: entry.string for entry in merged if entry.id} == {"A": "가", "B": "다", "C": ""}


def test_the_tool_brings_a_catalogue_in_step(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--missing` prints what wants translating, `--merge` takes it, `--check` says when all is well."""
    (tmp_path / "public").mkdir()
    (tmp_path / "public" / "test_a.py").write_text('message("A {x}.")\n', encoding="utf-8")
    catalogue, fragment = tmp_path / "messages" / "ko.po", tmp_path / "fragment.po"
    graders = ["--graders", str(tmp_path)]

    assert extract.main([*graders, "--missing"]) == 0
    printed, said = capsys.readouterr()
    assert printed.endswith('msgid "A {x}."\nmsgstr ""\n')
    assert said == f"{catalogue}: 1 sentences, 1 without a translation.\n"
    assert extract.main([*graders, "--check"]) == 1
    fragment.write_text('msgid "A {x}."\nmsgstr "가 {x}."\n', encoding="utf-8")
    assert extract.main([*graders, "--merge", str(fragment)]) == 0
    fragment.write_text('msgid "A {x}."\nmsgstr "나 {x}."\n', encoding="utf-8")
    assert extract.main([*graders, "--merge", str(fragment)]) == 0
    assert 'msgstr "가 {x}."' in catalogue.read_text(encoding="utf-8")
    assert extract.main([*graders, "--merge", str(fragment), "--replace"]) == 0
    assert 'msgstr "나 {x}."' in catalogue.read_text(encoding="utf-8")
    assert extract.main([*graders, "--check"]) == 0
    assert capsys.readouterr().err.endswith(f"{catalogue} is in step.\n")
