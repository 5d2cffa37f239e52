"""`autograder grade DIR`: grade a class."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

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
from autograder.cli.gradebook import class_list_of, lacks_package, scores_in_gradebook
from autograder.cli.progress import ClassProgress
from autograder.course import Course
from autograder.feedback import (
    ClassList,
    GivenScores,
    Summary,
    changes_table,
    class_table,
    note_changes,
    write_grades,
    write_pages,
)
from autograder.grading import (
    Graded,
    GradingError,
    LocalWorkers,
    Workers,
    grade_folder,
    unwritable,
    usable_cores,
)
from autograder.messages import Language, Message, message, render
from autograder.sandbox import Reserve

CHANGES = "changes.csv"
"""The file beside `grades.csv` that records every change of a score."""


def grade(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help="A class in nbgrader's layout: submitted/<student>/<assignment>/<assignment>.ipynb.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", help="Where reports, grades.csv and index.html go.")
    ] = Path("out"),
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, help="Submissions at once; else one per processor.")
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler",
            metavar="ADDRESS",
            help="Grade on the workers of this Dask scheduler, such as tcp://host:8786 (docs/cluster.md).",
            show_default=False,
        ),
    ] = None,
    fresh: Annotated[
        bool,
        typer.Option("--fresh", help="Grade everything again, also what has not changed since its report."),
    ] = False,
    gradebook: Annotated[
        bool,
        typer.Option(
            "--gradebook", help="Write scores into nbgrader's gradebook, and autograded/ beside submitted/."
        ),
    ] = False,
    as_json: JsonOption = False,
    lang: LangOption = None,
    unsafe: UnsafeOption = False,
    course: CourseOption = None,
) -> None:
    """Run `autograder grade`."""
    with explained(lang) as language, ExitStack() as reserved:
        # It starts before anything is read: course.yml may hold a password, the class's folder others' work.
        reserve = reserved.enter_context(Reserve()) if scheduler is None else None
        found_course = course_at(course)
        errors = Console(stderr=True, highlight=False)
        # Searching what was imported for garbage again and again takes a tenth of a run without changes.
        gc.freeze()
        with ExitStack() as stack:
            begin = _grading(found_course, gradebook, fresh, jobs, scheduler, unsafe, reserve)
            waiting = message("Importing Keras") if scheduler is None else message("Waiting for workers")
            progress = stack.enter_context(ClassProgress(errors, language, waiting))
            graded = begin(found_course, folder, output, listen=progress.take)
        troubles: list[Message] = []
        class_list = class_list_of(found_course, troubles.append)
        given = _given(found_course, folder, troubles.append) if gradebook else None
        _write(graded, output, language, found_course, class_list, given, troubles)
    if as_json:
        print_json(_document(graded, output, class_list))
    else:
        _print(graded, output, language, class_list)
    _said_beside(graded, language)
    raise typer.Exit(_code(graded))


def _grading(
    course: Course,
    gradebook: bool,
    fresh: bool,
    jobs: int | None,
    scheduler: str | None,
    unsafe: bool,
    reserve: Reserve | None,
) -> Callable[..., Graded]:
    """Return what grades the folder: here, on a cluster, or into the gradebook, where all is graded again.

    `reserve` is None where a cluster grades.

    Raises:
        GradingError: a package is not installed, or two options do not go together.
    """
    cores = jobs or usable_cores()
    if scheduler is not None and jobs is not None:
        raise GradingError(
            message(
                "`{option}` is for grading on this machine: leave it out, or leave out `--scheduler`.",
                option="--jobs",
            )
        )
    if not gradebook:
        workers = (
            LocalWorkers(cores, unsafe=unsafe, start=reserve.start)
            if reserve is not None
            else _cluster(scheduler, unsafe)
        )
        return partial(grade_folder, workers=workers, fresh=fresh)
    try:
        # nbgrader takes two seconds to import, so only `--gradebook` imports it.
        from autograder.gradebook.direct import cluster_program, grade_into_gradebook, local_workers
    except ModuleNotFoundError as error:
        raise lacks_package(error) from None

    workers = (
        local_workers(course, cores, unsafe=unsafe, start=reserve.start)
        if reserve is not None
        else _cluster(scheduler, unsafe, cluster_program(course))
    )
    return partial(grade_into_gradebook, workers=workers)


def _cluster(scheduler: str | None, unsafe: bool, program: Sequence[str] = ()) -> Workers:
    """Return the workers of a scheduler, which run `program` if that is given.

    Raises:
        GradingError: Dask is not installed.
    """
    assert scheduler is not None, "without a cluster it is graded here"
    try:
        from autograder.grading.cluster.run import ClusterWorkers
    except ModuleNotFoundError as error:
        raise GradingError(
            message(
                "`--scheduler` needs the package `{package}`: install the extra `cluster`.",
                package=str(error.name).split(".")[0],
            )
        ) from None
    if not program:
        return ClusterWorkers(scheduler, unsafe=unsafe)
    return ClusterWorkers(scheduler, unsafe=unsafe, program=program)


def _given(
    course: Course, folder: Path, tell: Callable[[Message], None]
) -> dict[tuple[str, str], GivenScores] | None:
    """Return the gradebook's scores after grading, by student and assignment; None if it cannot be read."""
    try:
        return {(one.student, one.assignment): one for one in scores_in_gradebook(course, folder)}
    except GradingError as error:
        tell(error.message)
        return None


