"""Korean for the sentences that the builders make up, and goldens that are written by hand only."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.messages.catalogue import translations

GOLDENS = Path(__file__).with_name("goldens")

MADE_UP = {
    "All four branches reach the join at the same height and width.": (
        "네 개의 가지가 같은 높이와 너비로 만납니다."
    ),
    "The join has 512 channels.": "합친 결과의 채널은 512개입니다.",
    "The branches are concatenated, not added.": "가지들을 더하지 않고 이어 붙입니다.",
    "The module works at sizes it has not seen.": "처음 보는 크기에서도 모듈이 작동합니다.",
    "{layer} does not halve the image, so the branches cannot be joined.": (
        "{layer:은/는} 이미지를 절반으로 줄이지 않아 가지들을 합칠 수 없습니다."
    ),
    "`{layer}`, the second call of its branch": "`{layer}`, 가지의 두 번째 호출",
    "Compare `strides` and `padding` along the four branches.": (
        "가지마다 `strides`와 `padding`을 비교해 보세요."
    ),
    "{notebook} is not a notebook: it is not JSON. Hand it in again.": (
        "{notebook:은/는} 노트북이 아닙니다. JSON 형식이 아니니 다시 제출하세요."
    ),
    "The run ended in cell {cell}.": "{cell}번 셀에서 실행이 끝났습니다.",
    "Cell {cell} was given twice.": "{cell}번 셀이 두 번 있습니다.",
    "no user namespaces on this machine": "이 컴퓨터에는 사용자 네임스페이스가 없습니다",
}


@pytest.fixture(autouse=True)
def _made_up_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    both = {**translations("ko"), **MADE_UP}
    monkeypatch.setattr("autograder.messages.rendering.translations", lambda _language: both)


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compares a text with a golden file; `WRITE_GOLDENS=1` writes the file instead, and fails the test."""

    def compare(name: str, found: str) -> None:
        path = GOLDENS / name
        if os.environ.get("WRITE_GOLDENS") == "1" and "CI" not in os.environ:
            path.write_text(found, encoding="utf-8")
            pytest.fail(f"wrote {path.name}: look at it, then run again without WRITE_GOLDENS")
        wanted = path.read_text(encoding="utf-8")
        difference = "".join(
            difflib.unified_diff(
                wanted.splitlines(keepends=True), found.splitlines(keepends=True), f"goldens/{name}", "found"
            )
        )
        assert difference == "", f"differs from the golden:\n{difference}"

    return compare
