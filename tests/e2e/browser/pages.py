"""What everybody's pages share: Lab, its dialogs, and what is noted of every page."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request

# A shared machine stalls; what takes this long is broken.
PATIENCE_MS = 180_000


@dataclass(frozen=True)
class Dialog:
    """What a dialog has said."""

    title: str
    text: str


class Traffic:
    """Everything that a person's pages have asked for, with the page that asked."""

    def __init__(self, page: Page) -> None:
        self._asked: list[tuple[str, str]] = []
        page.on("request", self._note)
        page.on("websocket", lambda socket: self._asked.append((socket.url, page.url)))

    def elsewhere(self) -> set[tuple[str, str]]:
        """What was asked of other machines: the machine, and the path of the page that asked."""
        return {
            (address.hostname or url, page)
            for url, page in self._asked
            if (address := urlsplit(url)).scheme not in ("file", "data", "blob", "about")
            and address.hostname != "127.0.0.1"
        }

    def __len__(self) -> int:
        return len(self._asked)

    def _note(self, request: Request) -> None:
        # What is about to become a page has no page yet that asks.
        page = "" if request.is_navigation_request() else urlsplit(request.frame.url).path
        self._asked.append((request.url, page))


def new_profile(browser: Browser) -> BrowserContext:
    """What one user of a browser has: pages of this size, and this patience with them."""
    profile = browser.new_context(viewport={"width": 1400, "height": 1000}, locale="en-US")
    profile.set_default_timeout(PATIENCE_MS)
    return profile


class Person:
    """Somebody with a browser window, and with a server at `url`."""

    def __init__(self, name: str, profile: BrowserContext, url: str, stations: Path) -> None:
        self.name = name
        self.url = url
        self._taken = 0
        self._stations = stations
        self.page: Page = profile.new_page()
        self.traffic = Traffic(self.page)
        # Else dialogs fade in and out, each in dozens of pictures of the whole window.
        self._animations = profile.new_cdp_session(self.page)
        self._animations.send("Animation.enable")
        self._animations.send("Animation.setPlaybackRate", {"playbackRate": 100})

    def photograph(self, station: str, of: Locator | None = None) -> None:
        """Take a picture of the page, or of a part of it, where pictures are wanted, or where it failed."""
        if station != "failed" and "SCREENSHOTS" not in os.environ:
            return
        self._taken += 1
        path = self._stations / f"{self.name}-{self._taken:02}-{station}.png"
        (self.page if of is None else of).screenshot(path=path, animations="disabled")


class Member(Person):
    """Somebody of a class, with a JupyterLab open."""

    def __init__(self, name: str, profile: BrowserContext, url: str, stations: Path) -> None:
        super().__init__(name, profile, url, stations)
        self.heard: list[Dialog] = []

    def open_lab(self) -> None:
        """Open JupyterLab; `wait_for_lab` waits until it can be used."""
        self.page.goto(f"{self.url}/lab?reset", wait_until="commit")

    def wait_for_lab(self) -> None:
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")
        self.page.locator("#jp-main-dock-panel .lm-TabBar-tab").first.wait_for()

    def choose_nbgrader(self, command: str) -> None:
        """Choose an entry of Lab's Nbgrader menu by its command."""
        self.page.locator("#jp-MainMenu .lm-MenuBar-itemLabel", has_text="Nbgrader").click()
        self.page.locator(f'.lm-Menu li[data-command="nbgrader:{command}"]').click()
