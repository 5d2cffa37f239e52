"""What `course.yml` says, as data: the course, its assignments, their tasks, and the limits of a run."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PositiveInt,
    PrivateAttr,
    TypeAdapter,
    model_validator,
)

from autograder.course.size import bytes_of
from autograder.messages import LANGUAGE_TAG, AutograderError, Language, Localized, message

Expects = Literal["model", "function", "value", "plot", "text"]
Aspect = Literal["metrics", "optimizer"]
"""What a task may leave to the learner."""
Reveal = Literal["everything", "outline", "nothing"]
"""What a learner may see of a task's target: calls with their settings, calls and shapes, or nothing."""
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=48)]
MOST_NAMED = 8
"""The most names that a sentence lists in full; of more, it names the nearest."""
MOST_POINTS = 1_000_000
MOST_SECONDS = 604_800
"""A week: longer than any notebook runs, and short enough for every clock that has to wait."""
MOST_MINUTES = 1_000_000
MOST_PROCESSES = 1_000_000
_MOST_SIZE = 2**31 - 1
Points = Annotated[float, Field(gt=0, le=MOST_POINTS, allow_inf_nan=False)]
Seconds = Annotated[float, Field(gt=0, le=MOST_SECONDS, allow_inf_nan=False)]
Tag = Annotated[Language, Field(pattern=LANGUAGE_TAG)]
Size = Annotated[int, BeforeValidator(bytes_of)]
# It stands in a notebook's cell that runs pip: neither a quotation mark nor a brace may end the text there.
Wheel = Annotated[str, Field(pattern=r"^https://[\w.~:/@+%-]+\.whl(#sha256=[0-9a-f]{64})?$")]


class CourseError(AutograderError):
    """What is wrong with the course."""


class Part(BaseModel):
    """A part of `course.yml`: unknown keys are refused, and `"5"` is not a number."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ProbeInput(Part):
    """One argument that a learner's function is called with.

    A tensor has a shape without the batch axis and a dtype. A plain `value` is passed as it is; a list of
    numbers becomes a NumPy array.
    """

    shape: tuple[Annotated[int, Field(gt=0, le=_MOST_SIZE)] | None, ...] | None = None
    dtype: str = "float32"
    value: Any = None

    @model_validator(mode="after")
    def _one_of_both(self) -> ProbeInput:
        if (self.shape is None) is ("value" not in self.model_fields_set):
            raise ValueError("an input of a probe has either a `shape` or a `value`")
        return self

    @property
    def request(self) -> dict[str, Any]:
        """The input in the form that the capture takes."""
        if self.shape is None:
            return {"value": self.value}
        return {"shape": list(self.shape), "dtype": self.dtype}


def _probe_inputs(written: Any) -> Any:
    """Expand the short form: `[[28, 28, 192]]` stands for `[{shape: [28, 28, 192]}]`."""
    if not isinstance(written, (list, tuple)):
        return written
    return tuple(
        {**entry, "shape": tuple(entry["shape"])}
        if isinstance(entry, dict) and isinstance(entry.get("shape"), list)
        else {"shape": tuple(entry)}
        if isinstance(entry, (list, tuple))
        else entry
        for entry in written
    )


Probe = Annotated[tuple[ProbeInput, ...], BeforeValidator(_probe_inputs), Field(min_length=1)]
_PROBE: TypeAdapter[tuple[ProbeInput, ...]] = TypeAdapter(Probe)


def probe_inputs(written: Any) -> tuple[ProbeInput, ...]:
    """Return the arguments of one call, as `course.yml` and a grader's `PROBES` write them.

    Raises:
        pydantic.ValidationError: they are not written so.

    >>> from autograder.course import probe_inputs
    >>> [one.request for one in probe_inputs([[28, 28, 3], {"value": 2}])]
    [{'shape': [28, 28, 3], 'dtype': 'float32'}, {'value': 2}]
    """
    return _PROBE.validate_python(written)


class Task(Part):
    """One graded cell.

    What it `expects` is checked; a `text` is read and graded by a person. `probes` are the inputs that its
    function is called on, besides hidden ones; `hints` lead from a nudge to nearly the line, but never to the
    line itself. `target` says what its picture may show of the wanted model. `stub_scores` is what the
    starter code gets, where that is meant to be more than nothing; `leaves_free` names what no check of the
    task looks at, on purpose.
    """

    id: Id
    title: Localized
    points: Points
    expects: Expects
    names_fixed: bool = False
    probes: Annotated[tuple[Probe, ...], Field(strict=False)] = ()
    hints: Annotated[tuple[Localized, ...], Field(strict=False)] = ()
    target: Reveal = "nothing"
    leaves_free: Annotated[tuple[Aspect, ...], Field(strict=False)] = ()
    stub_scores: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0

    @property
    def by_hand(self) -> bool:
        """Whether a person grades it: then it has no checks, and nothing of it is run."""
        return self.expects == "text"

    @property
    def requests(self) -> list[list[dict[str, Any]]]:
        """The inputs that the task's function is called on, in the form that the capture takes."""
        return [[item.request for item in probe] for probe in self.probes]


