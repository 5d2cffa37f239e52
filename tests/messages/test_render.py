"""Messages in words."""

import math
import os
import unicodedata
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.messages import (
    LANGUAGES,
    AutograderError,
    Language,
    Message,
    format_number,
    message,
    render,
    verbatim,
)
from autograder.messages.cleaning import VALUE_LIMIT, clean, clean_lines, name_in_text

KOREAN = MappingProxyType(
    {
        "{layer} gives {shape}.": "{layer:은/는} {shape:을/를} 냅니다.",
        "the layer {name}": "{name} 층",
        "Odd {x}.": "이상한 {x:무엇}.",
        "The cell `{x}`.": "셀 `{x}`{:이/가} {} {:는/은}",
    }
)


@pytest.fixture(autouse=True)
def _catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.messages.rendering.translations", lambda _language: KOREAN)


def test_english_is_the_sentence_itself() -> None:
    """Gaps are filled by name."""
    said = render(message("{layer} gives {shape}.", layer="conv", shape="(None, 14)"), "en")

    assert said == "conv gives (None, 14)."


def test_korean_is_looked_up_and_takes_its_particles() -> None:
    """The translation's particles follow what the gaps were filled with."""
    said = render(message("{layer} gives {shape}.", layer="Add", shape=14), "ko")

    assert said == "Add는 14를 냅니다."


def test_a_nested_message_is_said_in_the_same_language() -> None:
    """The particle is chosen by the nested message's translation, not by its English."""
    nested = message("{layer} gives {shape}.", layer=message("the layer {name}", name="a"), shape="x")

    assert render(nested, "ko") == "a 층은 x를 냅니다."
    assert render(nested, "en") == "the layer a gives x."


def test_a_sentence_without_translation_stays_english() -> None:
    """Something is better than nothing."""
    assert render(message("No such entry."), "ko") == "No such entry."


def test_a_gap_without_a_value_stays_visible() -> None:
    """A slip of an author is seen, and does no harm."""
    assert render(message("{layer} gives {shape}.", layer="a"), "en") == "a gives {shape}."


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("typed", ["boom {text}", "{text}", "{name}", "{:이/가}", "{text:을/를}", "{{text}}"])
def test_what_somebody_typed_is_never_a_gap(typed: str, language: Language) -> None:
    """The text of an exception may hold anything, at whatever depth it is said."""
    error = Message(text="{name}: {text}", values={"name": "ValueError", "text": typed})

    assert render(error, language) == f"ValueError: {typed}"
    assert render(verbatim(typed), language) == typed
    assert (
        render(message("({text})", text=message("({text})", text=error)), language)
        == f"((ValueError: {typed}))"
    )
    assert str(AutograderError(typed)) == str(AutograderError(verbatim(typed))) == typed


def test_an_unknown_particle_leaves_the_gap_visible() -> None:
    """So does a slip of a translator."""
    assert render(message("Odd {x}.", x="a"), "ko") == "이상한 {x:무엇}."


def test_a_lone_particle_follows_what_stands_before_it() -> None:
    """A gap in backticks has its particle outside them; other empty braces stay."""
    assert render(message("The cell `{x}`.", x="층"), "ko") == "셀 `층`이 {} {:는/은}"
    assert render(message("The cell `{x}`.", x="갈래"), "ko") == "셀 `갈래`가 {} {:는/은}"


@pytest.mark.parametrize(
    "text", ["{x.__class__}", "{x[0]}", "{0}", "{}", "{x!r}", "{x:>9999999}", '{"age": 0.25}', "{{x}}"]
)
def test_only_plain_names_are_gaps(text: str) -> None:
    """No attributes, no items, no formats: other braces stand for themselves."""
    expected = "{1}" if text == "{{x}}" else text

    assert render(message(text, x=1), "en") == expected


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("two\r\nlines\tand more", "two lines and more"),
        ("a\u202eb\u200bc", "abc"),
        ("\u1112\u1161\u11ab", "한"),
        ("a\x00b\x07c", "abc"),
        ("\ue000", "\ufffd"),
    ],
)
def test_a_value_is_cleaned(value: str, shown: str) -> None:
    """Escapes, controls, hidden and reordering characters do not pass; decomposed Hangul is composed."""
    assert render(message("{x}", x=value), "en") == shown


