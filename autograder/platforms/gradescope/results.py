"""Renders a report as the results that Gradescope shows: `results.json`.

A test's output is HTML of the plainest kind: Gradescope cleans it, and documents only that not every element
is kept and that few have a style. Pictures are pixels in `img`, and are told in lines below.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from autograder.course import Course
from autograder.feedback import CheckReport, Drawing, Report, TaskReport, words
from autograder.feedback.card import card_view, context, facts, prose
from autograder.feedback.model_lines import models_text
from autograder.messages import Language, Message, clean, message, render
from autograder.platforms.gradescope.handed_in import Metadata
from autograder.platforms.gradescope.settings import Settings, Visibility
from autograder.platforms.pixels import data_address
from autograder.version import VERSION

_NOT_GRADED = message("Not graded: see what is said of the submission as a whole.")
_WIDTH = 90
"""How many columns a model that is told in lines has."""


@dataclass(frozen=True)
class _Part:
    """One test: a task, or the part of it that students see at once, or later."""

    task: TaskReport
    title: Message
    number: str
    visibility: Visibility


def results(
    report: Report, course: Course, settings: Settings, metadata: Metadata, seconds: float
) -> dict[str, Any]:
    """Return what `results.json` says of a graded submission.

    Args:
        report: its report; a broken one has no results.
        course: the course, of this one assignment.
        settings: what the instructor has chosen.
        metadata: what Gradescope says of the submission.
        seconds: how long all of it has taken.
    """
    assert report.outcome != "broken", "the grader's own fault is no result"
    language = settings.language or report.language or course.languages[0]
    parts = [
        part for place, task in enumerate(report.tasks, 1) for part in _parts(task, str(place), settings)
    ]
    tests = [_task_test(part, report, language) for part in parts]
    if settings.tests == "check" and report.outcome == "graded":
        tests = [
            test
            for part in parts
            for test in (
                _check_tests(part, language) if part.task.checks else [_task_test(part, report, language)]
            )
        ]
    return {
        "output": _summary(report, settings, metadata, language),
        "output_format": "html",
        "test_output_format": "html",
        "test_name_format": "text",
        "stdout_visibility": "hidden",
        "execution_time": round(seconds, 1),
        "extra_data": {
            "autograder": VERSION,
            "assignment": report.assignment,
            "isolation": report.isolation.level,
            "lacking": [render(said, "en") for said in report.isolation.lacking],
        },
        "tests": tests,
    }


def _parts(task: TaskReport, number: str, settings: Settings) -> Iterator[_Part]:
    """Yield a task, divided where students are not to see at once what the hidden checks say."""
    title = Message(text=task.title.in_language("en"), translations=task.title.root)
    public = [check for check in task.checks if check.public]
    hidden = [check for check in task.checks if not check.public]
    if settings.hidden == "visible" or not hidden:
        yield _Part(task, title, number, "visible")
        return
    if not public:
        yield _Part(task, title, number, settings.hidden)
        return
    score, points = sum(check.score for check in public), sum(check.points for check in public)
    # Differences are found by comparing with the solution, and a target is shown where any point is lost.
    drawing = Drawing(graph=task.drawing.graph) if task.drawing is not None else None
    seen = {"checks": public, "score": score, "points": points, "drawing": drawing, "carried": []}
    if score >= points:
        seen["target"] = None
    yield _Part(task.model_copy(update=seen), title, f"{number}.1", "visible")
    # A drawing without marks would be the picture that is there already.
    marked = task.drawing if task.drawing is not None and task.drawing.differences else None
    rest = {
        "checks": hidden,
        "drawing": marked,
        "score": max(0.0, task.score - score),
        "points": task.points - points,
    }
    named = message("{task} (hidden checks)", task=title)
    yield _Part(task.model_copy(update=rest), named, f"{number}.2", settings.hidden)


def _task_test(part: _Part, report: Report, language: Language) -> dict[str, Any]:
    task = part.task
    said = f"<p>{prose(_NOT_GRADED, language)}</p>"
    test = {
        "name": clean(render(part.title, language)),
        "number": part.number,
        "score": _points(task.score),
        "max_score": _points(task.points),
        "visibility": part.visibility,
        "output": _card(task, language) if report.outcome == "graded" else said,
    }
    if task.pending:
        # A score of 0 would count. A person gives the points with Gradescope's manual grading.
        del test["score"], test["max_score"]
    return test


def _check_tests(part: _Part, language: Language) -> Iterator[dict[str, Any]]:
    """Yield a part's checks, each as a test; the first that failed has the picture."""
    first = next((check for check in part.task.checks if check.verdict == "failed"), None)
    for place, check in enumerate(part.task.checks, 1):
        alone = part.task.model_copy(update={"checks": [check]})
        if check is not first:
            alone = alone.model_copy(update={"drawing": None, "target": None})
        name = f"{render(part.title, language)}: {render(check.title, language)}"
        yield {
            "name": clean(name.replace("`", "")),
            "number": f"{part.number}.{place}",
            "score": _points(check.score),
            "max_score": _points(check.points),
            "visibility": part.visibility,
            "output": _card(alone, language),
        }


