"""What operators stopped: written by the console, read by each web process."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from guichet.audit import Deed
from guichet.content.off import Off
from guichet.store import audit
from guichet.store.engine import Store
from guichet.store.tables import Switch

__all__ = ["active", "ended", "off", "restore", "stop"]


def stop(
    store: Store, *, what: str, target: str, message: str, comment: str, until: datetime | None, deed: Deed
) -> None:
    """Switch something off; when it is off already, the new message and end replace the former."""
    with store.begin() as session:
        _end(session, what, target, deed)
        session.add(
            Switch(
                what=what, target=target, message=message, comment=comment, who=deed.who, since=deed.at, until=until,
                restored_at=None, restored_by=None,
            )
        )  # fmt: skip
        audit.add(session, deed)


def restore(store: Store, what: str, target: str, deed: Deed) -> bool:
    """Switch it on again; False when it was on."""
    with store.begin() as session:
        if not _end(session, what, target, deed):
            return False
        audit.add(session, deed)
        return True


def active(store: Store, now: datetime) -> list[Switch]:
    """What is off now, oldest first."""
    with store.begin() as session:
        return list(session.scalars(select(Switch).where(_is_off(now)).order_by(Switch.id)))


def ended(store: Store, now: datetime, limit: int) -> list[Switch]:
    """What was off and is on again, the last ended first."""
    end = func.coalesce(Switch.restored_at, Switch.until)
    with store.begin() as session:
        rows = session.scalars(select(Switch).where(~_is_off(now)).order_by(end.desc(), Switch.id.desc()).limit(limit))
        return list(rows)


def off(store: Store, now: datetime) -> Off:
    """What is off now, as messages are composed with it."""
    told: dict[str, dict[str, str]] = {"bot": {}, "theme": {}, "teleservice": {}}
    for switch in active(store, now):
        told[switch.what][switch.target] = switch.message
    return Off(told["bot"].get(""), told["theme"], told["teleservice"])


def _end(session: Session, what: str, target: str, deed: Deed) -> bool:
    ended = session.execute(
        update(Switch)
        .where(Switch.what == what, Switch.target == target, _is_off(deed.at))
        .values(restored_at=deed.at, restored_by=deed.who)
    )
    return ended.rowcount > 0


def _is_off(now: datetime) -> ColumnElement[bool]:
    return Switch.restored_at.is_(None) & or_(Switch.until.is_(None), Switch.until > now)
