"""The period that a page of figures is about: the last days in France, today included."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sanic import Request

__all__ = ["PERIODS", "Period", "asked_period", "day_of"]

PERIODS = {"7": "7 derniers jours", "30": "30 derniers jours", "90": "90 derniers jours"}
FRANCE = "Europe/Paris"


@dataclass(frozen=True)
class Period:
    """`days` whole days, the last one included; `since` and `until` are instants, `until` excluded."""

    days: int
    last: date

    @property
    def dates(self) -> list[date]:
        return [self.last - timedelta(days=n) for n in reversed(range(self.days))]

    @property
    def since(self) -> datetime:
        return _midnight(self.dates[0])

    @property
    def until(self) -> datetime:
        return _midnight(self.last + timedelta(days=1))

    @property
    def former(self) -> Period:
        """As many days, just before."""
        return Period(self.days, self.last - timedelta(days=self.days))


def asked_period(request: Request) -> Period:
    """The period of `?periode=`; the last 7 days unless the page offers what is asked."""
    asked = request.args.get("periode", "7")
    return Period(int(asked) if asked in PERIODS else 7, day_of(request.app.ctx.clock()))


def day_of(moment: datetime) -> date:
    """The day in France."""
    return moment.astimezone(ZoneInfo(FRANCE)).date()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(FRANCE))
