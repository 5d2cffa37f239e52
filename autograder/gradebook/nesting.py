"""How deep HTML is nested, before anybody reads it: cleaning takes its length times its depth."""

from __future__ import annotations

import re

_TAG = re.compile(r"<[^<>]*>")
_NAME = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z][^\s/>]*)")
_EMPTY = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
# What stands in these is text, whatever it looks like.
_TEXT = {"script", "style", "textarea", "title"}
# In these what is said here of elements is not so.
_OTHERWISE = {"iframe", "math", "noembed", "noframes", "plaintext", "svg", "template", "xmp"}
# Their end may be left out: one of these ends them if it comes next.
_ENDED_BY = {
    "dd": {"dd", "dt"},
    "dt": {"dd", "dt"},
    "li": {"li"},
    "option": {"option"},
    "p": {"p"},
    "td": {"td", "th", "tr"},
    "th": {"td", "th", "tr"},
    "tr": {"tr"},
}


def depth(html: str) -> int | None:
    """Return how many elements at most are open at once; None where that cannot be told so simply.

    An end that is not the innermost element's is such a case, for a browser may overlook it; and a `<` in an
    attribute or a comment. It takes time in proportion to the text.
    """
    tags = _TAG.findall(html)
    if len(tags) != html.count("<"):
        return None
    opened: list[str] = []
    deepest, text = 0, ""
    for tag in tags:
        said = _NAME.match(tag)
        if said is None:
            continue
        name, ends = said["name"].lower(), bool(said["end"])
        if text:
            text = "" if ends and name == text else text
        elif name in _OTHERWISE:
            return None
        elif name in _TEXT and not ends:
            text = name
        elif ends and name not in _EMPTY:
            while opened and opened[-1] != name and opened[-1] in _ENDED_BY:
                opened.pop()
            if not opened or opened.pop() != name:
                return None
        elif name not in _EMPTY:
            while opened and name in _ENDED_BY.get(opened[-1], ()):
                opened.pop()
            opened.append(name)
            deepest = max(deepest, len(opened))
    return deepest
