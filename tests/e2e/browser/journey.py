"""The way of one assignment through a class, from Generate to the feedback that a student reads."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import Locator

from tests.e2e.browser.classroom import Classroom, answers_of
from tests.e2e.browser.notebook import OpenNotebook
from tests.e2e.browser.pages import Dialog

ASSIGNMENT = "inception"
TASKS = ("branch-sizes", "inception-module", "inception-network")
RIGHT, WRONG = "kim-seoyeon", "jung-haeun"
OVERRIDDEN, NEW_SCORE = "inception-module", 3.5
COMMENTS = {
    "en": "Branch b is **almost** there: look at its filters once more.",
    "ko": "가지 b는 **거의** 다 됐습니다. 필터 수를 다시 살펴보세요.",
}


@dataclass(frozen=True)
class Output:
    """What is shown below a graded cell."""

    text: str
    html: str


@dataclass
class Journey:
    """What was seen on the way, by station and student."""

    language: str
    students: list[str]
    said: dict[str, Dialog] = field(default_factory=dict)
    checked: dict[tuple[str, str], Output] = field(default_factory=dict)
    validated: dict[str, Dialog] = field(default_factory=dict)
    autograded: dict[str, tuple[str, str]] = field(default_factory=dict)
    graded: dict[tuple[str, str], Output] = field(default_factory=dict)
    scores: dict[tuple[str, str], float] = field(default_factory=dict)
    given_back: dict[tuple[str, str], Output] = field(default_factory=dict)
    feedback: dict[str, Output] = field(default_factory=dict)
    given_out: dict[str, dict[str, bytes]] = field(default_factory=dict)
    requests: dict[str, int] = field(default_factory=dict)
    elsewhere: dict[str, set[tuple[str, str]]] = field(default_factory=dict)


def travel(room: Classroom, language: str, *, validate: bool) -> Journey:
    """Walk the whole way and note what is seen; nbgrader's Validate takes two kernels more."""
    journey = Journey(language, list(room.students))
    _give_out(room, journey)
    _work(room, journey, validate)
    _grade(room, journey)
    _give_back(room, journey)
    for name in room.students:
        _read(room, journey, name)
    journey.requests = {person.name: len(person.traffic) for person in room.people}
    journey.elsewhere = {person.name: person.traffic.elsewhere() for person in room.people}
    return journey


def _give_out(room: Classroom, journey: Journey) -> None:
    instructor = room.instructor
    instructor.open_formgrader()
    instructor.photograph("formgrader")
    journey.said["generate"] = instructor.generate(ASSIGNMENT)
    journey.said["release"] = instructor.release(ASSIGNMENT)
    instructor.photograph("released")


def _work(room: Classroom, journey: Journey, validate: bool) -> None:
    notebooks: dict[str, OpenNotebook] = {}
    # What takes long goes on while the other student works: importing Keras, and Validate's own kernel.
    for student in room.students.values():
        student.open_assignment_list()
        student.fetch(ASSIGNMENT)
        student.photograph("fetched")
        fetched = [path for path in (student.folder / ASSIGNMENT).iterdir() if path.is_file()]
        journey.given_out[student.name] = {path.name: path.read_bytes() for path in fetched}
        notebooks[student.name] = student.open_notebook(ASSIGNMENT)
        student.photograph("notebook")
        notebooks[student.name].start("imports")
    for name, student in room.students.items():
        notebook = notebooks[name]
        notebook.finish("imports")
        for task, answer in zip(TASKS, answers_of(name, ASSIGNMENT).items(), strict=True):
            notebook.write(*answer)
            notebook.run(answer[0])
            output = notebook.run(task)
            student.photograph(f"checked-{task}", output)
            journey.checked[name, task] = _seen(output)
        if validate:
            # It saves, too.
            student.press_validate()
        else:
            notebook.save()
    for name, student in room.students.items():
        if validate:
            journey.validated[name] = student.read_validation()
        student.submit(ASSIGNMENT)
        student.photograph("submitted")


def _grade(room: Classroom, journey: Journey) -> None:
    instructor = room.instructor
    journey.said["collect"] = instructor.collect(ASSIGNMENT)
    for name in room.students:
        instructor.manage_submissions(ASSIGNMENT)
        journey.said[f"autograde {name}"] = instructor.autograde(name)
        journey.autograded[name] = instructor.submission(name)
        instructor.photograph(f"autograded-{name}")
        instructor.open_submission(name, ASSIGNMENT)
        for task in TASKS:
            output = instructor.output(task)
            instructor.photograph(f"graded-{name}-{task}", output)
            journey.graded[name, task] = _seen(output)
            journey.scores[name, task] = instructor.score(task)
        if name == WRONG:
            instructor.override(OVERRIDDEN, NEW_SCORE)
            instructor.comment(f"{OVERRIDDEN}-answer", COMMENTS[journey.language])
            instructor.photograph("overridden")
        instructor.manage_assignments()


def _give_back(room: Classroom, journey: Journey) -> None:
    instructor = room.instructor
    journey.said["generate feedback"] = instructor.generate_feedback(ASSIGNMENT)
    journey.said["release feedback"] = instructor.release_feedback(ASSIGNMENT)
    instructor.photograph("feedback-released")


def _read(room: Classroom, journey: Journey, name: str) -> None:
    student = room.students[name]
    student.fetch_feedback(ASSIGNMENT)
    student.photograph("feedback-fetched")
    page = student.view_feedback(ASSIGNMENT)
    for task in TASKS:
        output = page.locator(f"#{task}")
        student.photograph(f"feedback-{task}", output)
        journey.given_back[name, task] = _seen(output)
    journey.feedback[name] = _seen(page.locator("html"))
    student.open_as_a_file(ASSIGNMENT)
    student.photograph("feedback-as-a-file", student.page.locator("body"))


def _seen(part: Locator) -> Output:
    return Output(part.inner_text(), part.inner_html())
