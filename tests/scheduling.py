"""Which tests are run by one process, since they share what is slow to make, and which begin first."""

from __future__ import annotations

import re

from xdist.scheduler import LoadScopeScheduling

# What takes minutes begins first, so that nobody waits for it alone in the end.
LONG = (
    "test_repository.py",
    "attacks/test_corpus.py",
    "e2e/test_browser.py",
    "audit/linting/test_course.py",
    "gradebook/test_parity.py",
    "sandbox",
    "gradebook/test_resubmission.py",
    "verification/test_backends.py",
    "e2e/test_examples.py",
    "e2e/test_instructor_page.py",
    "e2e/test_study_browser.py",
    "test_wheel.py",
    "grading/cluster",
    "test_warm.py",
)
TOGETHER = {
    "tests/e2e/test_readme.py": "tests/e2e/test_examples.py",
    "tests/graders/test_non_answers.py": "tests/graders/test_marks.py",
}
# All of them share one warm interpreter, which is a new one and imports Keras ...
SANDBOX = "tests/sandbox"
# ... or one process that has imported Dask, and a cluster of its forks.
CLUSTER = "tests/grading/cluster"
RUNS = re.compile(r"tests/assignments/test_runs\.py::.*\[(.+)\]")


def group_of(name: str) -> str:
    """Return the group of a test: its file, unless it shares more with another.

    A notebook of the course is run once for the tests of what it says and for the test that it runs; the
    example class is graded once for those who look at its reports; two files of graders' tests share
    what the solutions hand in.
    """
    if runs := RUNS.match(name):
        return f"tests/assignments/test_{runs[1].replace('-', '_')}.py"
    file = name.partition("::")[0]
    for folder in (SANDBOX, CLUSTER):
        if file.startswith(f"{folder}/"):
            return folder
    return TOGETHER.get(file, file)


def rank(name: str) -> int:
    """Return a test's place in the order in which tests begin; what is not long stays in its order."""
    place = group_of(name).removeprefix("tests/")
    return LONG.index(place) if place in LONG else len(LONG)


class GroupScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Hands a whole group to a process, in the order in which groups begin.

    xdist's own `--dist loadgroup` writes the group into a test's id, which pytest 9.2 does not let it do.
    """

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)
