"""Grades the one submission of a container: with which isolation, which notebook, and what comes of it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from autograder.course import Course, load_course
from autograder.course.load import NAME as COURSE_FILE
from autograder.feedback import Isolation, words
from autograder.grading import GradingError, GradingSession, choose_isolation
from autograder.messages import Language, Message, message, render
from autograder.platforms.gradescope.archive import COURSE
from autograder.platforms.gradescope.container import closed, too_little_memory
from autograder.platforms.gradescope.handed_in import find_submission, read_metadata
from autograder.platforms.gradescope.results import results
from autograder.platforms.gradescope.settings import NAME, Settings
from autograder.sandbox import best_level, closed_container


def graded_results(root: Path, seconds: Callable[[], float]) -> str:
    """Return the text of `results.json` for the submission below Gradescope's folder.

    Args:
        root: Gradescope's folder.
        seconds: tells how long it has taken so far.

    Raises:
        CourseError, GradingError, SandboxError: grading cannot go on; it is not the student's fault.
    """
    settings = Settings.model_validate_json((root / "source" / NAME).read_bytes())
    course = load_course(root / "source" / COURSE / COURSE_FILE)
    isolation = _isolation(course, root)
    # Its warm interpreter is forked off before anything is read that learners must not see: the metadata hold
    # what hidden checks said of earlier submissions.
    with GradingSession.open(course, isolation) as session:
        metadata = read_metadata(root / "submission_metadata.json")
        with tempfile.TemporaryDirectory(prefix="beyond-sequential-") as place:
            submission = find_submission(root / "submission", course, settings.tasks, Path(place))
            graded = session.grade(submission)
    _tell(isolation, graded.troubles, settings.language or "en")
    if graded.report.outcome == "broken":
        raise GradingError(*words.notes(graded.report))
    document = results(graded.report, course, settings, metadata, seconds())
    return json.dumps(document, ensure_ascii=False, indent=1)


def _isolation(course: Course, root: Path) -> Isolation:
    """Return how learner code is isolated in this container.

    Raises:
        GradingError: it cannot be, or not as well as the course demands.
    """
    offered = best_level()
    if offered.level == "none":
        offered = closed_container(closed(root))
    if offered.level == "none":
        reasons = " ".join(render(said, "en") for said in offered.lacking)
        raise GradingError(
            message(
                "This container cannot keep students' code from the hidden checks, so nothing was graded: "
                "{reasons}",
                reasons=reasons,
            )
        )
    return choose_isolation(course, unsafe=False, offered=offered)


def _tell(isolation: Isolation, troubles: list[str], language: Language) -> None:
    """Print for the instructor how learner code was isolated, and what broken checks said."""
    said: list[Message] = [words.isolation(isolation), *isolation.lacking, *too_little_memory()]
    sentences = " ".join(render(one, language) for one in said)
    print(f"autograder: isolation `{isolation.level}`. {sentences}", flush=True)
    for trouble in troubles:
        print(trouble, flush=True)
