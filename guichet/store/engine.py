"""Engine, sessions and migrations, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

__all__ = ["Store", "StoreUnavailable", "migrate", "open_store"]

LOCK_WAIT = 5  # seconds a writer waits for another before it gives up
CONNECT_WAIT = 5  # seconds


class StoreUnavailable(RuntimeError):
    """The database cannot be used now (locked, down, full); the caller may try again."""


class Store:
    """Opens transactions. `begin()` commits at the end of the block and rolls back on an exception."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._sessions = sessionmaker(engine, expire_on_commit=False)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """One transaction. Raises StoreUnavailable when the database is locked, down or full."""
        try:
            with self._sessions.begin() as session:
                yield session
        except OperationalError as error:
            raise StoreUnavailable(type(error.orig).__name__) from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise StoreUnavailable(type(error.orig).__name__) from error
            raise

    @property
    def skips_locked(self) -> bool:
        """Whether rows can be claimed with FOR UPDATE SKIP LOCKED."""
        return self.engine.dialect.name == "postgresql"

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
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, hide_parameters=True, connect_args={"timeout": LOCK_WAIT})
        event.listen(engine, "connect", _tune_sqlite)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    else:
        engine = create_engine(
            url, hide_parameters=True, pool_pre_ping=True, connect_args={"connect_timeout": CONNECT_WAIT}
        )
    return Store(engine)


def migrate(store: Store) -> None:
    """Bring the database to the newest schema."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with store.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _tune_sqlite(connection, _record) -> None:  # noqa: ANN001 - the driver's own types
    """Readers beside one writer, foreign keys, and transactions that we begin ourselves.

    synchronous=FULL: an acknowledged message survives a power cut, not only a crash of the process.
    secure_delete: what a person erases is overwritten, not only unlinked.
    """
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")
