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
from markupsafe import escape

from autograder.course import Course
from autograder.feedback import Afterwards, CheckReport, Drawing, Report, TaskReport, markdown, words
from autograder.feedback.card import card_view, context, facts, prose
from autograder.feedback.model_lines import models_text
from autograder.messages import Language, Message, clean, message, render
from autograder.platforms.gradescope.handed_in import Metadata
from autograder.platforms.gradescope.settings import Settings, Visibility
from autograder.platforms.pixels import data_address
from autograder.version import VERSION

_NOT_GRADED = message("Not graded: see what is said of the submission as a whole.")
_PASSED = message("All checks of this task have passed.")
_PASSED_PUBLIC = message("All checks of this task that you can run yourself have passed.")
_PASSED_HIDDEN = message("All hidden checks of this task have passed.")
_HEADING = 4
"""The level of a heading in a test's output."""
_WIDTH = 90
"""How many columns a model that is told in lines has."""


@dataclass(frozen=True)
class _Part:
    """One test: a task, or the part of it that students see at once, or later.

    `passed` is what is said where no point of it is missing.
    """

    task: TaskReport
    title: Message
    number: str
    visibility: Visibility
    passed: Message = _PASSED


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
    if report.full_marks and report.afterwards is not None:
        tests.append(_afterwards_test(report.afterwards, parts, language))
    # Gradescope wants a score on top where no test has one: all that is here is graded by a person.
    whole = {} if any("score" in test for test in tests) else {"score": 0.0}
    return {
        **whole,
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
    yield _Part(task.model_copy(update=seen), title, f"{number}.1", "visible", _PASSED_PUBLIC)
    # A drawing without marks would be the picture that is there already.
    marked = task.drawing if task.drawing is not None and task.drawing.differences else None
    rest = {
        "checks": hidden,
        "drawing": marked,
        "score": max(0.0, task.score - score),
        "points": task.points - points,
    }
    named = message("{task} (hidden checks)", task=title)
    yield _Part(task.model_copy(update=rest), named, f"{number}.2", settings.hidden, _PASSED_HIDDEN)


def _task_test(part: _Part, report: Report, language: Language) -> dict[str, Any]:
    task = part.task
    output = (
        _card(task, language, part.passed)
        if report.outcome == "graded"
        else _paragraph(_NOT_GRADED, language)
    )
    test: dict[str, Any] = {
        "name": clean(render(part.title, language)),
        "number": part.number,
        "score": _points(task.score),
        "max_score": _points(task.points),
        "visibility": part.visibility,
        "output": output,
    }
    if task.by_hand:
        # A person gives the points with Gradescope's manual grading, whose points are no test's: a score of 0
        # would count, and the autograder's points must be the same for whoever has written nothing.
        del test["score"], test["max_score"]
        if not task.pending:
            test["status"] = "failed"
    return test


def _afterwards_test(afterwards: Afterwards, parts: list[_Part], language: Language) -> dict[str, Any]:
    """Return what a learner with full marks reads as a test that gives no points, shown when those are."""
    latest = next((part.visibility for part in parts if part.visibility != "visible"), "visible")
    text = markdown.html(afterwards.text.in_language(language), _HEADING)
    solution = f"<h{_HEADING}>{prose(words.ALTERNATIVE, language)}</h{_HEADING}>\n"
    return {
        "name": render(words.WHY_IT_WORKS, language),
        "number": str(len({part.number.split(".")[0] for part in parts}) + 1),
        "status": "passed",
        "visibility": latest,
        "output": f"{text}{solution}<pre><code>{escape(afterwards.alternative)}</code></pre>",
    }


def _check_tests(part: _Part, language: Language) -> Iterator[dict[str, Any]]:
    """Yield a part's checks, each as a test; the first that failed, or else the first, has the picture."""
    first = next((check for check in part.task.checks if check.verdict == "failed"), part.task.checks[0])
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


def _card(task: TaskReport, language: Language, passed: Message | None = None) -> str:
    """Return a task's card in elements that Gradescope keeps and that look like something without styles.

    `passed` is what is said first where no point is missing.
    """
    view = card_view(task.model_copy(update={"drawing": None, "target": None}), language)
    template = _environment().get_template("task.html.j2")
    return template.render(
        **context(language),
        task=view,
        passed=prose(passed, language) if passed is not None and _is_full(task) else None,
        whys=[_why(check, language) for check in task.checks] if task.attempted else [],
        pictures=list(_pictures(task, language)),
        # A picture may be taken out: it is told in lines even where there is nothing to compare.
        models=models_text(task, language, _WIDTH, always=True),
    )


def _is_full(task: TaskReport) -> bool:
    return not task.by_hand and _points(task.score) >= _points(task.points)


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
    captions = (words.own_model(task), words.target_model(task.target) if task.target else None)
    for drawing, caption in zip((task.drawing, wanted), captions, strict=True):
        shown = data_address(drawing, language) if drawing is not None else None
        if shown is not None and caption is not None and shown[0] not in drawn:
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
    return "".join(f"{_paragraph(one, language)}\n" for one in said)


def _paragraph(said: Message, language: Language) -> str:
    return f"<p>{prose(said, language)}</p>"


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
