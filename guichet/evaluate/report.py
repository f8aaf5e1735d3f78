"""A report: titles, tables and curves in French, the same for a terminal and for a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from guichet.evaluate.measures import Rate

__all__ = [
    "MET",
    "MISSED",
    "NOISE_NAMES",
    "NOTHING",
    "Cell",
    "Curve",
    "Plot",
    "Report",
    "Section",
    "Table",
    "decimal",
    "percent",
    "with_interval",
]

MET, MISSED = "atteint", "manqué"
NOTHING = "—"  # there was nothing to measure
NOISE_NAMES = {
    "none": "aucun (soignée)", "sms": "style SMS", "accents": "sans accents", "slips": "fautes de frappe",
    "capitals": "capitales", "anger": "colère", "learner": "français hésitant", "mixed": "plusieurs bruits",
    "slip": "une faute de frappe", "two_slips": "deux fautes de frappe", "apostrophes": "sans apostrophes",
}  # fmt: skip

Cell = str | tuple[str, ...]  # a tuple is written one item a line


@dataclass(frozen=True)
class Table:
    """`words`: how many columns, from the left, hold words; the others hold numbers."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    words: int = 1


@dataclass(frozen=True)
class Curve:
    """A named line through (x, y) points, in shares (0..1). `guide`: a straight line to compare with."""

    name: str
    points: tuple[tuple[float, float], ...]
    guide: bool = False


@dataclass(frozen=True)
class Plot:
    """Curves in the unit square; `top` (0..1) cuts the height. `told` says in words what is to be seen."""

    id: str
    title: str
    told: str
    across: str
    upward: str
    curves: tuple[Curve, ...]
    top: float = 1.0


@dataclass(frozen=True)
class Section:
    """`note` explains how to read it. On a page a plot stands beside the table that holds its numbers, the first."""

    title: str
    note: str
    tables: tuple[Table, ...]
    plot: Plot | None = None


@dataclass(frozen=True)
class Report:
    title: str
    note: str
    sections: Sequence[Section]


def decimal(number: float | None, digits: int = 3) -> str:
    """«0,931»."""
    return NOTHING if number is None else f"{number:.{digits}f}".replace(".", ",")


def percent(share: float | None, digits: int = 1) -> str:
    """«93,1 %» for 0.931, with a no-break space."""
    return NOTHING if share is None else f"{100 * share:.{digits}f}\N{NO-BREAK SPACE}%".replace(".", ",")


def with_interval(rate: Rate) -> str:
    """«93,1 % (90,2 à 95,3)»."""
    if not rate.total:
        return NOTHING
    low, high = rate.interval
    return f"{percent(rate.value)} ({decimal(100 * low, 1)} à {decimal(100 * high, 1)})"
