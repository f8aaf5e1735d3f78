"""One case from end to end, in a browser, with the processes of `make run` and a real SMTP server.

Chat, two failures, form; the counsellors' mail and the receipt; first sign-in with a telephone; reply and close;
the reply's mail; then the supervisor's dashboard. With SCREENSHOTS=FOLDER: pictures of each step.
"""

from __future__ import annotations

import email.policy
import os
import re
import subprocess
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import browser, page  # noqa: F401 - fixtures
from tests.browser.test_widget import hand_off_form, messages, open_by_keyboard
from tests.channels.mail.servers import Inbox, smtp_server
from tests.conftest import ROOT, Service, running
from tests.journeys.test_main_job import wait_for

PICTURES = os.environ.get("SCREENSHOTS")
GUIDE = {"liste": "h1", "dossier": "h1", "repondre": "#titre-repondre"}  # of docs/fr/conseiller.md: from where
ADDRESS, BOX = "camille@exemple.fr", "conseillers@caisse.exemple.fr"
PASSWORD = "un long chemin de sable"


def picture(page: Page, name: str) -> None:  # noqa: F811
    if not PICTURES:
        return
    Path(PICTURES).mkdir(parents=True, exist_ok=True)
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=Path(PICTURES, f"dossier-{name}-{width}.png"), full_page=True, animations="disabled")
    if name in GUIDE:
        page.locator(GUIDE[name]).evaluate("element => element.closest('section, main').scrollIntoView()")
        page.screenshot(path=ROOT / "docs/images" / f"console-{name}.png", animations="disabled")


def sign_in(page: Page, console: str, login: str, password: str) -> None:  # noqa: F811
    """The first sign-in: one's own password, a telephone, the recovery codes."""
    page.goto(f"{console}/connexion")
    page.get_by_label("Identifiant").fill(login)
    page.get_by_label("Mot de passe").fill(password)
    page.get_by_role("button", name="Se connecter").click()
    page.get_by_label("Nouveau mot de passe").fill(PASSWORD)
    page.get_by_label("Le même, une seconde fois").fill(PASSWORD)
    page.get_by_role("button", name="Enregistrer").click()
    picture(page, f"telephone-{login}")
    secret = page.locator(".key code").inner_text().replace(" ", "")
    page.get_by_label("Code à six chiffres").fill(pyotp.TOTP(secret).at(datetime.now(UTC)))
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_role("link", name="J’ai noté mes codes").click()


def show(page: Page, mail: EmailMessage, name: str) -> None:  # noqa: F811
    """A mail's HTML part, outside the service's own policy, as a mail reader shows it."""
    reader = page.context.browser.new_page()
    reader.set_content(mail.get_body(("html",)).get_content())
    picture(reader, name)
    reader.close()


def guichet(service: Service, *words: str) -> str:
    environment = os.environ | {"GUICHET_VAR_DIR": str(service.var)}
    return subprocess.run(
        [ROOT / "bin/guichet", *words], env=environment, capture_output=True, text=True, check=True, timeout=60
    ).stdout


def mails_to(inbox: Inbox, address: str) -> list[EmailMessage]:
    read = (email.message_from_bytes(one.content, policy=email.policy.default) for one in inbox.received)
    return [mail for mail in read if mail["To"] == address]


@pytest.mark.timeout(600)
def test_from_the_first_question_to_the_dashboard(page: Page, tmp_path):  # noqa: F811
    inbox = Inbox()
    with smtp_server(inbox) as port, running(
        tmp_path, GUICHET_MAIL_TRANSPORT="smtp", GUICHET_SMTP_PORT=str(port), GUICHET_SMTP_SECURITY="none",
        GUICHET_MAIL_DEFAULT_BOX=BOX, GUICHET_MAIL_FROM="guichet@caisse.exemple.fr",
    ) as service:  # fmt: skip
        # The insured person: two failures, then the form.
        page.goto(service.web)
        open_by_keyboard(page)
        hand_off_form(page)
        page.get_by_label("Votre demande", exact=True).fill("Ma carte est perdue et je pars lundi.")
        page.get_by_label("Votre adresse e-mail").fill(ADDRESS)
        page.get_by_label("Votre département").select_option("49")
        page.get_by_role("checkbox").check()
        page.get_by_role("button", name="Envoyer ma demande").click()
        expect(messages(page).last).to_contain_text("référence")
        reference = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}", messages(page).last.inner_text())[0]

        # Two mails, by a real server.
        (case,) = wait_for(lambda: mails_to(inbox, BOX))
        (receipt,) = wait_for(lambda: mails_to(inbox, ADDRESS))
        assert reference in case["Subject"]
        assert reference in receipt["Subject"]
        assert case["Reply-To"] == ADDRESS
        assert "je pars lundi" in case.get_body(("plain",)).get_content()
        assert "je pars lundi" not in receipt.as_string()
        show(page, case, "mail-conseiller")
        show(page, receipt, "mail-accuse")

        # The agent: signs in with a telephone, has everything, replies and closes.
        password = re.search(r"mot de passe provisoire : (\S+)", "".join(service.said))[1]
        sign_in(page, service.console, "demo", password)
        picture(page, "liste")
        page.get_by_role("link", name=reference).click()
        main = page.get_by_role("main")
        for known in ("je pars lundi", "g perdu ma carte vital", ADDRESS, "compris comme"):
            expect(main).to_contain_text(known)
        picture(page, "dossier")
        page.get_by_role("button", name="Prendre ce dossier").click()
        page.get_by_label("Réponse type").select_option("carte_vitale_perdue")
        page.get_by_role("button", name="Ajouter au texte").click()
        written = page.get_by_label("Votre réponse")
        written.fill(written.input_value().replace("[à compléter]", "lundi"))
        page.get_by_label("Après l’envoi").select_option("unclear")
        picture(page, "repondre")
        page.get_by_role("button", name="Envoyer la réponse").click()
        expect(main).to_contain_text("a clos le dossier")
        picture(page, "clos")

        # The insured person reads the reply.
        reply = wait_for(lambda: [mail for mail in mails_to(inbox, ADDRESS) if "Réponse" in mail["Subject"]])[0]
        assert reply["Reply-To"] == BOX
        assert reference in reply["Subject"]
        show(page, reply, "mail-reponse")

        # The supervisor sees it in the figures, and the journal knows who did what.
        page.context.clear_cookies()
        told = guichet(service, "staff", "add", "sacha", "--name", "Sacha Petit", "--role", "supervisor")
        sign_in(page, service.console, "sacha", re.search(r"provisoire : (\S+)", told)[1])
        page.get_by_role("link", name="Tableau de bord").click()
        expect(main).to_contain_text("La réponse du bot n’est pas assez claire")
        picture(page, "tableau")
        for deed in ("case.shown", "case.replied", "case.closed"):
            assert deed in guichet(service, "audit", "--csv", "--case", reference)
