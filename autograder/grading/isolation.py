"""Chooses the isolation level of a run of the grader, or refuses to run at all."""

from __future__ import annotations

from autograder.course import Course
from autograder.feedback import Isolation
from autograder.grading.submission import GradingError
from autograder.messages import Message, message
from autograder.sandbox import Offer, best_level


def choose_isolation(course: Course, *, unsafe: bool, offered: Offer | None = None) -> Isolation:
    """Return the best level that this machine offers, if it is enough for the course.

    Args:
        course: the course; its `isolation` says what is enough.
        unsafe: whether any level will do.
        offered: what the machine offers, where that is already known.

    Raises:
        GradingError: the course demands more than there is, or there is none and `unsafe` is not set.
    """
    offered = offered or best_level()
    isolation = Isolation(level=offered.level, lacking=list(offered.lacking))
    if unsafe:
        return isolation
    if offered.level == "none":
        raise GradingError(
            message(
                "This machine cannot isolate learner code: {reasons} For notebooks that you "
                "trust, `--unsafe` grades without isolation.",
                reasons=_joined(offered.lacking),
            )
        )
    if course.isolation == "full" and offered.level != "full":
        raise GradingError(
            message(
                "course.yml requires isolation `full`; this machine offers `{level}`: {reasons}",
                level=offered.level,
                reasons=_joined(offered.lacking),
            )
        )
    return isolation


def _joined(reasons: list[Message] | tuple[Message, ...]) -> Message:
    """Return several sentences as one message."""
    text = " ".join(f"{{reason{number}}}" for number in range(len(reasons)))
    return Message(text=text, values={f"reason{number}": reason for number, reason in enumerate(reasons)})
