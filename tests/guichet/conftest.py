"""A migrated database on each of the two engines."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from guichet.store import Store, migrate, open_store
from tests.postgres import fresh_database


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'guichet.db'}"
    else:
        with fresh_database() as url:
            yield url


@pytest.fixture
def store(database: str, empty_database: Path) -> Iterator[Store]:
    if database.startswith("sqlite:///"):
        shutil.copy(empty_database, database.removeprefix("sqlite:///"))
    opened = open_store(database)
    migrate(opened)
    yield opened
    opened.close()
