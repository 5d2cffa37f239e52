"""Debian's Chromium without a window, which can reach nothing but this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from playwright.sync_api import Browser, sync_playwright

FLAGS = (
    # Its own sandbox asks for namespaces that a container may refuse; the pages here are our own.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    # No name is looked up: what asks for another machine fails at once, with a network or without.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    # Else each profile has two pages more, with what drops down below an address that nobody types.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup",
)


def chromium() -> str | None:
    """Where Chromium is, if it is."""
    return shutil.which("chromium")


@contextmanager
def running_chromium(home: Path) -> Iterator[Browser]:
    """A browser with `home` as its home; Playwright gives it a profile of its own and removes that again."""
    home.mkdir(parents=True, exist_ok=True)
    # Playwright's driver wants a home of its user, who may have none.
    with mock.patch.dict(os.environ, HOME=str(home)), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=Path(__file__).with_suffix(".sh"),
            args=list(FLAGS),
            env={
                "CHROMIUM": chromium() or "chromium",
                "HOME": str(home),
                "PATH": os.defpath,
                "LANG": "C.UTF-8",
            },
            timeout=120_000,
        )
        try:
            yield browser
        finally:
            browser.close()
