"""The class report: what a whole class has understood and what not, made of its reports and nothing else."""

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

__all__ = [
    "AssignmentFigures",
    "CheckFigures",
    "ClassReport",
    "Example",
    "Mistake",
    "NoReports",
    "Score",
    "TaskFigures",
    "class_report",
    "reports_below",
]
