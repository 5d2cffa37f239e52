"""Builds the documentation's site, in English and in Korean.

    python deploy/docs.py [OUTPUT]

Warnings are errors: a link or an anchor that leads nowhere, a page that no other leads to, a docstring that
cannot be read. Afterwards the pages themselves are looked at: they load nothing from elsewhere, and what they
link to is there, in the other language as well.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).parents[1]
LANGUAGES = ("en", "ko")
# What a style sheet loads from elsewhere.
LOADED = re.compile(r"(?:url\(|@import)\s*[\"']?((?:https?:)?//[^\"')]+)")
START = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Beyond Sequential</title>
<meta http-equiv="refresh" content="0; url=en/README.html">
<p><a href="en/README.html">English</a> · <a href="ko/README.ko.html" lang="ko">한국어</a></p></html>
"""


def main(output: Path) -> int:
    """Write the site into a folder, in the place of an older one; return how many faults there are."""
    builds = []
    for language in LANGUAGES:
        shutil.rmtree(output / language, ignore_errors=True)
        options = ["--quiet", "--fail-on-warning", "--keep-going", "--fresh-env", "--tag", language]
        options += ["--conf-dir", ROOT / "deploy" / "site", "--doctree-dir", output / ".doctrees" / language]
        builds.append(subprocess.Popen([sys.executable, "-m", "sphinx", *options, ROOT, output / language]))
    ended = [build.wait() for build in builds]
    if any(ended):
        return 1
    (output / "index.html").write_text(START, encoding="utf-8")
    faults = faults_of(output)
    print("\n".join(faults) or f"The site is at {output / 'index.html'}.")
    return len(faults)


def faults_of(site: Path) -> list[str]:
    """Return what pages load from elsewhere, and what they link to that is not there, a line for each."""
    pages = {path: Page(path) for path in site.rglob("*.html")}
    faults = []
    for path, page in pages.items():
        name = path.relative_to(site).as_posix()
        faults += [f"{name} loads {url}" for url in page.loads if urlsplit(url).netloc]
        for url in page.links + page.loads:
            parts = urlsplit(url)
            if parts.scheme or parts.netloc:
                continue
            target = Path(os.path.normpath(path.parent / unquote(parts.path))) if parts.path else path
            anchor = unquote(parts.fragment)
            if not target.is_file() or (anchor and target in pages and anchor not in pages[target].anchors):
                faults.append(f"{name} leads to {url}, which is not there")
    for path in site.rglob("*.css"):
        used = LOADED.findall(path.read_text(encoding="utf-8"))
        faults += [f"{path.relative_to(site).as_posix()} loads {url}" for url in used]
    return faults


class Page(HTMLParser):
    """What one page loads, what it links to, and the anchors that it has."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag loads, links to and is called."""
        values = {name: value for name, value in attrs if value}
        if "id" in values:
            self.anchors.add(values["id"])
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif tag != "a":
            self.loads += [values[name] for name in ("src", "href", "data", "poster") if name in values]


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "out" / "docs") > 0)
