"""Computes the figures of a class: how scores are spread, how difficult a thing was, whom it tells apart."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

LEAST_SUBMISSIONS = 30
"""Fewest graded submissions for which a discrimination is given.

For a check that tells nobody apart, the coefficient varies by chance with a standard deviation of about
1 / √(n - 1). For 30 submissions that is 0.19: one useless check in ten shows more than 0.3 or less than -0.3,
the values from which on one would believe it. For 14 submissions it would be every third.
"""

TENTHS = 10


def distribution(shares: Sequence[float]) -> list[int]:
    """Return how many shares are in each tenth, and at the end how many are whole and counted only there.

    Extra credit makes a share more than whole.
    """
    counts = [0] * (TENTHS + 1)
    for share in shares:
        # 0.3 * 10 is 3, but 0.29 * 100 is not 29: what is a tenth except for rounding counts as one.
        counts[min(int(max(share, 0) * TENTHS + 1e-9), TENTHS) if share < 1 else TENTHS] += 1
    return counts


def mean(values: Sequence[float]) -> float | None:
    """Return the mean; None for no values."""
    return statistics.fmean(values) if values else None


def median(values: Sequence[float]) -> float | None:
    """Return the median; None for no values."""
    return statistics.median(values) if values else None


def discrimination(points: Sequence[float], rest: Sequence[float]) -> float | None:
    """Return how well the points here go with the points in the rest of the assignment.

    It is Pearson's coefficient, which is the point-biserial one where there is all or nothing to be had. What
    is looked at is no part of the rest, or it would be correlated with itself. None where there are too few
    submissions, or all have the same.
    """
    if len(points) < LEAST_SUBMISSIONS or len(set(points)) < 2 or len(set(rest)) < 2:
        return None
    # Imported here, so that other commands do not wait for it.
    import numpy

    return round(float(numpy.corrcoef(points, rest)[0, 1]), 6)
