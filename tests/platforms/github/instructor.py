"""The steps of the workflow in an instructor's repository, run in one that has the course."""

from __future__ import annotations

from pathlib import Path

from autograder.feedback import Report, read_report, report_paths
from autograder.platforms.github.repositories import instructors_repository
from tests import warm
from tests.gradebook.courses import environment, make_course
from tests.platforms.github.organization import Organization
from tests.platforms.github.steps import workflow


def reports(place: Path, organization: Organization, prefix: str, assignment: str) -> dict[str, Report]:
    """Collect the learners' repositories, grade them, and return the reports that are kept, by learner."""
    make_course(place)
    for name, content in instructors_repository().items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
    done = organization.collect(place, prefix, assignment)
    assert done.returncode == 0, done.stderr
    steps = workflow(place, "grade")["jobs"]["grade"]["steps"]
    (grading,) = (one["run"] for one in steps if one.get("name") == "Grade")
    program, *words = grading.split()
    graded = warm.run(["-m", program, *words], cwd=place, environment=environment())
    assert graded.returncode == 0, graded.stderr
    (kept,) = (one["with"]["path"] for one in steps if "upload-artifact" in one.get("uses", ""))
    return {report.student: report for report in map(read_report, report_paths(place / kept))}
