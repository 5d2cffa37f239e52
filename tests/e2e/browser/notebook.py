"""A notebook that is open in JupyterLab or in Notebook 7: both show the same cells."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser.pages import PATIENCE_MS

# What stands beside a cell that has been run; a star while it runs, nothing before.
RUN = re.compile(r"\[\d+\]:")


class OpenNotebook:
    """The notebook at `path`; its cells are called by their nbgrader id, or by an id of their own."""

    def __init__(self, page: Page, path: Path) -> None:
        self.page = page
        self.path = path
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        self.names = [cell["metadata"].get("nbgrader", {}).get("grade_id", cell["id"]) for cell in cells]

    def cell(self, name: str) -> Locator:
        return self.page.locator(".jp-Notebook .jp-Cell").nth(self.names.index(name))

    def editor(self, name: str) -> Locator:
        return self.cell(name).locator(".cm-content")

    def output(self, name: str) -> Locator:
        return self.cell(name).locator(".jp-Cell-outputArea")

    def write(self, name: str, source: str) -> None:
        """Replace what stands in a cell, by hand in the cell's editor."""
        self.editor(name).click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(source)
        expect(self.editor(name)).to_contain_text(source.splitlines()[-1].strip(), timeout=PATIENCE_MS)

    def type_line(self, name: str, number: int, text: str) -> None:
        """Replace a line of a cell, counted from 0, key by key; its indentation stays."""
        keys = self.page.keyboard
        self.editor(name).click()
        for key in ("ControlOrMeta+Home", *["ArrowDown"] * number, "End", "Shift+Home"):
            keys.press(key)
        keys.type(text)
        expect(self.editor(name).locator(".cm-line").nth(number)).to_have_text(
            re.compile(rf"^\s*{re.escape(text)}$"), timeout=PATIENCE_MS
        )

    def write_below(self, name: str, source: str) -> str:
        """Make a new cell below another, type into it key by key, and return its name."""
        self.select(name)
        self.page.keyboard.press("b")
        new = f"below {name}"
        self.names.insert(self.names.index(name) + 1, new)
        expect(self.page.locator(".jp-Notebook .jp-Cell")).to_have_count(len(self.names))
        self.page.keyboard.press("Enter")
        self.page.keyboard.type(source)
        expect(self.editor(new)).to_have_text(source, timeout=PATIENCE_MS)
        return new

    def select(self, name: str) -> None:
        """Select a cell without going into its editor."""
        self.cell(name).locator(".jp-InputPrompt").click()

    def run(self, name: str) -> Locator:
        """Run a cell, wait until it has run, and return its output."""
        self.start(name)
        return self.finish(name)

    def start(self, name: str) -> None:
        """Run a cell; `finish` waits until it has run."""
        before = self._prompt(name).inner_text()
        self.editor(name).click()
        self.page.keyboard.press("ControlOrMeta+Enter")
        expect(self._prompt(name)).not_to_have_text(before, timeout=PATIENCE_MS)

    def finish(self, name: str) -> Locator:
        """Wait until a cell that was started has run, and return its output."""
        expect(self._prompt(name)).to_have_text(RUN, timeout=PATIENCE_MS)
        return self.output(name)

    def _prompt(self, name: str) -> Locator:
        return self.cell(name).locator(".jp-InputPrompt")