def _card(task: TaskReport, language: Language) -> str:
    """Return a task's card in elements that Gradescope keeps and that look like something without styles."""
    view = card_view(task.model_copy(update={"drawing": None, "target": None}), language)
    template = _environment().get_template("task.html.j2")
    return template.render(
        **context(language),
        task=view,
        whys=[_why(check, language) for check in task.checks] if task.attempted else [],
        pictures=list(_pictures(task, language)),
        models=models_text(task, language, _WIDTH),
    )


def _why(check: CheckReport, language: Language) -> dict[str, Any] | None:
    failure = check.failure
    if check.verdict == "passed" or failure is None:
        return None
    return {
        "rationale": prose(failure.rationale, language),
        "facts": [(render(name, language), prose(fact, language)) for name, fact in facts(failure)],
        "hint": prose(failure.hint, language) if failure.hint else None,
    }


def _pictures(task: TaskReport, language: Language) -> Iterator[dict[str, Any]]:
    """Yield the learner's model and what is wanted, as far as they exist and may be shown."""
    drawn: list[str] = []
    wanted = Drawing(graph=task.target.graph) if task.target is not None else None
    captions = (
        message("Your model; each box is one layer call.")
        if task.attempted
        else message("The model the starter code builds; each box is one layer call."),
        message("The target model."),
    )
    for drawing, caption in zip((task.drawing, wanted), captions, strict=True):
        shown = data_address(drawing, language) if drawing is not None else None
        if shown is not None and shown[0] not in drawn:
            drawn.append(shown[0])
            yield {"address": shown[0], "width": shown[1], "caption": render(caption, language)}


def _summary(report: Report, settings: Settings, metadata: Metadata, language: Language) -> str:
    """Return what is said of a submission as a whole, in paragraphs."""
    said: list[Message] = []
    if report.outcome != "graded":
        said.append(message("This submission could not be graded, so its score is 0."))
    said += words.notes(report)
    if len(metadata.users) > 1:
        names = ", ".join(clean(name, 80) for name in metadata.users[:20])
        said.append(message("Handed in together: {names}. The score counts for all of you.", names=names))
    if metadata.before is not None:
        said.append(
            message("Score of your submission before this one: {score}.", score=words.number(metadata.before))
        )
    if settings.hidden == "after_due_date" and metadata.due is not None:
        time = f"{metadata.due:%Y-%m-%d %H:%M %z}"
        said.append(message("What the hidden checks say is shown after {time}.", time=time))
    elif settings.hidden != "visible":
        said.append(message("Shown here are the checks that you can run yourself; hidden ones count, too."))
    return "".join(f"<p>{prose(one, language)}</p>\n" for one in said)


def _points(value: float) -> float:
    # Thirds of a point add up to 1.9999999999999998.
    return round(value, 4)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("autograder.platforms.gradescope"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
