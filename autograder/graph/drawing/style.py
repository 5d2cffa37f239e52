"""The look of a picture: its colours in light and dark themes, and the width of its text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

SANS = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'Noto Sans KR', 'Noto Sans CJK KR', sans-serif"
MONO = "ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', 'Noto Sans Mono CJK KR', monospace"

_LIGHT = {
    "paper": "#ffffff",
    "ink": "#1d2733",
    "soft": "#586473",
    "wire": "#7d8a98",
    "box": "#f5f7fa",
    "rim": "#b9c3cf",
    "merge": "#e6ecf4",
    "end": "#e9eaec",
    "wrong": "#b3261e",
    "on-wrong": "#ffffff",
}
_DARK = {
    "paper": "#15191e",
    "ink": "#e8edf3",
    "soft": "#a6b2bf",
    "wire": "#8793a0",
    "box": "#20262d",
    "rim": "#4b5763",
    "merge": "#2a3540",
    "end": "#2b2e33",
    "wrong": "#ff9384",
    "on-wrong": "#2a0d08",
}
# People with any kind of colour vision can tell them apart, on white and on black (after Okabe and Ito).
SHARED_LIGHT = ("#0068a8", "#00795a", "#a2467d", "#8a6100", "#4f5bd5", "#b04a00")
SHARED_DARK = ("#63b7f0", "#3fc79b", "#e79cc6", "#e3b341", "#a3abff", "#ff9d5c")

_SAID_DARK = "[data-jp-theme-light=false],.vscode-dark,.vscode-high-contrast,[theme=dark],[data-theme=dark]"
_SAID_LIGHT = "[data-jp-theme-light=true],[data-theme=light]"

_LINES = f"""\
.paper{{fill:var(--paper)}}
text{{fill:var(--ink);font-family:{SANS};font-size:12px}}
.title{{font-size:13px;font-weight:600}}
.name,.detail{{font-family:{MONO};font-size:11px}}
.detail,.shape,.where{{fill:var(--soft)}}
.shape{{font-size:11px}}
.code{{font-family:{MONO};font-size:11.5px;font-weight:600}}
.heading{{font-size:15px;font-weight:600}}
.box{{fill:var(--box);stroke:var(--rim);stroke-width:1.2}}
.merge .box{{fill:var(--merge)}}
.end .box{{fill:var(--end)}}
.ghost .box{{fill:none;stroke:var(--wrong);stroke-width:1.6;stroke-dasharray:3 4}}
.ghost text{{fill:var(--wrong)}}
.tint{{fill:var(--share);fill-opacity:.13;stroke:var(--share);stroke-width:1.8}}
.back{{fill:var(--paper);stroke:var(--share);stroke-width:1.2}}
.badge{{fill:var(--share);font-size:11px;font-weight:600}}
.differs{{fill:none;stroke:var(--wrong);stroke-width:2.6;stroke-dasharray:9 4}}
.wire{{fill:none;stroke:var(--wire);stroke-width:1.5}}
.head{{fill:var(--wire)}}
.wire.wrong{{stroke:var(--wrong);stroke-width:2.2}}
.wire.absent{{stroke:var(--wrong);stroke-width:1.8;stroke-dasharray:3 4}}
.head.wrong,.head.absent{{fill:var(--wrong)}}
.cross{{fill:none;stroke:var(--wrong);stroke-width:2.6}}
.mark{{fill:var(--wrong);stroke:var(--paper);stroke-width:1.5}}
.number{{fill:var(--on-wrong);font-size:11px;font-weight:700;text-anchor:middle}}
.middle text,text.middle{{text-anchor:middle}}""".splitlines()


def stylesheet(scope: str) -> str:
    """Return the picture's rules, which apply only to the element with that id.

    By itself and on our own pages, the picture follows the system's theme; in a card it follows the theme of
    the surrounding application, which JupyterLab, VS Code and Colab mark. A page's own switch overrides both.
    In print the picture is light.
    """
    rules = "".join(_rule(line, f"#{scope} ") for line in _LINES)

    def coloured(around: str, own: dict[str, str], shared: tuple[str, ...]) -> str:
        return f"{around}#{scope}{{{_variables(own)}}}" + "".join(
            f"{around}#{scope} .s{number}{{--share:{colour}}}" for number, colour in enumerate(shared)
        )

    def light(around: str) -> str:
        return coloured(around, _LIGHT, SHARED_LIGHT)

    def dark(around: str) -> str:
        return coloured(around, _DARK, SHARED_DARK)

    return (
        f"{light('')}{rules}@media screen and (prefers-color-scheme:dark){{{dark('')}}}{light('.bs-card ')}"
        f"@media screen and (prefers-color-scheme:dark){{{dark('.bs-page ')}}}"
        f"@media screen{{{dark(f':is({_SAID_DARK}) ')}}}{light(f':is({_SAID_LIGHT}) ')}"
    )


def plain_stylesheet(scope: str) -> str:
    """Return the rules in light colours and without variables, for SVG renderers with little CSS support."""
    rules = []
    for line in _LINES:
        if "var(--share)" in line:
            for number, colour in enumerate(SHARED_LIGHT):
                rules.append(_rule(line.replace("var(--share)", colour), f"#{scope} .s{number} "))
        else:
            rules.append(_rule(line, f"#{scope} "))
    return re.sub(r"var\(--([a-z-]+)\)", lambda match: _LIGHT[match[1]], "".join(rules))


def _rule(line: str, prefix: str) -> str:
    selectors, _, declarations = line.partition("{")
    return ",".join(prefix + selector for selector in selectors.split(",")) + "{" + declarations


def _variables(colours: dict[str, str]) -> str:
    return ";".join(f"--{name}:{colour}" for name, colour in colours.items())


def columns(text: str) -> int:
    """Return how many columns a text takes: two for each wide (CJK) character."""
    return len(text) if text.isascii() else sum(_columns(character) for character in text)


def width(text: str, size: float, mono: bool = False, bold: bool = False) -> float:
    """Estimate the width of a text in pixels, rather too wide than too narrow."""
    narrow = 0.615 if mono else 0.62 if bold else 0.55
    wide = columns(text) - len(text)
    return size * (narrow * (len(text) - wide) + 1.02 * wide)


def wrapped(text: str, limit: float, size: float, mono: bool = False) -> Iterator[str]:
    """Yield the lines of a text, broken at spaces and inside words that are too long for a line."""
    line = ""
    for word in text.split(" "):
        while width(word, size, mono) > limit:
            if line:
                yield line
                line = ""
            fits = next(
                end for end in range(len(word), 0, -1) if end == 1 or width(word[:end], size, mono) <= limit
            )
            yield word[:fits]
            word = word[fits:]
        longer = f"{line} {word}" if line else word
        if line and width(longer, size, mono) > limit:
            yield line
            line = word
        else:
            line = longer
    if line:
        yield line


def _columns(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
