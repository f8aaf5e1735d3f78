"""A real Chromium; a page whose console must stay clean. `live_site` (a base URL) comes with the running service."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.browser.test_widget import open_by_keyboard
from tests.channels.web.conftest import brain, content, detector, settings, site  # noqa: F401 - fixtures
from tests.faults.conftest import chance, many, tell  # noqa: F401 - fixtures
from tests.faults.proxy import Proxy

CHROMIUM = ("chromium", "chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-quic", "--disable-background-networking"]
PATIENCE = 20_000  # ms: the first turn may wait for the brain


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for one module: Playwright keeps an event loop running, in which no other test could run its own."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        pytest.fail("Chromium is not installed: install the system package « chromium », then run again")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page, 1280 × 800. At the end, no script failed and no policy was violated."""
    expect.set_options(timeout=PATIENCE)
    context = browser.new_context(locale="fr-FR", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(f"{error}"))
    page.on("console", lambda message: errors.append(message.text) if _is_error(message) else None)
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def network(site) -> Iterator[Proxy]:  # noqa: F811 - the fixture
    """The way from the browser to the service, which a test may break."""
    app = site(reply_wait=0.4, turns_per_minute=100_000, conversations_per_minute=100_000)
    with Proxy(urlsplit(app).port) as proxy:
        yield proxy


@pytest.fixture
def opened(page: Page, network: Proxy) -> Page:
    page.goto(network.url)
    open_by_keyboard(page)
    return page


def _is_error(message: ConsoleMessage) -> bool:
    """A refusal of the service (422 ...) and a cut are logged by the browser itself and are part of the contract."""
    missing = message.text.startswith("Failed to load resource")
    refused = missing and ("net::ERR" in message.text or "/chat/" in message.location.get("url", ""))
    return message.type == "error" and not refused
