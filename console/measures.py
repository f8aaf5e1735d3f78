"""Figures as people read them: measures with their units, a row a day, one line each for a spreadsheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from console.periods import Period, day_of
from console.phrases import duration, theme
from guichet.cases import REASONS
from guichet.content import Content
from guichet.content.display import typography
from guichet.outcomes import OUTCOMES
from guichet.store.figures import Figures

__all__ = [
    "FEEDBACK",
    "GROUPS",
    "UNAVOIDABLE",
    "Measure",
    "days",
    "lines",
    "named",
    "outcomes",
    "service",
    "summary",
    "themes",
]

UNAVOIDABLE = ("personal", "other")  # reason codes of cases that no better content would have spared
NONE = "—"
GROUPS = {  # outcomes that share a colour of the charts
    "Réponses données": ("answered",),
    "Précisions demandées": ("clarified",),
    "Échecs": ("failed", "broken"),
    "Conseiller": ("handed_off", "offered"),
    "Autres": ("elsewhere", "emergency", "suspended", "talk"),
}
FEEDBACK = {
    "incomplete": "Réponse incomplète",
    "fausse": "Information fausse",
    "pas_claire": "Pas claire",
    "hors_sujet": "Hors sujet",
    "lien_mort": "Un lien ne marche pas",
}
RESOLUTION = {
    "Réponses": lambda one: one.answers,
    "Oui": lambda one: one.yes,
    "Rien après": lambda one: one.silent,
    "Autre question": lambda one: one.more,
    "Non": lambda one: one.no,
}


@dataclass(frozen=True)
class Measure:
    """One figure of the period and of the former one; `unit` is how it is written: "" (a count), "%" or "s"."""

    name: str
    now: float | None
    before: float | None
    unit: str = ""

    @property
    def shown(self) -> str:
        return _shown(self.now, self.unit)

    @property
    def shown_before(self) -> str:
        return _shown(self.before, self.unit)


def summary(now: Figures, before: Figures) -> list[Measure]:
    """The ten figures at the top."""

    def both(name: str, read: Any, unit: str = "") -> Measure:
        return Measure(name, read(now), read(before), unit)

    return [
        both("Conversations", lambda one: one.conversations),
        both("Messages", lambda one: one.messages),
        both("Réponses résolues", lambda one: _share(one.resolution.resolved, one.resolution.answers), "%"),
        both("Satisfaction", lambda one: _share(one.resolution.yes, one.resolution.yes + one.resolution.no), "%"),
        both("Liens suivis", lambda one: one.clicks.total()),
        both("Dossiers ouverts", lambda one: one.cases),
        both("Dossiers clos", lambda one: one.closed),
        both("Première réponse à un dossier, délai médian", lambda one: one.median_wait, "s"),
        both("Premières réponses en moins de 24 heures", lambda one: _share(one.within_a_day, len(one.waits)), "%"),
        both("Dossiers évitables", lambda one: _share(_avoidable(one), one.reasons.total()), "%"),
    ]


def outcomes(now: Figures, before: Figures) -> list[Measure]:
    """What messages became, each of guichet.outcomes."""
    found, former = now.outcomes, before.outcomes
    return [Measure(words, found[outcome], former[outcome]) for outcome, words in OUTCOMES.items()]


def named(now: Counter[str], before: Counter[str], name: Any) -> list[Measure]:
    """Most frequent first."""
    keys = sorted({*now, *before}, key=lambda key: (-now[key], -before[key], key))
    return [Measure(name(key), now[key], before[key]) for key in keys]


def days(one: Figures, period: Period) -> list[dict[str, Any]]:
    """A row a day: conversations, and messages by group of outcomes."""
    groups = {outcome: group for group, outcomes in GROUPS.items() for outcome in outcomes}
    talks: Counter[date] = Counter()
    counts: Counter[tuple[date, str]] = Counter()
    for hour, count in one.started.items():
        talks[day_of(hour)] += count
    for (hour, outcome), count in one.by_hour.items():
        counts[day_of(hour), groups[outcome]] += count
    return [
        {"day": day, "talks": talks[day], "counts": {group: counts[day, group] for group in GROUPS}}
        for day in period.dates
    ]


def themes(one: Figures) -> list[tuple[str, Any]]:
    """(theme, Resolution), the most answered first."""
    return sorted(one.themes.items(), key=lambda row: (-row[1].answers, row[0]))


def lines(content: Content, period: Period, now: Figures, before: Figures) -> Iterator[tuple[object, ...]]:
    """(section, subject, measure, in the period, in the former one), for a spreadsheet."""
    for section, measures in (("Ensemble", summary(now, before)), ("Messages", outcomes(now, before))):
        yield from ((section, "", one.name, _plain(one.now), _plain(one.before)) for one in measures)
    for name in sorted({*now.themes, *before.themes}):
        for words, read in RESOLUTION.items():
            values = (read(one.themes[name]) if name in one.themes else 0 for one in (now, before))
            yield ("Sujets", theme(content, name), words, *values)
    for section, counts, former, words in (
        ("Liens suivis", now.clicks, before.clicks, lambda one: service(content, one)),
        ("Avis", now.feedback, before.feedback, lambda one: FEEDBACK.get(one, one)),
        ("Dossiers clos", now.reasons, before.reasons, lambda one: REASONS.get(one, one)),
    ):
        yield from ((section, "", one.name, one.now, one.before) for one in named(counts, former, words))
    for row, past in zip(days(now, period), days(before, period.former), strict=True):
        yield ("Jours", row["day"].isoformat(), "Conversations", row["talks"], past["talks"])
        yield from (
            ("Jours", row["day"].isoformat(), group, row["counts"][group], past["counts"][group]) for group in GROUPS
        )


def service(content: Content, name: str) -> str:
    """Label of a téléservice; its id when it is no more."""
    known = content.teleservices.get(name)
    return typography(known.libelle) if known else name


def _avoidable(one: Figures) -> int:
    return sum(count for reason, count in one.reasons.items() if reason not in UNAVOIDABLE)


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _plain(value: float | None) -> object:
    """For a spreadsheet: shares and seconds as French numbers."""
    return "" if value is None else value if isinstance(value, int) else f"{value:.3f}".replace(".", ",")


def _shown(value: float | None, unit: str) -> str:
    if value is None:
        return NONE
    if unit == "%":
        return f"{100 * value:.0f}\u00a0%"
    return duration(value) if unit == "s" else f"{value:,}".replace(",", "\u202f")
