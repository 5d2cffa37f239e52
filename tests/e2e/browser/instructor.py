"""The instructor's way through Formgrader, its steps named as nbgrader names them."""

from __future__ import annotations

from playwright.sync_api import FrameLocator, Locator

from tests.e2e.browser.pages import Dialog, Person


class Instructor(Person):
    """Somebody who gives a course."""

    def open_formgrader(self) -> None:
        self.choose_nbgrader("open-formgrader")
        self._row("inception").wait_for()

    def generate(self, assignment: str) -> Dialog:
        return self._press(self._row(assignment), "assign")

    def release(self, assignment: str) -> Dialog:
        return self._press(self._row(assignment), "release")

    def collect(self, assignment: str) -> Dialog:
        return self._press(self._row(assignment), "collect")

    def manage_submissions(self, assignment: str) -> None:
        self._row(assignment).locator("td.num-submissions a").click()
        self.formgrader.locator("td.student-id").first.wait_for()

    def autograde(self, student: str) -> Dialog:
        return self._press(self._submission(student), "autograde")

    def status(self, student: str) -> tuple[str, str]:
        """What Manage Submissions says of a student: the status and the score."""
        row = self._submission(student)
        return row.locator("td.status").inner_text(), row.locator("td.score").inner_text()

    def generate_feedback(self, student: str) -> Dialog:
        return self._press(self._submission(student), "generate-feedback")

    def release_feedback(self, student: str) -> Dialog:
        return self._press(self._submission(student), "release-feedback")

    @property
    def formgrader(self) -> FrameLocator:
        return self.page.frame_locator('iframe[src*="/formgrader"]')

    def _row(self, assignment: str) -> Locator:
        row = self.formgrader.locator("#main-table tr")
        return row.filter(has=self.page.locator("td.name", has_text=assignment))

    def _submission(self, student: str) -> Locator:
        row = self.formgrader.locator("#main-table tr")
        return row.filter(has=self.page.locator("td.student-id", has_text=student))

    def _press(self, row: Locator, button: str) -> Dialog:
        row.locator(f"td.{button} a").click()
        modal = self.formgrader.locator(".modal.in")
        modal.wait_for()
        said = Dialog(modal.locator(".modal-title").inner_text(), modal.locator(".modal-body").inner_text())
        modal.locator(".modal-footer button").click()
        modal.wait_for(state="detached")
        return said
