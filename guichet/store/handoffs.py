"""Hand-offs, cases and their outbox rows: written together or not at all (DESIGN §7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from guichet.store.engine import Store
from guichet.store.tables import Addition, Case, Handoff, Outbox

__all__ = [
    "Added",
    "CaseRow",
    "add_handoff",
    "add_to_case",
    "case",
    "case_of_handoff",
    "cases",
    "handoff",
    "open_case",
    "open_case_of",
]


@dataclass(frozen=True)
class Added:
    """A further form of a case, and the state of its own mails ({kind: state})."""

    handoff: Handoff
    created_at: datetime
    mails: dict[str, Outbox]


@dataclass(frozen=True)
class CaseRow:
    """A case with its hand-off, the state of its mails ({kind: state}), and what was added, oldest first."""

    case: Case
    handoff: Handoff
    mails: dict[str, Outbox]
    additions: tuple[Added, ...] = ()

    @property
    def all_mails(self) -> list[Outbox]:
        """Its own mails and those of what was added, oldest first."""
        told = [self.mails, *(added.mails for added in self.additions)]
        return sorted((mail for mails in told for mail in mails.values()), key=lambda mail: mail.id)


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
            attempts=0,
            due_at=now,
            message_id=str(uuid4()),
            created_at=now,
        )
        for kind in kinds
    ]


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
        mails = session.scalars(select(Outbox).where(Outbox.handoff_id.in_([row.Handoff.id for row in rows]))).all()
        return [CaseRow(row.Case, row.Handoff, _told_by(row.Handoff, mails)) for row in rows], total


def case(store: Store, reference: str) -> CaseRow | None:
    """One case by its reference."""
    with store.begin() as session:
        row = session.execute(
            select(Case, Handoff).join(Handoff, Case.handoff_id == Handoff.id).where(Case.reference == reference)
        ).one_or_none()
        if row is None:
            return None
        mails = session.scalars(select(Outbox).where(Outbox.case_id == row.Case.id)).all()
        added = session.execute(
            select(Handoff, Addition.created_at)
            .join(Addition, Addition.handoff_id == Handoff.id)
            .where(Addition.case_id == row.Case.id)
            .order_by(Addition.created_at)
        )
        additions = tuple(Added(handoff, at, _told_by(handoff, mails)) for handoff, at in added)
        return CaseRow(row.Case, row.Handoff, _told_by(row.Handoff, mails), additions)


def _told_by(handoff: Handoff, mails: Sequence[Outbox]) -> dict[str, Outbox]:
    return {mail.kind: mail for mail in mails if mail.handoff_id == handoff.id}
