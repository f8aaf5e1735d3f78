"""Staff: people, their caisses, passwords and second factor. Each write leaves its deed in the audit table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from guichet.audit import Deed
from guichet.store import audit
from guichet.store.engine import Store
from guichet.store.tables import RecoveryCode, Staff, StaffCaisse, StaffSession

__all__ = [
    "Person",
    "add",
    "add_first",
    "change",
    "enrol",
    "everyone",
    "find",
    "recovery_codes_left",
    "renew_recovery_codes",
    "replace_hash",
    "reset",
    "set_disabled",
    "set_password",
    "use_recovery_code",
    "use_step",
]


@dataclass(frozen=True)
class Person:
    """Someone and the caisses given to them."""

    staff: Staff
    caisses: frozenset[str]


def add(
    store: Store, *, login: str, name: str, role: str, password_hash: str, must_change: bool, now: datetime,
    deed: Deed, caisses: Iterable[str] = (),
) -> Staff | None:  # fmt: skip
    """Add a person; None when the login is taken."""
    try:
        with store.begin() as session:
            person = _add(session, login, name, role, password_hash, must_change, now, caisses)
            audit.add(session, deed)
            return person
    except IntegrityError:
        return None


def add_first(
    store: Store, *, login: str, name: str, role: str, password_hash: str, must_change: bool, now: datetime,
    deed: Deed, caisses: Iterable[str] = (),
) -> Staff | None:  # fmt: skip
    """Add a person only when there is no staff at all; None otherwise, two processes at once included."""
    try:
        with store.begin() as session:
            if session.scalar(select(func.count()).select_from(Staff)):
                return None
            person = _add(session, login, name, role, password_hash, must_change, now, caisses)
            audit.add(session, deed)
            return person
    except IntegrityError:
        return None


def find(store: Store, login: str) -> Staff | None:
    """Someone by login, disabled people included."""
    with store.begin() as session:
        return session.scalar(select(Staff).where(Staff.login == login))


def everyone(store: Store) -> list[Person]:
    """All staff by login, disabled people included."""
    with store.begin() as session:
        given: dict[int, set[str]] = {}
        for row in session.scalars(select(StaffCaisse)):
            given.setdefault(row.staff_id, set()).add(row.caisse)
        people = session.scalars(select(Staff).order_by(Staff.login))
        return [Person(person, frozenset(given.get(person.id, ()))) for person in people]


def change(
    store: Store, staff_id: int, *, deed: Deed, name: str | None = None, role: str | None = None,
    caisses: Iterable[str] | None = None,
) -> None:  # fmt: skip
    """Change what is given, and end every session: rights are read afresh at the next sign-in."""
    values = {key: value for key, value in (("name", name), ("role", role)) if value is not None}
    with store.begin() as session:
        if values:
            session.execute(update(Staff).where(Staff.id == staff_id).values(**values))
        if caisses is not None:
            session.execute(delete(StaffCaisse).where(StaffCaisse.staff_id == staff_id))
            session.add_all(StaffCaisse(staff_id=staff_id, caisse=caisse) for caisse in set(caisses))
        _end_sessions(session, staff_id)
        audit.add(session, deed)


def set_disabled(store: Store, staff_id: int, disabled: bool, deed: Deed) -> None:
    """Disable a person, which ends every session at once; or enable them again."""
    with store.begin() as session:
        session.execute(update(Staff).where(Staff.id == staff_id).values(disabled=disabled))
        _end_sessions(session, staff_id)
        audit.add(session, deed)


def set_password(store: Store, staff_id: int, password_hash: str, deed: Deed) -> None:
    """Give a person the password they chose and end every session opened with the former one."""
    with store.begin() as session:
        session.execute(
            update(Staff).where(Staff.id == staff_id).values(password_hash=password_hash, must_change=False)
        )
        _end_sessions(session, staff_id)
        audit.add(session, deed)


def reset(store: Store, staff_id: int, password_hash: str, deed: Deed) -> None:
    """A one-time password instead of the former one; the second factor and every session are dropped."""
    with store.begin() as session:
        session.execute(
            update(Staff)
            .where(Staff.id == staff_id)
            .values(password_hash=password_hash, must_change=True, totp_secret=None, totp_step=None, totp_failures=0)
        )
        session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
        _end_sessions(session, staff_id)
        audit.add(session, deed)


def replace_hash(store: Store, staff_id: int, *, former: str, new: str) -> bool:
    """The same password, hashed with today's parameters; False when the password was changed meanwhile."""
    with store.begin() as session:
        replaced = session.execute(
            update(Staff).where(Staff.id == staff_id, Staff.password_hash == former).values(password_hash=new)
        )
        return replaced.rowcount == 1


