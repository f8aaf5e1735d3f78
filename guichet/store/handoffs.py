"""Hand-offs, cases and their outbox rows: written together or not at all (DESIGN §7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from guichet.store.engine import Store
from guichet.store.tables import Case, Handoff, Outbox

__all__ = ["CaseRow", "add_handoff", "case", "case_of_handoff", "cases", "handoff", "open_case"]


@dataclass(frozen=True)
class CaseRow:
    """A case with its hand-off and the state of its mails ({kind: state})."""

    case: Case
    handoff: Handoff
    mails: dict[str, Outbox]


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


def case_of_handoff(store: Store, handoff_id: str) -> Case | None:
    with store.begin() as session:
        return session.scalar(select(Case).where(Case.handoff_id == handoff_id))


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
            session.add_all(
                Outbox(
                    case_id=row.id,
                    kind=kind,
                    state="pending",
                    attempts=0,
                    due_at=now,
                    message_id=str(uuid4()),
                    created_at=now,
                )
                for kind in mails
            )
            return row
    except IntegrityError:
        return None


def cases(store: Store, *, page: int = 1, per_page: int = 50) -> tuple[list[CaseRow], int]:
    """Cases, newest first, and how many there are."""
    with store.begin() as session:
        total = session.scalar(select(func.count()).select_from(Case)) or 0
        rows = session.execute(
            select(Case, Handoff)
            .join(Handoff, Case.handoff_id == Handoff.id)
            .order_by(Case.id.desc())
            .limit(per_page)
            .offset((page - 1) * per_page)
        ).all()
        mails = session.scalars(select(Outbox).where(Outbox.case_id.in_([row.Case.id for row in rows]))).all()
        return [
            CaseRow(row.Case, row.Handoff, {mail.kind: mail for mail in mails if mail.case_id == row.Case.id})
            for row in rows
        ], total


def case(store: Store, reference: str) -> CaseRow | None:
    """One case by its reference."""
    with store.begin() as session:
        row = session.execute(
            select(Case, Handoff).join(Handoff, Case.handoff_id == Handoff.id).where(Case.reference == reference)
        ).one_or_none()
        if row is None:
            return None
        mails = session.scalars(select(Outbox).where(Outbox.case_id == row.Case.id)).all()
        return CaseRow(row.Case, row.Handoff, {mail.kind: mail for mail in mails})
