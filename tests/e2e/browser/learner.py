"""Somebody who learns alone: a folder of notebooks, and JupyterLab or Notebook 7 to open them with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, get_args

from playwright.sync_api import BrowserContext, Locator, expect

from tests.e2e.browser.notebook import OpenNotebook
from tests.e2e.browser.pages import PATIENCE_MS, Person

Application = Literal["lab", "notebook"]
APPLICATIONS: tuple[Application, ...] = get_args(Application)

Theme = Literal["JupyterLab Light", "JupyterLab Dark"]
LIGHT: Theme = "JupyterLab Light"
DARK: Theme = "JupyterLab Dark"

_ADDRESSES: dict[Application, str] = {"lab": "lab/tree/{path}?reset", "notebook": "notebooks/{path}"}
_TAB_STOPS = 10


class Learner(Person):
    """Somebody with one of the two applications; their notebooks lie in `folder`."""

    def __init__(
        self,
        application: Application,
        name: str,
        profile: BrowserContext,
        url: str,
        stations: Path,
        folder: Path,
    ) -> None:
        super().__init__(name, profile, url, stations)
        self.application = application
        self.folder = folder

    def open(self, path: str) -> OpenNotebook:
        """Open a notebook and wait for its kernel."""
        address = _ADDRESSES[self.application].format(path=path)
        # The notebook's own sign says idle before there is a kernel at all.
        with self.page.expect_websocket(lambda socket: "/channels" in socket.url, timeout=PATIENCE_MS):
            self.page.goto(f"{self.url}/{address}", wait_until="commit")
        self._wait_until_idle()
        return OpenNotebook(self.page, self.folder / path)

    def read_untrusted(self, path: str, name: str) -> str:
        """The text of a cell's card in a saved notebook that the application does not trust.

        It takes the place of the one before: another page would have to read the whole application again.
        """
        self.page.goto(f"{self.url}/{_ADDRESSES[self.application].format(path=path)}", wait_until="commit")
        notebook = OpenNotebook(self.page, self.folder / path)
        card = notebook.output(name).locator("article.bs-card")
        # What lies outside the window is not laid out, and has no text.
        card.scroll_into_view_if_needed()
        self.page.wait_for_function("card => card.innerText", arg=card.element_handle())
        self.photograph("untrusted", card)
        return card.inner_text()

    def run_all(self, notebook: OpenNotebook, last: str) -> None:
        """Run the whole notebook by the menu, and wait for one of its cells."""
        with notebook.running(last):
            self.choose("Run", "Run All Cells")

    def run_through(self, notebook: OpenNotebook, last: str) -> None:
        """Run cell after cell by Shift-Enter, from the first one to `last`."""
        notebook.select(notebook.names[0])
        with notebook.running(last):
            for _ in range(notebook.names.index(last) + 1):
                self.page.keyboard.press("Shift+Enter")

    @property
    def theme(self) -> str:
        return str(self.page.locator("body").get_attribute("data-jp-theme-name"))

    def change_theme(self) -> None:
        """From light to dark by the menu, or back."""
        other = DARK if self.theme == LIGHT else LIGHT
        self.choose("Settings", "Theme", other)
        self.page.locator(f'body[data-jp-theme-name="{other}"]').wait_for(state="attached")

    def tab_to(self, target: Locator) -> bool:
        """Whether the Tab key leads from where the focus is to an element."""
        for _ in range(_TAB_STOPS):
            self.page.keyboard.press("Tab")
            if target.evaluate("element => element === document.activeElement"):
                return True
        return False

    @contextmanager
    def printing(self) -> Iterator[None]:
        """The page as it goes to paper."""
        self.page.emulate_media(media="print")
        yield
        self.page.emulate_media(media="screen")

    @contextmanager
    def narrow(self, width: int) -> Iterator[None]:
        """A window of that width."""
        usual = self.page.viewport_size
        assert usual is not None
        self.page.set_viewport_size({**usual, "width": width})
        yield
        self.page.set_viewport_size(usual)

    def end_kernel(self) -> None:
        """End the kernel, and wait until the page has heard of it."""
        self.choose("Kernel", "Shut Down Kernel")
        expect(self.page.locator(".jp-Notebook-ExecutionIndicator")).not_to_have_attribute(
            "data-status", "idle", timeout=PATIENCE_MS
        )

    def leave(self) -> None:
        """Close the window."""
        self.page.context.close()

    def choose(self, menu: str, *entries: str) -> None:
        """Choose an entry of a menu, or of a menu in a menu."""
        self.page.locator(".lm-MenuBar-itemLabel", has_text=menu).first.click()
        for entry in entries:
            label = self.page.locator(".lm-Menu-itemLabel", has_text=re.compile(rf"^{re.escape(entry)}$"))
            label.click()

    def _wait_until_idle(self) -> None:
        self.page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').wait_for()
