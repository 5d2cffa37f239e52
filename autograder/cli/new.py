"""`autograder new`: make an assignment, or a whole course, that works at once and is still to be written."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autograder.authoring import Draft, DraftTask, new_assignment, new_course
from autograder.authoring.kinds import KINDS
from autograder.authoring.scaffold import untitled
from autograder.cli.common import (
    ALL_WELL,
    JsonOption,
    LangOption,
    UnsafeOption,
    explained,
    print_json,
)
from autograder.course import Course, CourseError, find_course, load_course
from autograder.course.load import NAME
from autograder.course.model import MOST_POINTS
from autograder.messages import LANGUAGE_TAG, Language, Message, message, render

if TYPE_CHECKING:
    from autograder.audit import Finding

FIRST = "first-steps"
FIRST_TASKS = ("first-model:model:4", "first-block:function:3", "first-number:number:2", "first-plot:plot:1")
"""The tasks that a new course begins with, where no others are asked for."""


def new(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[ID]", help="The assignment's id; in a new course first-steps.", show_default=False
        ),
    ] = None,
    tasks: Annotated[
        list[str] | None,
        typer.Option(
            "--task",
            metavar="ID:KIND:POINTS",
            help=f"A task; several by saying it again. Kinds: {', '.join(KINDS)}.",
            show_default=False,
        ),
    ] = None,
    titles: Annotated[
        list[str] | None,
        typer.Option(
            "--title",
            metavar="TAG=TEXT",
            help="The assignment's title in a language; several by saying it again.",
            show_default=False,
        ),
    ] = None,
    course_titles: Annotated[
        list[str] | None,
        typer.Option(
            "--course-title",
            metavar="TAG=TEXT",
            help="A new course's title in a language; several by saying it again.",
            show_default=False,
        ),
    ] = None,
    languages: Annotated[
        str, typer.Option("--languages", metavar="TAGS", help="The languages of a new course.")
    ] = "en",
    course: Annotated[
        Path | None,
        typer.Option(
            "--course",
            metavar="DIR",
            help="The course's folder; one is made where there is none. Else the one above this folder.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
    unsafe: UnsafeOption = False,
) -> None:
    """Run `autograder new`."""
    # Importing what reads notebooks takes a second, so only commands that need it do.
    from autograder.audit import lint
    from autograder.course.release import write_release
    from autograder.release.cache import built_release

    with explained(lang) as language:
        folder = _folder(course)
        known = load_course(folder / NAME) if (folder / NAME).is_file() else None
        spoken = known.languages if known is not None else _tags(languages)
        if known is not None and course_titles:
            raise CourseError(
                message(
                    "There is a course here already, and its title stands in {name}; `--course-title` is for "
                    "a new one.",
                    name=NAME,
                )
            )
        title = _course_title(folder, course_titles or [], spoken, language) if known is None else {}
        draft = _draft(name, tasks or [], titles or [], spoken, first=known is None, spoken=language)
        if known is None:
            files = new_course(folder, _id_of(folder), title, draft)
        else:
            files = new_assignment(known, draft)
        made = load_course(folder / NAME)
        files += write_release(made, lambda assignment: built_release(made, assignment))
        findings = lint(made, [made.assignment(draft.id)], unsafe=unsafe)
    if as_json:
        print_json(_document(made, draft, files, findings))
    else:
        _print(made, draft, files, findings, language)
    raise typer.Exit(ALL_WELL)


def _folder(course: Path | None) -> Path:
    """Return the course's folder, which need not exist yet."""
    if course is None or course.name == NAME:
        return find_course(Path() if course is None else course.parent).parent
    if course.exists() and not course.is_dir():
        raise CourseError(
            message("`{file}` is a file; `--course` names the course's folder.", file=str(course))
        )
    return course.resolve()


def _tags(written: str) -> tuple[Language, ...]:
    """Return the languages of a new course.

    Raises:
        CourseError: `written` is no list of tags.
    """
    tags = tuple(dict.fromkeys(written.replace(",", " ").split()))
    odd = [tag for tag in tags if not re.match(LANGUAGE_TAG, tag)]
    if odd or not tags:
        raise CourseError(
            message("`{found}` is no tag of a language, such as `en` or `ko`.", found=(odd or [written])[0])
        )
    return tags


def _course_title(
    folder: Path, titles: Sequence[str], languages: Sequence[Language], spoken: Language
) -> dict[Language, str]:
    """Return a new course's title in each language: as asked for, or after the name of its folder.

    Raises:
        CourseError: a title is not written as it should be.
    """
    given = dict(_title(written, languages) for written in titles)
    default = {tag: untitled(folder.name, tag, languages) for tag in languages}
    if not titles and _asks():
        said = render(message("The course's title"), spoken)
        given = dict([_title(typer.prompt(said, default=default[languages[0]]), languages)])
    return {tag: given.get(tag) or default[tag] for tag in languages}


