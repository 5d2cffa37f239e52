"""Renders one task as a card: an HTML fragment for notebooks and pages, and the view it is made from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import blake2s
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from autograder.checks import Meaning
from autograder.feedback import words
from autograder.feedback.picture import picture
from autograder.feedback.report import CheckReport, Drawing, Failure, TaskReport
from autograder.feedback.summary import first_failed, stopped_by
from autograder.messages import Language, Message, clean, clean_lines, message, render

if TYPE_CHECKING:
    from jinja2 import Environment

_CODE = re.compile(r"`([^`]+)`")
_HEAD_END = re.compile(r'<p class="bs-score">[^<]*</p></header>')
_SIZE = re.compile(r'width="([\d.]+)" height="([\d.]+)"')
_WIDEST = 980.0
"""Width in pixels; a wider picture does not fit into a card at a readable size."""
_TALLEST = 1600.0
"""Height in pixels; a taller picture scrolls within the card, so that what follows is not far away."""


TEXT_CHARACTERS, TEXT_LINES = 8000, 400
"""How many characters and lines of a text that a person grades are shown; the notebook has all of it."""


@dataclass(frozen=True)
class Remarks:
    """What a card says that its report does not: `headline` in place of the score, `note` below the checks,
    `foot` at the end.
    """

    headline: Message | None = None
    note: Message | None = None
    foot: tuple[Message, ...] = ()


NO_REMARKS = Remarks()


def card_html(
    task: TaskReport,
    language: Language,
    *,
    style: bool = True,
    level: int = 3,
    remarks: Remarks = NO_REMARKS,
    models: str | None = None,
) -> str:
    """Return `task` as an HTML fragment without scripts.

    `style` adds the card's own style sheet, scoped to the card; `level` is the heading level of the task's
    title. Where an application removes the style sheet and the pictures, because it does not trust a
    notebook, what is left reads as `card_text` does. `models` is what `models_text` has made of the task, if
    that is known already.
    """
    # Grading alone needs no layout of text, so it does not wait for this import.
    from autograder.feedback.model_lines import models_text

    module = environment().get_template("card.html.j2").make_module(context(language))
    models = models_text(task, language) if models is None else models
    view = {**card_view(task, language, remarks=remarks), "models": models}
    card = str(module.card(view, level))  # type: ignore[attr-defined]
    return f"<style>{style_sheet('card.css')}</style>\n{card}" if style else card


def meaning_html(meaning: Meaning, language: Language) -> str:
    """Return an error's meaning as an HTML fragment without scripts, with its own style sheet."""
    module = environment().get_template("card.html.j2").make_module(context(language))
    note = module.note(  # type: ignore[attr-defined]
        render(words.WHAT_IT_MEANS, language), prose(meaning.says, language), prose(meaning.look, language)
    )
    return f"<style>{style_sheet('card.css')}</style>\n{note}"


def meaning_text(meaning: Meaning, language: Language) -> str:
    """Return an error's meaning as plain text."""
    said = (words.WHAT_IT_MEANS, meaning.says), (message("Hint"), meaning.look)
    return "\n".join(f"{render(name, language)}: {render(text, language)}" for name, text in said)


def with_given_score(
    card: str, *, score: float, automatic: float | None, points: float, language: Language
) -> str:
    """Return a card that `card_html` made, with the score that a person has given, and a note on it.

    A card in a notebook is older than what a person gives. Without an `automatic` score there was none.
    """
    module = environment().get_template("card.html.j2").make_module(context(language))
    shown = render(words.score(score, points), language)
    said = _given_said(score, automatic, points, language)
    head = str(module.head_end(shown, said))  # type: ignore[attr-defined]
    return _HEAD_END.sub(lambda _found: head, card, count=1)


def _given_said(score: float, automatic: float | None, points: float, language: Language) -> str:
    return render(words.given_by_hand(score, automatic, points), language)


def card_view(
    task: TaskReport,
    language: Language,
    place: str = "",
    remarks: Remarks = NO_REMARKS,
    given: float | None = None,
) -> dict[str, Any]:
    """Return what the card's template shows of `task`, in words.

    `place` tells pictures of one page apart; `given` is the score that a person has given.
    """
    if given is not None:
        task = task.model_copy(update={"pending": False})
    greeting = words.greeting(task) if given is None or not task.by_hand else None
    opened = first_failed(task.checks)
    return {
        "title": clean(task.title.in_language(language)),
        "score": render(
            words.task_score(task) if given is None else words.score(given, task.points), language
        ),
        "given": None
        if given is None
        else _given_said(given, None if task.by_hand else task.score, task.points, language),
        "headline": _prose_of(remarks.headline, language),
        "note": _prose_of(remarks.note or words.carried(task), language),
        "foot": [prose(said, language) for said in remarks.foot],
        "greeting": None if greeting is None else tuple(render(said, language) for said in greeting),
        "text": _text(task, language),
        "stopped": None
        if task.attempted or (stopped := stopped_by(task)) is None
        else prose(stopped, language),
        "checks": [
            _check(check, language, check is opened) if task.attempted else _aim(check, language)
            for check in task.checks
        ],
        "pictures": _pictures(task, language, place),
        "models": "",
    }


