"""The database: the only package that opens SQLAlchemy sessions (DESIGN §3)."""

from guichet.store.engine import CONNECTIONS, Store, StoreUnavailable, ask, is_migrated, migrate, open_store

__all__ = ["CONNECTIONS", "Store", "StoreUnavailable", "ask", "is_migrated", "migrate", "open_store"]