def _asks() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _draft(
    name: str | None,
    tasks: Sequence[str],
    titles: Sequence[str],
    languages: Sequence[Language],
    *,
    first: bool,
    spoken: Language,
) -> Draft:
    """Return the draft that is asked for by options or, in a terminal, by answers to questions.

    Raises:
        CourseError: a part of it is not written as it should be.
    """
    asks = _asks()
    name = (
        name
        or (FIRST if first else None)
        or (typer.prompt(render(message("The assignment's id"), spoken)) if asks else None)
    )
    if name is None:
        raise CourseError(message("Name the assignment: `autograder new ID`."))
    if not tasks and asks:
        said = message("Tasks, each ID:KIND:POINTS (kinds: {kinds})", kinds=", ".join(KINDS))
        tasks = typer.prompt(render(said, spoken), default=" ".join(_some_tasks(name, first=first))).split()
    drafts = [_task(written, languages) for written in tasks or _some_tasks(name, first=first)]
    given = dict(_title(written, languages) for written in titles)
    titles_of = {tag: given.get(tag) or untitled(name, tag, languages) for tag in languages}
    return Draft(name, titles_of, drafts)


def _some_tasks(name: str, *, first: bool) -> Sequence[str]:
    return FIRST_TASKS if first else (f"{name}-model:model:10",)


def _task(written: str, languages: Sequence[Language]) -> DraftTask:
    parts = written.split(":")
    try:
        name, kind, points = parts if len(parts) == 3 else (*parts, "5")
        worth = float(points)
    except ValueError:
        worth, kind = 0, ""
    if kind not in KINDS or not 0 < worth <= MOST_POINTS:
        raise CourseError(
            message(
                "`{found}` is no task; it should be ID:KIND:POINTS, such as `first-model:model:5`, with one "
                "of the kinds {kinds}.",
                found=written,
                kinds=", ".join(f"`{known}`" for known in KINDS),
            )
        )
    return DraftTask(name, worth, kind, {tag: untitled(name, tag, languages) for tag in languages})


def _title(written: str, languages: Sequence[Language]) -> tuple[Language, str]:
    # A title becomes a heading and an entry of course.yml, which are both one line.
    written = " ".join(written.split())
    tag, equals, text = written.partition("=")
    if not equals:
        return languages[0], written
    if tag not in languages or not text:
        raise CourseError(
            message(
                "`{found}` is no title; it should be a language of the course and a text, such as "
                "`en=First steps`.",
                found=written,
            )
        )
    return tag, text


def _id_of(folder: Path) -> str:
    """Return the id of a course, made from its folder's name."""
    return (
        re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-").lstrip("0123456789-") or "course"
    )


def _document(
    course: Course, draft: Draft, files: Sequence[Path], findings: Sequence[Finding]
) -> dict[str, Any]:
    """Return the documented, versioned document of `new --json` (docs/json.md)."""
    return {
        "schema_version": 1,
        "command": "new",
        "assignment": draft.id,
        "files": sorted(path.relative_to(course.root).as_posix() for path in files),
        "left": [
            {
                "rule": finding.rule,
                "file": finding.file,
                "cell": finding.cell or None,
                "message": finding.said.model_dump(mode="json"),
            }
            for finding in findings
        ],
    }


def _print(
    course: Course, draft: Draft, files: Sequence[Path], findings: Sequence[Finding], language: Language
) -> None:
    def say(said: Message) -> None:
        print(render(said, language))

    for path in files:
        say(message("Written: {file}", file=path.relative_to(course.root).as_posix()))
    print()
    faults = [finding for finding in findings if finding.rule != "unwritten"]
    checked = sum(task.points for task in draft.tasks if not task.by_hand)
    if not faults and checked:
        say(
            message(
                "It is graded as it stands: the starter code gets nothing, and the solution all of the "
                "{points} points.",
                points=checked,
            )
        )
    if by_hand := [f"`{task.id}`" for task in draft.tasks if task.by_hand]:
        say(message("To be graded by hand: {tasks}", tasks=", ".join(by_hand)))
    for finding in faults:
        say(finding.said)
    say(message("Still to be written, each marked with `TODO`: {count}.", count=len(findings) - len(faults)))
    for file, count in Counter(one.file for one in findings if one.rule == "unwritten").items():
        print(f"  {file}: {count}")
    say(message("Next: `autograder dev {id}` shows what is left each time you save.", id=draft.id))
