"""How a picture looks: its colours in the light and in the dark, and how wide its words are."""

from __future__ import annotations

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
# Told apart by eyes of every kind, on white and on black (after Okabe and Ito).
SHARED_LIGHT = ("#0068a8", "#00795a", "#a2467d", "#8a6100", "#4f5bd5", "#b04a00")
SHARED_DARK = ("#63b7f0", "#3fc79b", "#e79cc6", "#e3b341", "#a3abff", "#ff9d5c")

_RULES = """\
.paper{{fill:var(--paper)}}
text{{fill:var(--ink);font-family:{sans};font-size:12px}}
.title{{font-size:13px;font-weight:600}}
.name,.detail{{font-family:{mono};font-size:11px}}
.detail,.shape,.where{{fill:var(--soft)}}
.shape{{font-size:11px}}
.code{{font-family:{mono};font-size:11.5px;font-weight:600}}
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
.middle text,text.middle{{text-anchor:middle}}"""


def stylesheet(scope: str) -> str:
    """The picture's rules, holding for the element with that id and nothing else on the page."""
    shared = "".join(f"#{scope} .s{number}{{--share:{light}}}" for number, light in enumerate(SHARED_LIGHT))
    shared_dark = {f"s{number}": dark for number, dark in enumerate(SHARED_DARK)}
    dark = _variables(_DARK)
    rules = "".join(
        ",".join(f"#{scope} {selector}" for selector in rule.split("{")[0].split(","))
        + "{"
        + rule.split("{")[1]
        for rule in _RULES.format(sans=SANS, mono=MONO).splitlines()
    )

    def in_the_dark(prefix: str) -> str:
        return f"{prefix}#{scope}{{{dark}}}" + "".join(
            f"{prefix}#{scope} .{name}{{--share:{colour}}}" for name, colour in shared_dark.items()
        )

    def in_the_light(prefix: str) -> str:
        return f"{prefix}#{scope}{{{_variables(_LIGHT)}}}" + "".join(
            f"{prefix}#{scope} .s{number}{{--share:{colour}}}" for number, colour in enumerate(SHARED_LIGHT)
        )

    # A page that has chosen for itself (JupyterLab, one with a switch) outweighs the system's wish; paper is
    # white, whatever either wants.
    return (
        f"#{scope}{{{_variables(_LIGHT)}}}{shared}{rules}"
        f"@media screen and (prefers-color-scheme:dark){{{in_the_dark('')}}}"
        "@media screen{"
        + in_the_dark("[data-jp-theme-light=false] ")
        + in_the_dark("[data-theme=dark] ")
        + "}"
        + in_the_light("[data-jp-theme-light=true] ")
        + in_the_light("[data-theme=light] ")
    )


def _variables(colours: dict[str, str]) -> str:
    return ";".join(f"--{name}:{colour}" for name, colour in colours.items())


def columns(text: str) -> int:
    """How many columns a text takes: two for each wide (CJK) character."""
    return len(text) if text.isascii() else sum(_columns(character) for character in text)


def width(text: str, size: float, mono: bool = False, bold: bool = False) -> float:
    """About how wide a text is in pixels, rather too wide than too narrow."""
    narrow = 0.615 if mono else 0.62 if bold else 0.55
    wide = columns(text) - len(text)
    return size * (narrow * (len(text) - wide) + 1.02 * wide)


def wrapped(text: str, limit: float, size: float, mono: bool = False) -> Iterator[str]:
    """The lines of a text that is broken at spaces, and inside words that are too long for a line."""
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
