"""The database: the only package that opens SQLAlchemy sessions (DESIGN §3)."""

from guichet.store.engine import Store, StoreUnavailable, migrate, open_store

__all__ = ["Store", "StoreUnavailable", "migrate", "open_store"]
