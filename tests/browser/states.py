"""Every state that a person may see the widget in, one after the other: for axe, and for eyes (`make screenshots`)."""

from __future__ import annotations

import json
from collections.abc import Iterator

from playwright.sync_api import Page, Route, expect

from tests.browser.test_widget import LAUNCHER, WRITE, field, messages, send
from tests.channels.web.conftest import ScriptedBrain, answer

__all__ = ["LOOKS", "look", "walk"]

THEMES = ("light", "dark")
SIZES = ((320, 640), (1280, 800))
LOOKS = [(theme, size) for theme in THEMES for size in SIZES]
LOST = """Déclarez la perte ou le vol **tout de suite** : la carte est alors désactivée.

- Sur le [compte ameli](https://assure.ameli.fr/), rubrique « Mes démarches ».
- Par téléphone, au [36 46](tel:3646).

Vous recevrez une nouvelle carte à votre adresse. En attendant, demandez des feuilles de soins."""
DELAY = "Comptez **deux semaines** environ, une fois votre photo et votre pièce d'identité reçues."
CLARIFY = "Pour bien vous répondre : de quoi s'agit-il ?"
RETRY = "Je n'ai pas bien compris. Pouvez-vous le dire autrement, en quelques mots ?"
NOTICE = "Si une personne est en danger, appelez le **[15](tel:15)** ou le **[112](tel:112)**, jour et nuit."
OFFER = "Je n'ai pas su vous aider. Un conseiller peut vous répondre par e-mail. Vous n'aurez rien à répéter."


def bot(kind: str, text: str, *labels: str) -> dict:
    choices = [{"label": label, "intent": "ceam", "theme": "ceam"} for label in labels]
    return {"text": text, "custom": {"kind": kind, "theme": None, "choices": choices}}


def look(page: Page, theme: str, size: tuple[int, int]) -> None:
    """Shows the page in one of LOOKS; the last exchange is in sight."""
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.mouse.move(2, 2)  # over nothing
    page.evaluate(
        """() => { const root = document.querySelector("guichet-chat").shadowRoot;
        const said = [...root.querySelectorAll("[role=log] .user")].at(-1);
        const item = said ?? root.querySelector(".intro");
        const scroller = root.querySelector(".scroller");
        const top = (element) => element.getBoundingClientRect().top;
        if (item) scroller.scrollTop += top(item) - top(scroller) - 12; }"""
    )


