"""axe finds no barrier on the pages of supervisors and authors, filled by the demonstration, in each look.

With SCREENSHOTS=FOLDER it takes pictures of them too.
"""

from __future__ import annotations

import os
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page

from console.app import create_app
from guichet import demo
from guichet.audit import Deed
from guichet.content import Content
from guichet.privacy import load_vault
from guichet.settings import Settings
from guichet.store import Store, migrate, open_store, sessions, switches
from tests.browser.states import LOOKS
from tests.browser.test_axe import AXE, RUN
from tests.console.builders import LIMITS, add_staff
from tests.live import serve

PAGES = {
    "tableau": "/tableau?periode=7",
    "tableau-90": "/tableau?periode=90",
    "auteurs": "/auteurs",
    "arrets": "/arrets",
}
PICTURES = os.environ.get("SCREENSHOTS")


@pytest.fixture
def supervisor(page: Page, content: Content, tmp_path: Path, monkeypatch):
    """(page signed in, address, store) of a console with a few invented days."""
    settings = Settings(data_dir=Path("data").resolve(), var_dir=tmp_path, staff_totp="optional")
    store = open_store(settings.database)
    migrate(store)
    monkeypatch.setattr(demo, "DAYS", 14 if PICTURES else 3)
    demo.fill(store, content, load_vault(settings), datetime.now(UTC))
    with serve(create_app(settings, store, content=content)) as url:
        _sign_in(page, store, url)
        yield page, url, store
    store.close()


def _sign_in(page: Page, store: Store, url: str) -> None:
    person = add_staff(store, "dominique", role="supervisor", name="Dominique Petit")
    token = secrets.token_urlsafe(32)
    sessions.open_one(
        store, staff_id=person.id, token=token, csrf=secrets.token_urlsafe(32), second_factor=True,
        now=datetime.now(UTC), limits=LIMITS,
    )  # fmt: skip
    page.context.add_cookies([{"name": "guichet_console", "value": token, "url": url}])


def _stop_two(store: Store) -> None:
    since = datetime.now(UTC) - timedelta(hours=1)
    for what, target, until in (("bot", "", None), ("theme", "carte_vitale_perte_vol", since + timedelta(hours=4))):
        deed = Deed("dominique", "switch.stopped", since, target=f"{what}:{target}")
        switches.stop(store, what=what, target=target, message="Une panne.\n\nAppelez le 36 46.", comment="Ticket 1204",
                      until=until, deed=deed)  # fmt: skip


@pytest.mark.timeout(600)
def test_axe_finds_nothing_on_the_pages_of_figures(supervisor, tell):
    page, url, store = supervisor
    _stop_two(store)
    found, seen = [], 0
    for name, path in PAGES.items():
        page.goto(url + path)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        page.evaluate(AXE.read_text(encoding="utf-8"))
        for theme, size in LOOKS:
            page.emulate_media(color_scheme=theme)
            page.set_viewport_size({"width": size[0], "height": size[1]})
            found += [f"{name}, {theme}, {size[0]}: {what}" for what in page.evaluate(RUN)["told"]]
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > size[0]:
                found.append(f"{name}, {size[0]}: the page is {wide} wide")
            seen += 1
            if PICTURES:
                Path(PICTURES).mkdir(parents=True, exist_ok=True)
                page.screenshot(path=f"{PICTURES}/console-{name}-{theme}-{size[0]}.png", full_page=True)
    tell(f"console, figures: {seen} looks, {len(found)} violations")
    assert found == []


def test_a_supervisor_stops_the_bot_with_the_keyboard_alone(supervisor):
    page, url, store = supervisor
    page.goto(f"{url}/arrets")
    page.get_by_label("Quoi").select_option("bot:")
    page.get_by_label("Message montré aux assurés").fill("Panne.")
    page.get_by_label("Commentaire pour l’équipe").fill("Essai")
    page.get_by_role("button", name="Arrêter").press("Enter")
    page.get_by_text("C’est arrêté.").wait_for()
    assert switches.off(store, datetime.now(UTC)).bot == "Panne."
    page.get_by_role("button", name="Rétablir").press("Enter")
    page.get_by_text("C’est rétabli.").wait_for()
    assert switches.off(store, datetime.now(UTC)).bot is None
