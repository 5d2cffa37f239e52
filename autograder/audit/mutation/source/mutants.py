"""Makes an assignment's source mutants: its reference's answers, with one slip in the code of one cell."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from autograder.audit.mutation.source.calls import call_changes
from autograder.audit.mutation.source.code import Change, Code
from autograder.audit.mutation.source.containers import container_changes
from autograder.audit.mutation.source.literals import literal_changes
from autograder.audit.mutation.source.names import name_changes
from autograder.audit.mutation.source.non_answers import non_answers, pasted
from autograder.audit.mutation.source.parameters import parameter_changes
from autograder.audit.mutation.source.statements import statement_changes, syntax_errors
from autograder.course.starter import solution
from autograder.course.tags import answer_of
from autograder.grading import Scheme


@dataclass(frozen=True)
class SourceMutant:
    """A wrong program: the answer cell of a task with one slip in it.

    `what` says the line and the slip, `source` is the cell's code, and `line` is the slip's line in it.
    """

    task: str
    operator: str
    what: str
    line: int
    source: str = field(repr=False)

    @property
    def cell(self) -> str:
        """The id of the cell whose code it is."""
        return answer_of(self.task)


def source_mutants(scheme: Scheme) -> list[SourceMutant]:
    """Return every source mutant of an assignment, all different programs, from the first cell down."""
    found = []
    earlier: list[str] = []
    answers = {answer_of(task): task for task in scheme.references}
    checks = {cell.task: cell.source for cell in scheme.solution.cells if cell.task is not None}
    for cell in scheme.solution.cells:
        task = answers.get(cell.id)
        text = solution(cell.source)
        if task is not None:
            found += [
                SourceMutant(
                    task, change.operator, f"line {change.line}: {change.what}", change.line, change.text
                )
                for change in [
                    *source_changes(text, earlier),
                    *parameter_changes(text, scheme.probes.get(task, ())),
                    *non_answers(text, checks[task]),
                    *pasted(scheme.solution.prompts),
                ]
            ]
        earlier += [name for name in _variables(text) if name not in earlier]
    return found


def source_changes(text: str, earlier: Sequence[str] = ()) -> list[Change]:
    """Return every possible slip in a cell's code; `earlier` are the variables of the cells before it."""
    code = Code(text, earlier)
    seen = {ast.dump(ast.parse(text))}
    found = []
    for change in _changes(code):
        try:
            program = ast.dump(ast.parse(change.text))
        except SyntaxError:
            continue
        if program not in seen:
            seen.add(program)
            found.append(change)
    return [*found, *syntax_errors(text)]


def _changes(code: Code) -> Iterator[Change]:
    for changes in (literal_changes, call_changes, container_changes, name_changes, statement_changes):
        yield from changes(code)


def _variables(text: str) -> Iterator[str]:
    """Yield the variables that a cell's code assigns, but not its functions."""
    for statement in ast.parse(text).body:
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                yield from (node.id for node in ast.walk(target) if isinstance(node, ast.Name))
