"""A release built in a process of its own: its pictures need Keras, and a Jupyter server should not hold it.

python -m autograder.gradebook.releasing COURSE_FILE ASSIGNMENT LANGUAGE
prints {"notebook": "{…}"}, or {"error": [message, …]} where the course is not in order.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

from autograder.course import Assignment, Course, CourseError, load_course
from autograder.messages import Language, Message, verbatim
from autograder.release.cache import built_release, kept_release


def release_in_a_process(course: Course, assignment: Assignment, language: Language) -> str:
    """Return what `autograder release` writes for that assignment, as the text of its file.

    Raises:
        CourseError: the source notebook is not in order, or its solution does not run.
    """
    kept = kept_release(course, assignment)
    if kept is not None:
        return kept[course.released(assignment, language)]
    command = [sys.executable, "-m", __name__, str(course.root / "course.yml"), assignment.id, language]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise CourseError(verbatim(done.stderr.strip() or f"exit {done.returncode}")) from None
    if "error" in answer:
        raise CourseError(*(Message.model_validate(said) for said in answer["error"]))
    text: str = answer["notebook"]
    return text


def main(course_file: str, assignment_id: str, language: str) -> None:
    """Print the release of one assignment in one language."""
    # What a solution prints must not come between.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    answer: dict[str, object]
    try:
        course = load_course(course_file)
        assignment = course.assignment(assignment_id)
        answer = {"notebook": built_release(course, assignment)[course.released(assignment, language)]}
    except CourseError as error:
        answer = {"error": [said.model_dump(mode="json") for said in error.messages]}
    with answers:
        json.dump(answer, answers)


if __name__ == "__main__":
    main(*sys.argv[1:])
