"""Rules that are tried out: notebooks are graded as submissions are."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.audit.linting.finding import REGISTRY, Finding, Place, source_of
from autograder.audit.messages import why
from autograder.course import Assignment, Course, CourseError, afterwards_of
from autograder.course.cells import in_one_language
from autograder.course.starter import solution, starter
from autograder.course.tags import answer_of, is_afterwards, nbgrader
from autograder.feedback import Report
from autograder.grading import GradedSubmission, GradingError, GradingSession, Submission
from autograder.grading.scheme import load_graders
from autograder.messages import Message, message


@dataclass(frozen=True)
class Trial:
    """A notebook that the course itself makes, as a learner would hand it in, and its kind."""

    kind: str
    notebook: NotebookNode


def trials(source: NotebookNode) -> Iterator[Trial]:
    """Yield the source notebook as it is given out, as it is solved, and with its alternative."""
    code = {
        nbgrader(cell)["grade_id"]: cell.source
        for cell in source.cells
        if nbgrader(cell).get("solution") and cell.cell_type == "code"
    }
    solved = {name: solution(answer) for name, answer in code.items()}
    yield Trial("untouched", with_answers(source, {name: starter(answer) for name, answer in code.items()}))
    yield Trial("solved", with_answers(source, solved))
    afterwards = afterwards_of(source)
    if afterwards is not None:
        yield Trial(
            "alternative", with_answers(source, {**solved, afterwards.replaces: afterwards.alternative})
        )


def with_answers(source: NotebookNode, answers: Mapping[str, str]) -> NotebookNode:
    """Return a source notebook as a learner would hand it in, with those answers by `grade_id`."""
    made = nbformat.from_dict(source)
    made.cells = [
        cell for cell in in_one_language(made.cells) if cell.cell_type == "code" and not is_afterwards(cell)
    ]
    for cell in made.cells:
        if nbgrader(cell).get("solution"):
            cell.source = answers[nbgrader(cell)["grade_id"]]
    return made


def trial_findings(
    session: GradingSession, assignment: Assignment, source: NotebookNode
) -> Iterator[Finding]:
    """Yield where the grader does not treat an assignment's own notebooks as it should."""
    place = source_of(session.course, assignment)
    try:
        load_graders(session.course, [assignment])
    except GradingError as error:
        yield Finding("grader", _file_of(error.message, session.course, assignment), error.message)
        return
    except CourseError as error:
        yield from (Finding("grader", session.course.graders, said) for said in error.messages)
        return
    try:
        session.prepare([assignment])
    except GradingError as error:
        said = error.message
        yield Finding("grader", place.file, said) if "file" in said.values else place.finding("grader", said)
        return
    except CourseError as error:
        yield from (Finding("source", place.file, said) for said in error.messages)
        return
    broken: set[str] = set()
    for kind, done in graded(session, assignment, trials(source)):
        if done.troubles:
            stops = {trouble.split("\n")[0] for trouble in done.troubles} - broken
            broken |= stops
            for where in sorted(stops):
                said = message("A check stops with an error of its own; mend it there: {place}", place=where)
                file = next((file for file in _files_of(session.course, assignment) if file in where), "")
                yield Finding("grader", file or place.file, said)
        elif kind == "untouched":
            yield from untouched_findings(place, assignment, done.report)
        else:
            yield from full_marks_findings(place, kind, done.report, _written_in(source, kind))


def _files_of(course: Course, assignment: Assignment) -> list[str]:
    paths = (course.public_grader(assignment), course.hidden_grader(assignment))
    return [path.relative_to(course.root).as_posix() for path in paths]


def _file_of(said: Message, course: Course, assignment: Assignment) -> str:
    """Return the file that a sentence is about."""
    return str(said.values.get("file", _files_of(course, assignment)[0]))


def graded(
    session: GradingSession, assignment: Assignment, tried: Iterable[Trial]
) -> Iterator[tuple[str, GradedSubmission]]:
    """Yield the grader's result for each notebook, in their order."""
    with tempfile.TemporaryDirectory() as folder:
        for trial in tried:
            path = Path(folder) / f"{trial.kind}.ipynb"
            nbformat.write(trial.notebook, path)
            yield trial.kind, session.grade(Submission(trial.kind, assignment.id, path))


def untouched_findings(place: Place, assignment: Assignment, report: Report) -> Iterator[Finding]:
    """Yield where starter code stops outside an answer, exceeds its time, or does not get `stub_scores`."""
    answers = {answer_of(task.id) for task in assignment.tasks}
    first = next((cell for cell in report.cells if cell.state == "error"), None)
    if first is not None and first.id not in answers and first.task is None:
        fault = message(
            "the notebook as given out stops here with {error}; only starter code may stop.",
            error=first.error or "?",
        )
        yield place.finding("stub", fault, first.id)
    for cell in report.cells:
        if cell.state in ("interrupted", "ended"):
            fault = message("the notebook as given out exceeds its limits here; it should run to its end.")
            yield place.finding("stub", fault, cell.id)
    for task in assignment.checked:
        score = next(found.score for found in report.tasks if found.id == task.id)
        if score != task.stub_scores:
            fault = message(
                "the starter code of `{task}` gets {found} of {points} points; `stub_scores` in course.yml "
                "says {wanted}.",
                task=task.id,
                found=f"{score:g}",
                points=f"{task.points:g}",
                wanted=f"{task.stub_scores:g}",
            )
            yield REGISTRY.finding("stub", fault)


def _written_in(source: NotebookNode, kind: str) -> dict[str, str]:
    """Return where the author wrote the code of some cells: the alternative has a cell of its own."""
    if kind != "alternative":
        return {}
    return {
        cell.metadata["afterwards"]: cell.id
        for cell in source.cells
        if cell.cell_type == "code" and is_afterwards(cell)
    }


def full_marks_findings(
    place: Place, kind: str, report: Report, written_in: Mapping[str, str]
) -> Iterator[Finding]:
    """Yield where the solution or the alternative loses points; `written_in` maps cells to the author's."""
    rule = "afterwards" if kind == "alternative" else "solution"
    what = message("the alternative") if kind == "alternative" else message("the solution")
    for cell in report.cells:
        if cell.state != "ok":
            fault = message(
                "{what} does not run to the end: it stops here with {error}.",
                what=what,
                error=cell.error or message("no answer within the time limit"),
            )
            yield place.finding(rule, fault, written_in.get(cell.id, cell.id))
            break
    for task in report.tasks:
        if task.score < task.points and not task.by_hand:
            fault = message(
                "{what} gets {found} of {points} points for `{task}`; it should get them all. {why}",
                what=what,
                found=f"{task.score:g}",
                points=f"{task.points:g}",
                task=task.id,
                why=why(task),
            )
            yield place.finding(rule, fault)
