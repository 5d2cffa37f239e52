"""Reads `course.yml`: every fault becomes a sentence with its line, what was found and what is wanted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from autograder.course.bounds import fault_of
from autograder.course.model import Course, CourseError, Task
from autograder.messages import LANGUAGE_TAG, Localized, Message, message, verbatim
from autograder.regular import read_text

NAME = "course.yml"
CHECKOUT = Path(__file__).parents[2] / NAME
"""The registry of the checkout that this package lies in, if it lies in one."""
SHARED = "beyond-sequential"
"""The package's own name."""

MOST_BYTES = 1024**2
"""How large a `course.yml` may be; one of thirty assignments is a tenth of that."""

Key = tuple[str | int, ...]

# What is wanted at a key, whatever the fault there.
_WANTED = {
    "version": verbatim("1"),
    "title": message("a text in each language of the course"),
    "en": message("an English text"),
    "ko": message("a Korean text"),
    "languages": message("a list of languages by their tags, such as `en` and `ko`, each at most once"),
    "graders": message("the path of a folder, such as `graders`"),
    "rules": message("a mapping of rules, such as `{points: 10, tasks: [2, 5], hints: 3}`"),
    "isolation": message("`contained` or `full`"),
    "limits": message("a mapping of limits"),
    "gradebook": message("the URL of a database, such as `postgresql://user@host/gradebook`"),
    "late": message("a mapping with `percent_per_day`"),
    "grace_minutes": message("a number of minutes of at least 0"),
    "percent_per_day": message("a number above 0 and up to 100"),
    "most_percent": message("a number above 0 and up to 100"),
    "wheel": message("the address of a wheel, such as `https://example.org/name-0.2.0-py3-none-any.whl`"),
    "roster": message("the path of a CSV file, such as `roster.csv`"),
    "platforms": message("a mapping with `canvas`, `moodle` or `blackboard`"),
    "canvas": message("a mapping with `columns`"),
    "moodle": message("a mapping with `columns`"),
    "columns": message("a mapping of assignments to their column headings on the platform"),
    "blackboard": message("a mapping with `timezone`"),
    "timezone": message("the name of a time zone, such as `Asia/Seoul`"),
    "memory": message("a size such as `6 GiB`"),
    "judging_memory": message("a size such as `6 GiB`"),
    "output": message("a size such as `1 MiB`"),
    "file_size": message("a size such as `64 MiB`"),
    "cell_seconds": message("a number of seconds above 0"),
    "notebook_seconds": message("a number of seconds above 0"),
    "judging_seconds": message("a number of seconds above 0"),
    "processes": message("a whole number of at least 1"),
    "assignments": message("a list of at least one assignment"),
    "tasks": message("a list of at least one task"),
    "id": message("an id of small letters, digits and hyphens, such as `first-steps`"),
    "topic": message("the chapter's heading"),
    "afterwards": message("true or false"),
    "headings": message("true or false"),
    "picture": message("true or false"),
    "no_placeholders": message("true or false"),
    "points": message("a number above 0"),
    "minutes": message("a whole number of minutes of at least 1"),
    "presupposes": message("a list of ids of assignments that come before this one"),
    "stub_scores": message("a number of at least 0"),
    "due": message("null, or a date and time with its offset, such as `2026-12-01T23:59:00+09:00`"),
    "expects": message("`model`, `function`, `value`, `plot` or `text`"),
    "names_fixed": message("true or false"),
    "target": message("`everything`, `outline` or `nothing`"),
    "leaves_free": message("a list of `metrics` and `optimizer`"),
    "probes": message("a list of inputs for the function, each a list of shapes such as `[[28, 28, 192]]`"),
    "shape": message("a list of sizes without the batch axis, `null` where a size is open"),
    "hints": message("a list of hints, each in every language of the course"),
    "dtype": message("the name of a dtype, such as `int32`"),
}


class _Constructor(SafeConstructor):
    """A constructor that leaves dates as they are written; the model reads them, with their offsets."""


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", SafeConstructor.construct_yaml_str)


