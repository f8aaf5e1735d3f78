"""The measures: pure functions of plain numbers. (guichet.evaluate has its own, in the other environment.)"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.stats import binomtest

__all__ = ["auroc", "auroc_difference", "clearly_different", "percentile", "ratio", "wilson"]

Z = 1.96  # 95 %

Sides = tuple[Sequence[float], Sequence[float]]  # scores of the rows outside the domain, and inside


def wilson(right: Sequence[bool]) -> tuple[float, float, float]:
    """(share of right rows, lower and upper bound of its 95 % Wilson interval). Needs a row."""
    bounds = binomtest(sum(right), len(right)).proportion_ci(0.95, method="wilson")
    return sum(right) / len(right), bounds.low, bounds.high


def clearly_different(one: Sequence[bool], other: Sequence[bool]) -> bool:
    """Whether two contenders differ on the same rows: exact McNemar test at 5 %."""
    only_one = sum(a and not b for a, b in zip(one, other, strict=True))
    only_other = sum(b and not a for a, b in zip(one, other, strict=True))
    both = only_one + only_other
    return both > 0 and binomtest(only_one, both).pvalue < 0.05


def auroc(sides: Sides) -> float | None:
    """The chance that a row outside the domain scores higher than one inside, a tie counting one half."""
    outside, inside = sides
    if not outside or not inside:
        return None
    return float(_beaten(outside, inside).mean())


def auroc_difference(one: Sides, other: Sides) -> tuple[float, float] | None:
    """(difference, half width of its 95 % interval) of two contenders on the same rows.

    DeLong, DeLong and Clarke-Pearson, Biometrics 44, 1988. None with fewer than two rows on a side.
    """
    if min(len(rows) for rows in (*one, *other)) < 2:
        return None
    outside = _beaten(*one) - _beaten(*other)
    inside = _beaten(one[1], one[0]) - _beaten(other[1], other[0])  # its sign plays no part in a variance
    variance = outside.var(ddof=1) / len(outside) + inside.var(ddof=1) / len(inside)
    return float(outside.mean()), Z * math.sqrt(variance)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0..1) of the values do not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def ratio(value: float | None, reference: float | None) -> float | None:
    """`value` in units of `reference`; None when either is missing."""
    return value / reference if value is not None and reference else None


def _beaten(rows: Sequence[float], others: Sequence[float]) -> np.ndarray:
    """For each row, the share of the others that score lower, ties counting one half."""
    ranked = np.sort(np.asarray(others))
    return (np.searchsorted(ranked, rows, "left") + np.searchsorted(ranked, rows, "right")) / (2 * len(ranked))