def _text(task: TaskReport, language: Language) -> dict[str, str] | None:
    """Return what was handed in for a person to read, as plain text, whatever it is."""
    if not words.has_text(task):
        return None
    return {
        "name": render(words.WRITTEN, language),
        "lines": clean_lines(task.written, TEXT_CHARACTERS, TEXT_LINES),
        "empty": render(words.EMPTY, language),
    }


def prose(text: Message, language: Language) -> Markup:
    """Return a message as HTML, with what is in backticks as code."""
    return code_in(render(text, language))


def _prose_of(text: Message | None, language: Language) -> Markup | None:
    return prose(text, language) if text is not None else None


def code_in(text: str) -> Markup:
    """Return `text` escaped, with what is in backticks as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))


def context(language: Language) -> dict[str, Any]:
    """Return what every template is given: the language, and how to say a sentence in it."""

    def say(text: str, **values: int | float | str) -> str:
        return render(Message(text=text, values=dict(values)), language)

    return {"language": language, "say": say}


@cache
def environment() -> Environment:
    """Return the templates: everything is escaped unless it is HTML already, and a wrong name is an error."""
    # Grading alone needs no templates, so it does not wait for this import.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("autograder.feedback"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


@cache
def style_sheet(name: str) -> Markup:
    """Return a style sheet from the templates' folder, to be put inside `<style>`."""
    loader = environment().loader
    assert loader is not None
    return Markup(loader.get_source(environment(), name)[0])


def _check(check: CheckReport, language: Language, opened: bool) -> dict[str, Any]:
    why = _why(check, language)
    return {
        "verdict": check.verdict,
        "mark": words.MARKS[check.verdict],
        "word": render(words.VERDICTS[check.verdict], language),
        "title": prose(check.title, language),
        "opened": opened,
        "why": why,
    }


def _aim(check: CheckReport, language: Language) -> dict[str, Any]:
    """Return a check of a task that nobody has begun as something to do, whatever its verdict."""
    there = check.verdict == "passed"
    return {
        "verdict": "passed" if there else "skipped",
        "mark": words.MARKS["passed"] if there else words.TO_DO_MARK,
        "word": render(words.VERDICTS["passed"] if there else words.TO_DO, language),
        "title": prose(check.title, language),
        "opened": False,
        "why": None,
    }


def _pictures(task: TaskReport, language: Language, place: str) -> list[dict[str, Any]]:
    """Return pictures of the learner's model and of what is wanted, each with its caption."""
    drawings = [(task.drawing, words.own_model(task), message("Picture of the model"), picture)]
    if task.target is not None:
        drawings.append(
            (
                Drawing(graph=task.target.graph),
                words.target_model(task.target),
                message("Picture of the target model"),
                _same_for_all,
            )
        )
    pictured: list[dict[str, Any]] = []
    for number, (drawing, caption, name, drawn_by) in enumerate(drawings):
        prefix = _prefix(task.id, drawing, f"{place}-{number}" if place else "")
        drawn = drawn_by(drawing, language, prefix)
        if not drawn:
            continue
        bare = drawn.replace(prefix, "")
        if pictured and pictured[0]["bare"] == bare:
            # The same picture twice would only make the reader look for a difference.
            pictured[0]["caption"] += " " + render(words.same_target(task), language)
            continue
        width, height = _SIZE.search(drawn).groups()  # type: ignore[union-attr]
        tall = float(height) > _TALLEST
        pictured.append(
            {
                "bare": bare,
                "svg": Markup(drawn),
                "width": width,
                "tall": tall,
                "large": tall or float(width) > _WIDEST,
                "caption": render(caption, language),
                "name": render(name, language),
            }
        )
    return pictured


def _same_for_all(drawing: Drawing | None, language: Language, prefix: str) -> str | None:
    """Return the picture of what is wanted, which is the same on every card."""
    return None if drawing is None else _drawn_once(drawing.model_dump_json(), language, prefix)


@lru_cache(maxsize=32)
def _drawn_once(drawing: str, language: Language, prefix: str) -> str | None:
    return picture(Drawing.model_validate_json(drawing), language, prefix)


def _why(check: CheckReport, language: Language) -> dict[str, Any] | None:
    failure = check.failure
    if check.verdict == "passed":
        return None
    if failure is None:
        lone = {"broken": words.BROKEN, "skipped": words.SKIPPED}.get(check.verdict)
        failure = Failure(rationale=lone) if lone else None
    if failure is None:
        return None
    return {
        "rationale": prose(failure.rationale, language),
        "facts": [(render(name, language), prose(fact, language)) for name, fact in facts(failure)],
        "hint": prose(failure.hint, language) if failure.hint else None,
    }


def facts(failure: Failure) -> list[tuple[Message, Message]]:
    """Return what a failure found and wanted, and where, each with its name; no place is told twice."""
    where = failure.where
    if where is not None and render(where, "en") in render(failure.rationale, "en"):
        where = None
    named = (
        (message("Actual"), failure.found),
        (message("Expected"), failure.wanted),
        (message("Where"), where),
    )
    return [(name, fact) for name, fact in named if fact is not None]


def _prefix(task: str, drawing: Drawing | None, place: str) -> str:
    # Ids must differ between the pictures of one page, and agree between two runs.
    key = f"{place}\0{task}\0{drawing.model_dump_json() if drawing is not None and not place else ''}"
    return f"p{blake2s(key.encode(), digest_size=5).hexdigest()}-"
