"""What was measured of one contender on one data set, and how it is read from what its steps left."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import Any

from bench.dataset import KINDS, DataSet, side
from bench.measures import Sides, percentile

__all__ = ["COSTS", "Result", "has_own_number", "rights", "serving", "sides"]

# Name of a cost, how it is called, and its unit: what a value is divided by to be written.
COSTS = {
    "wall": ("training, wall", "s", 1.0),
    "cpu": ("training, CPU", "s", 1.0),
    "fit": ("training, CPU without imports", "s", 1.0),
    "archive": ("archive", "MB", 1e6),
    "p50": ("parse p50", "ms", 1e-3),
    "p99": ("parse p99", "ms", 1e-3),
    "cold": ("cold load", "s", 1.0),
    "memory": ("peak memory", "MB", 1e6),
}

Prediction = dict[str, Any]  # what bench/worker.py tells of a text


@dataclass
class Result:
    """`right`: row by row, by kind. `sides`: out-of-domain scores by kind. `costs`: seconds, bytes. `failed`: why."""

    right: dict[str, list[bool]] = field(default_factory=dict)
    sides: dict[str, Sides] = field(default_factory=dict)
    costs: dict[str, float] = field(default_factory=dict)
    own_number: bool = False  # the out-of-domain scores are the contender's own, not 1 - confidence
    failed: str = ""


def rights(dataset: DataSet, predictions: list[Prediction]) -> dict[str, list[bool]]:
    """For each kind, whether the first-ranked intent of each row is a right answer. `predictions`: of dataset.rows."""
    return {
        kind: [_first(told) in row.right for row, told in pairs]
        for kind, pairs in _by_kind(dataset, predictions).items()
    }


def sides(dataset: DataSet, predictions: list[Prediction], held: frozenset[str]) -> dict[str, Sides]:
    """For each kind, the out-of-domain scores of the rows of held-out intents, and of the others."""
    found: dict[str, Sides] = {}
    own = has_own_number(predictions)
    for kind, pairs in _by_kind(dataset, predictions).items():
        scores: dict[str, list[float]] = {"outside": [], "inside": []}
        for row, told in pairs:
            where = side(row, held, dataset.refusal)
            if where:
                scores[where].append(told["out_of_domain"] if own else _doubt(told, dataset.refusal))
        found[kind] = (scores["outside"], scores["inside"])
    return found


def has_own_number(predictions: list[Prediction]) -> bool:
    """Whether the contender gives an out-of-domain number for every message."""
    return all(told["out_of_domain"] is not None for told in predictions)


def serving(rounds: list[dict[str, Any]]) -> dict[str, float]:
    """The median over the rounds of each serving cost."""
    measured = [
        {
            "p50": percentile(one["durations"], 0.5),
            "p99": percentile(one["durations"], 0.99),
            "cold": one["cold"],
            "memory": one["memory"],
        }
        for one in rounds
    ]
    return {name: median(one[name] for one in measured) for name in measured[0]}


def _by_kind(dataset: DataSet, predictions: list[Prediction]) -> dict[str, list]:
    pairs = iter(zip(dataset.rows, predictions, strict=True))
    return {kind: [next(pairs) for _ in dataset.tests[kind]] for kind in KINDS}


def _first(told: Prediction) -> str:
    return told["ranking"][0][0] if told["ranking"] else ""


def _doubt(told: Prediction, refusal: str) -> float:
    """1 - the confidence of the first intent that is in the domain: being sure of a refusal is being out of it."""
    return 1.0 - max((confidence for name, confidence in told["ranking"] if name != refusal), default=0.0)
