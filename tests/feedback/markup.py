"""A page as a browser's parser sees it, for tests of what may stand in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "hr", "img", "input", "base", "area", "col", "embed", "source", "track", "wbr"}


@dataclass
class Element:
    """One start tag: its name, its attributes, and the text directly inside it."""

    name: str
    attributes: dict[str, str]
    within: tuple[str, ...]
    text: str = ""


@dataclass
class Page(HTMLParser):
    """Every element of a page in order, and every slip of its nesting."""

    elements: list[Element] = field(default_factory=list)
    slips: list[str] = field(default_factory=list)
    open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.slips.append(f"<{tag}> has an attribute twice")
        element = Element(tag, {name: value or "" for name, value in attrs}, tuple(e.name for e in self.open))
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1].name != tag:
            self.slips.append(f"</{tag}> closes {self.open[-1].name if self.open else 'nothing'}")
        else:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open:
            self.open[-1].text += data

    def named(self, *names: str) -> list[Element]:
        """The elements of those names."""
        return [element for element in self.elements if element.name in names]


def parsed(text: str) -> Page:
    """The page, with what was left open counted as slips."""
    page = Page()
    page.feed(text)
    page.close()
    page.slips.extend(f"<{element.name}> is never closed" for element in page.open)
    return page


ACTIVE = {"script", "iframe", "object", "embed", "base", "form", "link", "img", "video", "audio", "input"} | {
    "foreignobject",
    "animate",
    "set",
    "use",
    "math",
    "template",
}


def dangers(page: Page) -> list[str]:
    """Whatever in a page could run, fetch or lead away."""
    found = [f"<{element.name}>" for element in page.named(*ACTIVE)]
    for element in page.elements:
        for name, value in element.attributes.items():
            squeezed = "".join(value.split()).lower()
            if name.startswith("on") or name in ("src", "srcset", "action", "formaction", "xlink:href"):
                found.append(f"{element.name} {name}={value}")
            if name == "href" and (":" in squeezed or squeezed.startswith("//")):
                found.append(f"{element.name} href={value}")
            if name == "style" and ("url(" in squeezed or "expression" in squeezed):
                found.append(f"{element.name} style={value}")
            if name == "http-equiv" and value.lower() != "content-security-policy":
                found.append(f"{element.name} {name}={value}")
    for style in page.named("style"):
        if "@import" in style.text or "url(http" in style.text or "</" in style.text:
            found.append("a style sheet that fetches")
    return found