class Assignment(Part):
    """One exercise of the chapter: one notebook.

    `topic` is the heading of the chapter that it belongs to, `minutes` the time that a learner needs;
    `presupposes` names the assignments that should have been done before.
    """

    id: Id
    topic: Annotated[str, Field(min_length=1)] | None = None
    title: Localized
    points: Points
    minutes: Annotated[int, Field(gt=0, le=MOST_MINUTES)]
    presupposes: Annotated[tuple[Id, ...], Field(strict=False)] = ()
    due: Annotated[AwareDatetime, Field(strict=False)] | None = None
    tasks: Annotated[tuple[Task, ...], Field(strict=False, min_length=1)]

    @property
    def module(self) -> str:
        """The id as it stands in the names of Python files: `first_step` for `first-step`."""
        return self.id.replace("-", "_")

    @property
    def checked(self) -> tuple[Task, ...]:
        """The tasks that checks grade: all except those that a person grades."""
        return tuple(task for task in self.tasks if not task.by_hand)

    @property
    def by_hand(self) -> tuple[Task, ...]:
        """The tasks that a person grades."""
        return tuple(task for task in self.tasks if task.by_hand)

    def task(self, task_id: str) -> Task:
        """Return the task with that id.

        Raises:
            CourseError: the assignment has none.
        """
        for task in self.tasks:
            if task.id == task_id:
                return task
        raise CourseError(
            message(
                "`{assignment}` has no task `{task}`; it has {known}.",
                assignment=self.id,
                task=task_id,
                known=_quoted(task.id for task in self.tasks),
            )
        )


class Limits(Part):
    """What one submission may use. Sizes are in bytes; `output` is what all cells print together.

    `judging_seconds` (of processor time) and `judging_memory` limit the grader, which judges what a run
    leaves.
    """

    cell_seconds: Seconds = 30
    notebook_seconds: Seconds = 120
    memory: Size = 6 * 1024**3
    processes: Annotated[int, Field(ge=1, le=MOST_PROCESSES)] = 256
    output: Size = 1024**2
    file_size: Size = 64 * 1024**2
    judging_seconds: Seconds = 20
    judging_memory: Size = 2 * 1024**3


class Rules(Part):
    """What the linter demands of every assignment beyond its soundness, where a course wants it.

    `points`: what it is worth. `tasks`: the least and the largest number of its tasks. `hints`: how many each
    task has. `afterwards`: whether there is something for those with full marks. `headings`: whether each
    task's heading has its number, title and points. `picture`: whether a notebook shows the target of one of
    its tasks. `no_placeholders`: whether starter code must be code that somebody might write.
    """

    points: Points | None = None
    tasks: Annotated[tuple[PositiveInt, PositiveInt], Field(strict=False)] | None = None
    hints: PositiveInt | None = None
    afterwards: bool = False
    headings: bool = False
    picture: bool = False
    no_placeholders: bool = False


class LatePolicy(Part):
    """What a late submission loses: `percent_per_day` of its score for each day begun after the grace."""

    grace_minutes: Annotated[float, Field(ge=0, le=MOST_MINUTES, allow_inf_nan=False)] = 0
    percent_per_day: Annotated[float, Field(gt=0, le=100)]
    most_percent: Annotated[float, Field(gt=0, le=100)] = 100


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("not a time zone") from None
    return name


class GradeColumns(Part):
    """The headings by which a platform's gradebook knows assignments; without one, the title is used."""

    columns: dict[str, Annotated[str, Field(min_length=1)]] = {}


class Blackboard(Part):
    """The time zone of the times in Blackboard's file names; null is that of the machine."""

    timezone: Annotated[str, AfterValidator(_time_zone)] | None = None


class Platforms(Part):
    """The learning platforms that submissions come from and grades go to."""

    canvas: GradeColumns = GradeColumns()
    moodle: GradeColumns = GradeColumns()
    blackboard: Blackboard = Blackboard()