def find_course(start: Path | str = ".") -> Path:
    """Return the `course.yml` of the folder `start` or of the nearest folder above it.

    Raises:
        CourseError: there is none.

    >>> from autograder.course import find_course
    >>> find_course("solutions/u-net").name
    'course.yml'
    """
    found = course_file(Path(start))
    if found is None:
        raise CourseError(
            message(
                "There is no {name} in {folder} or in any folder above it; "
                "run the command inside the course's folder.",
                name=NAME,
                folder=str(Path(start).resolve()),
            )
        )
    return found


def course_file(start: Path) -> Path | None:
    """Return the `course.yml` of a folder or of the nearest folder above it, or None."""
    folder = start.resolve()
    return next((path / NAME for path in (folder, *folder.parents) if (path / NAME).is_file()), None)


def file_state(path: Path) -> tuple[int, int]:
    """Return a file's time and size, which change when it is written: the key to keep its content under."""
    try:
        state = path.stat()
    except OSError:
        return 0, 0
    return state.st_mtime_ns, state.st_size


def load_course(path: Path | str) -> Course:
    """Return the course that a `course.yml` describes.

    Raises:
        CourseError: the file cannot be read, is not YAML, or does not describe a course; one message for each
            fault.

    >>> from autograder.course import load_course
    >>> course = load_course("course.yml")
    >>> [(task.id, task.points) for task in course.assignment("u-net").tasks]
    [('sizes', 3.0), ('up-block', 4.0), ('u-net-model', 3.0)]
    """
    path = Path(path)
    text = _read(path)
    if text not in _known:
        course = _described(path, text)
        if len(_known) >= _KNOWN_AT_MOST:
            _known.clear()
        _known[text] = course
    course = _known[text].model_copy()
    course._file = path.resolve()
    return course


def plain_course(path: Path) -> dict[str, Any]:
    """Return what a `course.yml` says as plain data, for code that writes a part of it elsewhere.

    Raises:
        CourseError: the file cannot be read, or is not YAML.
    """
    content = _parse(path, _read(path))[1]
    return dict(content) if isinstance(content, dict) else {}


# Reading YAML takes longer than most commands; a process that asks again, as nbgrader's steps do, reuses it.
_known: dict[str, Course] = {}
_KNOWN_AT_MOST = 8


def _described(path: Path, text: str) -> Course:
    node, content = _parse(path, text)
    try:
        course = Course.model_validate(content)
    except ValidationError as error:
        found = error.errors(include_url=False)
        faults = [
            _fault(
                path, node, tuple(fault["loc"]), fault["type"], fault["input"], fault.get("ctx", {}).get("le")
            )
            for fault in found
            if not _follows_from_another(fault, found)
        ]
        raise CourseError(*faults) from None
    contradictions = [
        message(
            "{file}, line {line}: `{key}`: {fault}",
            file=str(path),
            line=_line(node, key),
            key=_written(key),
            fault=fault,
        )
        for key, fault in _contradictions(course)
    ]
    untranslated = [
        _fault(path, node, (*key, language), "missing", None)
        for key, text in _texts(course)
        for language in course.languages
        if language not in text.languages
    ]
    if untranslated or contradictions:
        raise CourseError(*untranslated, *contradictions)
    return course


def _read(path: Path) -> str:
    try:
        return read_text(path, MOST_BYTES)
    except FileNotFoundError:
        raise CourseError(message("{file} does not exist.", file=str(path))) from None
    except UnicodeDecodeError:
        raise CourseError(message("{file} is not text in UTF-8.", file=str(path))) from None
    except OSError as error:
        raise CourseError(
            message("{file} cannot be read: {reason}.", file=str(path), reason=error.strerror or str(error))
        ) from None


