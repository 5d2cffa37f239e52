"""`autograder dev ID`: show what is left to do for an assignment, again whenever something is saved."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from autograder.cli.common import (
    ALL_WELL,
    INTERRUPTED,
    NOT_YET,
    CourseOption,
    JsonOption,
    LangOption,
    UnsafeOption,
    course_at,
    explained,
    print_json,
)
from autograder.messages import Language, Message, message, render

if TYPE_CHECKING:
    from autograder.audit.proof import Outcome
    from autograder.authoring.dev import State

MOST = 6
"""How many lines of one kind are shown at most; the rest is counted."""


def dev(
    name: Annotated[str, typer.Argument(metavar="ASSIGNMENT", help="The assignment's id.")],
    once: Annotated[
        bool, typer.Option("--once", help="Look once, and end (exit 0: nothing is left, 1: something is).")
    ] = False,
    output: Annotated[
        Path, typer.Option("--output", help="Where the page goes that shows each message with its picture.")
    ] = Path("out/dev"),
    as_json: JsonOption = False,
    lang: LangOption = None,
    unsafe: UnsafeOption = False,
    course: CourseOption = None,
) -> None:
    """Run `autograder dev`."""
    # Importing what reads notebooks takes a second, so only commands that need it do.
    from autograder.authoring.dev import Author

    with explained(lang) as language:
        found = course_at(course)
        found.assignment(name)
        author = Author.of(found, name, unsafe=unsafe)
        console = Console(highlight=False)
        try:
            for state in [author.look()] if once or as_json else author.states():
                page = _page(state, output, language)
                if as_json:
                    print_json(_document(state))
                    continue
                if not once and sys.stdout.isatty():
                    console.clear()
                _print(state, page, console, found.languages, language)
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None
        finally:
            author.close()
    raise typer.Exit(ALL_WELL if state.done else NOT_YET)


def _page(state: State, output: Path, language: Language) -> Path | None:
    """Write a page of each wrong answer that was tried, with its picture and its message; return its path."""
    from autograder.audit.pages import write_audit

    if state.proof is None:
        return None
    try:
        write_audit([state.proof], output, language)
    except OSError:
        # The terminal shows what matters; a folder that cannot be written to must not end the command.
        return None
    return output / f"{state.assignment}.html"


def _print(
    state: State, page: Path | None, console: Console, languages: Sequence[Language], language: Language
) -> None:
    def say(said: Message, mark: str = " ", style: str | None = None) -> None:
        console.print(f"{mark} {render(said, language)}", markup=False, soft_wrap=True, style=style)

    say(
        message("{id}, looked at in {seconds} s", id=state.assignment, seconds=f"{state.seconds:.1f}"),
        "•",
        "bold",
    )
    for said in state.troubles:
        say(said, "✗", "red")
    _listed(state.faults, console, language)
    if not state.troubles and not state.faults:
        say(message("The starter code gets what it should, and the solution has full marks."), "✓", "green")
    if state.proof is not None:
        _say_proof(state, say)
    if state.unwritten:
        say(
            message("Still to be written, each marked with `TODO`: {count}.", count=len(state.unwritten)), "○"
        )
        _listed(state.unwritten, console, language, mark="   ")
    if state.untranslated:
        say(
            message("Sentences of the checks without a translation: {count}.", count=len(state.untranslated)),
            "○",
        )
    for outcome in state.told:
        _tell(outcome, console, languages)
    if page is not None:
        say(message("Each message with its picture: {file}", file=str(page)))
    console.print()
    if state.done:
        say(message("Nothing is left here."), "✓", "green")
    say(message("Next: {what}", what=state.next), "→", "bold")


def _listed(findings: Sequence[Any], console: Console, language: Language, mark: str = "✗") -> None:
    for finding in findings[:MOST]:
        console.print(f"{mark} {render(finding.said, language)}", markup=False, soft_wrap=True)
    if len(findings) > MOST:
        console.print(f"{mark} {render(message('… and {count} more', count=len(findings) - MOST), language)}")


def _say_proof(state: State, say: Any) -> None:
    from autograder.audit.proof import unclear

    proof = state.proof
    assert proof is not None
    holds = not proof.to_mend and not proof.refused
    say(
        message(
            "Of {wrong} wrong answers tried, {killed} lose points; of {right} right ones, {refused} do.",
            wrong=proof.mutants,
            killed=proof.fates["killed"],
            right=proof.equivalents,
            refused=len(proof.refused),
        ),
        "✓" if holds else "✗",
        "green" if holds else "red",
    )
    for outcome in proof.to_mend[:MOST]:
        if outcome.fate == "survived":
            say(message("a wrong answer gets full marks: {what}", what=outcome.what), "   ")
        else:
            faults = "; ".join(outcome.faults) or outcome.trouble or outcome.fate
            say(message("{what}: {faults}", what=outcome.what, faults=faults), "   ")
    for outcome in proof.unclear[:MOST]:
        say(unclear(outcome), "○")
    for refused in proof.refused[:MOST]:
        say(message("a correct program is refused ({rules}):", rules=", ".join(refused.rules)), "   ")


def _tell(outcome: Outcome, console: Console, languages: Sequence[Language]) -> None:
    """Print what a typical wrong answer is told, in each language of the course."""
    assert outcome.failure is not None
    console.print(f"  {outcome.check}: {outcome.what}", markup=False, soft_wrap=True, style="dim")
    for language in languages:
        parts = [outcome.failure.rationale, outcome.failure.hint]
        said = " ".join(render(part, language) for part in parts if part is not None)
        console.print(f"    {language}: {said}", markup=False, soft_wrap=True)


def _document(state: State) -> dict[str, Any]:
    """Return the documented, versioned document of `dev --json` (docs/json.md)."""
    return {
        "schema_version": 1,
        "command": "dev",
        "assignment": state.assignment,
        "done": state.done,
        "seconds": round(state.seconds, 1),
        "troubles": [said.model_dump(mode="json") for said in state.troubles],
        "findings": [
            {
                "rule": finding.rule,
                "file": finding.file,
                "cell": finding.cell or None,
                "message": finding.said.model_dump(mode="json"),
            }
            for finding in state.findings
        ],
        "wrong": state.proof.mutants if state.proof else 0,
        "killed": state.proof.fates["killed"] if state.proof else 0,
        "right": state.proof.equivalents if state.proof else 0,
        "refused": len(state.proof.refused) if state.proof else 0,
        "next": state.next.model_dump(mode="json"),
    }
