"""What of a solution no message may tell: its lines and names that stand in nothing that is given out."""

from __future__ import annotations

import ast

from autograder.checks import Grader
from autograder.course import Course
from autograder.course.release import released
from autograder.course.starter import solution
from autograder.grading import Scheme

_SHORTEST_LINE = 12
"""Shorter lines are everybody's: `return x`, `)`."""


def secrets_of(course: Course, scheme: Scheme) -> frozenset[str]:
    """The lines and the names of an assignment's solution that are in no release and no public check."""
    public = _given_out(course, scheme)
    code = "\n".join(solution(cell.source) for cell in scheme.solution.cells)
    lines = {line.strip() for line in code.splitlines()}
    names = {
        node.id
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    return frozenset(
        secret
        for secret in {line for line in lines if len(line) >= _SHORTEST_LINE} | names
        if secret not in public
    )


def _given_out(course: Course, scheme: Scheme) -> str:
    notebooks = [released(course, scheme.assignment, language) for language in course.languages]
    texts = [cell.source for notebook in notebooks for cell in notebook.cells]
    return "\n".join([*texts, *_public_checks(scheme.grader)])


def _public_checks(grader: Grader) -> list[str]:
    return [file.read_text(encoding="utf-8") for file in grader.files if file.parent.name == "public"]