def _write(
    graded: Graded,
    output: Path,
    language: Language,
    course: Course,
    class_list: ClassList,
    given: dict[tuple[str, str], GivenScores] | None,
    troubles: list[Message],
) -> None:
    if given is not None:
        # Scores that a person has given in the gradebook count on every page.
        graded.summaries = [line.with_given(given.get(line.order)) for line in graded.summaries]
    summaries = graded.summaries
    unwritten: list[Message] = []
    try:
        write_grades(summaries, output / "grades.csv", class_list)
    except OSError as error:
        unwritten.append(unwritable(output, error))
    class_page = None
    try:
        from_gradebook = list(given.values()) if given is not None else None
        class_page = _write_class(
            summaries, output, language, course, class_list, from_gradebook, troubles.append
        )
    except OSError as error:
        unwritten.append(unwritable(output, error))
    try:
        if graded.score_changes:
            note_changes(graded.score_changes, output / CHANGES, language, datetime.now().astimezone())
    except OSError as error:
        unwritten.append(unwritable(output, error))
    try:
        write_pages(
            summaries,
            output,
            language,
            title=course.title.in_language(language),
            class_page=class_page,
            changes=graded.score_changes,
            class_list=class_list,
            given=given or {},
            tell=troubles.append,
        )
    except OSError as error:
        unwritten.append(unwritable(output, error))
    if unwritten:
        # A full disk causes the same message for every file.
        raise GradingError(*(said for number, said in enumerate(unwritten) if said not in unwritten[:number]))
    graded.left_out = (*graded.left_out, *troubles)


def _write_class(
    summaries: list[Summary],
    output: Path,
    language: Language,
    course: Course,
    class_list: ClassList,
    given: list[GivenScores] | None,
    tell: Callable[[Message], None],
) -> str | None:
    """Write the class report; return the name of its page, or None where there is nothing to sum up.

    Raises:
        OSError: it cannot be written.
    """
    # It is imported late, so that `--help` and wrong options need not wait for it.
    from autograder.class_report import PAGE, NoReports, update_class

    try:
        update_class(summaries, output, language, course, class_list, given)
    except OSError:
        raise
    except NoReports:
        return None
    except Exception as error:
        # A report that it cannot handle must cost only this page, and not the others.
        reason = type(error).__name__
        tell(message("{page} cannot be written ({reason}).", page=str(output / PAGE), reason=reason))
        return None
    return PAGE


def _print(graded: Graded, output: Path, language: Language, class_list: ClassList) -> None:
    console = Console(highlight=False)
    console.print(class_table(graded.summaries, language, class_list))
    written = [
        ("index.html", message("Every submission's feedback")),
        ("class.html", message("What the class has not understood yet")),
        ("grades.csv", message("Grades as a table")),
    ]
    if graded.score_changes:
        console.print(f"\n[bold]{render(message('Scores that changed'), language)}[/bold]")
        console.print(changes_table(graded.score_changes, language, class_list))
        written.append((CHANGES, message("Every score that has changed, with when")))
    for name, said in written:
        # Where no report could be written, there is no class page.
        if (output / name).is_file():
            console.print(f"{render(said, language)}: {output / name}", soft_wrap=True, markup=False)


def _said_beside(graded: Graded, language: Language) -> None:
    if graded.standing:
        said = message(
            "Reports kept from an earlier run: {count} (neither notebook nor grader has "
            "changed). `--fresh` grades everything again.",
            count=len(graded.standing),
        )
        print(f"autograder: {render(said, language)}", file=sys.stderr)
    for said in (*graded.refused, *graded.changed, *graded.next_steps):
        print(f"autograder: {render(said, language)}", file=sys.stderr)
    for said in graded.left_out:
        print(f"autograder: {render(message('Left out: {what}', what=said), language)}", file=sys.stderr)
    if graded.isolation.level != "full":
        said = message(
            "Learner code ran at isolation level `{level}`; `autograder doctor` shows what `full` needs.",
            level=graded.isolation.level,
        )
        print(f"autograder: {render(said, language)}", file=sys.stderr)
    for trouble in graded.troubles:
        print(trouble, file=sys.stderr)
    if graded.interrupted:
        said = message(
            "Interrupted. Reports written so far: {count}. They are kept; run the command "
            "again to grade the rest.",
            count=len(graded.summaries),
        )
        print(f"autograder: {render(said, language)}", file=sys.stderr)


def _document(graded: Graded, output: Path, class_list: ClassList) -> dict[str, Any]:
    """Return the documented, versioned document of `grade --json` (docs/json.md)."""
    return {
        "schema_version": 1,
        "command": "grade",
        "output": str(output),
        "isolation": graded.isolation.model_dump(mode="json"),
        "interrupted": graded.interrupted,
        "left_out": [said.model_dump(mode="json") for said in graded.left_out],
        "changed": [said.model_dump(mode="json") for said in graded.changed],
        "score_changes": [
            change.document()
            for change in sorted(graded.score_changes, key=lambda change: class_list.order(change.order))
        ],
        "submissions": [
            {
                "student": line.student,
                "name": class_list.shown_name(line.student),
                "assignment": line.assignment,
                "outcome": line.outcome,
                "score": line.score,
                "max_score": line.max_score,
                "pending": line.pending,
                "verdicts": dict(line.verdicts),
                "stands": line.order in graded.standing,
                "report": str(line.path) if line.path is not None else None,
            }
            for line in sorted(graded.summaries, key=lambda line: class_list.order(line.order))
        ],
    }


def _code(graded: Graded) -> int:
    """Return the exit code: 0 whatever the scores; 1 where something was not graded; 130 after ctrl-C."""
    if graded.interrupted:
        return INTERRUPTED
    unfinished = graded.left_out or any(line.outcome == "broken" for line in graded.summaries)
    return NOT_YET if unfinished else ALL_WELL
