"""The figures of a class: how scores lie, how difficult something was, and whom it tells apart."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

LEAST_SUBMISSIONS = 30
"""Graded submissions below which no discrimination is given.

Of a check that tells nobody apart, the coefficient varies by chance with a standard deviation of about
1 / √(n - 1). Of 30 submissions that is 0.19: one useless check in ten shows more than 0.3 or less than -0.3,
the values from which on one would believe it. Of 14 submissions it would be every third."""

TENTHS = 10


def distribution(shares: Sequence[float]) -> list[int]:
    """Return how many shares lie in each tenth, and at the end how many are whole and count there alone.

    Extra credit makes a share more than whole.
    """
    counts = [0] * (TENTHS + 1)
    for share in shares:
        # 0.3 * 10 is 3, but 0.29 * 100 is not 29: what is a tenth but for rounding counts as one.
        counts[min(int(max(share, 0) * TENTHS + 1e-9), TENTHS) if share < 1 else TENTHS] += 1
    return counts


def mean(values: Sequence[float]) -> float | None:
    """Return the mean; None of nothing."""
    return statistics.fmean(values) if values else None


def median(values: Sequence[float]) -> float | None:
    """Return the median; None of nothing."""
    return statistics.median(values) if values else None


def discrimination(points: Sequence[float], rest: Sequence[float]) -> float | None:
    """Return how well what somebody has got here goes with what they have got in the rest of the assignment.

    It is Pearson's coefficient, which is the point-biserial one where there is all or nothing to be got. What
    is looked at is no part of the rest: else it would go together with itself. None where there are too few
    submissions, or everybody has the same.
    """
    if len(points) < LEAST_SUBMISSIONS or len(set(points)) < 2 or len(set(rest)) < 2:
        return None
    # Only here: who asks for another command does not wait for it.
    import numpy

    return round(float(numpy.corrcoef(points, rest)[0, 1]), 6)
