"""The example class through Gradescope and GitHub: tasks whose score is not that of `autograder grade`.

    python -m benchmarks.platforms [--dry-run]

Every submission of the class, to every assignment, is graded by what `autograder export` makes: in a
container's restrictions as on Gradescope (`tests/platforms/gradescope`), and by the steps of both workflows
on GitHub (`tests/platforms/github`), of which a learner's gives the public checks. `make test` does that for
one assignment, on Gradescope and by a learner's workflow for three learners.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from autograder.course import load_course
from autograder.feedback import Report
from autograder.platforms.github.repositories import assignment_repository
from benchmarks.options import benchmark_options
from benchmarks.results import record
from tests import warm
from tests.examples import EXAMPLES, expected
from tests.gradebook.courses import ROOT
from tests.platforms.github import instructor
from tests.platforms.github.organization import Organization
from tests.platforms.github.steps import checked
from tests.platforms.gradescope.attacks import container
from tests.platforms.gradescope.harness import hand_in, lay_out, run, zipped

COMMAND = "make bench-platforms"
EXPECTED = expected("class")


def main() -> None:
    """Grade the class each way, count what differs, and write the counts; a count above zero is a failure."""
    chosen = benchmark_options(__doc__).parse_args()
    course = load_course(ROOT / "course.yml")
    tasks = {"gradescope": 0, "github": 0, "github, public": 0}
    other = dict.fromkeys(tasks, 0)
    with tempfile.TemporaryDirectory(prefix="platforms-") as name:
        warm.offer(name)
        place = Path(name)
        for assignment in course.assignments:
            archive = zipped(assignment.id)
            given_out = assignment_repository(course, assignment, "en")
            repositories = {
                student: {**given_out, f"{assignment.id}.ipynb": notebook(student, assignment.id)}
                for student in EXPECTED
            }
            reports = by_github(place / assignment.id, assignment.id, repositories)
            for student, entries in EXPECTED.items():
                wanted = entries[assignment.id]["scores"]
                ran = checked(place / assignment.id / student / "repository", repositories[student])
                shown = [test["score"] for test in ran.result["tests"]]
                found = {
                    "gradescope": by_gradescope(student, assignment.id, archive),
                    "github": [task.score for task in reports[student].tasks],
                    "github, public": shown,
                }
                expected = {
                    "gradescope": list(wanted.values()),
                    "github": list(wanted.values()),
                    "github, public": public(reports[student], shown),
                }
                for way in tasks:
                    tasks[way] += len(wanted)
                    differing = sum(a != b for a, b in zip(found[way], expected[way], strict=True))
                    other[way] += differing
                    if differing:
                        print(f"{way}: {student}, {assignment.id}: {found[way]}, not {expected[way]}")
            print(f"{assignment.id}: {other}", flush=True)
    if not chosen.dry_run:
        record("gradescope.class_tasks", tasks["gradescope"], "tasks", ">= 200", COMMAND)
        record("gradescope.scores_differing", other["gradescope"], "tasks", "0", COMMAND)
        record("github.class_tasks", tasks["github"], "tasks", ">= 200", COMMAND)
        record("github.scores_differing", other["github"], "tasks", "0", COMMAND)
        record("github.public_scores_differing", other["github, public"], "tasks", "0", COMMAND)
    if any(other.values()):
        sys.exit(1)


def notebook(student: str, assignment: str) -> bytes:
    """Return what a learner of the class has handed in."""
    return (EXAMPLES / "class" / "submitted" / student / assignment / f"{assignment}.ipynb").read_bytes()


def by_gradescope(student: str, assignment: str, archive: bytes) -> list[float]:
    """Return the scores in the results of a container."""
    with container() as place:
        root = lay_out(place, archive)
        hand_in(root, student, assignment)
        ran = run(root, pictures=True)
    assert ran.results is not None, ran.said
    return list(ran.scores.values())


def by_github(place: Path, assignment: str, repositories: dict[str, dict[str, bytes]]) -> dict[str, Report]:
    """Return the reports of the instructor's workflow, by learner."""
    organization = Organization(place / "github")
    for student, files in repositories.items():
        organization.push(f"week-{student}", files)
    return instructor.reports(place / "instructor", organization, "week", assignment)


def public(report: Report, shown: list[float]) -> list[float]:
    """Return the points of the public checks; less is right for a task judged as if earlier ones were right.

    Only grading does that: where the task itself has gone wrong because of them, a learner is told of it.
    """
    points = [sum(check.score for check in task.checks if check.public) for task in report.tasks]
    return [
        min(wanted, found) if task.carried else wanted
        for task, wanted, found in zip(report.tasks, points, shown, strict=True)
    ]


if __name__ == "__main__":
    main()