def _parse(path: Path, text: str) -> tuple[Node | None, Any]:
    """Return the file as a tree that knows its lines, and as plain data."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _Constructor
    try:
        node = yaml.compose(text)
        if node is not None:
            fault = fault_of(node, yaml.constructor.construct_object)
            if fault is not None:
                raise CourseError(
                    message(
                        "{file}, line {line}: {fault}.", file=str(path), line=fault[0] + 1, fault=fault[1]
                    )
                )
        return node, None if node is None else yaml.constructor.construct_document(node)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if "'\\t'" in (error.problem or ""):
            raise CourseError(
                message(
                    "{file}, line {line}: there is a tab; YAML is indented with spaces.",
                    file=str(path),
                    line=mark.line + 1 if mark else 1,
                )
            ) from None
        raise CourseError(
            message(
                "{file}, line {line}: this is not YAML: {reason}.",
                file=str(path),
                line=mark.line + 1 if mark else 1,
                reason=" ".join((error.problem or error.context or "").split()),
            )
        ) from None
    except RecursionError:
        raise CourseError(
            message("{file} is not a course: it is nested deeper than any course is.", file=str(path))
        ) from None
    except (YAMLError, ValueError, LookupError, TypeError, ArithmeticError) as error:
        raise CourseError(
            message(
                "{file} is not YAML: {reason}.",
                file=str(path),
                reason=" ".join(str(error).split()).rstrip("."),
            )
        ) from None


def _follows_from_another(fault: ErrorDetails, faults: list[ErrorDetails]) -> bool:
    """Return whether a list is too short only because its entry was refused: that entry's fault says more."""
    place = fault["loc"]
    return fault["type"] == "too_short" and any(
        len(other["loc"]) > len(place) and other["loc"][: len(place)] == place for other in faults
    )


def _fault(
    path: Path, node: Node | None, key: Key, kind: str, found: Any, most: float | None = None
) -> Message:
    """Return one sentence for one fault that the models found; `most` is the largest number allowed."""
    place: dict[str, Message | int | float | str] = {
        "file": str(path),
        "line": _line(node, key),
        "key": _written(key),
    }
    if not key:
        return message("{file} is not a course: it should be a mapping with `version: 1`.", file=str(path))
    if kind == "extra_forbidden":
        return message("{file}, line {line}: `{key}` is not a valid key here.", **place)
    if kind == "less_than_equal" and most is not None and most > 100:
        return message(
            "{file}, line {line}: `{key}` is {found}; it may be {most} at most.",
            **place,
            found=_shown(found),
            most=int(most),
        )
    wanted = _wanted(key)
    if kind == "missing":
        return message(
            "{file}, line {line}: `{key}` is missing; it should be {wanted}.", **place, wanted=wanted
        )
    return message(
        "{file}, line {line}: `{key}` is {found}; it should be {wanted}.",
        **place,
        found=_shown(found),
        wanted=wanted,
    )


def _wanted(key: Key) -> Message:
    """Return what belongs at the key: by its last name, or by the list that it stands in."""
    last = key[-1]
    if isinstance(last, int):
        if key[:-1] == ("assignments",):
            return message("a mapping that describes an assignment")
        if key[-2:-1] == ("tasks",):
            return message("a mapping that describes a task")
    if key[-2:-1] == ("columns",):
        return message("the heading of a column")
    for part in reversed(key):
        if isinstance(part, str) and part in _WANTED:
            return _WANTED[part]
        if isinstance(part, str) and re.match(LANGUAGE_TAG, part):
            return message("a text in the language `{language}`", language=part)
    return message("something else")


def _shown(found: Any) -> str:
    """Return a found value as it would be written in YAML, cut where it is long."""
    if found is None:
        return "null"
    if isinstance(found, bool):
        return str(found).lower()
    text = f'"{found}"' if isinstance(found, str) else str(found)
    return text if len(text) <= 60 else text[:57] + "..."


