"""How far a learner is in the course, by what is remembered."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.course import Assignment, Course
from autograder.study.memory import Memory


@dataclass(frozen=True)
class Progress:
    """Assignments with full marks out of all, the best scores out of all points, the hints shown."""

    done: int
    count: int
    score: float
    points: float
    hints: int


def progress(course: Course, memory: Memory) -> Progress:
    """How far the whole course is."""
    return Progress(
        done=sum(is_done(assignment, memory) for assignment in course.assignments),
        count=len(course.assignments),
        score=sum(best_score(assignment, memory) or 0.0 for assignment in course.assignments),
        points=sum(assignment.points for assignment in course.assignments),
        hints=sum(hints_shown(assignment, memory) for assignment in course.assignments),
    )


def best_score(assignment: Assignment, memory: Memory) -> float | None:
    """The sum of the tasks' best scores; None before the assignment was checked."""
    known = [memory.best[task.id] for task in assignment.tasks if task.id in memory.best]
    return sum(known) if known else None


def is_done(assignment: Assignment, memory: Memory) -> bool:
    """Whether every task once had full marks."""
    return all(memory.best.get(task.id, 0.0) >= task.points for task in assignment.tasks)


def hints_shown(assignment: Assignment, memory: Memory) -> int:
    """How many hints of the assignment were shown."""
    return sum(memory.hints.get(task.id, 0) for task in assignment.tasks)


def first_open(course: Course, memory: Memory) -> Assignment:
    """The first assignment that is not done; where all are, the first."""
    left = (assignment for assignment in course.assignments if not is_done(assignment, memory))
    return next(left, course.assignments[0])


def next_after(course: Course, memory: Memory, assignment: Assignment) -> Assignment:
    """The next assignment that is not done, from the first again after the last; where all are, the next."""
    place = [one.id for one in course.assignments].index(assignment.id)
    others = [*course.assignments[place + 1 :], *course.assignments[:place]]
    left = (other for other in others if not is_done(other, memory))
    return next(left, others[0] if others else assignment)
