"""Staff and their console sessions: what the console and the command line write and read.

A session's token is kept hashed (sha256: enough for 256 random bits), so whoever reads the table cannot sign in.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from guichet.store.engine import Store
from guichet.store.tables import Staff, StaffSession

__all__ = [
    "SignedIn",
    "add",
    "add_first",
    "create_session",
    "delete_expired_sessions",
    "delete_session",
    "delete_sessions_of",
    "find",
    "find_session",
    "hash_token",
    "replace_hash",
    "set_password",
    "touch_session",
]


@dataclass(frozen=True)
class SignedIn:
    """A live session and whose it is."""

    staff: Staff
    session: StaffSession


def add(
    store: Store, *, login: str, name: str, role: str, password_hash: str, must_change: bool, now: datetime
) -> Staff | None:
    """Add a person; None when the login is taken."""
    try:
        with store.begin() as session:
            return _add(session, login, name, role, password_hash, must_change, now)
    except IntegrityError:
        return None


def add_first(
    store: Store, *, login: str, name: str, role: str, password_hash: str, must_change: bool, now: datetime
) -> Staff | None:
    """Add a person only when there is no staff at all; None otherwise, two processes at once included."""
    try:
        with store.begin() as session:
            if session.scalar(select(func.count()).select_from(Staff)):
                return None
            return _add(session, login, name, role, password_hash, must_change, now)
    except IntegrityError:
        return None


def find(store: Store, login: str) -> Staff | None:
    """Someone by login, disabled people included."""
    with store.begin() as session:
        return session.scalar(select(Staff).where(Staff.login == login))


def set_password(store: Store, staff_id: int, password_hash: str, *, must_change: bool) -> None:
    """Give a person another password and end every session opened with the former one."""
    with store.begin() as session:
        session.execute(
            update(Staff).where(Staff.id == staff_id).values(password_hash=password_hash, must_change=must_change)
        )
        session.execute(delete(StaffSession).where(StaffSession.staff_id == staff_id))


def replace_hash(store: Store, staff_id: int, *, former: str, new: str) -> bool:
    """The same password, hashed with today's parameters; False when the password was changed meanwhile."""
    with store.begin() as session:
        replaced = session.execute(
            update(Staff).where(Staff.id == staff_id, Staff.password_hash == former).values(password_hash=new)
        )
        return replaced.rowcount == 1


def create_session(store: Store, *, staff_id: int, token: str, csrf: str, now: datetime) -> None:
    """Open a session: `token` goes to the browser's cookie, `csrf` into its forms."""
    with store.begin() as session:
        session.add(
            StaffSession(token_hash=hash_token(token), staff_id=staff_id, csrf=csrf, created_at=now, seen_at=now)
        )


def find_session(store: Store, token: str, now: datetime, *, idle: timedelta, lifetime: timedelta) -> SignedIn | None:
    """The live session of a token, or None: unknown, unused for `idle`, older than `lifetime`, or person disabled."""
    with store.begin() as session:
        row = session.execute(
            select(Staff, StaffSession)
            .join(Staff, StaffSession.staff_id == Staff.id)
            .where(
                StaffSession.token_hash == hash_token(token),
                StaffSession.seen_at > now - idle,
                StaffSession.created_at > now - lifetime,
                Staff.disabled.is_(False),
            )
        ).one_or_none()
        return SignedIn(row.Staff, row.StaffSession) if row else None


def touch_session(store: Store, token: str, now: datetime) -> None:
    """The session was used now: its idle limit starts again."""
    with store.begin() as session:
        session.execute(
            update(StaffSession)
            .where(StaffSession.token_hash == hash_token(token), StaffSession.seen_at < now)
            .values(seen_at=now)
        )


def delete_session(store: Store, token: str) -> None:
    """End one session; harmless when it is gone."""
    with store.begin() as session:
        session.execute(delete(StaffSession).where(StaffSession.token_hash == hash_token(token)))


def delete_sessions_of(store: Store, staff_id: int) -> int:
    """End every session of a person; returns how many there were."""
    with store.begin() as session:
        return session.execute(delete(StaffSession).where(StaffSession.staff_id == staff_id)).rowcount


def delete_expired_sessions(store: Store, now: datetime, *, idle: timedelta, lifetime: timedelta) -> int:
    """Forget the sessions that nobody can use any more; returns how many there were."""
    with store.begin() as session:
        return session.execute(
            delete(StaffSession).where(
                or_(StaffSession.seen_at <= now - idle, StaffSession.created_at <= now - lifetime)
            )
        ).rowcount


def hash_token(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _add(
    session: Session, login: str, name: str, role: str, password_hash: str, must_change: bool, now: datetime
) -> Staff:
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
    return person