def _contradictions(course: Course) -> Iterator[tuple[Key, Message]]:
    """Yield what each part allows but the whole does not, with its key."""
    if len(set(course.languages)) < len(course.languages):
        yield ("languages",), message("a language is listed twice.")
    ids = Counter(assignment.id for assignment in course.assignments)
    tasks = Counter(task.id for assignment in course.assignments for task in assignment.tasks)
    for number, assignment in enumerate(course.assignments):
        place: Key = ("assignments", number)
        if ids[assignment.id] > 1:
            yield (
                (*place, "id"),
                message("two assignments are called `{id}`; an id is used once.", id=assignment.id),
            )
        total = sum(task.points for task in assignment.tasks)
        if abs(total - assignment.points) > 1e-9:
            yield (
                (*place, "points"),
                message(
                    "the tasks of `{id}` add up to {total} points, and the assignment is worth {points}.",
                    id=assignment.id,
                    total=f"{total:g}",
                    points=f"{assignment.points:g}",
                ),
            )
        before = {earlier.id for earlier in course.assignments[:number]}
        for index, presupposed in enumerate(assignment.presupposes):
            if fault := _not_before(presupposed, before, ids):
                yield (*place, "presupposes", index), fault
        for index, task in enumerate(assignment.tasks):
            where: Key = (*place, "tasks", index)
            if task.stub_scores >= task.points:
                yield (
                    (*where, "stub_scores"),
                    message(
                        "the starter code would get {found} of {points} points; it should leave something "
                        "to do.",
                        found=f"{task.stub_scores:g}",
                        points=f"{task.points:g}",
                    ),
                )
            if task.by_hand and (only := _only_for_checks(task)) is not None:
                fault = message(
                    "a text is graded by hand, so `{key}` has no meaning here; take it out.", key=only
                )
                yield (*where, only), fault
            if tasks[task.id] > 1:
                yield (*where, "id"), message("two tasks are called `{id}`; an id is used once.", id=task.id)
            if task.expects == "function" and not task.probes:
                yield (*where, "expects"), message("a function needs `probes`, the inputs it is called on.")
            if task.expects != "function" and task.probes and not task.by_hand:
                yield (
                    (*where, "probes"),
                    message("only a function has probes; this task expects a {kind}.", kind=task.expects),
                )
    yield from _column_contradictions(course, ids)
    for key, text in _texts(course):
        for language in text.languages:
            if not text.root[language].strip():
                yield (*key, language), message("the text is empty.")


def _only_for_checks(task: Task) -> str | None:
    """Return the first key of a task that only concerns checks."""
    keys = ("names_fixed", "probes", "target", "leaves_free", "stub_scores")
    return next((key for key in keys if getattr(task, key) != Task.model_fields[key].default), None)


def _column_contradictions(course: Course, known: Collection[str]) -> Iterator[tuple[Key, Message]]:
    """Yield headings for assignments that do not exist, and headings that two assignments share."""
    for name, platform in (("canvas", course.platforms.canvas), ("moodle", course.platforms.moodle)):
        headings = Counter(platform.columns.values())
        for assignment, heading in platform.columns.items():
            place: Key = ("platforms", name, "columns", assignment)
            if assignment not in known:
                yield place, _unknown(assignment, known)
            elif headings[heading] > 1:
                yield (
                    place,
                    message(
                        "two assignments have the heading `{heading}`; each needs its own.", heading=heading
                    ),
                )


def _unknown(assignment: str, known: Collection[str]) -> Message:
    return message(
        "the course has no assignment `{assignment}`; it has {known}.",
        assignment=assignment,
        known=", ".join(f"`{name}`" for name in known),
    )


def _not_before(presupposed: str, before: Collection[str], known: Collection[str]) -> Message | None:
    """Return why an assignment cannot be presupposed; None if it can."""
    if presupposed in before:
        return None
    if presupposed not in known:
        return _unknown(presupposed, known)
    return message(
        "`{assignment}` does not come before this one in the course, so it cannot be a prerequisite.",
        assignment=presupposed,
    )


def _texts(course: Course) -> Iterator[tuple[Key, Localized]]:
    yield ("title",), course.title
    for number, assignment in enumerate(course.assignments):
        yield ("assignments", number, "title"), assignment.title
        for index, task in enumerate(assignment.tasks):
            place: Key = ("assignments", number, "tasks", index)
            yield (*place, "title"), task.title
            for step, hint in enumerate(task.hints):
                yield (*place, "hints", step), hint


def _written(key: Key) -> str:
    """Return a key as a path, such as `assignments[0].tasks[1].points`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in key)
    return text.removeprefix(".")


def _line(node: Node | None, key: Key) -> int:
    """Return the line, counted from 1, of the key or of the innermost part above it that exists."""
    line = node.start_mark.line if node is not None else 0
    for part in key:
        step = _step(node, part)
        if step is None:
            break
        line, node = step
    return int(line) + 1


def _step(node: Node | None, part: str | int) -> tuple[int, Node] | None:
    if isinstance(node, MappingNode):
        for name, value in node.value:
            if name.value == part:
                return name.start_mark.line, value
    if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark.line, node.value[part]
    return None
