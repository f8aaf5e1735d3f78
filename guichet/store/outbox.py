"""The outbox: mails written with their case, claimed with a lease, and settled once (DESIGN §7).

pending ─┐                      ┌─> sent
retry  ──┼─> sending (leased) ──┼─> retry   (due_at: not before)
         └── lease expired <────┴─> dead    (agents see it and send it again)

While a mail is `sending`, due_at holds the end of its lease: a mail whose relay died is due again by itself. A lease is
the token of one claim, so a relay that comes back too late settles nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from guichet.store.engine import Store
from guichet.store.tables import Case, CaseEvent, Handoff, Outbox

__all__ = [
    "ERROR_LIMIT",
    "STATES",
    "WAITING",
    "DeadMail",
    "Figures",
    "Mail",
    "case_of",
    "claim",
    "dead",
    "figures",
    "mark_dead",
    "mark_retry",
    "mark_sent",
    "reply_of",
]

STATES = ("pending", "sending", "retry", "sent", "dead")
WAITING = ("pending", "sending", "retry")
ERROR_LIMIT = 300  # characters of Outbox.last_error


@dataclass(frozen=True)
class Mail:
    """A claimed mail: its holder may deliver it until `leased_until`, and settles it with `lease`.

    `attempts` counts this one. `swept`: a former relay had claimed it and never settled it.
    """

    id: int
    case_id: int
    handoff_id: str
    kind: str
    attempts: int
    message_id: str
    created_at: datetime
    lease: str
    leased_until: datetime
    swept: bool
    event: int = 0


@dataclass(frozen=True)
class DeadMail:
    """A mail that will not leave unless someone sends it again."""

    id: int
    reference: str
    kind: str
    attempts: int
    last_error: str
    created_at: datetime


@dataclass(frozen=True)
class Figures:
    """The outbox at one instant. `counts` has every state; `oldest_waiting` is the age of the oldest mail not yet sent
    (dead ones apart), `attempts` the most that a waiting mail has had."""

    counts: dict[str, int]
    oldest_waiting: timedelta | None
    attempts: int

    @property
    def dead(self) -> int:
        return self.counts["dead"]


def claim(store: Store, *, lease: str, now: datetime, lease_seconds: float, limit: int = 1) -> list[Mail]:
    """Take up to `limit` due mails, longest due first, leases that expired included.

    `lease` must be new at each call (a UUID): it is the proof of this claim. The attempt is counted here, so that a
    mail that kills its relay is not tried for ever. Raises StoreUnavailable.
    """
    due = (
        select(Outbox)
        .where(Outbox.state.in_(WAITING), Outbox.due_at <= now)
        .order_by(Outbox.due_at, Outbox.id)
        .limit(limit)
    )
    if store.skips_locked:
        due = due.with_for_update(skip_locked=True)
    leased_until = now + timedelta(seconds=lease_seconds)
    with store.begin() as session:
        claimed = []
        for row in session.scalars(due).all():
            swept = row.state == "sending"
            row.state, row.lease, row.due_at, row.attempts = "sending", lease, leased_until, row.attempts + 1
            claimed.append(
                Mail(
                    id=row.id,
                    case_id=row.case_id,
                    handoff_id=row.handoff_id,
                    kind=row.kind,
                    attempts=row.attempts,
                    message_id=row.message_id,
                    created_at=row.created_at,
                    lease=lease,
                    leased_until=leased_until,
                    swept=swept,
                    event=row.event,
                )
            )
        return claimed


def case_of(store: Store, mail: Mail) -> tuple[Case, Handoff]:
    """The case a mail is about and the form it tells, which may be an addition.

    Read apart from the claim, so that a broken case blocks its own mails only. Raises LookupError when it is gone.
    """
    with store.begin() as session:
        case, handoff = session.get(Case, mail.case_id), session.get(Handoff, mail.handoff_id)
        if case is None or handoff is None:
            raise LookupError(f"case {mail.case_id}")
        return case, handoff


def reply_of(store: Store, mail: Mail) -> str:
    """The sealed text of the reply that a mail carries. Raises LookupError when it is gone."""
    with store.begin() as session:
        event = session.get(CaseEvent, (mail.case_id, mail.event))
        if event is None or event.text is None:
            raise LookupError(f"reply {mail.event} of case {mail.case_id}")
        return event.text


def mark_sent(store: Store, mail: Mail, now: datetime) -> bool:
    """The server took it. False when the lease is no longer ours; repeating it after a doubtful commit is harmless."""
    return _settle(store, mail, "sent", sent_at=now, last_error=None)


def mark_retry(store: Store, mail: Mail, *, due_at: datetime, error: str, spent: bool = True) -> bool:
    """Try again at `due_at`; with `spent=False` the attempt does not count (the service was down, not this mail)."""
    attempts = mail.attempts if spent else mail.attempts - 1
    return _settle(store, mail, "retry", due_at=due_at, attempts=attempts, last_error=error[:ERROR_LIMIT])


def mark_dead(store: Store, mail: Mail, *, error: str) -> bool:
    """Give up, visibly."""
    return _settle(store, mail, "dead", last_error=error[:ERROR_LIMIT])


def dead(store: Store, limit: int = 100) -> list[DeadMail]:
    """The dead letter, newest first."""
    with store.begin() as session:
        found = select(Outbox, Case.reference).join(Case, Outbox.case_id == Case.id).where(Outbox.state == "dead")
        rows = session.execute(found.order_by(Outbox.id.desc()).limit(limit))
        return [
            DeadMail(mail.id, reference, mail.kind, mail.attempts, mail.last_error or "", mail.created_at)
            for mail, reference in rows
        ]


def figures(store: Store, now: datetime) -> Figures:
    """What an operator watches."""
    with store.begin() as session:
        grouped = session.execute(select(Outbox.state, func.count()).group_by(Outbox.state))
        counted = {state: count for state, count in grouped}
        oldest, attempts = session.execute(
            select(func.min(Outbox.created_at), func.max(Outbox.attempts)).where(Outbox.state.in_(WAITING))
        ).one()
    return Figures(
        counts={state: counted.get(state, 0) for state in STATES},
        oldest_waiting=now - oldest if oldest else None,
        attempts=attempts or 0,
    )


def _settle(store: Store, mail: Mail, state: str, **values: Any) -> bool:
    """Write the end of an attempt if its lease still stands. The token stays on the row until the next claim: when a
    commit's answer was lost, settling again finds its own work."""
    with store.begin() as session:
        settled = session.execute(
            update(Outbox)
            .where(Outbox.id == mail.id, Outbox.lease == mail.lease, Outbox.state.in_(("sending", state)))
            .values(state=state, **values)
        )
        return settled.rowcount == 1
