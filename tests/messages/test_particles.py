"""Particles follow the sound a word ends in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.messages.particles import PARTICLES, final_sound, with_particle


@pytest.mark.parametrize(
    ("word", "topic", "towards"),
    [
        ("층", "층은", "층으로"),
        ("모델", "모델은", "모델로"),
        ("갈래", "갈래는", "갈래로"),
        ("Add", "Add는", "Add로"),
        ("Concatenate", "Concatenate는", "Concatenate로"),
        ("Dense", "Dense는", "Dense로"),
        ("LSTM", "LSTM은", "LSTM으로"),
        ("GRU", "GRU는", "GRU로"),
        ("MaxPooling2D", "MaxPooling2D는", "MaxPooling2D로"),
        ("Flatten", "Flatten은", "Flatten으로"),
        ("Dropout", "Dropout은", "Dropout으로"),
        ("Embedding", "Embedding은", "Embedding으로"),
        ("sequential", "sequential은", "sequential로"),
        ("module", "module은", "module로"),
        ("layer", "layer는", "layer로"),
        ("None", "None은", "None으로"),
        ("block", "block은", "block으로"),
        ("branch_a", "branch_a는", "branch_a로"),
        ("branch_n", "branch_n은", "branch_n으로"),
        ("conv2d_3", "conv2d_3은", "conv2d_3으로"),
    ],
)
def test_the_form_follows_the_korean_reading(word: str, topic: str, towards: str) -> None:
    """Batchim decides for Hangul, the Korean reading for Latin words, acronyms and letters; ㄹ takes 로."""
    assert with_particle(word, "은/는") == topic
    assert with_particle(word, "으로/로") == towards


@pytest.mark.parametrize(
    ("number", "subject"),
    [
        ("0", "0이"),
        ("1", "1이"),
        ("2", "2가"),
        ("3", "3이"),
        ("4", "4가"),
        ("5", "5가"),
        ("6", "6이"),
        ("7", "7이"),
        ("8", "8이"),
        ("9", "9가"),
        ("14", "14가"),
        ("10", "10이"),
        ("512", "512가"),
        ("3,466", "3,466이"),
        ("10,000", "10,000이"),
        ("20,861,480", "20,861,480이"),
        ("1,000,000,000,000", "1,000,000,000,000가"),
        ("0.25", "0.25가"),
        ("0.50", "0.50이"),
        ("30%", "30%가"),
    ],
)
def test_numbers_are_read_as_korean_reads_them(number: str, subject: str) -> None:
    """Digits by their names; round numbers by 십, 백, 천, 만, 억 and 조; decimals digit by digit."""
    assert with_particle(number, "이/가") == subject


@pytest.mark.parametrize(
    ("word", "object_"),
    [
        ("`relu`", "`relu`를"),
        ("(None, 14, 14, 512)", "(None, 14, 14, 512)를"),
        ("'층'", "'층'을"),
        ("“모델”", "“모델”을"),
        ("[28, 28, 3]", "[28, 28, 3]을"),
    ],
)
def test_closing_marks_are_not_heard(word: str, object_: str) -> None:
    """Brackets, quotes and backticks stay, and what stands before them decides."""
    assert with_particle(word, "을/를") == object_


@pytest.mark.parametrize(
    ("particle", "both"),
    [("은/는", "你好은(는)"), ("와/과", "你好과(와)"), ("으로/로", "你好(으)로"), ("이나/나", "你好(이)나")],
)
def test_an_unknown_sound_gets_both_forms(particle: str, both: str) -> None:
    """Where the reading is unknown, both forms are written."""
    assert with_particle("你好", particle) == both


@pytest.mark.parametrize("spoken", ["과/와", "와/과"])
def test_and_may_be_written_either_way_round(spoken: str) -> None:
    """Authors need not remember which form stands first."""
    assert with_particle("층", spoken) == "층과"
    assert with_particle("갈래", spoken) == "갈래와"


def test_an_unknown_particle_is_an_error() -> None:
    """A catalogue's slip is not guessed at."""
    with pytest.raises(KeyError):
        with_particle("층", "은/은")


@given(st.text(), st.sampled_from(sorted(PARTICLES)))
def test_any_text_takes_any_particle(word: str, particle: str) -> None:
    """The chooser never fails, and never changes the word."""
    chosen = with_particle(word, particle)

    assert chosen.startswith(word)
    assert len(chosen) > len(word)


@given(st.characters(min_codepoint=ord("가"), max_codepoint=ord("힣")))
def test_every_syllable_has_a_sound(syllable: str) -> None:
    """Every precomposed syllable ends in a vowel, ㄹ or another consonant."""
    assert final_sound(syllable) in ("vowel", "rieul", "consonant")
