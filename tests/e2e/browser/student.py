"""A student's way: Assignment List, the notebook, Validate, Submit, the feedback."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import BrowserContext, FrameLocator, Locator

from tests.e2e.browser.notebook import OpenNotebook
from tests.e2e.browser.pages import Dialog, Member


class Student(Member):
    """Somebody who takes the course, working in `folder`."""

    def __init__(self, name: str, profile: BrowserContext, url: str, stations: Path, folder: Path) -> None:
        super().__init__(name, profile, url, stations)
        self.folder = folder

    def open_assignment_list(self) -> None:
        self.choose_nbgrader("open-assignment-list")
        self.page.locator("#released_assignments_list").wait_for()

    def fetch(self, assignment: str) -> None:
        self._entry("released", assignment).get_by_role("button", name="Fetch", exact=True).click()
        self._entry("fetched", assignment).wait_for()

    def open_notebook(self, assignment: str) -> OpenNotebook:
        """Open the fetched notebook from Assignment List and wait for its kernel."""
        entry = self._entry("fetched", assignment)
        entry.locator("a.assignment-notebooks-link").click()
        entry.locator(".nested_list_item .item_name a", has_text=assignment).click()
        # The notebook's own sign says idle before there is a kernel at all.
        self.page.locator("#jp-main-statusbar", has_text="| Idle").wait_for()
        return OpenNotebook(self.page, self.folder / assignment / f"{assignment}.ipynb")

    def press_validate(self) -> None:
        """Press the notebook's Validate button; `read_validation` waits for what comes of it."""
        self.page.locator("jp-button.validate-button").click()

    def read_validation(self) -> Dialog:
        """Read and close the dialog that Validate ends with."""
        dialog = self.page.locator(".nbgrader-SuccessDialog, .nbgrader-ErrorDialog")
        dialog.wait_for()
        self.photograph("validated")
        title, text = (dialog.locator(f".jp-Dialog-{part}").inner_text() for part in ("header", "body"))
        self.heard.append(Dialog(title, text))
        dialog.locator(".jp-Dialog-button").click()
        dialog.wait_for(state="detached")
        return self.heard[-1]

    def submit(self, assignment: str) -> None:
        self._show_tab("Assignments")
        self._entry("fetched", assignment).get_by_role("button", name="Submit", exact=True).click()
        self._entry("submitted", assignment).wait_for()

    def fetch_feedback(self, assignment: str) -> None:
        self._show_tab("Assignments")
        self.page.locator("#refresh_assignments_list").click()
        entry = self._entry("submitted", assignment)
        entry.get_by_text("feedback available to fetch").wait_for()
        entry.get_by_role("button", name="Fetch Feedback", exact=True).click()
        entry.get_by_text("view feedback").wait_for()

    def view_feedback(self, assignment: str) -> FrameLocator:
        """Go to the feedback's folder by its link and open the page in Lab."""
        self._entry("submitted", assignment).get_by_text("view feedback").click()
        self.page.locator(".jp-DirListing-item", has_text=f"{assignment}.html").dblclick()
        frame = self.page.frame_locator(".jp-HTMLViewer iframe")
        frame.locator("main#content").wait_for()
        return frame

    def open_as_a_file(self, assignment: str) -> None:
        """Open the feedback as somebody does who has saved it: straight from the disk."""
        [page] = (self.folder / assignment / "feedback").glob(f"*/{assignment}.html")
        self.page.goto(page.as_uri())

    def _show_tab(self, label: str) -> None:
        self.page.locator("#jp-main-dock-panel .lm-TabBar-tab", has_text=label).click()

    def _entry(self, state: str, assignment: str) -> Locator:
        rows = self.page.locator(f"#{state}_assignments_list > .list_item")
        return rows.filter(has=self.page.locator(".item_name", has_text=assignment))
