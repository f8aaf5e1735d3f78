"""Moments and durations in French, for pages and mails."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

__all__ = ["DAY", "MINUTE", "NBSP", "day", "duration", "minute"]

NBSP = "\u00a0"
MINUTE, HOUR, DAY = 60, 3600, 86_400  # seconds
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip


def duration(seconds: float) -> str:
    """A duration in its largest unit, rounded down: «45 secondes», «2 jours», «3 mois»."""
    for size, one, many in (
        (365 * DAY, "an", "ans"),
        (30 * DAY, "mois", "mois"),
        (7 * DAY, "semaine", "semaines"),
        (DAY, "jour", "jours"),
        (HOUR, "heure", "heures"),
        (MINUTE, "minute", "minutes"),
        (1, "seconde", "secondes"),
    ):
        count = int(seconds // size)
        if count:
            return f"{count}{NBSP}{one if count == 1 else many}"
    return f"0{NBSP}seconde"


def day(moment: datetime) -> str:
    """The day in France: «22 novembre 2025», «1er mai 2026»."""
    there = moment.astimezone(_paris())
    return f"{there.day}{'er' if there.day == 1 else ''}{NBSP}{MONTHS[there.month - 1]} {there.year}"


def minute(moment: datetime | str | None) -> str:
    """The time of day in France: «14 h 05». A transcript holds its moments as ISO 8601; anything else gives nothing."""
    if not isinstance(moment, datetime):
        try:
            moment = datetime.fromisoformat(moment or "")
        except ValueError:
            return ""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    there = moment.astimezone(_paris())
    return f"{there.hour}{NBSP}h{NBSP}{there.minute:02}"


@lru_cache(maxsize=1)
def _paris() -> ZoneInfo:
    return ZoneInfo("Europe/Paris")
