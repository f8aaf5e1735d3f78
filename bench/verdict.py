"""Where ours wins and where it loses, and whether the targets are met: decided from the measured values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.contender import BASELINE, OURS
from bench.dataset import KINDS, OUR_SET
from bench.measures import auroc_difference, clearly_different, ratio
from bench.result import COSTS, Result

__all__ = ["Comparison", "Verdict", "comparisons", "verdicts"]

ALIKE = 0.05  # costs nearer than this share are called alike: two rounds of the same contender differ as much

Results = dict[str, dict[str, Result]]  # by data set, then by contender


@dataclass(frozen=True)
class Comparison:
    """`outcome`: 1 ours is better, -1 worse, 0 no clear difference. `gap`: in words."""

    measure: str
    dataset: str
    outcome: int
    gap: str


def comparisons(results: Results, other: str) -> list[Comparison]:
    """Ours against another contender: each measure on each data set that both have been through."""
    found = []
    for dataset, by_contender in results.items():
        ours, theirs = by_contender.get(OURS), by_contender.get(other)
        if ours is None or theirs is None:
            continue
        found += [_accuracy(kind, dataset, ours, theirs) for kind in KINDS]
        found += [_out_of_domain(kind, dataset, ours, theirs) for kind in KINDS]
        found += [_cost(name, dataset, ours, theirs) for name in COSTS]
    return [comparison for comparison in found if comparison]


def _accuracy(kind: str, dataset: str, ours: Result, theirs: Result) -> Comparison | None:
    points = _points(kind)(ours, theirs)
    if points is None:
        return None
    clear = clearly_different(ours.right[kind], theirs.right[kind])
    return Comparison(f"accuracy, {kind}", dataset, _sign(points) if clear else 0, f"{points:+.1f} points")


def _out_of_domain(kind: str, dataset: str, ours: Result, theirs: Result) -> Comparison | None:
    if kind not in ours.sides or kind not in theirs.sides:
        return None
    found = auroc_difference(ours.sides[kind], theirs.sides[kind])
    if found is None:
        return None
    difference, spread = found
    outcome = _sign(difference) if abs(difference) > spread else 0
    return Comparison(f"out-of-domain AUROC, {kind}", dataset, outcome, f"{difference:+.3f}")


def _cost(name: str, dataset: str, ours: Result, theirs: Result) -> Comparison | None:
    times = ratio(ours.costs.get(name), theirs.costs.get(name))
    if times is None:
        return None
    outcome = 0 if abs(times - 1) <= ALIKE else _sign(1 - times)
    return Comparison(COSTS[name][0], dataset, outcome, f"×{times:.2g}" if times < 10 else f"×{times:.0f}")


@dataclass(frozen=True)
class Verdict:
    """A target of the issue on one data set. `met` is None when it was not measured."""

    target: str
    dataset: str
    measured: str
    met: bool | None


@dataclass(frozen=True)
class _Target:
    label: str
    measure: Callable[[Result, Result], float | None]
    bound: float
    written: str  # how a value is written
    at_most: bool = False
    dataset: str = ""  # on this one only


def _points(kind: str) -> Callable[[Result, Result], float | None]:
    def points(ours: Result, theirs: Result) -> float | None:
        one, other = ours.right.get(kind), theirs.right.get(kind)
        return 100 * (sum(one) - sum(other)) / len(one) if one and other else None

    return points


def _times(name: str) -> Callable[[Result, Result], float | None]:
    return lambda ours, theirs: ratio(ours.costs.get(name), theirs.costs.get(name))


def _times_less(name: str) -> Callable[[Result, Result], float | None]:
    return lambda ours, theirs: ratio(theirs.costs.get(name), ours.costs.get(name))


TARGETS = (
    _Target("accuracy, clean: at least +5 points", _points("clean"), 5, "{:+.2f}", dataset="wikit"),
    _Target("accuracy, clean: at least +10 points", _points("clean"), 10, "{:+.2f}", dataset="atis"),
    _Target("accuracy, clean: at least +6 points", _points("clean"), 6, "{:+.2f}", dataset=OUR_SET),
    _Target("accuracy, noisy: at least +3 points", _points("noisy"), 3, "{:+.2f}"),
    _Target("training: at least 40 times less CPU, imports included", _times_less("cpu"), 40, "{:.1f} times less"),
    _Target("parse p50: no slower", _times("p50"), 1, "×{:.2f}", at_most=True),
    _Target("cold load: no worse", _times("cold"), 1, "×{:.2f}", at_most=True),
    _Target("peak memory: no worse", _times("memory"), 1, "×{:.2f}", at_most=True),
)


def verdicts(results: Results) -> list[Verdict]:
    """Every target, ours against the baseline, on each data set that it speaks of."""
    found = []
    for target in TARGETS:
        for dataset in [target.dataset] if target.dataset else results:
            by_contender = results.get(dataset, {})
            ours, theirs = by_contender.get(OURS), by_contender.get(BASELINE)
            value = target.measure(ours, theirs) if ours and theirs else None
            if value is None:
                found.append(Verdict(target.label, dataset, "–", None))
            else:
                met = value <= target.bound if target.at_most else value >= target.bound
                found.append(Verdict(target.label, dataset, target.written.format(value), met))
    return found


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)
