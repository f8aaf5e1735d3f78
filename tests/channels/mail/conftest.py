"""A store on each engine, and a clock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from guichet.store import Store, migrate, open_store
from tests.channels.mail.builders import Clock
from tests.postgres import fresh_database


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of an empty database with our schema, on each engine."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'guichet.db'}"
        _migrate(url)
        yield url
    else:
        with fresh_database() as url:
            _migrate(url)
            yield url


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    opened = open_store(database)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _migrate(url: str) -> None:
    opened = open_store(url)
    migrate(opened)
    opened.close()
