"""Console sessions: signed-in browsers.

A session's token is kept hashed (sha256: enough for 256 random bits), so whoever reads the table cannot sign in.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select, update

from guichet.audit import Deed
from guichet.store import audit
from guichet.store.engine import Store
from guichet.store.tables import Staff, StaffCaisse, StaffSession

__all__ = ["Limits", "SignedIn", "count", "end", "end_all", "find", "hash_token", "keep_enrolment", "open_one", "touch"]


@dataclass(frozen=True)
class Limits:
    """A session ends when unused for `idle`, and `lifetime` after it was opened."""

    idle: timedelta
    lifetime: timedelta


@dataclass(frozen=True)
class SignedIn:
    """A live session, whose it is, and the caisses given to that person."""

    staff: Staff
    session: StaffSession
    caisses: frozenset[str] = frozenset()


def open_one(
    store: Store,
    *,
    staff_id: int,
    token: str,
    csrf: str,
    second_factor: bool,
    now: datetime,
    limits: Limits,
    former: str = "",
    deed: Deed | None = None,
) -> None:
    """Open a session in place of the `former` one: `token` goes to the browser's cookie, `csrf` into its forms.

    Sessions that nobody can use any more are forgotten. No `deed` when the session only follows one already written.
    """
    with store.begin() as session:
        ended = [StaffSession.seen_at <= now - limits.idle, StaffSession.created_at <= now - limits.lifetime]
        session.execute(delete(StaffSession).where(or_(*ended, StaffSession.token_hash == hash_token(former))))
        session.add(
            StaffSession(
                token_hash=hash_token(token),
                staff_id=staff_id,
                csrf=csrf,
                second_factor=second_factor,
                created_at=now,
                seen_at=now,
            )
        )
        if deed:
            audit.add(session, deed)


def find(store: Store, token: str, now: datetime, limits: Limits) -> SignedIn | None:
    """The live session of a token, or None: unknown, past its limits, or the person disabled."""
    with store.begin() as session:
        row = session.execute(
            select(Staff, StaffSession)
            .join(Staff, StaffSession.staff_id == Staff.id)
            .where(
                StaffSession.token_hash == hash_token(token),
                StaffSession.seen_at > now - limits.idle,
                StaffSession.created_at > now - limits.lifetime,
                Staff.disabled.is_(False),
            )
        ).one_or_none()
        if row is None:
            return None
        caisses = session.scalars(select(StaffCaisse.caisse).where(StaffCaisse.staff_id == row.Staff.id))
        return SignedIn(row.Staff, row.StaffSession, frozenset(caisses))


def touch(store: Store, token: str, now: datetime) -> None:
    """The session was used now: its idle limit starts again."""
    with store.begin() as session:
        session.execute(
            update(StaffSession)
            .where(StaffSession.token_hash == hash_token(token), StaffSession.seen_at < now)
            .values(seen_at=now)
        )


def keep_enrolment(store: Store, token_hash: str, sealed: str) -> str:
    """Keep the secret that this session proposes for the second factor; returns the one kept, its first."""
    with store.begin() as session:
        session.execute(
            update(StaffSession)
            .where(StaffSession.token_hash == token_hash, StaffSession.enrolment.is_(None))
            .values(enrolment=sealed)
        )
        kept = session.scalar(select(StaffSession.enrolment).where(StaffSession.token_hash == token_hash))
        return kept or sealed


def end(store: Store, token: str, deed: Deed) -> None:
    """End one session; harmless when it is gone."""
    with store.begin() as session:
        session.execute(delete(StaffSession).where(StaffSession.token_hash == hash_token(token)))
        audit.add(session, deed)


def end_all(store: Store, staff_id: int, deed: Deed) -> None:
    """End every session of a person."""
    with store.begin() as session:
        session.execute(delete(StaffSession).where(StaffSession.staff_id == staff_id))
        audit.add(session, deed)


def count(store: Store, staff_id: int, now: datetime, limits: Limits) -> int:
    """How many live sessions a person has."""
    with store.begin() as session:
        live = select(func.count()).select_from(StaffSession).where(
            StaffSession.staff_id == staff_id,
            StaffSession.seen_at > now - limits.idle,
            StaffSession.created_at > now - limits.lifetime,
        )  # fmt: skip
        return session.scalar(live) or 0


def hash_token(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
