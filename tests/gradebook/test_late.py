"""What a late submission loses."""

from __future__ import annotations

import pytest

from autograder.course.model import LatePolicy
from autograder.gradebook.late import DAY, penalty

POLICY = LatePolicy(grace_minutes=10, percent_per_day=10, most_percent=25)


@pytest.mark.parametrize(
    ("seconds", "lost"),
    [(1, None), (600, None), (601, 0.8), (600 + DAY, 0.8), (601 + DAY, 1.6), (30 * DAY, 2.0)],
)
def test_each_day_begun_after_the_grace_costs_its_share_up_to_the_most(seconds: int, lost) -> None:
    assert penalty(POLICY, 8.0, seconds) == (None if lost is None else pytest.approx(lost))


def test_no_score_loses_nothing() -> None:
    assert penalty(POLICY, 0.0, 5 * DAY) == 0.0
