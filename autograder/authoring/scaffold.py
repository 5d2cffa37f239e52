"""Writes new assignments and new courses: files that work at once, with a `TODO` where words are missing."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ruamel.yaml import YAML

from autograder.authoring.catalogues import update_catalogues
from autograder.authoring.kinds import KINDS, Kind
from autograder.authoring.tidy import tidy
from autograder.course import Course, CourseError, load_course
from autograder.course.load import NAME
from autograder.course.starter import BEGIN_SOLUTION, END_SOLUTION
from autograder.course.tags import answer_of
from autograder.feedback.files import written_whole
from autograder.messages import Language, message
from autograder.regular import read_text

if TYPE_CHECKING:
    from jinja2 import Environment
    from nbformat import NotebookNode

T = TypeVar("T")

TODO = "TODO"
"""The placeholder where an author still has to write; the linter reports each."""
MOST_HINTS = 3
"""How many hints a task of a new assignment has, unless the course says so itself."""
_NAMES = frozenset({"check", "hint", "keras", "layers", "np"})
"""The names that a new notebook already has."""
ID = re.compile(r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")

_COURSE = {
    NAME: "course.yml.j2",
    "README.md": "README.md.j2",
    "Makefile": "Makefile.j2",
    "nbgrader_config.py": "nbgrader_config.py.j2",
    ".gitignore": "gitignore.j2",
    ".github/workflows/course.yml": "github.yml.j2",
}

_HEADING = {
    "en": "## Task {number}: {title} ({points})",
    "ko": "## 과제 {number}: {title} ({points})",
}
_INTRO = {
    "en": "# {title}\n\nTODO: say in a paragraph or two what this is about, and what it needs.",
    "ko": "# {title}\n\nTODO: 무엇을 배우고 무엇을 미리 알아야 하는지 한두 단락으로 쓴다.",
}
_TASK = {
    "en": "TODO: say what `{name}` should be, in a way that a learner can test.",
    "ko": "TODO: `{name}`에 무엇이 들어가야 하는지, 학습자가 확인할 수 있게 쓴다.",
}
_TEXT_TASK = {
    "en": "TODO: say what the text should explain, and by what its points are given.",
    "ko": "TODO: 무엇을 설명해야 하는지, 무엇을 보고 점수를 주는지 쓴다.",
}
_PROMPT = {
    "en": "Write your answer here. (TODO: is this the prompt that you want?)",
    "ko": "여기에 답을 쓰세요. (TODO: 이 안내문이 맞는지 확인한다.)",
}
_MODEL_ANSWER = {
    "en": "TODO: the answer that you would give, for whoever grades; no learner sees it.",
    "ko": "TODO: 채점하는 사람이 참고할 모범 답안. 학습자에게는 보이지 않는다.",
}
_HINTS = {
    "en": ("TODO: a nudge.", "TODO: where to look.", "TODO: nearly the line, and not the line itself."),
    "ko": ("TODO: 가벼운 귀띔.", "TODO: 살펴볼 곳.", "TODO: 답이 되는 줄에 가까운 설명."),
}
_WHY = {
    "en": "## Why it works\n\nTODO: what a learner with full marks should take along.",
    "ko": "## 왜 그럴까?\n\nTODO: 만점을 받은 학습자가 기억할 것을 쓴다.",
}


@dataclass(frozen=True)
class DraftTask:
    """A task to be written: its id, its points, its kind, and its title in each language."""

    id: str
    points: float
    kind: str
    title: Mapping[Language, str]

    @property
    def name(self) -> str:
        """What the learner's code calls the task's object."""
        return self.id.replace("-", "_")

    @property
    def by_hand(self) -> bool:
        """Whether a person grades it."""
        return self.is_of.public is None

    @property
    def is_of(self) -> Kind:
        """The kind of task that it is, with its code and checks."""
        return KINDS[self.kind]


@dataclass(frozen=True)
class Draft:
    """An assignment to be written."""

    id: str
    title: Mapping[Language, str]
    tasks: Sequence[DraftTask]
    minutes: int = 20

    @property
    def module(self) -> str:
        """The id as it stands in the names of Python files."""
        return self.id.replace("-", "_")

    @property
    def points(self) -> float:
        """The points of its tasks together."""
        return sum(task.points for task in self.tasks)


def new_course(folder: Path, course_id: str, title: Mapping[Language, str], draft: Draft) -> list[Path]:
    """Write a whole course with one assignment into a folder, and return its files.

    Raises:
        CourseError: there is a course already, an id is invalid, or a file cannot be written.
    """
    if (folder / NAME).exists():
        raise CourseError(
            message(
                "{folder} has a {name} already; `autograder new ID` in it adds an assignment.",
                folder=str(folder),
                name=NAME,
            )
        )
    _refuse_odd_ids(course_id, draft.id)
    _refuse_odd_tasks(draft)
    languages = list(title)
    words = {"id": course_id, "title": title, "languages": languages, "draft": draft}
    files = {folder / path: _text(f"course/{template}", **words) for path, template in _COURSE.items()}
    files[folder / NAME] += _entry(draft, languages, MOST_HINTS)
    return _written(folder / NAME, draft, {**files, **_files(folder, "graders", draft, languages)})


def new_assignment(course: Course, draft: Draft) -> list[Path]:
    """Add an assignment to a course, and return the files that were written or changed.

    Raises:
        CourseError: an id is invalid or taken, a file exists already, or one cannot be written.
    """
    _refuse_odd_ids(draft.id)
    if draft.id in {assignment.id for assignment in course.assignments}:
        raise _taken(draft.id)
    _refuse_odd_tasks(draft, {task.id for assignment in course.assignments for task in assignment.tasks})
    files = _files(course.root, course.graders, draft, course.languages)
    for path in files:
        if path.exists():
            raise CourseError(
                message(
                    "{file} is there already, and was left as it is.",
                    file=path.relative_to(course.root).as_posix(),
                )
            )
    hints = MOST_HINTS if course.rules.hints is None else course.rules.hints
    text = _with_entry(read_text(course.file), draft, course.languages, min(hints, MOST_HINTS))
    return _written(course.file, draft, {course.file: text, **files})


def _written(file: Path, draft: Draft, files: Mapping[Path, str]) -> list[Path]:
    _write(files)
    course = load_course(file)
    tidy(course, course.assignment(draft.id))
    return [*files, *(one.path for one in update_catalogues(course))]


def _refuse_odd_ids(*ids: str) -> None:
    for written in ids:
        if not ID.match(written):
            raise CourseError(
                message(
                    "`{found}` is no id: it should be {wanted}.",
                    found=written,
                    wanted=message("small letters, digits and hyphens, such as `first-steps`"),
                )
            )


def _refuse_odd_tasks(draft: Draft, known: Collection[str] = ()) -> None:
    """Refuse tasks whose ids are taken, or whose names a notebook needs for something else."""
    seen = set(known)
    for task in draft.tasks:
        _refuse_odd_ids(task.id)
        if task.id in seen or answer_of(task.id) in seen or any(task.id == answer_of(name) for name in seen):
            raise _taken(task.id)
        if keyword.iskeyword(task.name) or task.name in _NAMES:
            raise CourseError(
                message(
                    "`{id}` cannot be a task's id: its object would be called `{name}`, a name that Python "
                    "or the notebook needs; choose another.",
                    id=task.id,
                    name=task.name,
                )
            )
        seen.add(task.id)


def _taken(name: str) -> CourseError:
    return CourseError(
        message("`{id}` is taken; the ids of a course's assignments and tasks are unique.", id=name)
    )


def _files(root: Path, graders: str, draft: Draft, languages: Sequence[Language]) -> dict[Path, str]:
    """Return the files of one assignment, with their texts, without its entry in `course.yml`."""
    import nbformat

    notebook = nbformat.writes(source_notebook(draft, languages)) + "\n"
    source = {root / "solutions" / draft.id / f"{draft.id}.ipynb": notebook}
    if all(task.by_hand for task in draft.tasks):
        return source
    return {
        **source,
        root / graders / "public" / f"test_{draft.module}.py": _text("public.py.j2", draft=draft),
        root / graders / "hidden" / f"test_{draft.module}.py": _text("hidden.py.j2", draft=draft),
    }


def source_notebook(draft: Draft, languages: Sequence[Language]) -> NotebookNode:
    """Return the source notebook of an assignment that is to be written; `tidy` adds its metadata."""
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    cells = []

    def write(stem: str, texts: Mapping[Language, str], **more: object) -> None:
        for language in languages:
            metadata = {"lang": language, **more}
            cells.append(new_markdown_cell(texts[language], id=f"{stem}-{language}", metadata=metadata))

    write("intro", {lang: in_words(_INTRO, lang).format(title=draft.title[lang]) for lang in languages})
    imports = dict.fromkeys(line for task in draft.tasks for line in task.is_of.imports)
    lines = [*imports, *([""] if imports else []), "from autograder import check, hint"]
    cells.append(new_code_cell("\n".join(lines), id="imports"))
    for number, task in enumerate(draft.tasks, start=1):
        write(f"task-{number}", {lang: _described(number, task, lang) for lang in languages})
        if task.by_hand:
            cells.append(new_markdown_cell(_text_answer(languages), id=task.id))
            continue
        cells.append(new_code_cell(task.is_of.answer(task.name), id=answer_of(task.id)))
        cells.append(new_code_cell(f'check("{task.id}", {task.name})', id=task.id))
    last = next((task for task in reversed(draft.tasks) if not task.by_hand), None)
    if last is not None:
        write("afterwards", {lang: in_words(_WHY, lang) for lang in languages}, afterwards=True)
        replaced = {"afterwards": answer_of(last.id)}
        cells.append(new_code_cell(last.is_of.alternative(last.name), id="alternative", metadata=replaced))
    notebook: NotebookNode = new_notebook(cells=cells)
    return notebook


def _text_answer(languages: Sequence[Language]) -> str:
    """Return the cell that a text is written in: a prompt in each language, and the author's own answer."""
    prompts = [
        f"<!-- {lang} -->\n{in_words(_PROMPT, lang)}" if len(languages) > 1 else in_words(_PROMPT, lang)
        for lang in languages
    ]
    answer = in_words(_MODEL_ANSWER, languages[0])
    return "\n\n".join([*prompts, f"{BEGIN_SOLUTION}\n{answer}\n{END_SOLUTION}"])


