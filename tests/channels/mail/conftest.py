"""A store on each engine, and a clock."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from guichet.store import Store, migrate, open_store
from tests.channels.mail.builders import Clock
from tests.postgres import fresh_database


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path, empty_database: Path) -> Iterator[str]:
    """Address of an empty database with our schema, on each engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{shutil.copy(empty_database, tmp_path / 'guichet.db')}"
    else:
        with fresh_database() as url:
            opened = open_store(url)
            migrate(opened)
            opened.close()
            yield url


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    opened = open_store(database)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()
