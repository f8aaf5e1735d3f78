"""The measures: each a pure function of plain numbers and names, with the definition it follows."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import sqrt
from statistics import fmean

__all__ = [
    "Bin",
    "Point",
    "Rate",
    "Score",
    "aurc",
    "auroc",
    "coverage_at",
    "ece",
    "macro_f1",
    "reliability",
    "risk_coverage",
    "scores",
]

Z = 1.96  # 95 %
BINS = 15


@dataclass(frozen=True)
class Rate:
    """A proportion with its 95 % interval (Wilson, «Probable inference», JASA 22, 1927)."""

    right: int
    total: int

    @property
    def value(self) -> float:
        return self.right / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        if not self.total:
            return 0.0, 1.0
        n, p = self.total, self.value
        centre, spread = p + Z * Z / (2 * n), Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
        return max(0.0, (centre - spread) / (1 + Z * Z / n)), min(1.0, (centre + spread) / (1 + Z * Z / n))


@dataclass(frozen=True)
class Score:
    """How one theme fares among `total` questions that are about it."""

    total: int
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def scores(pairs: Sequence[tuple[str, str]]) -> dict[str, Score]:
    """The score of each theme that is the truth of a row, from (truth, prediction) rows, in alphabetical order.

    Precision is 0 for a theme never predicted. A theme only ever predicted has no score: it cost the true ones.
    """
    true, said = Counter(truth for truth, _ in pairs), Counter(prediction for _, prediction in pairs)
    hits = Counter(truth for truth, prediction in pairs if truth == prediction)
    return {
        theme: Score(true[theme], hits[theme] / said[theme] if said[theme] else 0.0, hits[theme] / true[theme])
        for theme in sorted(true)
    }


def macro_f1(by_theme: dict[str, Score]) -> float | None:
    """The plain mean of the F1 of the themes: a rare one weighs as much as a frequent one. None without any."""
    return fmean(score.f1 for score in by_theme.values()) if by_theme else None


@dataclass(frozen=True)
class Bin:
    """Rows of neighbouring confidence: their number, mean confidence and share of right ones (0..1)."""

    total: int
    confidence: float
    accuracy: float


def reliability(rows: Sequence[tuple[float, bool]], bins: int = BINS) -> list[Bin]:
    """At most `bins` bins of (confidence, right) rows, of equal mass, by rising confidence.

    Rows of the same confidence stay together, so a bin may hold more than its share.
    """
    if not rows:
        return []
    rows = sorted(rows)
    confidences = [confidence for confidence, _ in rows]
    starts = sorted({bisect_left(confidences, confidences[len(rows) * n // bins]) for n in range(bins)})
    chunks = (rows[start:end] for start, end in zip(starts, [*starts[1:], len(rows)], strict=True))
    return [
        Bin(len(chunk), fmean(confidence for confidence, _ in chunk), fmean(right for _, right in chunk))
        for chunk in chunks
    ]


def ece(bins: Sequence[Bin]) -> float | None:
    """Expected calibration error: the mean gap between accuracy and confidence, weighted by the size of the bins.

    Definition: Naeini et al., «Obtaining Well Calibrated Probabilities Using Bayesian Binning», AAAI 2015, written as
    in Guo et al., «On Calibration of Modern Neural Networks», ICML 2017, equation 3. Guo's 15 bins have the same width;
    ours hold the same number of rows, so that none rests on a handful. None without rows.
    """
    total = sum(one.total for one in bins)
    return sum(one.total * abs(one.accuracy - one.confidence) for one in bins) / total if total else None


@dataclass(frozen=True)
class Point:
    """When all rows from `confidence` up are answered: their share of all rows, and of wrong ones among them (0..1)."""

    confidence: float
    coverage: float
    risk: float


def risk_coverage(rows: Sequence[tuple[float, bool]]) -> list[Point]:
    """The risk/coverage curve of (confidence, right) rows, one point a distinct confidence, by rising coverage.

    Definition: El-Yaniv and Wiener, «On the Foundations of Noise-free Selective Classification», JMLR 11, 2010.
    """
    points, answered, wrong = [], 0, 0
    for confidence, tied in groupby(sorted(rows, reverse=True), key=lambda row: row[0]):
        rights = [right for _, right in tied]
        answered, wrong = answered + len(rights), wrong + rights.count(False)
        points.append(Point(confidence, answered / len(rows), wrong / answered))
    return points


def aurc(curve: Sequence[Point]) -> float | None:
    """Area under the risk/coverage curve: the mean risk over all coverages, lower is better. None without rows.

    Definition: Geifman, Uziel and El-Yaniv, «Bias-Reduced Uncertainty Estimation for Deep Neural Classifiers», ICLR
    2019. Rows of the same confidence are answered together, so each counts the risk once all of them are answered.
    """
    if not curve:
        return None
    before = [0.0, *(point.coverage for point in curve)]
    return sum(point.risk * (point.coverage - start) for point, start in zip(curve, before, strict=False))


def coverage_at(curve: Sequence[Point], risk: float) -> float:
    """The largest share of rows (0..1) that can be answered without the share of wrong answers passing `risk`."""
    return max((point.coverage for point in curve if point.risk <= risk), default=0.0)


def auroc(outside: Sequence[float], inside: Sequence[float]) -> float | None:
    """The chance that a row of `outside` scores higher than one of `inside`, a tie counting one half.

    The Mann-Whitney statistic over the number of pairs, which is the area under the ROC curve (Hanley and McNeil,
    Radiology 143, 1982). None when one side is empty.
    """
    if not outside or not inside:
        return None
    ranked = sorted(inside)
    won = sum(bisect_left(ranked, score) + bisect_right(ranked, score) for score in outside) / 2
    return won / (len(outside) * len(inside))