def walk(page: Page, url: str, brain: ScriptedBrain) -> Iterator[str]:
    """Goes from state to state; gives the name of each once the page shows it."""
    brain.says("j'ai perdu ma carte", answer("carte_vitale_perte_vol", LOST))
    brain.says("combien de temps ?", answer("carte_vitale_perte_vol", DELAY), answer("suivi_remboursement", DELAY))
    brain.says(
        "ma carte",
        bot("clarify", CLARIFY, "Carte Vitale perdue", "Carte européenne", "Aucune de ces propositions"),
    )
    brain.says("Non", bot("retry", RETRY, "Carte Vitale perdue ou volée", "Parler à un conseiller"))
    brain.says("et puis ?", bot("notice", NOTICE), answer("ceam", DELAY))
    brain.says("non", bot("handoff_offer", OFFER))
    dialog = page.get_by_role("dialog").first

    def ask(text: str) -> None:
        before = messages(page).count()
        send(page, text)
        expect(messages(page).nth(before + 1)).to_be_visible()

    def option(name: str) -> None:
        page.get_by_role("button", name="Options").click()
        page.get_by_role("button", name=name).click()

    page.goto(url)
    yield "closed"

    page.route("**/widget/view.js", lambda route: route.abort())
    page.get_by_role("button", name=LAUNCHER).click()
    expect(page.get_by_role("alert").filter(has_text="n’a pas pu s’ouvrir")).to_be_visible()
    yield "cannot open"
    page.unroute("**/widget/view.js")
    page.goto(url)

    held: list[Route] = []
    page.route("**/chat/conversations", lambda route: held.append(route))
    page.get_by_role("button", name=LAUNCHER).click()
    expect(page.get_by_text("Ouverture de la conversation")).to_be_visible()
    yield "loading"
    for route in held:
        route.continue_()
    page.unroute("**/chat/conversations")
    expect(messages(page).first).to_contain_text("assistant automatique")
    yield "welcome"

    page.get_by_role("button", name="Autres moyens").click()
    yield "help open"
    page.get_by_role("button", name="Options").click()
    yield "options open"
    page.keyboard.press("Escape")

    brain.gate.clear()
    send(page, "j'ai perdu ma carte")
    expect(page.get_by_text("prépare sa réponse")).to_be_visible()
    yield "typing"
    brain.gate.set()
    expect(messages(page).nth(2)).to_be_visible()
    yield "answer"

    ask("combien de temps ?")
    yield "two answers"
    ask("ma carte")
    yield "clarification"
    ask("combien de temps ?")
    messages(page).last.get_by_role("button", name="Non", exact=True).click()
    expect(messages(page).last).to_contain_text("autrement")
    page.get_by_text("Dire ce qui n’allait pas").click()
    yield "retry"
    ask("mon mari ne respire plus")
    yield "emergency"
    ask("et puis ?")
    yield "doubt notice"

    field(page).fill("carte vitale " * 200)
    field(page).press("Enter")
    expect(page.get_by_role("alert").filter(has_text="36")).to_be_visible()
    yield "refused"
    field(page).fill("mon num 2 84 12 76 451 089 93")
    field(page).press("Enter")
    expect(page.get_by_role("alert").filter(has_text="numéro de sécurité sociale")).to_be_visible()
    yield "number warned of"
    field(page).fill("")
    ask("non")
    yield "handoff offer"

    page.get_by_role("button", name=WRITE).last.click()
    expect(page.get_by_role("heading", name=WRITE)).to_be_focused()
    page.get_by_label("Votre demande", exact=True).fill("")
    yield "form empty"
    page.get_by_role("button", name="Envoyer ma demande").click()
    expect(page.get_by_label("Votre adresse e-mail")).to_be_focused()
    yield "form with errors"
    page.get_by_label("Votre adresse e-mail").fill("camille@exemple.fr")
    page.get_by_label("Votre département").select_option("49")
    request = page.get_by_label("Votre demande", exact=True)
    request.fill("Je n'ai pas reçu ma carte. Mon numéro : 2 84 12 76 451 089 93")
    page.get_by_role("button", name="Envoyer ma demande").click()
    expect(request).to_be_focused()
    yield "form with a number"
    request.fill("Je n'ai pas reçu ma carte.")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Envoyer ma demande").click()
    expect(messages(page).last).to_contain_text("référence")
    messages(page).last.get_by_role("button", name="Copier").click()
    yield "receipt"

    option("Recommencer")
    yield "restart dialog"
    page.keyboard.press("Escape")
    dialog.get_by_role("button", name="Effacer et quitter").click()
    yield "erase dialog"
    page.route("**/chat/conversations", lambda route: route.fulfill(status=503, body="{}"))
    page.get_by_role("button", name="Oui, effacer").click()
    expect(page.get_by_role("alert").filter(has_text="n’a pas pu être effacée")).to_be_visible()
    yield "not erased"
    page.unroute("**/chat/conversations")
    page.keyboard.press("Escape")

    page.context.set_offline(True)
    expect(page.get_by_text("Connexion perdue")).to_be_visible()
    yield "connection lost"
    send(page, "j'ai perdu ma carte")
    expect(page.get_by_text("Pas encore envoyé")).to_be_visible()
    yield "not sent"
    page.context.set_offline(False)
    expect(page.get_by_text("Pas encore envoyé")).to_have_count(0)

    brain.gate.clear()
    send(page, "j'ai perdu ma carte")
    page.get_by_role("button", name="Fermer").click()
    brain.gate.set()
    expect(page.get_by_role("img", name="Réponse non lue")).to_be_visible()
    yield "unread"
    page.get_by_role("button", name=LAUNCHER).click()

    expired = json.dumps({"error": {"code": "erreur_session", "message": "Expirée."}})
    page.route("**/chat/messages*", lambda route: route.fulfill(status=401, body=expired), times=1)
    send(page, "j'ai perdu ma carte")
    expect(page.get_by_text("a expiré")).to_be_visible()
    expect(messages(page)).to_have_count(1)
    yield "expired"
