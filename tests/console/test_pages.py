"""Inbox pages in a real Chromium: what people write never runs, axe finds no barrier (SCREENSHOTS=FOLDER: pictures)."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pytest

from guichet.store import handoffs, inbox
from tests.browser.conftest import browser as chromium  # noqa: F401 - a fixture
from tests.browser.payloads import PAYLOADS
from tests.browser.test_axe import AXE, RUN
from tests.console.builders import NOON, TALK, add_staff, open_case, set_mail

CASE = "/dossiers/ABCD-2345"
LOOKS = [(theme, width) for theme in ("light", "dark") for width in (320, 1280)]
PICTURES = os.environ.get("SCREENSHOTS")


@pytest.fixture
def tab(chromium, console, store, request):  # noqa: F811
    """A tab signed in as Camille; without the policy against scripts, so that only escaping protects the page."""
    visitor = console()
    visitor.is_signed_in(store, add_staff(store))
    context = chromium.new_context(
        locale="fr-FR", base_url=str(visitor.http.base_url), bypass_csp=getattr(request, "param", False)
    )
    context.set_default_timeout(30_000)
    token = visitor.http.cookies["guichet_console"]
    context.add_cookies([{"name": "guichet_console", "value": token, "url": str(visitor.http.base_url)}])
    tab = context.new_page()
    yield tab
    context.close()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("tab", [True], indirect=True)
def test_nothing_that_people_write_runs(tab, store, vault, capsys):
    ran, elsewhere = [], []
    tab.context.expose_function("pwned", lambda *_: ran.append(tab.url))
    host = tab.context.request.get("/healthz").url.removesuffix("/healthz")
    tab.on("request", lambda request: None if request.url.startswith(host) else elsewhere.append(request.url))
    tab.on("dialog", lambda dialog: (ran.append(tab.url), dialog.dismiss()))
    tab.set_content("<img src=x onerror=pwned()>")  # a control: what runs is seen
    tab.wait_for_timeout(500)
    assert ran
    ran.clear()

    def read(path: str) -> None:
        tab.goto(path)
        tab.mouse.move(300, 300)
        tab.keyboard.press("Tab")

    for attack in PAYLOADS:  # while the list is empty: its pages are quick to draw
        read(f"/?recherche={quote(attack)}&suivi={quote(attack)}")
    for n, attack in enumerate(PAYLOADS):
        letters = f"{n:04}".translate(str.maketrans("01", "YZ"))
        read(f"/dossiers/{fill(store, vault, attack, f'AAAA-{letters}')}")
    listed, following = 0, "/"
    while following:
        read(following)
        listed += tab.get_by_role("link", name="AAAA-").count()
        following = tab.evaluate("document.querySelector('a[rel=next]')?.getAttribute('href')")
    assert listed == len(PAYLOADS)
    with capsys.disabled():
        print(f"\ninbox: {len(PAYLOADS)} payloads in every field, {len(ran)} executions, {len(elsewhere)} requests out")
    assert len(PAYLOADS) >= 100
    assert (ran, elsewhere) == ([], [])


def fill(store, vault, attack: str, reference: str) -> str:
    """A case whose every field that an insured person controls, or a mail server answers, holds an attack."""
    said = {"text": attack, "kind": "user", "theme": None, "at": NOON.isoformat()}
    talk = [said | {"from": "user", "understood": {"intent": attack, "reason": attack}},
            said | {"from": "bot", "links": [{"label": attack, "followed": True}], "choices": [attack]}]  # fmt: skip
    open_case(
        store, vault, reference=reference, summary=attack, email=attack, name=attack, transcript=talk, theme=attack[:60]
    )
    add(store, vault, reference, attack)
    set_mail(store, reference, "case", state="dead", last_error=attack[:300])
    return reference


def add(store, vault, reference: str, text: str) -> None:
    row = inbox.case(store, None, reference)
    added = str(uuid4())
    handoffs.add_handoff(
        store, handoff_id=added, conversation_id=row.handoff.conversation_id, summary=text, departement="49",
        contact=vault.seal({"email": text, "name": text}), verified=False, now=NOON,
    )  # fmt: skip
    handoffs.add_to_case(
        store, case_id=row.case.id, handoff_id=added, transcript=row.case.transcript, mails=("case",), now=NOON
    )


def states(tab, store, vault):
    """Each state of the list and of a case, by name."""
    tab.goto("/")
    yield "liste-vide"
    talk = [TALK[0] | {"choices": ["Remboursements", "Carte Vitale"]},
            TALK[1] | {"understood": {"intent": "carte_vitale_perte_vol",
                                      "reason": "compris comme *carte_vitale_perte_vol* (0,91)"}},
            TALK[2] | {"links": [{"label": "Déclarer la perte", "followed": True},
                                 {"label": "Attestation de droits", "followed": False}]}]  # fmt: skip
    open_case(store, vault, transcript=talk, now=NOON - timedelta(days=4))
    open_case(store, vault, reference="BBBB-3333", now=NOON - timedelta(days=1, hours=2), theme="ceam")
    open_case(store, vault, reference="CCCC-4444", theme=None, caisse="par_defaut", departement="59", verified=True)
    add(store, vault, "ABCD-2345", "J'ajoute que je pars lundi.")
    set_mail(store, "ABCD-2345", "receipt", state="dead", attempts=24, last_error="Le serveur refuse cette adresse.")
    tab.goto("/?avis=adresse")
    yield "liste"
    tab.goto("/?recherche=rien")
    yield "liste-sans-resultat"
    tab.goto(CASE)
    yield "dossier"
    tab.get_by_role("button", name="Prendre ce dossier").click()
    tab.get_by_label("Note pour l’équipe").fill("Vu avec le service.")
    tab.get_by_role("button", name="Ajouter la note").click()
    yield "dossier-pris"
    tab.get_by_label("Réponse type").select_option("carte_vitale_perdue")
    tab.get_by_role("button", name="Ajouter au texte").click()
    yield "reponse-type"
    inbox_row = inbox.case(store, None, "ABCD-2345")
    with store.begin() as session:
        session.merge(inbox_row.case).version += 1
    tab.get_by_role("button", name="Envoyer la réponse").click()
    yield "conflit"
    tab.get_by_role("button", name="Envoyer la réponse").click()
    tab.get_by_role("button", name="Clore ce dossier").click()
    yield "cloture-erreur"
    tab.get_by_label("Pourquoi un conseiller").select_option("unclear")
    tab.get_by_role("button", name="Clore ce dossier").click()
    yield "dossier-clos"


@pytest.mark.timeout(900)
def test_axe_finds_nothing_on_the_inbox_pages(tab, store, vault, capsys):
    found, seen = [], []
    for state in states(tab, store, vault):
        seen.append(state)
        tab.evaluate(AXE.read_text(encoding="utf-8"))
        for theme, width in LOOKS:
            tab.emulate_media(color_scheme=theme)
            tab.set_viewport_size({"width": width, "height": 800})
            found += [f"{state}, {theme}, {width}: {what}" for what in tab.evaluate(RUN)["told"]]
            wide = tab.evaluate("document.documentElement.scrollWidth")
            found += [f"{state}, {width}: scrolls sideways ({wide})"] if wide > width else []
            if PICTURES:
                Path(PICTURES).mkdir(parents=True, exist_ok=True)
                tab.screenshot(path=Path(PICTURES, f"console-{state}-{theme}-{width}.png"), full_page=True)
    with capsys.disabled():
        print(f"\naxe, inbox: {len(seen)} states × {len(LOOKS)} looks: {len(found)} violations")
    assert found == []
    assert len(seen) == 9
