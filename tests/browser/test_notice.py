"""The information notice: reached from the widget, readable everywhere, with the delays of the settings."""

from __future__ import annotations

import os
from pathlib import Path

import httpx
from playwright.sync_api import Page, expect

from tests.browser.states import LOOKS
from tests.browser.test_axe import AXE, RUN
from tests.browser.test_widget import open_by_keyboard

PICTURES = os.environ.get("SCREENSHOTS")


def test_the_widget_leads_to_the_notice(page: Page, site):
    page.goto(site())
    open_by_keyboard(page)
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Vos données").press("Enter")
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("Vos données")


def test_a_host_may_give_its_own(page: Page, site):
    page.goto(site())
    page.evaluate("document.querySelector('guichet-chat').setAttribute('privacy-url', 'https://exemple.fr/donnees')")
    open_by_keyboard(page)
    expect(page.get_by_role("link", name="Vos données")).to_have_attribute("href", "https://exemple.fr/donnees")


def test_the_notice_tells_the_delays_that_the_purge_obeys(site):
    url = site(keep_conversations=7 * 86_400, keep_cases=60 * 86_400, privacy_contact="dpo@exemple.fr")
    with httpx.Client(base_url=url, trust_env=False) as browser:
        answer = browser.get("/donnees")
    assert answer.headers["Content-Type"].startswith("text/html")
    told = " ".join(answer.text.split())
    assert "effacés 7 jours après votre dernier message" in told
    assert "effacés 60 jours après la fin du traitement" in told
    assert "effacés après 400 jours" in told
    assert 'href="mailto:dpo@exemple.fr"' in told


def test_axe_finds_nothing_on_the_notice_and_it_reflows(page: Page, site):
    page.goto(site() + "/donnees")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for theme, (width, height) in LOOKS:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(RUN)["told"] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"donnees-{theme}-{width}.png", full_page=True)
