"""Tells how deep HTML is nested before it is parsed, since cleaning takes its length times its depth."""

from __future__ import annotations

import re

_TAG = re.compile(r"<[^<>]*>")
_NAME = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z][^\s/>]*)")
_EMPTY = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
# Whatever these contain is text, even if it looks like tags.
_TEXT = {"script", "style", "textarea", "title"}
# Within these, other rules hold than those that this module follows.
_OTHERWISE = {"iframe", "math", "noembed", "noframes", "plaintext", "svg", "template", "xmp"}
# The end tag of these may be left out: each is ended by any of those that follow it here.
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
    """Return the greatest number of elements that are open at once; None where it is not so simple to tell.

    That is so for an end tag that is not the innermost element's, since a browser may overlook it, and for a
    `<` in an attribute or a comment. The time taken is proportional to the text.
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
