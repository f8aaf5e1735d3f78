"""The console on a real socket, over a fresh database, with a clock that tests move."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from console.app import create_app
from guichet.content import Content, load_content
from guichet.privacy import Vault, load_vault
from guichet.settings import Settings
from guichet.store import Store, open_store
from tests.console.builders import Browser, Clock, add_staff
from tests.live import serve

DATA = Path(__file__).resolve().parents[2] / "data"


@pytest.fixture(scope="session")
def content() -> Content:
    return load_content(DATA)


@pytest.fixture
def settings(tmp_path) -> Settings:
    """Without a second factor, which has tests of its own (test_second_factor.py, test_matrix.py)."""
    return Settings(data_dir=DATA, var_dir=tmp_path, staff_totp="optional")


@pytest.fixture
def store(settings, empty_database, tmp_path) -> Iterator[Store]:
    shutil.copy(empty_database, tmp_path / "guichet.db")
    store = open_store(settings.database)
    yield store
    store.close()


@pytest.fixture
def vault(settings) -> Vault:
    return load_vault(settings)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def console(settings, store, content, clock) -> Iterator[Callable[..., Browser]]:
    """Starts a console, with changed settings if any, and gives a browser that is not signed in."""
    with ExitStack() as running:

        def start(**changes: object) -> Browser:
            app = create_app(replace(settings, **changes), store, content=content, clock=clock)
            browser = Browser(running.enter_context(serve(app)))
            running.callback(browser.http.close)
            return browser

        yield start


@pytest.fixture
def browser(console) -> Browser:
    return console()


@pytest.fixture
def agent(store, browser) -> Browser:
    """The browser of an agent signed in."""
    browser.is_signed_in(store, add_staff(store))
    return browser


@pytest.fixture
def supervisor(store, browser) -> Browser:
    """The browser of a supervisor signed in."""
    browser.is_signed_in(store, add_staff(store, "dominique", role="supervisor", name="Dominique Petit"))
    return browser
