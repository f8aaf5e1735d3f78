"""The audit table: rows are added, read, and nothing else; triggers of migration 0003 refuse the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from guichet.audit import Deed
from guichet.store.engine import Store
from guichet.store.tables import Audit

__all__ = ["Filter", "add", "entries", "every", "record"]

LENGTHS = {"address": 45, "target": 120, "detail": 200}  # what the columns take; PostgreSQL refuses a character more
BATCH = 1000  # rows read at once by `every`


@dataclass(frozen=True)
class Filter:
    """Which rows. `staff` is who did it or the account it was done to; an empty field lets all through."""

    since: datetime | None = None
    staff: str = ""
    case: str = ""
    action: str = ""

    def conditions(self) -> list[ColumnElement[bool]]:
        wanted = []
        if self.since:
            wanted.append(Audit.at >= self.since)
        if self.staff:
            wanted.append(or_(Audit.who == self.staff, Audit.target == self.staff))
        if self.case:
            wanted.append(Audit.target == self.case)
        if self.action:
            wanted.append(Audit.action == self.action)
        return wanted


def add(session: Session, deed: Deed) -> None:
    """Write a deed in the transaction that does it: both stay, or neither."""
    cut = {name: getattr(deed, name)[:length] for name, length in LENGTHS.items()}
    session.add(Audit(who=deed.who, action=deed.action, at=deed.at, **cut))


def record(store: Store, deed: Deed) -> None:
    """Write a deed that changes nothing else: something was shown, or refused."""
    with store.begin() as session:
        add(session, deed)


def entries(store: Store, wanted: Filter, *, page: int = 1, per_page: int = 50) -> tuple[list[Audit], int]:
    """Rows of one page, newest first, and how many there are in all."""
    conditions = wanted.conditions()
    with store.begin() as session:
        total = session.scalar(select(func.count()).select_from(Audit).where(*conditions)) or 0
        rows = session.scalars(
            select(Audit).where(*conditions).order_by(Audit.id.desc()).limit(per_page).offset((page - 1) * per_page)
        )
        return list(rows), total


def every(store: Store, wanted: Filter) -> Iterator[Audit]:
    """Every row, newest first, a batch a transaction: a long reader holds nobody up."""
    last = None
    while True:
        older = [] if last is None else [Audit.id < last]
        with store.begin() as session:
            rows = session.scalars(
                select(Audit).where(*wanted.conditions(), *older).order_by(Audit.id.desc()).limit(BATCH)
            ).all()
        yield from rows
        if len(rows) < BATCH:
            return
        last = rows[-1].id
