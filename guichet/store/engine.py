"""Engine, sessions and migrations, on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event, func, select, text
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.orm import Session, sessionmaker

__all__ = ["CONNECTIONS", "Store", "StoreUnavailable", "ask", "is_migrated", "migrate", "open_store"]

LOCK_WAIT = 5  # seconds a writer waits for another before it gives up
CONNECT_WAIT = 5  # seconds, for a connection of the server or of our pool
ANSWER_WAIT = 10  # seconds: whatever happens to the server, an asynchronous caller is answered
CONNECTIONS = 16  # at most, in one process


class StoreUnavailable(RuntimeError):
    """The database cannot be used now (locked, down, full); the caller may try again."""


class Store:
    """Opens transactions. `begin()` commits at the end of the block and rolls back on an exception."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._sessions = sessionmaker(engine, expire_on_commit=False)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """One transaction. Raises StoreUnavailable when the database is locked, down, full or damaged."""
        try:
            with self._sessions.begin() as session:
                yield session
        except OperationalError as error:
            raise StoreUnavailable(type(error.orig).__name__) from error
        except PoolExhausted as error:
            raise StoreUnavailable("no free connection") from error
        except DBAPIError as error:
            if error.connection_invalidated or type(error) is DatabaseError:  # SQLite: the file is damaged
                raise StoreUnavailable(type(error.orig).__name__) from error
            raise

    @property
    def skips_locked(self) -> bool:
        """Whether rows can be claimed with FOR UPDATE SKIP LOCKED."""
        return self.engine.dialect.name == "postgresql"

    def now(self) -> datetime:
        """The present in UTC for all who share this database: its server's clock; with SQLite, this machine's.

        Machines that lease rows to themselves must agree on when a lease ends. Raises StoreUnavailable.
        """
        if not self.skips_locked:
            return datetime.now(UTC)
        with self.begin() as session:
            return session.scalars(select(func.clock_timestamp())).one().astimezone(UTC)

    def ping(self) -> None:
        """Raises StoreUnavailable when the database does not answer."""
        with self.begin() as session:
            session.execute(text("SELECT 1"))

    def close(self) -> None:
        self.engine.dispose()


def open_store(url: str) -> Store:
    """The store at an SQLAlchemy address, e.g. `Settings.database`. Connects at the first use.

    Parameters are hidden: an error in the logs must not show what a person typed.
    """
    pool = {"pool_size": CONNECTIONS, "max_overflow": 0, "pool_timeout": CONNECT_WAIT, "hide_parameters": True}
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, connect_args={"timeout": LOCK_WAIT}, **pool)
        event.listen(engine, "connect", _tune_sqlite)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    else:
        engine = create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": CONNECT_WAIT}, **pool)
    return Store(engine)


async def ask[T](work: Callable[..., T], *args: object, **named: object) -> T:
    """Run a function of this package in a thread, for ANSWER_WAIT seconds at most.

    Raises StoreUnavailable when the time is up. The thread goes on: what it writes may still be committed, so a caller
    repeats under the same key.
    """
    try:
        return await asyncio.wait_for(asyncio.to_thread(work, *args, **named), ANSWER_WAIT)
    except TimeoutError:
        raise StoreUnavailable("no answer in time") from None


def migrate(store: Store, revision: str = "head") -> None:
    """Bring the database to the newest schema, or up to one of its revisions."""
    config = _migrations()
    with store.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def is_migrated(store: Store) -> bool:
    """Whether the database has the schema of this version. Raises StoreUnavailable when it does not answer."""
    with store.begin() as session:
        found = MigrationContext.configure(session.connection()).get_current_revision()
    return found == ScriptDirectory.from_config(_migrations()).get_current_head()


def _migrations() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _tune_sqlite(connection, _record) -> None:  # noqa: ANN001 - the driver's own types
    """Readers beside one writer, foreign keys, and transactions that we begin ourselves.

    synchronous=FULL: an acknowledged message survives a power cut, not only a crash of the process.
    secure_delete: what a person erases is overwritten, not only unlinked.
    """
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")
