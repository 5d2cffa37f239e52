"""Writes the pages of an audit: every wrong answer with its picture and its message, by assignment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from autograder.audit.proof import Outcome, Proof, Refused
from autograder.feedback import Failure
from autograder.feedback.card import code_in, context, environment, facts, prose, style_sheet
from autograder.feedback.files import written_whole
from autograder.feedback.picture import picture
from autograder.messages import Language, Message, clean, message, render

if TYPE_CHECKING:
    from jinja2 import Environment

_LARGE = 60
"""Above so many calls, a model is drawn only where something must be mended: mutants are many."""

FATES: dict[str, Message] = {
    "killed": message("loses points"),
    "survived": message("full marks"),
    "free": message("left to the learner"),
    "equivalent": message("correct after all"),
    "unbuildable": message("not a model"),
    "broken": message("breaks a check"),
}


def write_audit(proofs: Sequence[Proof], output: Path, language: Language) -> None:
    """Write `index.html` and a page for each assignment below `output`.

    Raises:
        OSError: a file cannot be written: the disk is full, the folder is not writable.
    """
    output.mkdir(parents=True, exist_ok=True)
    for proof in proofs:
        with written_whole(output / f"{proof.assignment.id}.html") as file:
            file.writelines(_assignment(proof, language))
    with written_whole(output / "index.html") as file:
        file.writelines(_index(proofs, language))


def _index(proofs: Sequence[Proof], language: Language) -> Iterator[str]:
    rows = [
        {
            "href": f"{proof.assignment.id}.html",
            "title": proof.assignment.title.in_language(language),
            "cells": figures(proof),
        }
        for proof in proofs
    ]
    template = _environment().get_template("audit.html.j2")
    return template.generate(**context(language), styles=_styles(), heads=heads(language), rows=rows)


def _assignment(proof: Proof, language: Language) -> Iterator[str]:
    # Titles are the assignment's own, in each language of the course.
    languages = proof.assignment.title.languages
    lead = message(
        "Wrong answers tried: {mutants} of {possible}; {killed} lose points, "
        "{explained} of these are explained. Right answers tried: {equivalents}; "
        "refused: {refused}.",
        mutants=proof.mutants,
        possible=proof.possible,
        killed=percent(proof.killed),
        explained=percent(proof.explained),
        equivalents=proof.equivalents,
        refused=len(proof.refused),
    )
    aside = message(
        "Not counted: correct after all {equivalent}, left to the learner {free}, not a model {unbuildable}.",
        equivalent=proof.fates["equivalent"],
        free=proof.fates["free"],
        unbuildable=proof.fates["unbuildable"],
    )
    return (
        _environment()
        .get_template("assignment.html.j2")
        .generate(
            **context(language),
            styles=_styles(),
            title=proof.assignment.title.in_language(language),
            lead=render(lead, language),
            aside=render(aside, language),
            heads=heads(language)[:3],
            operators=[
                (operator, (row["mutants"], row["killed"], row["explained"]))
                for operator, row in proof.by_operator().items()
            ],
            refused=[_refused(one, languages) for one in proof.refused],
            to_mend=[
                _view(one, language, languages, f"mend{number}", True)
                for number, one in enumerate(proof.to_mend)
            ],
            tasks=[
                {
                    "id": task.id,
                    "title": code_in(task.title.in_language(language)),
                    "mutants": [
                        _view(one, language, languages, f"{task.id}{number}", False)
                        for number, one in enumerate(proof.outcomes)
                        if one.task == task.id and one.fate not in ("unbuildable", "equivalent")
                    ],
                }
                for task in proof.assignment.checked
            ],
        )
    )


def heads(language: Language) -> list[str]:
    """Return the headings of a proof's figures, for a table."""
    names = (
        message("Wrong"),
        message("Lose points"),
        message("Explained"),
        message("Right"),
        message("Refused"),
    )
    return [render(name, language) for name in names]


def figures(proof: Proof) -> list[str]:
    """Return a proof's figures, as tables show them."""
    shares = percent(proof.killed), percent(proof.explained)
    return [str(proof.mutants), *shares, str(proof.equivalents), str(len(proof.refused))]


def percent(share: float) -> str:
    """Return a share in per cent; it is 100 only where it is all of them."""
    return "100 %" if share == 1 else f"{min(share * 100, 99.9):.1f} %"


def _view(
    outcome: Outcome, language: Language, languages: Sequence[Language], place: str, large: bool
) -> dict[str, Any]:
    drawing = outcome.drawing
    drawn = None
    if drawing is not None and (large or len(drawing.graph["calls"]) <= _LARGE):
        drawn = picture(drawing, language, f"{place}-")
    return {
        "what": clean(outcome.what, 160),
        "operator": outcome.operator,
        "fate": render(FATES[outcome.fate], language),
        "faults": [*outcome.faults, *outcome.unexplained, *filter(None, [outcome.trouble])],
        "source": outcome.source,
        "failure": _told(outcome.failure, languages),
        "picture": Markup(drawn) if drawn else None,
    }


def _refused(refused: Refused, languages: Sequence[Language]) -> dict[str, Any]:
    return {
        "task": refused.task,
        "rules": ", ".join(refused.rules),
        "program": refused.program,
        "failure": _told(refused.failure, languages),
        "trouble": refused.trouble,
    }


def _told(
    failure: Failure | None, languages: Sequence[Language]
) -> list[tuple[Language, Markup, list[tuple[str, Markup]]]]:
    """Return what a failure says, in each language."""
    if failure is None:
        return []
    return [
        (
            language,
            prose(failure.rationale, language),
            [(render(name, language), prose(fact, language)) for name, fact in facts(failure)],
        )
        for language in languages
    ]


@cache
def _environment() -> Environment:
    from jinja2 import ChoiceLoader, PackageLoader

    shared = environment()
    assert shared.loader is not None
    return shared.overlay(loader=ChoiceLoader([PackageLoader("autograder.audit"), shared.loader]))


def _styles() -> Markup:
    loader = _environment().loader
    assert loader is not None
    own = loader.get_source(_environment(), "audit.css")[0]
    return style_sheet("card.css") + style_sheet("page.css") + Markup(own)
