"""Matches a submission's cells with the source's, whatever an editor has done to their metadata."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from autograder.course import Assignment, Course
from autograder.course.first_cell import is_first_cell
from autograder.course.tags import is_afterwards, is_by_hand, nbgrader

if TYPE_CHECKING:
    from nbformat import NotebookNode


@dataclass(frozen=True)
class Prompt:
    """What was given out in one language where a text is to be written, with the cell's metadata there."""

    language: str | None
    source: str
    metadata: Mapping[str, Any]


@dataclass(frozen=True)
class SourceCell:
    """A cell, as it was given out, that nbgrader knows; where it is locked, this is the text that counts.

    A cell that a person grades has `prompts` in each language.
    """

    grade_id: str
    id: str
    source: str
    locked: bool
    graded: bool
    metadata: Mapping[str, Any]
    prompts: tuple[Prompt, ...] = ()

    @property
    def by_hand(self) -> bool:
        """Whether a person grades the cell, which is then both a text and an answer."""
        return bool(self.prompts)

    def prompt(self, text: str | None, language: str | None) -> Prompt:
        """Return the prompt that a text equals or replaces, in a notebook of that language.

        nbgrader tells by the checksum in the prompt's metadata whether anything was written, and an unchanged
        prompt is no answer in any language.
        """
        known = {prompt.language: prompt for prompt in self.prompts}
        same = next((prompt for prompt in self.prompts if prompt.source == text), None)
        return same or known.get(language) or self.prompts[0]

    def is_prompt(self, text: str) -> bool:
        """Return whether a text is what was given out, in any language."""
        return any(prompt.source == text for prompt in self.prompts)


@dataclass(frozen=True)
class SetupCell:
    """A code cell that was given out and that nbgrader does not know, such as the one with the imports.

    `follows` holds the `grade_id`s of the cells before it, `precedes` those of the cells after it.
    """

    id: str
    source: str
    follows: frozenset[str]
    precedes: frozenset[str]


@dataclass(frozen=True)
class GivenOut:
    """The notebook as it was given out: the cells that nbgrader knows, the sources of the other code cells,
    the metadata, those other code cells that come before a known one, and the prose: texts and ids."""

    cells: tuple[SourceCell, ...]
    others: frozenset[str]
    metadata: Mapping[str, Any]
    setups: tuple[SetupCell, ...] = ()
    prose: frozenset[str] = frozenset()


@dataclass
class Recognised:
    """Positions of a submission's cells: the one matched with each source cell, copies of locked cells and of
    texts that a person grades, and the `grade_id`s that the source does not have."""

    claims: dict[int, SourceCell] = field(default_factory=dict)
    copies: dict[int, SourceCell] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)


def given_out_by(course: Course, assignment: Assignment) -> GivenOut:
    """Return what a course gives out to learners, in all its languages.

    Code that differs between languages (the first cell, the labels of a plot) counts as given out in each.
    What only some languages have is no set-up, because a submission in another need not have it.

    Raises:
        CourseError: the source notebook is missing or not in order.
    """
    # nbformat takes a second to import, so only grading imports it.
    from autograder.course.release import released

    first, *more = (given_out(released(course, assignment, language)) for language in course.languages)
    prompts = {
        cell.grade_id: tuple(prompt for found in (first, *more) for prompt in _prompts(found, cell.grade_id))
        for cell in first.cells
    }
    return replace(
        first,
        cells=tuple(replace(cell, prompts=prompts[cell.grade_id]) for cell in first.cells),
        prose=first.prose.union(*(found.prose for found in more)),
        others=first.others.union(*(found.others for found in more)),
        setups=tuple(setup for setup in first.setups if all(setup in found.setups for found in more)),
    )


def _prompts(found: GivenOut, grade_id: str) -> tuple[Prompt, ...]:
    return next((cell.prompts for cell in found.cells if cell.grade_id == grade_id), ())


