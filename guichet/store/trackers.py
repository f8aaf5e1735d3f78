"""Rasa's own table of events, in which a conversation is known by its id: what is erased here is erased there too."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import contextmanager
from itertools import batched

from sqlalchemy import Connection, bindparam, create_engine, inspect, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from guichet.settings import Settings
from guichet.store.engine import Store, StoreUnavailable

__all__ = ["forget", "senders"]

TABLE = "events"  # of rasa.core.tracker_store.SQLTrackerStore
BATCH = 500
PATIENCE = 5  # seconds for a lock of Rasa's


def senders(settings: Settings, store: Store) -> list[str]:
    """Ids of the conversations that Rasa remembers. Raises StoreUnavailable."""
    with _connected(settings, store) as connection:
        if connection is None:
            return []
        return list(connection.scalars(text(f"SELECT DISTINCT sender_id FROM {TABLE}")))  # noqa: S608 - a constant


def forget(settings: Settings, store: Store, conversations: Iterable[str]) -> int:
    """Delete what Rasa remembers of these conversations; returns how many events. Raises StoreUnavailable."""
    deletion = text(f"DELETE FROM {TABLE} WHERE sender_id IN :ids").bindparams(bindparam("ids", expanding=True))  # noqa: S608
    count = 0
    with _connected(settings, store) as connection:
        if connection is None:
            return 0
        for ids in batched(conversations, BATCH, strict=False):
            count += connection.execute(deletion, {"ids": list(ids)}).rowcount
            connection.commit()
    return count


@contextmanager
def _connected(settings: Settings, store: Store):  # noqa: ANN202 - an iterator of Connection | None
    """A connection to where brain/__main__.py keeps trackers; None before Rasa wrote anything."""
    if store.skips_locked:
        engine = store.engine
    else:
        path = settings.var_dir / "rasa.db"
        if not path.exists():
            yield None
            return
        engine = create_engine(f"sqlite:///{path}", poolclass=NullPool, connect_args={"timeout": PATIENCE})
    try:
        with engine.connect() as connection:
            if not store.skips_locked:
                connection.exec_driver_sql("PRAGMA secure_delete=ON")
            yield connection if _is_there(connection) else None
    except DatabaseError as error:
        raise StoreUnavailable(type(error).__name__) from error


def _is_there(connection: Connection) -> bool:
    return inspect(connection).has_table(TABLE)
