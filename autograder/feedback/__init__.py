"""Holds feedback: one report per submission, and everything that is rendered from it."""

from autograder.feedback.card import Remarks, card_html
from autograder.feedback.changes import ScoreChange, note_changes, score_changes
from autograder.feedback.class_list import NOBODY_NAMED, ClassList
from autograder.feedback.files import (
    ReportChanged,
    ReportError,
    file_name,
    own_trouble,
    read_report,
    report_path,
    report_paths,
    sweep,
    write_report,
)
from autograder.feedback.given import GivenScores, with_given
from autograder.feedback.grades import write_grades
from autograder.feedback.ledger import Entry, Ledger
from autograder.feedback.pages import page_href, page_path, submission_page, task_anchor, write_pages
from autograder.feedback.report import (
    Afterwards,
    CellRun,
    CheckReport,
    Drawing,
    Failure,
    Isolation,
    Level,
    Outcome,
    Part,
    Report,
    Target,
    TaskReport,
    Timings,
    Verdict,
)
from autograder.feedback.summary import Summary, summarise
from autograder.feedback.task import task_report
from autograder.feedback.terminal import (
    card_text,
    changes_table,
    class_table,
    report_card,
    report_text,
    task_card,
)

__all__ = [
    "NOBODY_NAMED",
    "Afterwards",
    "CellRun",
    "CheckReport",
    "ClassList",
    "Drawing",
    "Entry",
    "Failure",
    "GivenScores",
    "Isolation",
    "Ledger",
    "Level",
    "Outcome",
    "Part",
    "Remarks",
    "Report",
    "ReportChanged",
    "ReportError",
    "ScoreChange",
    "Summary",
    "Target",
    "TaskReport",
    "Timings",
    "Verdict",
    "card_html",
    "card_text",
    "changes_table",
    "class_table",
    "file_name",
    "note_changes",
    "own_trouble",
    "page_href",
    "page_path",
    "read_report",
    "report_card",
    "report_path",
    "report_paths",
    "report_text",
    "score_changes",
    "submission_page",
    "summarise",
    "sweep",
    "task_anchor",
    "task_card",
    "task_report",
    "with_given",
    "write_grades",
    "write_pages",
    "write_report",
]
