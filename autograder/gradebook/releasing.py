"""Builds a release in a process of its own: pictures need Keras, which a Jupyter server should not hold.

python -m autograder.gradebook.releasing COURSE_FILE ASSIGNMENT LANGUAGE
prints {"files": {name: text}}, or {"error": [message, …]} where the course is not in order.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from autograder.course import Assignment, Course, CourseError, load_course
from autograder.messages import Language, Message, verbatim
from autograder.release.cache import built_release, kept_release


def release_in_a_process(course: Course, assignment: Assignment, language: Language) -> dict[str, str]:
    """Return what `autograder release` writes for that assignment in a language, by file name.

    Raises:
        CourseError: the source notebook is not in order, or its solution does not run.
    """
    kept = kept_release(course, assignment)
    if kept is not None:
        return _of_language(course, assignment, language, kept)
    command = [sys.executable, "-m", __name__, str(course.file), assignment.id, language]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise CourseError(verbatim(done.stderr.strip() or f"exit {done.returncode}")) from None
    if "error" in answer:
        raise CourseError(*(Message.model_validate(said) for said in answer["error"]))
    files: dict[str, str] = answer["files"]
    return files


def _of_language(
    course: Course, assignment: Assignment, language: Language, files: Mapping[Path, str]
) -> dict[str, str]:
    """Return the files that are in one language's folder, by file name."""
    folder = course.released(assignment, language).parent
    return {path.name: text for path, text in files.items() if path.parent == folder}


def main(course_file: str, assignment_id: str, language: str) -> None:
    """Print the release of one assignment in one language."""
    # What a solution prints must not get into the answer.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    answer: dict[str, object]
    try:
        course = load_course(course_file)
        assignment = course.assignment(assignment_id)
        files = built_release(course, assignment)
        answer = {"files": _of_language(course, assignment, language, files)}
    except CourseError as error:
        answer = {"error": [said.model_dump(mode="json") for said in error.messages]}
    with answers:
        json.dump(answer, answers)


if __name__ == "__main__":
    main(*sys.argv[1:])
