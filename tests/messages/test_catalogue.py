"""The Korean catalogue is complete, and in step with the source."""

import re
from pathlib import Path

import pytest

from autograder.messages import extract
from autograder.messages.catalogue import CATALOGUE, korean
from autograder.messages.particles import PARTICLES
from autograder.messages.rendering import GAP


def test_every_sentence_has_a_translation_and_no_other_is_there() -> None:
    """What the source says and what the catalogue has are the same set; no entry is fuzzy or empty."""
    wanted = extract.sentences() | extract.sentences(hidden=True)

    assert sorted(wanted - korean().keys()) == []
    assert sorted(korean().keys() - wanted) == []


def test_the_file_is_as_the_tool_writes_it() -> None:
    """`make catalogue` would change nothing: sorted, no dates, no obsolete entries."""
    assert extract.written(extract.read(CATALOGUE)) == CATALOGUE.read_text(encoding="utf-8")
    assert "#~" not in CATALOGUE.read_text(encoding="utf-8")


def names(sentence: str) -> set[str]:
    """The names of a sentence's gaps; a lone particle is no gap of its own."""
    return {gap["name"] for gap in GAP.finditer(sentence) if gap["name"]}


def particles(sentence: str) -> set[str]:
    """The particles of a sentence's gaps."""
    return {gap["particle"] for gap in GAP.finditer(sentence) if gap["particle"]}


def test_translations_have_the_gaps_of_their_sentence() -> None:
    """The same names, each with no particle or a known one."""
    wrong = {
        sentence: translation
        for sentence, translation in korean().items()
        if names(sentence) != names(translation) or particles(translation) - PARTICLES.keys()
    }

    assert wrong == {}


def test_translations_are_korean() -> None:
    """Each holds Hangul, and is a sentence where the English is one."""
    wrong = [
        sentence
        for sentence, translation in korean().items()
        if not re.search("[가-힣]", translation)
        or (sentence.endswith(".") and not translation.endswith((".", "?", "}")))
        or (not sentence.endswith((".", "?")) and translation.endswith("."))
        or translation != translation.strip()
    ]

    assert wrong == []


def test_code_in_a_sentence_stays_code() -> None:
    """What stands in backticks stands there in both languages."""
    code = re.compile("`[^`]+`")
    wrong = {
        sentence: translation
        for sentence, translation in korean().items()
        if set(code.findall(sentence)) - set(code.findall(translation))
    }

    assert wrong == {}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A small package with a sentence of every kind."""
    (tmp_path / "hidden").mkdir()
    (tmp_path / "feedback" / "templates").mkdir(parents=True)
    (tmp_path / "hidden" / "test_a.py").write_text(
        'def test_one():\n    """A title\n    on two lines.\n\n    Not this."""\n    message("A hint.")\n'
        'def helper():\n    """Not this either."""\n',
        encoding="utf-8",
    )
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
    """Calls, nested calls, both arms of a choice, check titles, templates; not what holds no words."""
    assert extract.sentences(package, hidden=True) == {"A title on two lines.", "A hint."}
    assert extract.sentences(package) == {
        "Outer {x}.",
        "inner part",
        "One.",
        "Two.",
        "Said.",
    }


def test_a_sentence_must_be_written_out(tmp_path: Path) -> None:
    """A sentence made while running could have no translation: the tool says where it is."""
    (tmp_path / "code.py").write_text("message(f'No {way}')", encoding="utf-8")

    with pytest.raises(extract.UnextractableError, match=r"code\.py:1: write the sentence out"):
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


def test_the_tool_brings_a_catalogue_in_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--missing` prints what wants translating, `--merge` takes it, `--check` says when all is well."""
    catalogue, fragment = tmp_path / "ko.po", tmp_path / "fragment.po"
    monkeypatch.setattr(extract, "CATALOGUE", catalogue)
    monkeypatch.setattr(extract, "HIDDEN_CATALOGUE", tmp_path / "hidden.po")
    monkeypatch.setattr(extract, "sentences", lambda hidden=False: set() if hidden else {"A {x}."})

    assert extract.main(["--missing"]) == 0
    printed, said = capsys.readouterr()
    assert printed.endswith('msgid "A {x}."\nmsgstr ""\n')
    assert said == "1 sentences, 1 without a translation.\n"
    assert extract.main(["--check"]) == 1
    fragment.write_text('msgid "A {x}."\nmsgstr "가 {x}."\n', encoding="utf-8")
    assert extract.main(["--merge", str(fragment)]) == 0
    fragment.write_text('msgid "A {x}."\nmsgstr "나 {x}."\n', encoding="utf-8")
    assert extract.main(["--merge", str(fragment)]) == 0
    assert 'msgstr "가 {x}."' in catalogue.read_text(encoding="utf-8")
    assert extract.main(["--merge", str(fragment), "--replace"]) == 0
    assert 'msgstr "나 {x}."' in catalogue.read_text(encoding="utf-8")
    assert extract.main(["--check"]) == 0
    assert capsys.readouterr().err.endswith("The Korean catalogue is in step.\n")