def untitled(name: str, language: Language, languages: Sequence[Language]) -> str:
    """Return a title for what has only a name, until somebody writes one.

    The name's words may be in the first language; in the others the title is marked as still to be written.
    """
    if language != languages[0] or language == "ko":
        return in_words({"en": f"TODO: {name}", "ko": f"TODO: {name} 제목"}, language)
    words = re.sub(r"[^\w]+|_", " ", name).strip()
    return words[:1].upper() + words[1:] or name


def in_words(texts: Mapping[Language, T], language: Language) -> T:
    """Return what is to be written in a language; in English where the language is not known here."""
    return texts.get(language, texts["en"])


def _described(number: int, task: DraftTask, language: Language) -> str:
    """Return a task's heading, which the linter compares with `course.yml`, and the prompt below it."""
    points = {"ko": f"{task.points:g}점"}.get(language, f"{task.points:g} point{'s' * (task.points != 1)}")
    heading = in_words(_HEADING, language).format(number=number, title=task.title[language], points=points)
    asked = in_words(_TEXT_TASK if task.by_hand else _TASK, language)
    return f"{heading}\n\n{asked.format(name=task.name)}"


def _with_entry(text: str, draft: Draft, languages: Sequence[Language], hints: int) -> str:
    """Return the text of a `course.yml` with one more assignment at the end of its list, otherwise unchanged.

    Raises:
        CourseError: the list is written in one line, where nothing can be added to it.
    """
    mapping = YAML(typ="rt").compose(text)
    (listed,) = [value for key, value in mapping.value if key.value == "assignments"]
    if listed.flow_style:
        raise CourseError(
            message(
                "The list `assignments` is written in brackets; write each assignment on lines of its own, "
                "and nothing else has to be changed."
            )
        )
    lines = text.splitlines(keepends=True)
    end = listed.end_mark.line if listed.end_mark.line < len(lines) else len(lines)
    # A comment that is not indented is about what follows the list.
    while end > 0 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    if end and not lines[end - 1].endswith("\n"):
        lines[end - 1] += "\n"
    indent = " " * listed.value[0].start_mark.column
    entry = _entry(draft, languages, hints, indent[:-2])
    return "".join([*lines[:end], "\n", entry, *lines[end:]])


def _entry(draft: Draft, languages: Sequence[Language], hints: int, indent: str = "  ") -> str:
    """Return the assignment's entry in `course.yml`."""
    said = {lang: in_words(_HINTS, lang)[:hints] for lang in languages}
    written = _text("entry.yml.j2", draft=draft, languages=languages, hints=said, count=hints)
    return "".join(indent + line if line.strip() else line for line in written.splitlines(keepends=True))


def _write(files: Mapping[Path, str]) -> None:
    """Write files, each whole or not at all.

    Raises:
        CourseError: one cannot be written.
    """
    for path, text in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with written_whole(path) as file:
                file.write(text)
        except OSError as error:
            raise CourseError(
                message(
                    "{file} cannot be written: {reason}.", file=str(path), reason=error.strerror or str(error)
                )
            ) from None


@cache
def _templates() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("autograder.authoring"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["quoted"] = lambda text: json.dumps(text, ensure_ascii=False)
    return made


def _text(name: str, **words: object) -> str:
    return _templates().get_template(name).render(**words)
