"""Renders a report's picture as SVG that is safe within a page: known elements only, ids of its own."""

from __future__ import annotations

import logging
import re
from html import escape
from xml.etree import ElementTree

from autograder.feedback.report import Drawing
from autograder.messages import Language

_LOG = logging.getLogger(__name__)
_SVG = "{http://www.w3.org/2000/svg}"
_ELEMENT_NAMES = """
    svg g defs title desc style marker path line polyline polygon rect circle ellipse text tspan
    pattern clipPath linearGradient stop
"""
_ATTRIBUTE_NAMES = """
    id class role lang transform viewBox width height x y x1 y1 x2 y2 cx cy r rx ry dx dy d points offset
    fill fill-opacity fill-rule stroke stroke-width stroke-dasharray stroke-linecap stroke-linejoin
    stroke-opacity opacity color font-family font-size font-weight font-style text-anchor letter-spacing
    dominant-baseline alignment-baseline textLength lengthAdjust paint-order preserveAspectRatio
    marker-start marker-mid marker-end markerWidth markerHeight markerUnits orient refX refY clip-path
    patternUnits patternTransform gradientUnits stop-color stop-opacity vector-effect style tabindex
    overflow aria-label aria-labelledby aria-describedby aria-hidden aria-roledescription focusable
"""
_ELEMENTS = frozenset(_ELEMENT_NAMES.split())
_ATTRIBUTES = frozenset(_ATTRIBUTE_NAMES.split())
_REFERENCE = re.compile(r"url\(\s*['\"]?#([\w.-]+)['\"]?\s*\)")
_HASH = re.compile(r"#([A-Za-z_][\w-]*)")
_NUMBERS = re.compile(r"[\w .-]*")
_OUTSIDE = re.compile(r"@import|expression\s*\(|url\(\s*['\"]?(?!\s*['\"]?#)|\\", re.IGNORECASE)
_LIMIT = 4_000_000


def picture(drawing: Drawing | None, language: Language, prefix: str) -> str | None:
    """Return the drawing as inline SVG, with `prefix` before every id; None where there is none to show."""
    if drawing is None:
        return None
    from autograder.graph import difference_from_plain, draw, from_plain

    try:
        graph = from_plain(drawing.graph)
        differences = tuple(difference_from_plain(difference) for difference in drawing.differences)
        return inline_svg(draw(graph, differences=differences, language=language), prefix)
    except Exception:
        # A picture that cannot be drawn is left out; the page stays.
        _LOG.exception("a picture could not be drawn")
        return None


def inline_svg(svg: str, prefix: str) -> str:
    """Return `svg` without unknown elements, unknown attributes and outside references.

    Raises:
        ValueError: it is not well-formed SVG, or too large for a page.
    """
    if len(svg) > _LIMIT or "<!" in svg.replace("<!--", ""):
        raise ValueError("not a plain SVG drawing")
    try:
        root = ElementTree.fromstring(svg)
    except ElementTree.ParseError as error:
        raise ValueError(f"not well-formed: {error}") from error
    if root.tag not in (f"{_SVG}svg", "svg"):
        raise ValueError(f"not SVG: {root.tag}")
    ids = {element.attrib["id"] for element in root.iter() if "id" in element.attrib}
    return "".join(_element(root, prefix, ids))


def _element(element: ElementTree.Element, prefix: str, ids: set[str]) -> list[str]:
    name = element.tag.removeprefix(_SVG) if isinstance(element.tag, str) else ""
    if name not in _ELEMENTS:
        return []
    attributes = "".join(
        f' {key}="{shown}"'
        for key, value in element.attrib.items()
        if key in _ATTRIBUTES and (shown := _attribute(key, value, prefix)) is not None
    )
    if name == "style":
        style = _style(element.text or "", prefix, ids)
        return [f"<style>{style}</style>"] if style else []
    parts = [f"<{name}{attributes}>", _text(element.text)]
    for child in element:
        parts.extend(_element(child, prefix, ids))
        parts.append(_text(child.tail))
    parts.append(f"</{name}>")
    return parts


def _attribute(key: str, value: str, prefix: str) -> str | None:
    """Return an attribute's value, escaped; None where it leads outside."""
    if key == "id":
        return escape(prefix + value)
    if key in ("aria-labelledby", "aria-describedby"):
        return escape(" ".join(prefix + each for each in value.split()))
    # Most of a picture's thousand attributes are numbers and need no closer look.
    if _NUMBERS.fullmatch(value):
        return value
    if not key.startswith("aria-") and _OUTSIDE.search(value):
        return None
    return escape(_REFERENCE.sub(rf"url(#{prefix}\1)", value))


def _text(text: str | None) -> str:
    return escape(text, quote=False) if text else ""


def _style(text: str, prefix: str, ids: set[str]) -> str:
    # Nothing in the text may close the element early.
    if _OUTSIDE.search(text) or "<" in text:
        return ""
    return _HASH.sub(lambda name: f"#{prefix}{name[1]}" if name[1] in ids else name[0], text)
