"""Makes right programs by the hundred: each task's reference answer, written in other ways."""

from __future__ import annotations

import ast
import builtins
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from autograder.audit.equivalence.cell import Cell
from autograder.audit.equivalence.choices import Choices, Seeded
from autograder.audit.equivalence.names import Names
from autograder.audit.equivalence.rules import RULES, rewrite
from autograder.checks import Grader
from autograder.course.tags import answer_of
from autograder.grading import Scheme

# How likely a place is rewritten: with one rule alone, and with all of them.
_ALONE = (1, 0.5)
_MIXED = (0.05, 0.1, 0.2, 0.4)
_FRUITLESS = 60


@dataclass(frozen=True)
class Equivalent:
    """A right program: other code for some cells of the reference's notebook, and the rules that made it."""

    task: str
    rules: tuple[str, ...]
    sources: Mapping[str, str] = field(compare=False)

    @property
    def text(self) -> str:
        """The code of its cells, one after another."""
        return "\n".join(self.sources.values())


def equivalents(scheme: Scheme, most: int, seed: int) -> list[Equivalent]:
    """Return at most that many different right programs, as evenly as possible from the tasks, in order."""
    tasks = [task.id for task in scheme.assignment.checked]
    sources = {task: _different(scheme, task, random.Random(f"{seed} {task}")) for task in tasks}
    found: dict[str, list[Equivalent]] = {task: [] for task in tasks}
    while sources and sum(map(len, found.values())) < most:
        for task in list(sources):
            made = next(sources[task], None)
            if made is None:
                del sources[task]
            elif sum(map(len, found.values())) < most:
                found[task].append(made)
    return [made for task in tasks for made in found[task]]


def _different(scheme: Scheme, task: str, generator: random.Random) -> Iterator[Equivalent]:
    """Yield a task's programs, all different and none the reference: by each rule alone, then by all."""
    answer = cell_of(scheme, task)
    seen = {normalised(answer.text())}

    def new(choices: Choices) -> Iterator[Equivalent]:
        made = written(answer, task, choices)
        text = normalised(made.text)
        if text not in seen:
            seen.add(text)
            yield made

    alone = list(RULES)
    generator.shuffle(alone)
    for rule in alone:
        for likelihood in _ALONE:
            found = list(new(Seeded(generator, likelihood, (rule,))))
            yield from found
            if not found and likelihood == 1:
                break
    fruitless = 0
    while fruitless < _FRUITLESS:
        found = list(new(Seeded(generator, generator.choice(_MIXED))))
        fruitless = 0 if found else fruitless + 1
        yield from found


def written(answer: Cell, task: str, choices: Choices) -> Equivalent:
    """Return the program that some choices make of a task's reference answer."""
    source = rewrite(answer.again(), choices)
    return Equivalent(task, tuple(choices.used), {answer_of(task): source})


def normalised(source: str) -> str:
    """Return a text without its blank lines."""
    return "\n".join(line.rstrip() for line in source.split("\n") if line.strip())


def cell_of(scheme: Scheme, task: str) -> Cell:
    """Return a task's reference answer, to be rewritten."""
    sources = {cell.id: cell.source for cell in scheme.solution.cells}
    answer = sources.pop(answer_of(task))
    names = Names([*sources.values(), answer])
    elsewhere = {name for source in sources.values() for name in _all_names(source)}
    return Cell(
        ast.parse(answer),
        names,
        frozenset(elsewhere),
        elsewhere | _all_names(answer) | set(dir(builtins)),
        _rank(scheme, task),
        not order_counts(scheme.grader, task),
        _free_names(scheme, task),
    )


def _all_names(source: str) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).split(".")[0])
    return found


def _rank(scheme: Scheme, task: str) -> int | None:
    """Return the number of axes of what the task's models concatenate; None unless it is one number."""
    ranks = {
        len(shape)
        for graph in scheme.references[task].graphs
        for call in graph.of_kind("Concatenate")
        for shape in call.shapes
    }
    return ranks.pop() if len(ranks) == 1 else None


def _free_names(scheme: Scheme, task: str) -> frozenset[str]:
    """Return the layer names in a task's answer that neither the task nor any other line needs."""
    if next(one for one in scheme.assignment.tasks if one.id == task).names_fixed:
        return frozenset()
    texts = Counter(
        node.value
        for cell in scheme.solution.cells
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return frozenset(text for text, times in texts.items() if times == 1)


def order_counts(grader: Grader, task: str) -> bool:
    """Return whether a task's checks say that the order of concatenated branches is not free."""
    for file in grader.files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and _is_of(node, task):
                told = [one for one in ast.walk(node) if isinstance(one, ast.keyword)]
                if any(one.arg == "branch_order_free" and ast.unparse(one.value) == "False" for one in told):
                    return True
    return False


def _is_of(check: ast.FunctionDef, task: str) -> bool:
    return any(
        isinstance(one, ast.Call) and one.args and ast.unparse(one.args[0]) == repr(task)
        for one in check.decorator_list
    )
