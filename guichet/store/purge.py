"""What `guichet.retention` removes, a batch a transaction: stopped anywhere, the next run goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Select, delete, exists, func, literal, or_, select, update
from sqlalchemy.orm import Session

from guichet.audit import Deed
from guichet.store import audit
from guichet.store.engine import Store
from guichet.store.tables import (
    Addition,
    Audit,
    Case,
    CaseEvent,
    Click,
    Conversation,
    Feedback,
    Handoff,
    Message,
    Outbox,
    Turn,
)

__all__ = [
    "PURGED",
    "audit_before",
    "cases_of",
    "closed_cases",
    "contacts",
    "conversations_of",
    "drop_audit",
    "drop_cases",
    "drop_conversations",
    "drop_forms",
    "due",
    "erase",
    "finished_conversations",
    "held_of",
    "live",
    "lost_forms",
    "old_cases",
    "old_conversations",
    "strip_cases",
    "strip_conversations",
    "take",
]

PURGED = "purged"  # Case.state of a case of which only figures are left
MARK = "purged "  # how the token hash of such a conversation begins: no token has it

IsStripped = Conversation.token_hash.like(f"{MARK}%")


def finished_conversations(before: datetime) -> Select[tuple[str]]:
    """Ids of those whose last message is older, and that no case holds."""
    younger = exists().where(Message.conversation_id == Conversation.id, Message.created_at > before)
    held = exists().where(Handoff.conversation_id == Conversation.id, Handoff.contact != "")
    return select(Conversation.id).where(~IsStripped, Conversation.created_at <= before, ~younger, ~held)


def conversations_of(handoffs: list[str]) -> Select[tuple[str]]:
    """Ids of the conversations from which these forms were sent."""
    sent = select(Handoff.conversation_id).where(Handoff.id.in_(handoffs))
    return select(Conversation.id).where(Conversation.id.in_(sent))


def old_conversations(before: datetime) -> Select[tuple[str]]:
    """Ids of the stripped ones whose figures are too old."""
    return select(Conversation.id).where(IsStripped, Conversation.created_at <= before)


def closed_cases(before: datetime) -> Select[tuple[int]]:
    return select(Case.id).where(Case.state == "closed", Case.closed_at <= before)


def contacts(store: Store) -> list[tuple[str, str]]:
    """(id, sealed contact) of every form that still has one."""
    with store.begin() as session:
        return [(row.id, row.contact) for row in session.execute(select(Handoff.id, Handoff.contact)) if row.contact]


def cases_of(forms: list[str]) -> Select[tuple[int]]:
    """Ids of the cases that these forms opened or added to, whatever their state."""
    added = select(Addition.case_id).where(Addition.handoff_id.in_(forms))
    return select(Case.id).where(or_(Case.handoff_id.in_(forms), Case.id.in_(added)))


def old_cases(before: datetime) -> Select[tuple[int]]:
    return select(Case.id).where(Case.state == PURGED, Case.closed_at <= before)


def lost_forms(before: datetime) -> Select[tuple[str]]:
    """Ids of forms that never became a case."""
    opened = exists().where(Case.handoff_id == Handoff.id)
    added = exists().where(Addition.handoff_id == Handoff.id)
    return select(Handoff.id).where(Handoff.consent_at <= before, ~opened, ~added)


def audit_before(before: datetime) -> Select[tuple[int]]:
    return select(Audit.id).where(Audit.at <= before)


def live(store: Store, ids: list[str]) -> set[str]:
    """Those of these conversations that are still there with their content."""
    with store.begin() as session:
        return set(session.scalars(select(Conversation.id).where(Conversation.id.in_(ids), ~IsStripped)))


def due(store: Store, rows: Select) -> int:
    """How many rows a purge would take."""
    with store.begin() as session:
        return len(session.scalars(rows).all())


def take(store: Store, rows: Select, remove: Callable[[Session, list], None], batch: int) -> int:
    """Remove them all, `batch` a transaction; returns how many."""
    count = 0
    while True:
        with store.begin() as session:
            ids = list(session.scalars(rows.limit(batch)))
            if not ids:
                return count
            remove(session, ids)
        count += len(ids)


def held_of(store: Store, forms: list[str]) -> list[tuple[Case, list[Handoff], list[CaseEvent]]]:
    """The cases of these forms, each with all its forms and its events, oldest first."""
    with store.begin() as session:
        found = []
        for case in session.scalars(select(Case).where(Case.id.in_(cases_of(forms))).order_by(Case.id)).all():
            sent = session.scalars(select(Handoff).where(Handoff.id.in_(_forms(session, [case.id])))).all()
            events = select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(CaseEvent.version)
            found.append((case, list(sent), list(session.scalars(events))))
        return found


def erase(store: Store, forms: list[str], deed: Deed) -> tuple[int, list[str]]:
    """Strip the cases of these forms, open ones too, and their conversations: (how many cases, which conversations)."""
    with store.begin() as session:
        ids, talks = list(session.scalars(cases_of(forms))), list(session.scalars(conversations_of(forms)))
        strip_cases(session, ids, deed.at)
        strip_conversations(session, talks)
        audit.add(session, replace(deed, detail=f"{len(ids)} dossiers"))
        return len(ids), talks


def strip_conversations(session: Session, ids: list[str]) -> None:
    """Nothing that was said is left; what became of each turn is."""
    session.execute(delete(Message).where(Message.conversation_id.in_(ids)))
    session.execute(update(Turn).where(Turn.conversation_id.in_(ids)).values(request={}, decision=None, intent=None))
    session.execute(
        update(Conversation)
        .where(Conversation.id.in_(ids))
        .values(token_hash=literal(MARK) + func.substr(Conversation.token_hash, 1, 57), identity=None, departement=None)
    )


def drop_conversations(session: Session, ids: list[str]) -> None:
    for table in (Message, Turn, Feedback, Click):
        session.execute(delete(table).where(table.conversation_id.in_(ids)))
    session.execute(delete(Conversation).where(Conversation.id.in_(ids)))


def strip_cases(session: Session, ids: list[int], now: datetime) -> None:
    """Nobody can be recognised: the contact, what was written and the mails are gone; dates and reasons stay."""
    forms = _forms(session, ids)
    session.execute(delete(Outbox).where(Outbox.case_id.in_(ids)))
    session.execute(update(CaseEvent).where(CaseEvent.case_id.in_(ids)).values(text=None))
    session.execute(
        update(Handoff).where(Handoff.id.in_(forms)).values(contact="", mailbox=None, summary="", departement="")
    )
    session.execute(
        update(Case)
        .where(Case.id.in_(ids))
        .values(state=PURGED, transcript=[], closed_at=func.coalesce(Case.closed_at, now))
    )


def drop_cases(session: Session, ids: list[int]) -> None:
    forms = _forms(session, ids)
    for table in (Outbox, CaseEvent, Addition):
        session.execute(delete(table).where(table.case_id.in_(ids)))
    session.execute(delete(Case).where(Case.id.in_(ids)))
    session.execute(delete(Handoff).where(Handoff.id.in_(forms)))


def drop_forms(session: Session, ids: list[str]) -> None:
    session.execute(delete(Handoff).where(Handoff.id.in_(ids)))


def drop_audit(session: Session, ids: list[int]) -> None:
    session.execute(delete(Audit).where(Audit.id.in_(ids)))


def _forms(session: Session, cases: list[int]) -> list[str]:
    own = session.scalars(select(Case.handoff_id).where(Case.id.in_(cases))).all()
    added = session.scalars(select(Addition.handoff_id).where(Addition.case_id.in_(cases))).all()
    return [*own, *added]
