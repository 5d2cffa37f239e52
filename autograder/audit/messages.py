"""Judges whether the message for a wrong answer explains it: the place, what was found, what is wanted."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from autograder.audit.places import Place, names_of
from autograder.checks import CheckReport, Failure, Grader, Subject
from autograder.checks.expectations.graphs import FACTS
from autograder.course import Course
from autograder.course.release import released
from autograder.course.starter import solution
from autograder.feedback import TaskReport
from autograder.feedback.summary import in_short
from autograder.grading import Scheme
from autograder.grading.restore import RestoredCell
from autograder.messages import Language, Message, message, render

# One sentence says that the code stopped; what the error means takes Korean two.
SENTENCES_AT_MOST = 3
_CODE = re.compile(r"`[^`]*`|\"[^\"]*\"|'[^']*'|\([^()]*\)")


def first_failed(report: TaskReport) -> CheckReport | None:
    """Return the first check of a task that failed; None if none did."""
    return next((check for check in report.checks if check.failure is not None), None)


def why(report: TaskReport) -> Message:
    """Return why a task has lost points, in a sentence."""
    check = first_failed(report)
    if check is None or check.failure is None:
        return message("No check says why.")
    return in_short(check.failure)


def spoken(failure: Failure, language: Language) -> str:
    """Return a failure as one text, without its hint."""
    parts = (failure.rationale, failure.found, failure.wanted, failure.where)
    return " | ".join(render(part, language) for part in parts if part is not None)


def unexplained(
    failure: Failure | None, place: Place, subject: Subject, languages: Sequence[Language]
) -> list[str]:
    """Return why a failure does not explain the mistake at a place; nothing if it does in each language.

    What is looked at is what tables show of a failed check: what is wrong, what was found, and where. Where a
    task asks for a plain value, what is wanted is its answer: only what was found is said there.
    """
    if failure is None:
        return ["no message"]
    reasons = []
    failed = any(model.failure is not None for model in subject.models)
    if subject.absence is not None or subject.stopped is not None or failed:
        # The code has stopped: what was found is the error, and the place is a line of the code.
        return [] if failure.where is not None else ["does not say where the code stopped"]
    if failure.found is None:
        reasons.append("says nothing of what was found")
    if failure.wanted is None and subject.models:
        reasons.append("says nothing of what is wanted")
    if failure.rationale.text in FACTS and subject.reference is not None:
        reasons.append("tells what follows from the mistake, and not the mistake")
    # A number or a text is the whole answer: there is no place in it.
    for language in languages if subject.models or place.touched else ():
        text = render(in_short(failure), language)
        if not any(_named(name, text) for name in names_of(place, subject, language)):
            reasons.append(f"does not name the place ({language})")
    return reasons


def unteachable(failure: Failure, secrets: Collection[str], languages: Sequence[Language]) -> list[str]:
    """Return what is wrong with a message in any case: too long, untranslated, or giving the solution away.

    Args:
        failure: what a check says.
        secrets: lines and names that are in the solution and in nothing that is given out.
        languages: those in which it is to be said.
    """
    reasons = []
    for language in languages:
        if _sentences(failure.rationale, language) > SENTENCES_AT_MOST:
            reasons.append(f"has more than {SENTENCES_AT_MOST} sentences ({language})")
        text = spoken(failure, language)
        told = next((secret for secret in secrets if _named(secret, text)), None)
        if told is not None:
            reasons.append(f"tells {told!r} of the solution ({language})")
    for language in languages:
        if language != "en" and render(failure.rationale, language) == render(failure.rationale, "en"):
            reasons.append(f"is not translated ({language})")
    return reasons


def untold(
    secrets: Iterable[str], cells: Iterable[RestoredCell], task: str, changed: Mapping[str, str]
) -> list[str]:
    """Return the secrets that a message about a task would give away: those that its learner has not written.

    A message may quote any line up to the task's check: an error names the line that it comes from, and that
    line may be in the right answer to an earlier task.

    Args:
        secrets: what only the solution has.
        cells: the code cells that were run, in their order; unchanged ones have the solution's code.
        task: the id of the task that the message is about.
        changed: what the learner has written in place of the solution, by cell id.
    """
    written = []
    for cell in cells:
        written.append(changed.get(cell.id, cell.source))
        if cell.task == task:
            break
    own = "\n".join(written)
    return [secret for secret in secrets if secret not in own]


def _named(name: str, text: str) -> bool:
    """Return whether a text holds a name, and not only the beginning of another: `#1` of `#12`."""
    # Korean particles follow without a space: only an ASCII character continues a name.
    before = r"(?<![A-Za-z0-9_])" if re.match(r"\w", name) else ""
    after = r"(?![A-Za-z0-9_])" if re.search(r"\w$", name) else ""
    return re.search(rf"{before}{re.escape(name)}{after}(?!\s#\d)", text) is not None


def _sentences(said: Message, language: Language) -> int:
    """Return how many sentences a message has; what is written as code or in brackets ends none."""
    text = _CODE.sub("…", render(said, language))
    return len(re.findall(r"[.!?](?=\s|$)", text))


_SHORTEST_LINE = 12
"""Shorter lines give nothing away, for anybody writes them: `return x`, `)`."""


def secrets_of(course: Course, scheme: Scheme) -> frozenset[str]:
    """Return the lines and names of an assignment's solution that are in no release and no public check."""
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
