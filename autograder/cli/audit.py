"""`autograder audit [ASSIGNMENT]`: try whether the graders are any good."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from autograder.cli.common import (
    ALL_WELL,
    NOT_YET,
    CourseOption,
    JsonOption,
    LangOption,
    UnsafeOption,
    course_at,
    explained,
    print_json,
)
from autograder.cli.progress import AuditProgress
from autograder.course import Course, CourseError
from autograder.grading import GradingError, GradingSession, unwritable, usable_cores
from autograder.messages import Language, Message, message, render

if TYPE_CHECKING:
    from autograder.audit.proof import Outcome, Proof
    from autograder.checks import Failure

_MOST_UNCLEAR = 12
"""How many answers with an unclear message are listed; the page has all of them."""


def audit(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[ASSIGNMENT]", help="One assignment's id; else all.", show_default=False),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            help="Where pages go that show every wrong answer, its picture and its message.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Decides which answers are made.")] = 1,
    most: Annotated[
        int | None,
        typer.Option(
            "--sample",
            metavar="N",
            min=1,
            help="The most wrong and the most right answers to an assignment; else 300 and 200.",
            show_default=False,
        ),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, help="Answers at once; else one per processor.")
    ] = None,
    pin: Annotated[
        bool,
        typer.Option(
            "--pin", help="Propose wrong and right answers to keep, with what they get, in graders/pinned/."
        ),
    ] = False,
    as_json: JsonOption = False,
    lang: LangOption = None,
    unsafe: UnsafeOption = False,
    course: CourseOption = None,
) -> None:
    """Run `autograder audit`."""
    with explained(lang) as language:
        found_course = course_at(course)
        chosen = [*found_course.assignments] if name is None else [found_course.assignment(name)]
        proving = _proving()
        pinned = [found_course.pinned(assignment) for assignment in chosen] if pin else []
        _refuse_pinned(found_course, pinned)
        with (
            proving.opened(found_course, unsafe=unsafe) as session,
            AuditProgress(Console(stderr=True, highlight=False), language) as progress,
        ):
            proofs = proving.proofs(
                session,
                chosen,
                most=most,
                seed=seed,
                jobs=jobs or usable_cores(),
                listen=progress.take,
            )
            for path, proof in zip(pinned, proofs, strict=False):
                _write_pinned(path, session, proof, seed)
        if output is not None:
            _write(proofs, output, language)
    if as_json:
        print_json(_document(proofs, seed))
    else:
        _print(proofs, language)
        if output is not None:
            said = render(message("Every wrong answer with its message"), language)
            print(f"{said}: {output / 'index.html'}")
    raise typer.Exit(ALL_WELL if all(proof.holds for proof in proofs) else NOT_YET)


def _proving() -> Any:
    """Import the module that makes and judges the answers.

    Raises:
        GradingError: a package of the extra `author` is not installed.
    """
    try:
        return importlib.import_module("autograder.audit.proving")
    except ModuleNotFoundError as error:
        raise GradingError(
            message(
                "`autograder audit` needs the package `{package}`: install the extra `author`.",
                package=str(error.name).split(".")[0],
            )
        ) from None


def _refuse_pinned(course: Course, paths: Sequence[Path]) -> None:
    """Refuse to overwrite pinned answers, which somebody has read and kept."""
    for path in paths:
        if path.exists():
            raise CourseError(
                message(
                    "{file} is there already, and was left as it is.",
                    file=path.relative_to(course.root).as_posix(),
                )
            )


def _write_pinned(path: Path, session: GradingSession, proof: Proof, seed: int) -> None:
    from autograder.audit.pinning import proposal
    from autograder.feedback.files import written_whole

    text = proposal(session, proof.assignment, proof.outcomes, seed)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as file:
            file.write(text)
    except OSError as error:
        raise GradingError(unwritable(path, error)) from error


def _write(proofs: Sequence[Proof], output: Path, language: Language) -> None:
    from autograder.audit.pages import write_audit

    try:
        write_audit(proofs, output, language)
    except OSError as error:
        raise GradingError(unwritable(output, error)) from error


def _print(proofs: Sequence[Proof], language: Language) -> None:
    from autograder.audit.pages import figures, heads
    from autograder.audit.proof import too_many_unclear, unclear

    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False)
    for number, head in enumerate((render(message("Assignment"), language), *heads(language))):
        table.add_column(head, justify="right" if number else "left", no_wrap=True)
    for proof in proofs:
        table.add_row(proof.assignment.id, *figures(proof))
    console.print(table)
    for proof in proofs:
        if left := proof.assignment.by_hand:
            left_out = message(
                "{assignment}: left out, because a person grades it: {tasks}.",
                assignment=proof.assignment.id,
                tasks=", ".join(f"`{task.id}`" for task in left),
            )
            print(render(left_out, language))
    for proof in proofs:
        for outcome in proof.to_mend:
            _say(_fault(outcome), language, proof, outcome.task)
            if outcome.trouble:
                print(outcome.trouble)
        for outcome in proof.unclear[:_MOST_UNCLEAR]:
            _say(unclear(outcome), language, proof, outcome.task)
        if proof.unclear:
            print(f"{proof.assignment.id}: {render(too_many_unclear(proof), language)}")
        for refused in proof.refused:
            rules = ", ".join(refused.rules)
            _say(
                message("a correct program is refused ({rules}):", rules=rules), language, proof, refused.task
            )
            print(_indented(refused.program))
            said = refused.failure.rationale if refused.failure is not None else None
            print(_indented(render(said, language) if said is not None else refused.trouble))


def _say(said: Message, language: Language, proof: Proof, task: str) -> None:
    print(f"{proof.assignment.id}, {task}: {render(said, language)}")


def _fault(outcome: Outcome) -> Message:
    if outcome.fate == "survived":
        return message("a wrong answer gets full marks: {what}", what=outcome.what)
    if outcome.fate == "broken":
        return message("a check breaks on a wrong answer: {what}", what=outcome.what)
    return message(
        "the message about a wrong answer ({what}) has a fault: it {fault}",
        what=outcome.what,
        fault="; ".join(outcome.faults),
    )


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def _document(proofs: Sequence[Proof], seed: int) -> dict[str, Any]:
    """Return the documented, versioned document of `audit --json` (docs/json.md)."""
    return {
        "schema_version": 1,
        "command": "audit",
        "seed": seed,
        "assignments": [
            {
                "id": proof.assignment.id,
                "holds": proof.holds,
                "by_hand": [task.id for task in proof.assignment.by_hand],
                "possible": proof.possible,
                "mutants": proof.mutants,
                "killed": proof.killed,
                "explained": proof.explained,
                "fates": dict(proof.fates),
                "operators": proof.by_operator(),
                "to_mend": [_outcome(outcome) for outcome in proof.to_mend],
                "unexplained": [_outcome(one) for one in proof.outcomes if one.unexplained],
                "equivalents": proof.equivalents,
                "refused": [
                    {
                        "task": refused.task,
                        "rules": list(refused.rules),
                        "program": refused.program,
                        "check": refused.check or None,
                        "failure": _failure(refused.failure),
                        "trouble": refused.trouble or None,
                    }
                    for refused in proof.refused
                ],
            }
            for proof in proofs
        ],
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "task": outcome.task,
        "operator": outcome.operator,
        "what": outcome.what,
        "fate": outcome.fate,
        "check": outcome.check or None,
        "failure": _failure(outcome.failure),
        "faults": [*outcome.faults, *outcome.unexplained],
        "source": outcome.source or None,
        "trouble": outcome.trouble or None,
    }


def _failure(failure: Failure | None) -> Any:
    return failure.model_dump(mode="json") if failure is not None else None
