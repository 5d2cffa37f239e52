"""The instructor's way through Formgrader, its steps named as nbgrader names them."""

from __future__ import annotations

from playwright.sync_api import FrameLocator, Locator, Page, Response

from tests.e2e.browser.pages import Dialog, Member
from tests.e2e.browser.ways import EVERY_WAY


class Instructor(Member):
    """Somebody who gives a course, with Formgrader in JupyterLab or, which takes less to read, by itself."""

    def open_lab(self) -> None:
        if EVERY_WAY:
            super().open_lab()

    def wait_for_lab(self) -> None:
        if EVERY_WAY:
            super().wait_for_lab()

    def open_formgrader(self) -> None:
        if EVERY_WAY:
            self.choose_nbgrader("open-formgrader")
        else:
            self.page.goto(f"{self.url}/formgrader")
        self.formgrader.locator("#main-table td.name a").first.wait_for()

    def generate(self, assignment: str) -> Dialog:
        return self._press(self._assignment(assignment), "assign")

    def release(self, assignment: str) -> Dialog:
        return self._press(self._assignment(assignment), "release")

    def collect(self, assignment: str) -> Dialog:
        return self._press(self._assignment(assignment), "collect")

    def generate_feedback(self, assignment: str) -> Dialog:
        return self._press(self._assignment(assignment), "generate-feedback")

    def release_feedback(self, assignment: str) -> Dialog:
        return self._press(self._assignment(assignment), "release-feedback")

    def manage_assignments(self) -> None:
        """Back to the list of assignments; from a submission the way leads through Manual Grading."""
        back = self.formgrader.locator(".breadcrumb").get_by_role("link", name="Manual Grading")
        if back.count():
            back.click()
        self.formgrader.get_by_role("link", name="Manage Assignments").click()
        self.formgrader.locator("#main-table td.assign a").first.wait_for()

    def manage_submissions(self, assignment: str) -> None:
        self._assignment(assignment).locator("td.num-submissions a").click()
        self.formgrader.locator("#main-table td.autograde a").first.wait_for()

    def autograde(self, student: str) -> Dialog:
        return self._press(self._submission(student), "autograde")

    def submission(self, student: str) -> tuple[str, str]:
        """What Manage Submissions says of a student: the status and the score."""
        row = self._submission(student)
        return row.locator("td.status").inner_text(), row.locator("td.score").inner_text()

    def open_submission(self, student: str, assignment: str) -> None:
        """The way through Manual Grading to a student's notebook, where names are hidden at first."""
        self.formgrader.get_by_role("link", name="Manual Grading").click()
        # The assignment, then its notebook; by address, for both links have the same name.
        for place in (assignment, f"{assignment}/{assignment}"):
            self.formgrader.locator(f'#main-table a[href$="/formgrader/gradebook/{place}"]').click()
        self.formgrader.locator("#main-table .reveal .name-hidden").first.wait_for()
        self.formgrader.locator("#toggle_names").click()
        self.formgrader.locator("#main-table td.name a.name-shown", has_text=student).click()
        # The scores are fetched last.
        self.formgrader.locator("input.score[placeholder]").first.wait_for()

    def output(self, cell: str) -> Locator:
        """The output below a graded cell of the submission that is open."""
        graded = self.formgrader.locator("div.code_cell", has=self.page.locator(f"input.score#{cell}"))
        return graded.locator(".output_wrapper")

    def score(self, cell: str) -> float:
        """The score that the field of a graded cell shows: a manual one, else the automatic one."""
        field = self.formgrader.locator(f"input.score#{cell}")
        return float(field.input_value() or field.get_attribute("placeholder") or "nan")

    def override(self, cell: str, score: float) -> None:
        self._fill(self.formgrader.locator(f"input.score#{cell}"), str(score), "grade")

    def comment(self, cell: str, comment: str) -> None:
        self._fill(self.formgrader.locator(f"textarea#{cell}-comment"), comment, "comment")

    @property
    def formgrader(self) -> FrameLocator | Page:
        if not EVERY_WAY:
            return self.page
        return self.page.frame_locator('iframe[src*="/formgrader"]')

    def _fill(self, field: Locator, content: str, saved: str) -> None:
        def is_answer(response: Response) -> bool:
            return f"/api/{saved}/" in response.url and response.request.method == "PUT"

        with self.page.expect_response(is_answer) as answer:
            field.fill(content)
            field.blur()
        assert answer.value.ok

    def _assignment(self, assignment: str) -> Locator:
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
        self.heard.append(said)
        modal.locator(".modal-footer button").click()
        self.formgrader.locator(".modal, .modal-backdrop").first.wait_for(state="detached")
        return said
