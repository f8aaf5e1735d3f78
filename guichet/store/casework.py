"""What agents do with a case: one transaction each, which also writes the event, the audit row and the mail.

Whoever writes gives the `version` of the case that they read (the number of its last event). When another event came
in between, nothing is written and CaseChanged is raised: two agents never overwrite each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from guichet.audit import CLI, Deed
from guichet.store import audit
from guichet.store.engine import Store
from guichet.store.inbox import Scope, seen_by
from guichet.store.tables import Addition, Case, CaseEvent, Outbox

__all__ = [
    "CaseChanged",
    "CaseGone",
    "Seen",
    "close",
    "give",
    "note",
    "release",
    "reopen",
    "reply",
    "resend",
    "resend_all",
    "take",
]


class CaseChanged(Exception):
    """The case is not as it was when this person read it: nothing was written."""


class CaseGone(LookupError):
    """There is no such case, or not for this person any more."""


@dataclass(frozen=True)
class Seen:
    """A case as someone read it: what a write starts from."""

    scope: Scope
    reference: str
    version: int


def take(store: Store, seen: Seen, deed: Deed) -> None:
    """`deed.who` works on it from now on, whoever did before."""
    with _change(store, seen, deed, "taken") as (_, case):
        case.assignee = deed.who


def release(store: Store, seen: Seen, deed: Deed) -> None:
    """Nobody works on it any more."""
    with _change(store, seen, deed, "released") as (_, case):
        case.assignee = None


def give(store: Store, seen: Seen, colleague: str, deed: Deed) -> None:
    """A colleague, by login, works on it from now on."""
    with _change(store, seen, deed, "given", colleague) as (_, case):
        case.assignee = colleague


def note(store: Store, seen: Seen, sealed: str, deed: Deed) -> None:
    """A note for the team; `sealed`: its text."""
    with _change(store, seen, deed, "note", text=sealed):
        pass


def reply(store: Store, seen: Seen, sealed: str, deed: Deed, *, closing: Deed | None = None, reason: str = "") -> None:
    """A reply and its mail; a case that nobody had is taken by who replies. With `closing`, the case is closed too.

    Raises CaseChanged when the case is closed.
    """
    with _change(store, seen, deed, "reply", text=sealed) as (session, case):
        if case.state != "open":
            raise CaseChanged
        case.assignee = case.assignee or deed.who
        case.first_reply_at = case.first_reply_at or deed.at
        newest = (
            select(Addition.handoff_id).where(Addition.case_id == case.id).order_by(Addition.created_at.desc()).limit(1)
        )
        session.add(
            Outbox(
                case_id=case.id,
                handoff_id=session.scalar(newest) or case.handoff_id,
                kind="reply",
                event=case.version,
                state="pending",
                attempts=0,
                due_at=deed.at,
                message_id=str(uuid4()),
                created_at=deed.at,
            )
        )
        if closing:
            _event(session, case, closing, "closed", reason)
            _close(case, closing.at, reason)


def close(store: Store, seen: Seen, reason: str, deed: Deed, *, sealed: str | None = None) -> None:
    """Close with a reason code (guichet.cases.REASONS) and a note, if any. Raises CaseChanged when it is closed."""
    with _change(store, seen, deed, "closed", reason, text=sealed) as (_, case):
        if case.state != "open":
            raise CaseChanged
        _close(case, deed.at, reason)


def reopen(store: Store, seen: Seen, deed: Deed) -> None:
    """Open again, in the hands of who reopens it."""
    with _change(store, seen, deed, "reopened") as (_, case):
        case.state, case.closed_at, case.reason, case.assignee = "open", None, None, deed.who


def resend(store: Store, seen: Seen, deed: Deed) -> int:
    """Put the dead mails of a case back in the queue with fresh attempts; returns how many.

    The Message-ID stays: whoever received the mail after all can tell that it is the same one.
    """
    with _change(store, seen, deed, "resent") as (session, case):
        count = _requeue(session, case, deed.at)
        if not count:
            raise CaseChanged
        return count


def resend_all(store: Store, now: datetime, references: Sequence[str] | None = None) -> int:
    """The same for these cases, or for all, by a command of bin/guichet; returns how many mails."""
    dead = select(Case).where(Case.id.in_(select(Outbox.case_id).where(Outbox.state == "dead")))
    if references is not None:
        dead = dead.where(Case.reference.in_(references))
    count = 0
    with store.begin() as session:
        for case in session.scalars(dead.order_by(Case.id).with_for_update()).all():
            requeued = _requeue(session, case, now)
            if requeued:  # else someone else did it while we waited for the case
                _event(session, case, Deed(CLI, "mail.resent", now, target=case.reference), "resent")
            count += requeued
    return count


def _requeue(session: Session, case: Case, now: datetime) -> int:
    dead = session.scalars(
        select(Outbox).where(Outbox.case_id == case.id, Outbox.state == "dead").with_for_update()
    ).all()
    for mail in dead:
        mail.state, mail.attempts, mail.due_at, mail.lease = "pending", 0, now, None
    return len(dead)


@contextmanager
def _change(
    store: Store, seen: Seen, deed: Deed, kind: str, detail: str = "", *, text: str | None = None
) -> Iterator[tuple[Session, Case]]:
    """A transaction with the case locked, its event and its audit row written. Raises CaseGone or CaseChanged."""
    with store.begin() as session:
        case = session.scalar(
            select(Case).where(Case.reference == seen.reference, *seen_by(seen.scope)).with_for_update()
        )
        if case is None:
            raise CaseGone(seen.reference)
        if case.version != seen.version:
            raise CaseChanged
        _event(session, case, deed, kind, detail, text)
        yield session, case


def _event(session: Session, case: Case, deed: Deed, kind: str, detail: str = "", text: str | None = None) -> None:
    case.version += 1
    session.add(
        CaseEvent(case_id=case.id, version=case.version, at=deed.at, who=deed.who, kind=kind, detail=detail, text=text)
    )
    audit.add(session, replace(deed, detail=detail))


def _close(case: Case, at: datetime, reason: str) -> None:
    case.state, case.closed_at, case.reason = "closed", at, reason