def test_a_long_value_is_cut() -> None:
    """A value of megabytes costs no more than its beginning."""
    said = render(verbatim("x" * 10_000_000), "en")

    assert said == "x" * (VALUE_LIMIT - 1) + "…"


def test_deep_nesting_ends() -> None:
    """A message nested beyond reason is cut, not followed."""
    nested = message("end")
    for _number in range(100):
        nested = Message(text="({x})", values={"x": nested})

    assert render(nested, "en") == "(((((((((…)))))))))"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (3466, "3,466"),
        (20_861_480, "20,861,480"),
        (-5, "-5"),
        (1.0, "1"),
        (0.25, "0.25"),
        (1 / 3, "0.333333"),
        (12345.678, "12,345.7"),
        (1e-7, "1e-07"),
        (math.nan, "NaN"),
        (-math.inf, "-∞"),
        (10**400, "∞"),
    ],
)
def test_numbers_read_alike_in_both_languages(value: float, shown: str) -> None:
    """Thousands are parted, needless zeros dropped."""
    assert format_number(value) == shown


def test_a_number_that_json_cannot_say_survives_it() -> None:
    """NaN and infinity come back from a report as they went."""
    said = message("{a} {b}", a=math.nan, b=math.inf)

    assert Message.model_validate_json(said.model_dump_json()) == said
    assert render(said, "en") == "NaN ∞"


VALUES = st.one_of(
    st.text(), st.integers(), st.floats(), st.builds(lambda x: message("the layer {name}", name=x), st.text())
)


@given(
    st.one_of(st.sampled_from(sorted(KOREAN)), st.text()),
    st.dictionaries(st.sampled_from(["layer", "shape", "name", "x"]), VALUES),
    st.sampled_from(LANGUAGES),
)
def test_anything_can_be_rendered(text: str, values: dict[str, object], language: Language) -> None:
    """No text and no value raises, and nothing that a terminal would obey comes out."""
    said = render(Message(text=text, values=values), language)  # type: ignore[arg-type]

    assert [c for c in said if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")] == []


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_cleaning_keeps_to_its_limit_and_is_done_once(text: str, limit: int) -> None:
    """What is clean stays as it is."""
    cleaned = clean(text, limit)

    assert len(cleaned) <= limit
    assert clean(cleaned, limit) == cleaned


def test_code_keeps_its_lines_and_indentation() -> None:
    """Tracebacks stay readable; their number of lines is capped."""
    assert clean_lines("def f():\n\treturn \x1b[1m1\x1b[0m\r\nf()", 100, 5) == "def f():\n    return 1\nf()"
    assert clean_lines("a\nb\nc", 100, 2) == "a\nb\n…"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("kim", "kim"),
        ("김하늘 (1)", "김하늘 (1)"),
        ("DOMAIN\\kim", "DOMAIN\\kim"),
        ("kim\nlee", "kim%0Alee"),
        ("\udcb1\udce8", "%B1%E8"),
        ("kim\u202e", "kim%E2%80%AE"),
        ("\ud800", "%ED%A0%80"),
        ("क\u200dष", "क\u200dष"),
    ],
    ids=ascii,
)
def test_the_name_of_a_file_as_text(name: str, text: str) -> None:
    """Bytes that are no text, and what nobody would see, are written out; what scripts need is not."""
    assert name_in_text(name) == text


@given(st.binary(min_size=1, max_size=255), st.binary(min_size=1, max_size=255))
def test_every_name_of_a_file_can_be_written_as_the_name_of_a_file(one: bytes, other: bytes) -> None:
    """Names that differ stay different, unless one of them has a percent sign already."""
    first, second = (name_in_text(os.fsdecode(name.replace(b"%", b"-"))) for name in (one, other))

    assert len(first.encode()) <= 255
    assert (first == second) == (one.replace(b"%", b"-") == other.replace(b"%", b"-"))
