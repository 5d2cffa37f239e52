"""A notebook that is open in JupyterLab or in Notebook 7: both show the same cells."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, Page, TimeoutError, expect

from tests.e2e.browser.pages import PATIENCE_MS

# Beside a cell stands the number of its last run; a star while it runs, nothing before.
_PROMPT_CHANGED = """([index, before, pattern]) => {
  const cell = document.querySelectorAll(".jp-Notebook .jp-Cell")[index];
  const prompt = cell.querySelector(".jp-InputPrompt").innerText;
  return prompt !== before && RegExp(pattern).test(prompt);
}"""
# For whoever reads why a test failed on a machine that nobody can look at.
_STATE = """() => ({
  prompts: [...document.querySelectorAll(".jp-Notebook .jp-InputPrompt")].map(prompt => prompt.innerText),
  active: [...document.querySelectorAll(".jp-Notebook .jp-Cell")].findIndex(
    cell => cell.classList.contains("jp-mod-active")),
  kernel: [...document.querySelectorAll(".jp-Notebook-ExecutionIndicator")].map(sign => sign.dataset.status),
  focus: document.activeElement.className,
  dialogs: [...document.querySelectorAll(".jp-Dialog")].map(dialog => dialog.innerText),
  visible: document.visibilityState,
})"""
_RUNS = r"\d|\*"
_HAS_RUN = r"\d"
_TAKEN_MS = 30_000
_TYPED = 16


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

    def picture(self) -> tuple[str, int, int]:
        """The first picture in a text: its description, its pixels across, and how wide it is on the page."""
        image = self.page.locator(".jp-Notebook .jp-MarkdownOutput img").first
        described, pixels, shown = image.evaluate("img => [img.alt, img.naturalWidth, img.clientWidth]")
        return str(described), int(pixels), int(shown)

    def write(self, name: str, source: str) -> None:
        """Replace what stands in a cell, by hand in the cell's editor."""
        self.editor(name).click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(source)
        expect(self.editor(name)).to_contain_text(source.splitlines()[-1].strip(), timeout=PATIENCE_MS)

    def type_line(self, name: str, number: int, text: str) -> None:
        """Replace a line of a cell, counted from 0, its last part key by key; its indentation stays."""
        keys = self.page.keyboard
        self.editor(name).click()
        for key in ("ControlOrMeta+Home", *["ArrowDown"] * number, "End", "Shift+Home"):
            keys.press(key)
        # Every key takes the page some milliseconds: it colours the code anew.
        keys.insert_text(text[:-_TYPED])
        keys.type(text[-_TYPED:])
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
        before = self._prompt(name)
        self._press_run(name)
        for _ in range(PATIENCE_MS // _TAKEN_MS):
            try:
                self._wait(name, before, _HAS_RUN, _TAKEN_MS)
            except TimeoutError as error:
                late = error
            else:
                return self.output(name)
            # A key that met another cell is lost, and so is an answer that the page has not heard.
            if self._kernel() == "idle":
                self._press_run(name)
        raise late

    def start(self, name: str) -> None:
        """Run a cell; `finish` waits until one that had not been run before has run."""
        before = self._prompt(name)
        self._press_run(name)
        try:
            self._wait(name, before, _RUNS, _TAKEN_MS)
        except TimeoutError:
            self._press_run(name)

    def finish(self, name: str) -> Locator:
        """Wait until a cell that was started has run, and return its output."""
        self._wait(name, "", _HAS_RUN, PATIENCE_MS)
        return self.output(name)

    def save(self) -> None:
        """Save the notebook, by the keyboard."""
        with self.page.expect_response(
            lambda answer: answer.request.method == "PUT" and "/api/contents/" in answer.url
        ) as answer:
            self.page.keyboard.press("ControlOrMeta+s")
        assert answer.value.ok

    @contextmanager
    def running(self, *names: str) -> Iterator[None]:
        """What makes cells run, once more or for the first time; in the end they all have run."""
        before = {name: self._prompt(name) for name in names}
        yield
        for name in names:
            self._wait(name, before[name], _HAS_RUN, PATIENCE_MS)

    def _prompt(self, name: str) -> str:
        return self.cell(name).locator(".jp-InputPrompt").inner_text()

    def _kernel(self) -> str | None:
        return self.page.locator(".jp-Notebook-ExecutionIndicator").first.get_attribute("data-status")

    def _press_run(self, name: str) -> None:
        self.editor(name).click()
        self.page.keyboard.press("ControlOrMeta+Enter")

    def _wait(self, name: str, before: str, pattern: str, patience: float) -> None:
        """Wait until what stands beside a cell is another than before, and what is looked for."""
        # Every look counts: Playwright's own patience lets up to a second pass between two of them.
        try:
            self.page.wait_for_function(
                _PROMPT_CHANGED, arg=[self.names.index(name), before, pattern], polling=50, timeout=patience
            )
        except TimeoutError as error:
            error.add_note(f"Waited for {name!r}, beside which stood {before!r}. {self._state()}")
            raise

    def _state(self) -> str:
        """What the page shows: the cells' prompts, the kernel's state, the focus, dialogs."""
        return f"The page: {self.page.evaluate(_STATE)}"
