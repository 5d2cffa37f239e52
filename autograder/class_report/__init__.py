"""Makes the class report: what a whole class has understood and what not, from its reports alone."""

from autograder.class_report.collect import NoReports, class_report, reports_below
from autograder.class_report.model import (
    AssignmentFigures,
    CheckFigures,
    ClassReport,
    Example,
    Mistake,
    Score,
    TaskFigures,
)
from autograder.class_report.pages import FILES, PAGE, write_class
from autograder.class_report.tables import document
from autograder.class_report.terminal import class_text
from autograder.class_report.update import links_from, update_class

__all__ = [
    "FILES",
    "PAGE",
    "AssignmentFigures",
    "CheckFigures",
    "ClassReport",
    "Example",
    "Mistake",
    "NoReports",
    "Score",
    "TaskFigures",
    "class_report",
    "class_text",
    "document",
    "links_from",
    "reports_below",
    "update_class",
    "write_class",
]