def given_out(notebook: NotebookNode) -> GivenOut:
    """Return what a source notebook, or its release, gives out to learners."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    about = notebook.metadata.get("autograder")
    language = about.get("language") if isinstance(about, dict) else None
    known = tuple(
        SourceCell(
            settings["grade_id"],
            cell.get("id", ""),
            cell.source,
            bool(settings.get("locked")),
            bool(settings.get("grade")),
            cell.metadata,
            (Prompt(language, cell.source, cell.metadata),) if is_by_hand(cell) else (),
        )
        for cell in notebook.cells
        if (settings := nbgrader(cell))
        and settings.get("grade_id")
        and (cell.cell_type == "code" or is_by_hand(cell))
    )
    others = frozenset(cell.source.strip() for cell in code if not nbgrader(cell))
    texts = [cell for cell in notebook.cells if cell.cell_type == "markdown" and not nbgrader(cell)]
    prose = frozenset({cell.source.strip() for cell in texts} | {cell.get("id", "") for cell in texts} | {""})
    return GivenOut(known, others, notebook.metadata, tuple(_setups(code)), prose)


def _setups(code: Sequence[NotebookNode]) -> Iterator[SetupCell]:
    names = [str(nbgrader(cell).get("grade_id") or "") for cell in code]
    for number, cell in enumerate(code):
        later = frozenset(filter(None, names[number + 1 :]))
        if names[number] or is_afterwards(cell) or is_first_cell(cell.get("id"), cell.source):
            continue
        if later and cell.source.strip():
            yield SetupCell(cell.get("id", ""), cell.source, frozenset(filter(None, names[:number])), later)


def recognise(cells: Sequence[NotebookNode], source: GivenOut) -> Recognised:
    """Match cells by `grade_id`, locked ones also by text, then by the notebook's cell ids, and an answer by
    its place, where just one cell fits.

    A text that a person grades is the first that fits its place, because a person will look at it.
    """
    found = Recognised()
    names = [_name(cell) for cell in cells]
    by_grade_id = {origin.grade_id: origin for origin in source.cells}
    texts = [cell.source.strip() for cell in cells]
    nameless = [
        position
        for position, cell in enumerate(cells)
        if names[position] not in by_grade_id and cell.get("cell_type") == "code" and not is_afterwards(cell)
    ]
    # An editor may have turned a text into a cell of another kind.
    unnamed = [
        position
        for position, cell in enumerate(cells)
        if names[position] not in by_grade_id and not is_afterwards(cell)
    ]
    for origin in source.cells:
        named = [position for position, name in enumerate(names) if name == origin.grade_id]
        if origin.by_hand:
            # Of two cells with one name, the one in which something is written is taken.
            named.sort(key=lambda p: (origin.is_prompt(cells[p].source), not texts[p]))
        # Of two locked cells with one name, the one with the text that was given out is taken.
        _claim(found, origin, (p for p in named if origin.locked and texts[p] == origin.source.strip()))
        _claim(found, origin, named)
    for origin in source.cells:
        _claim(found, origin, (p for p in nameless if origin.locked and texts[p] == origin.source.strip()))
    for origin in source.cells:
        there = unnamed if origin.by_hand else nameless
        _claim(found, origin, (p for p in there if origin.id and cells[p].get("id") == origin.id))
    # A set-up cell that was changed is still no answer.
    setups = {setup.id for setup in source.setups if setup.id}
    strangers = [
        position
        for position in nameless
        if texts[position] not in source.others
        and cells[position].get("id") not in setups
        and not is_first_cell(cells[position].get("id"), texts[position])
    ]
    prose = [
        position
        for position in unnamed
        if cells[position].get("cell_type") != "code"
        and texts[position] not in source.prose
        and (not cells[position].get("id") or cells[position].get("id") not in source.prose)
    ]
    _claim_by_place(found, source.cells, strangers, prose, len(cells))
    by_text = {origin.source.strip(): origin for origin in source.cells if origin.locked}
    for position, name in enumerate(names):
        if position in found.claims:
            continue
        original = by_grade_id.get(name) or (by_text.get(texts[position]) if position in nameless else None)
        if original is not None and (original.locked or original.by_hand):
            found.copies[position] = original
        elif name and original is None:
            found.unknown.append(name)
    return found


def _name(cell: NotebookNode) -> str:
    """Return the `grade_id` in a cell's own metadata, empty where it has none."""
    name = nbgrader(cell).get("grade_id")
    return name if isinstance(name, str) and not is_afterwards(cell) else ""


def _claim(found: Recognised, origin: SourceCell, positions: Iterable[int]) -> None:
    """Match the first free position with `origin`, unless `origin` is already matched."""
    if origin in found.claims.values():
        return
    free = next((position for position in positions if position not in found.claims), None)
    if free is not None:
        found.claims[free] = origin


def _claim_by_place(
    found: Recognised,
    source: Sequence[SourceCell],
    strangers: Collection[int],
    prose: Collection[int],
    count: int,
) -> None:
    """Match a missing answer with the one unknown code cell, or first unknown text, at its place."""
    for number, origin in enumerate(source):
        if origin.locked or origin in found.claims.values():
            continue
        places = {claimed.grade_id: position for position, claimed in found.claims.items()}
        earlier = [places[cell.grade_id] for cell in source[:number] if cell.grade_id in places]
        later = [places[cell.grade_id] for cell in source[number + 1 :] if cell.grade_id in places]
        gap = range(earlier[-1] + 1 if earlier else 0, later[0] if later else count)
        candidates = prose if origin.by_hand else strangers
        between = [position for position in candidates if position in gap and position not in found.claims]
        if len(between) == 1 or (between and origin.by_hand):
            found.claims[between[0]] = origin