class Course(Part):
    """Everything that `course.yml` lists.

    `id` and a language make nbgrader's course id; `gradebook` is the database's URL where it is not the
    SQLite file `gradebook.db` in the course's folder. `roster` is the path of a CSV file relative to that
    folder, and `graders` the path of the folder that holds the course's own code. `wheel` is where a
    notebook's first cell gets this package from. `rules` are what this course demands of its assignments.
    """

    version: Literal[1]
    id: Id = "course"
    title: Localized
    languages: Annotated[tuple[Tag, ...], Field(strict=False, min_length=1)]
    isolation: Literal["contained", "full"] = "contained"
    limits: Limits = Limits()
    gradebook: Annotated[str, Field(pattern=r"^[a-z]+(\+[a-z0-9]+)?://")] | None = None
    late: LatePolicy | None = None
    roster: Annotated[str, Field(min_length=1)] | None = None
    platforms: Platforms = Platforms()
    wheel: Wheel | None = None
    graders: Annotated[str, Field(min_length=1)] = "graders"
    rules: Rules = Rules()
    assignments: Annotated[tuple[Assignment, ...], Field(strict=False, min_length=1)]

    _file: Path = PrivateAttr(default=Path("course.yml"))

    @property
    def file(self) -> Path:
        """The course's file, `course.yml`."""
        return self._file

    @property
    def root(self) -> Path:
        """The folder that `course.yml` lies in."""
        return self._file.parent

    @property
    def roster_path(self) -> Path | None:
        """The path of the roster, if the course has one."""
        return self.root / self.roster if self.roster else None

    @property
    def titles(self) -> dict[str, Localized]:
        """The assignments' titles, by id."""
        return {assignment.id: assignment.title for assignment in self.assignments}

    def assignment(self, assignment_id: str) -> Assignment:
        """Return the assignment with that id.

        Raises:
            CourseError: the course has none.
        """
        for assignment in self.assignments:
            if assignment.id == assignment_id:
                return assignment
        raise CourseError(
            message(
                "The course has no assignment `{assignment}`; it has {known}.",
                assignment=assignment_id,
                known=_quoted(assignment.id for assignment in self.assignments),
            )
        )

    def find_task(self, task_id: str) -> tuple[Assignment, Task]:
        """Return the assignment that has a task with that id, and the task.

        Raises:
            CourseError: no assignment has it.
        """
        for assignment in self.assignments:
            for task in assignment.tasks:
                if task.id == task_id:
                    return assignment, task
        known = [task.id for assignment in self.assignments for task in assignment.tasks]
        if len(known) > MOST_NAMED:
            # Thirty names would hide the one that was meant.
            nearest = get_close_matches(task_id, known, n=3, cutoff=0.0)
            said = message(
                "The course has no task `{task}`. The names that are most like it: {known}.",
                task=task_id,
                known=_quoted(nearest),
            )
        else:
            said = message(
                "The course has no task `{task}`; it has {known}.", task=task_id, known=_quoted(known)
            )
        raise CourseError(said)

    def source(self, assignment: Assignment) -> Path:
        """Return the path of the assignment's source notebook."""
        return self.root / "solutions" / assignment.id / f"{assignment.id}.ipynb"

    def public_grader(self, assignment: Assignment) -> Path:
        """Return the path of the assignment's public checks, which travel to learners."""
        return self._grader("public", f"test_{assignment.module}.py")

    def hidden_grader(self, assignment: Assignment) -> Path:
        """Return the path of the assignment's hidden checks, which never leave the instructor's machine."""
        return self._grader("hidden", f"test_{assignment.module}.py")

    def training(self, assignment: Assignment) -> Path:
        """Return the path of what the assignment's solution is trained on (`verification`)."""
        return self._grader("training", f"{assignment.module}.py")

    def pinned(self, assignment: Assignment) -> Path:
        """Return the path of the file with the assignment's pinned answers (`audit.linting.pinned`)."""
        return self._grader("pinned", f"{assignment.module}.yml")

    def catalogue(self, language: Language) -> Path:
        """Return the path of the translations of what the course's graders say."""
        return self._grader("messages", f"{language}.po")

    def _grader(self, *parts: str) -> Path:
        return self.root.joinpath(self.graders, *parts)

    def released_checks(self, assignment: Assignment, language: Language) -> Path:
        """Return the path of what `check` may know, beside the notebook in a language (`course.released`)."""
        return self.released(assignment, language).with_name(f"{assignment.id}.check.json")

    def released(self, assignment: Assignment, language: Language) -> Path:
        """Return the path of the notebook that students get in that language."""
        return self.root / "assignments" / language / assignment.id / f"{assignment.id}.ipynb"


def _quoted(ids: Any) -> str:
    return ", ".join(f"`{known}`" for known in ids)
