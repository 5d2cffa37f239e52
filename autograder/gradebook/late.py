"""Applies the course's late policy, as nbgrader's late-submission plug-in."""

from __future__ import annotations

import math

from nbgrader.plugins import LateSubmissionPlugin

from autograder.course.model import LatePolicy
from autograder.gradebook.traits import InCourse

DAY = 24 * 60 * 60


class CourseLatePolicy(InCourse, LateSubmissionPlugin):
    """A plug-in that takes off what `late` in course.yml says; without it, what nbgrader's own would."""

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        """Return the points that a late submission loses; None where it loses none."""
        course = self.course
        if course is None or course.late is None:
            return super().late_submission_penalty(student_id, score, total_seconds_late)
        return penalty(course.late, score, total_seconds_late)


def penalty(policy: LatePolicy, score: float, seconds_late: float) -> float | None:
    """Return what a submission loses of its `score` if it came `seconds_late` after its due date."""
    beyond = seconds_late - 60 * policy.grace_minutes
    if beyond <= 0:
        return None
    percent = min(policy.percent_per_day * math.ceil(beyond / DAY), policy.most_percent)
    return score * percent / 100