def enrol(store: Store, staff_id: int, *, sealed: str, step: int, code_hashes: Iterable[str], deed: Deed) -> None:
    """A second factor, new or in place of the former one; `step` is that of the code that proved it."""
    with store.begin() as session:
        session.execute(
            update(Staff).where(Staff.id == staff_id).values(totp_secret=sealed, totp_step=step, totp_failures=0)
        )
        _replace_codes(session, staff_id, code_hashes)
        _end_sessions(session, staff_id)
        audit.add(session, deed)


def use_step(store: Store, staff_id: int, step: int | None, *, limit: int, refused: Deed) -> bool:
    """Use up the time step of a code; `step` is None when the code matched none. False when it is refused:

    wrong, used before (RFC 6238 §5.2), or after `limit` wrong ones in a row. A refusal is counted and audited.
    """
    with store.begin() as session:
        person = session.scalar(select(Staff).where(Staff.id == staff_id).with_for_update())
        if person is None:
            return False
        fresh = step is not None and (person.totp_step is None or step > person.totp_step)
        if not fresh or person.totp_failures >= limit:
            person.totp_failures += 1
            audit.add(session, refused)
            return False
        person.totp_step, person.totp_failures = step, 0
        return True


def use_recovery_code(store: Store, staff_id: int, code_hash: str, *, used: Deed, refused: Deed) -> bool:
    """Use up a recovery code; False when it is none of this person's. It lets six-digit codes be tried again."""
    with store.begin() as session:
        found = session.execute(
            delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id, RecoveryCode.code_hash == code_hash)
        )
        if found.rowcount:
            session.execute(update(Staff).where(Staff.id == staff_id).values(totp_failures=0))
        audit.add(session, used if found.rowcount else refused)
        return bool(found.rowcount)


def renew_recovery_codes(store: Store, staff_id: int, code_hashes: Iterable[str], deed: Deed) -> None:
    """Other recovery codes; the former ones open nothing any more."""
    with store.begin() as session:
        _replace_codes(session, staff_id, code_hashes)
        audit.add(session, deed)


def recovery_codes_left(store: Store, staff_id: int) -> int:
    with store.begin() as session:
        left = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.staff_id == staff_id)
        return session.scalar(left) or 0


def _add(
    session: Session, login: str, name: str, role: str, password_hash: str, must_change: bool, now: datetime,
    caisses: Iterable[str],
) -> Staff:  # fmt: skip
    person = Staff(
        login=login,
        name=name,
        role=role,
        password_hash=password_hash,
        must_change=must_change,
        disabled=False,
        created_at=now,
    )
    session.add(person)
    session.flush()
    session.add_all(StaffCaisse(staff_id=person.id, caisse=caisse) for caisse in set(caisses))
    return person


def _replace_codes(session: Session, staff_id: int, code_hashes: Iterable[str]) -> None:
    session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    session.add_all(RecoveryCode(staff_id=staff_id, code_hash=code_hash) for code_hash in code_hashes)


def _end_sessions(session: Session, staff_id: int) -> None:
    session.execute(delete(StaffSession).where(StaffSession.staff_id == staff_id))
