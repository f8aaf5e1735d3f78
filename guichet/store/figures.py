"""Figures for supervisors and authors: counts by SQL, on either engine, without any text of a person but one list.

A turn says by itself what became of it (guichet.outcomes), so most of these read one index.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, literal_column, or_, select

from guichet.store.engine import Store
from guichet.store.tables import Case, Click, Feedback, Message, Turn

__all__ = ["Figures", "Resolution", "Unanswered", "avoidable", "figures", "unanswered", "unanswered_themes"]

DAY = 86_400  # seconds


@dataclass
class Resolution:
    """Answers on one theme, by what the person did next: «Oui», «Non», went on, or nothing further."""

    yes: int = 0
    no: int = 0
    more: int = 0
    silent: int = 0

    @property
    def answers(self) -> int:
        return self.yes + self.no + self.more + self.silent

    @property
    def resolved(self) -> int:
        return self.yes + self.silent


@dataclass
class Figures:
    """What happened in a period. `by_hour` holds (start of an hour, outcome) -> turns; waits are in seconds."""

    by_hour: Counter[tuple[datetime, str]] = field(default_factory=Counter)
    started: Counter[datetime] = field(default_factory=Counter)  # start of an hour -> conversations begun
    themes: dict[str, Resolution] = field(default_factory=dict)
    clicks: Counter[str] = field(default_factory=Counter)  # by téléservice
    feedback: Counter[str] = field(default_factory=Counter)  # by reason
    cases: int = 0
    closed: int = 0
    waits: list[float] = field(default_factory=list)  # until the first reply, of the cases opened, sorted
    reasons: Counter[str] = field(default_factory=Counter)  # of the cases closed

    @property
    def outcomes(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for (_, outcome), count in self.by_hour.items():
            found[outcome] += count
        return found

    @property
    def messages(self) -> int:
        return sum(self.by_hour.values())

    @property
    def conversations(self) -> int:
        return sum(self.started.values())

    @property
    def resolution(self) -> Resolution:
        """Of all themes together."""
        every = list(self.themes.values())
        return Resolution(*(sum(getattr(one, name) for one in every) for name in ("yes", "no", "more", "silent")))

    @property
    def median_wait(self) -> float | None:
        if not self.waits:
            return None
        middle = len(self.waits) // 2
        return self.waits[middle] if len(self.waits) % 2 else (self.waits[middle - 1] + self.waits[middle]) / 2

    @property
    def within_a_day(self) -> int:
        return sum(wait <= DAY for wait in self.waits)


@dataclass(frozen=True)
class Unanswered:
    """A message that found no answer, or an answer that was refused. `said` is redacted, as it is stored."""

    at: datetime
    refused: bool
    theme: str | None  # refused; or the nearest one of a message not understood
    said: str
    decision: dict[str, Any]
    reason: str | None  # that the person gave


def figures(store: Store, since: datetime, until: datetime) -> Figures:
    """Everything that the dashboard shows of [since, until[. Each query is its own short transaction."""
    found = Figures()
    hour = _hour(store, Turn.created_at)
    turns = _within(Turn.created_at, since, until)
    outcomes = select(hour, Turn.outcome, func.count()).where(*turns, Turn.outcome.is_not(None))
    for text, outcome, count in _rows(store, outcomes.group_by(hour, Turn.outcome)):
        found.by_hour[_moment(text), outcome] = count
    first = select(func.min(Turn.created_at).label("at")).where(*turns).group_by(Turn.conversation_id).subquery()
    hour = _hour(store, first.c.at)
    for text, count in _rows(store, select(hour, func.count()).group_by(hour)):
        found.started[_moment(text)] = count
    answers = select(Turn.theme, Turn.verdict, func.count()).where(*turns, Turn.outcome == "answered")
    for theme, verdict, count in _rows(store, answers.group_by(Turn.theme, Turn.verdict)):
        setattr(found.themes.setdefault(theme or "", Resolution()), verdict or "silent", count)
    found.clicks = _counted(store, Click.teleservice, *_within(Click.created_at, since, until))
    found.feedback = _counted(store, Feedback.reason, *_within(Feedback.created_at, since, until))
    _add_cases(store, found, since, until)
    return found


def avoidable(store: Store, since: datetime, besides: Sequence[str]) -> Counter[tuple[str, str]]:
    """Cases closed since an instant, by theme ("" without one) and reason; but for the reasons `besides`."""
    wanted = (Case.closed_at >= since, Case.reason.not_in(besides))
    counted = select(Case.theme, Case.reason, func.count()).where(*wanted).group_by(Case.theme, Case.reason)
    return Counter({(theme or "", reason): count for theme, reason, count in _rows(store, counted)})


def unanswered_themes(store: Store, since: datetime) -> Counter[str]:
    """How many messages of the authors' list each theme has; "" for those without any."""
    counted = select(Turn.theme, func.count()).where(*_unanswered(since)).group_by(Turn.theme)
    return Counter({theme or "": count for theme, count in _rows(store, counted)})


def unanswered(
    store: Store, since: datetime, *, kind: str = "", theme: str = "", page: int = 1, per_page: int = 25
) -> tuple[list[Unanswered], int]:
    """Messages not understood, answers refused, newest first, and how many there are.

    `kind`: "refused" or "misunderstood", or both when empty.
    """
    wanted = _unanswered(since, kind)
    if theme:
        wanted.append(Turn.theme == theme)
    with store.begin() as session:
        total = session.scalar(select(func.count()).select_from(Turn).where(*wanted)) or 0
        turns = session.scalars(
            select(Turn)
            .where(*wanted)
            .order_by(Turn.created_at.desc(), Turn.id.desc())
            .limit(per_page)
            .offset((page - 1) * per_page)
        ).all()
        ids = [turn.id for turn in turns]
        said = session.scalars(select(Message).where(Message.turn_id.in_(ids))).all()
        texts = {row.turn_id: row.body["text"] for row in said if row.sender == "user"}
        told = session.execute(
            select(Message.turn_id, Feedback.reason)
            .join(Feedback, and_(Feedback.conversation_id == Message.conversation_id, Feedback.seq == Message.seq))
            .where(Message.turn_id.in_(ids))
        )
        reasons = {turn_id: reason for turn_id, reason in told}
    return [
        Unanswered(
            turn.created_at, turn.outcome != "failed", turn.theme, texts.get(turn.id, ""), turn.decision or {},
            reasons.get(turn.id),
        )
        for turn in turns
    ], total  # fmt: skip


def _add_cases(store: Store, found: Figures, since: datetime, until: datetime) -> None:
    opened = _rows(store, select(Case.created_at, Case.first_reply_at).where(*_within(Case.created_at, since, until)))
    found.cases = len(opened)
    found.waits = sorted((reply - created).total_seconds() for created, reply in opened if reply)
    closed = _within(Case.closed_at, since, until)
    reasons = _rows(store, select(Case.reason, func.count()).where(*closed).group_by(Case.reason))
    found.closed = sum(count for _, count in reasons)
    found.reasons = Counter({reason: count for reason, count in reasons if reason})


def _unanswered(since: datetime, kind: str = "") -> list[ColumnElement[bool]]:
    refused = (Turn.outcome == "answered") & (Turn.verdict == "no")
    misunderstood = (Turn.outcome == "failed") & (Turn.intent == "nlu_fallback")
    wanted = {"refused": refused, "misunderstood": misunderstood}.get(kind, or_(refused, misunderstood))
    return [Turn.created_at >= since, wanted, Turn.intent.is_not(None)]  # without one: purged, its words are gone


def _within(column: Any, since: datetime, until: datetime) -> list[ColumnElement[bool]]:
    return [column >= since, column < until]


def _hour(store: Store, column: Any) -> ColumnElement[str]:
    """The hour of an instant, in UTC, as «2025-11-22 12»: days of France are made of whole hours."""
    if store.engine.dialect.name == "sqlite":
        return func.strftime(literal_column("'%Y-%m-%d %H'"), column)
    # Written out: with parameters PostgreSQL would not see that SELECT and GROUP BY say the same.
    return func.to_char(func.timezone(literal_column("'UTC'"), column), literal_column("'YYYY-MM-DD HH24'"))


def _moment(hour: str) -> datetime:
    return datetime.strptime(hour, "%Y-%m-%d %H").replace(tzinfo=UTC)


def _counted(store: Store, column: Any, *conditions: ColumnElement[bool]) -> Counter[str]:
    found: Iterable[Row] = _rows(store, select(column, func.count()).where(*conditions).group_by(column))
    return Counter({key: count for key, count in found})


def _rows(store: Store, query: Select) -> list[Row]:
    with store.begin() as session:
        return list(session.execute(query).all())
