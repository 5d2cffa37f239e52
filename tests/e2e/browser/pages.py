"""What the instructor's and the student's pages share: Lab, its dialogs, and what is noted of every page."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page, Request

# A shared machine stalls; what takes this long is broken.
PATIENCE_MS = 180_000


@dataclass(frozen=True)
class Dialog:
    """What a dialog has said."""

    title: str
    text: str


@dataclass
class Traffic:
    """Every request of a user's pages, and the page that asked."""

    requests: list[tuple[str, str]] = field(default_factory=list)

    def note(self, request: Request) -> None:
        self.requests.append((request.url, request.frame.url if not request.is_navigation_request() else ""))

    def elsewhere(self) -> set[tuple[str, str]]:
        """What was asked of other machines, by which page: the hosts, and the pages' paths."""
        return {
            (urlsplit(url).netloc or url, asking)
            for url, asking in self.requests
            if not url.startswith(("http://127.0.0.1:", "file:", "data:", "blob:", "about:"))
        }


class Person:
    """Somebody with a JupyterLab open."""

    def __init__(self, name: str, browser: Browser, url: str, stations: Path) -> None:
        self.name = name
        self.url = url
        self.traffic = Traffic()
        self._taken = 0
        self._stations = stations
        self._context = browser.new_context(viewport={"width": 1400, "height": 1500}, locale="en-US")
        self._context.set_default_timeout(PATIENCE_MS)
        self._context.on("request", self.traffic.note)
        self.page: Page = self._context.new_page()

    def open_lab(self) -> None:
        """Open JupyterLab and wait until it can be used."""
        self.page.goto(f"{self.url}/lab?reset")
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")
        self.page.locator("#jp-main-dock-panel .lm-TabBar-tab").first.wait_for()

    def choose_nbgrader(self, command: str) -> None:
        """Choose an entry of Lab's Nbgrader menu by its command."""
        self.page.locator("#jp-MainMenu .lm-MenuBar-itemLabel", has_text="Nbgrader").click()
        self.page.locator(f'.lm-Menu li[data-command="nbgrader:{command}"]').click()

    def photograph(self, station: str, of: Locator | None = None) -> None:
        """Take a picture of the page, or of a part of it."""
        self._taken += 1
        path = self._stations / f"{self.name}-{self._taken:02}-{station}.png"
        (self.page if of is None else of).screenshot(path=path, animations="disabled")
