"""Hand-offs, cases and their outbox rows: written together or not at all (DESIGN §7)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select, tuple_
from sqlalchemy.exc import IntegrityError

from guichet.store.engine import Store
from guichet.store.tables import Addition, Case, CaseEvent, Handoff, Outbox

__all__ = [
    "add_handoff",
    "add_to_case",
    "case_of_handoff",
    "count",
    "handoff",
    "open_case",
    "open_case_of",
]


def add_handoff(
    store: Store,
    *,
    handoff_id: str,
    conversation_id: str,
    contact: str,
    departement: str,
    summary: str,
    verified: bool,
    now: datetime,
    mailbox: str | None = None,
) -> None:
    """Keep the form, once; a repeat of its id changes nothing."""
    try:
        with store.begin() as session:
            if session.get(Handoff, handoff_id) is None:
                session.add(
                    Handoff(
                        id=handoff_id,
                        conversation_id=conversation_id,
                        contact=contact,
                        mailbox=mailbox,
                        departement=departement,
                        summary=summary,
                        verified=verified,
                        consent_at=now,
                    )
                )
    except IntegrityError:
        return  # the same form, sent twice at the same instant


def handoff(store: Store, handoff_id: str) -> Handoff | None:
    with store.begin() as session:
        return session.get(Handoff, handoff_id)


def count(
    store: Store,
    *,
    since: datetime,
    conversation_id: str | None = None,
    mailbox: str | None = None,
    before: Handoff | None = None,
) -> int:
    """Forms sent after an instant, of a conversation or for a mailbox; `before`: that came before that one."""
    chosen = select(func.count()).select_from(Handoff).where(Handoff.consent_at > since)
    if conversation_id is not None:
        chosen = chosen.where(Handoff.conversation_id == conversation_id)
    if mailbox is not None:
        chosen = chosen.where(Handoff.mailbox == mailbox)
    if before is not None:
        chosen = chosen.where(tuple_(Handoff.consent_at, Handoff.id) < (before.consent_at, before.id))
    with store.begin() as session:
        return session.scalar(chosen) or 0


def case_of_handoff(store: Store, handoff_id: str) -> Case | None:
    """The case that a form opened, or was added to."""
    with store.begin() as session:
        added_to = select(Addition.case_id).where(Addition.handoff_id == handoff_id)
        return session.scalar(select(Case).where((Case.handoff_id == handoff_id) | Case.id.in_(added_to)))


def open_case_of(store: Store, conversation_id: str) -> Case | None:
    """The newest case of a conversation that is still open: what comes next is added to it."""
    with store.begin() as session:
        return session.scalar(
            select(Case)
            .join(Handoff, Case.handoff_id == Handoff.id)
            .where(Handoff.conversation_id == conversation_id, Case.state == "open")
            .order_by(Case.id.desc())
            .limit(1)
        )


def open_case(
    store: Store,
    *,
    reference: str,
    handoff_id: str,
    caisse: str,
    theme: str | None,
    transcript: list[dict[str, Any]],
    mails: tuple[str, ...],
    now: datetime,
) -> Case | None:
    """Write a case and its mails in one transaction.

    Returns None when the hand-off has its case already, or the reference is taken: look again, or draw another.
    """
    try:
        with store.begin() as session:
            row = Case(
                reference=reference,
                handoff_id=handoff_id,
                caisse=caisse,
                theme=theme,
                state="open",
                transcript=transcript,
                created_at=now,
            )
            session.add(row)
            session.flush()
            session.add_all(_mails(row.id, handoff_id, mails, now))
            return row
    except IntegrityError:
        return None


def add_to_case(
    store: Store,
    *,
    case_id: int,
    handoff_id: str,
    transcript: list[dict[str, Any]],
    mails: tuple[str, ...],
    now: datetime,
) -> bool:
    """Add a form to an open case, with its mails, in one transaction; the case's transcript goes on to this instant.

    Returns False when the form is in a case already, or the case was closed meanwhile: look again.
    """
    try:
        with store.begin() as session:
            row = session.scalar(select(Case).where(Case.id == case_id, Case.state == "open").with_for_update())
            if row is None:
                return False
            session.add(Addition(handoff_id=handoff_id, case_id=case_id, created_at=now))
            row.version += 1  # an agent who was writing is told
            session.add(CaseEvent(case_id=case_id, version=row.version, at=now, who="", kind="added", detail=""))
            if len(transcript) > len(row.transcript):  # an erased conversation takes nothing from the case
                row.transcript = transcript
            session.flush()
            session.add_all(_mails(case_id, handoff_id, mails, now))
            return True
    except IntegrityError:
        return False


def _mails(case_id: int, handoff_id: str, kinds: tuple[str, ...], now: datetime) -> list[Outbox]:
    return [
        Outbox(
            case_id=case_id,
            handoff_id=handoff_id,
            kind=kind,
            state="pending",
            event=0,
            attempts=0,
            due_at=now,
            message_id=str(uuid4()),
            created_at=now,
        )
        for kind in kinds
    ]
