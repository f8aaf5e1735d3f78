"""The HTML parts in a real browser, as wide as a desk and as narrow as a small telephone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import product

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.channels.mail.builders import TALK, composer, dossier

LONG = [{"seq": 9, "from": "user", "kind": "text", "theme": None, "text": "https://exemple.fr/" + "a" * 300}]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-background-networking"]
        )
        yield chromium
        chromium.close()


@pytest.mark.parametrize(("kind", "added"), list(product(["case", "receipt"], [False, True])))
def test_a_mail_fits_its_window_and_fetches_nothing(browser: Browser, kind: str, added: bool) -> None:
    mail, case, handoff = dossier(kind=kind, transcript=TALK + LONG, name="A" * 100, summary="b" * 400)
    case.handoff_id = "an earlier form" if added else handoff.id
    html = composer().compose(mail, case, handoff)[0].get_body(("html",)).get_content()
    for width in (1280, 320):
        page = browser.new_page(viewport={"width": width, "height": 800})
        asked: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.set_content(html)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.get_by_role("heading", level=1).count() == 1
        assert asked == []
        page.close()
