"""The learner's page: the same ways in both languages, and of each block whether it was tried."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder.course import load_course

ROOT = Path(__file__).parents[1]
PAGES = {
    "en": (ROOT / "docs" / "learner.md").read_text(encoding="utf-8"),
    "ko": (ROOT / "docs" / "learner.ko.md").read_text(encoding="utf-8"),
}
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EACH = pytest.mark.parametrize("language", PAGES)


def blocks(language: str) -> list[tuple[str, str]]:
    """The kind and the lines of each block; the language is in the names of files and folders alone."""
    return [
        (
            kind,
            text.replace(f"sequential-{language}", "sequential-xx").replace(
                f"assignments/{language}", "assignments/xx"
            ),
        )
        for kind, text in BLOCK.findall(PAGES[language])
    ]


def test_both_languages_have_the_same_commands() -> None:
    assert blocks("en") == blocks("ko")
    assert len(re.findall("^## ", PAGES["en"], re.MULTILINE)) == len(
        re.findall("^## ", PAGES["ko"], re.MULTILINE)
    )


@EACH
def test_each_block_says_whether_it_was_tried(language: str) -> None:
    """Where, or else why not."""
    marked = re.findall(r"^<!-- (?:tried|untried): \S.+ -->\n```", PAGES[language], re.MULTILINE)

    assert len(marked) == len(blocks(language)) > 4


@EACH
def test_what_it_names_is_there(language: str) -> None:
    """The wheel of this version, what `make dist` and the Makefile make, and the commands."""
    version = re.search(
        r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert version is not None
    wheels = set(re.findall(r"beyond_sequential-\S+?\.whl", PAGES[language]))
    made = set(re.findall(r"(?:`|^)make ([a-z-]+)", PAGES[language], re.MULTILINE))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    course = load_course(ROOT / "course.yml")

    assert wheels == {f"beyond_sequential-{version[1]}-py3-none-any.whl"}
    assert {name for name in made if f"\n{name}:" not in makefile} == set()
    assert set(re.findall(r"beyond-sequential-(\w+)", PAGES[language])) <= set(course.languages)
