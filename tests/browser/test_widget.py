"""The widget in a real browser, by keyboard: the journeys of an insured person."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from channels.web.pages import STATIC

LAUNCHER = "Poser une question"
QUESTION = "g perdu ma carte vital"
WRITE = "Écrire à un conseiller"
NO = re.compile(r"^(Non|Aucune de ces propositions)\b")
PERSON = "Parler à un conseiller"
NUMBER = "2 84 12 76 451 089 93"  # invented

# What has the focus, through shadow roots: the name that a person would see or hear.
FOCUSED = """() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  if (!element) return "";
  return element.getAttribute("aria-label") || element.labels?.[0]?.textContent || element.textContent || "";
}"""
HORIZONTAL_SCROLL = """() => {
  const inside = document.querySelector("guichet-chat").shadowRoot.querySelectorAll("*");
  return [document.documentElement, ...inside]
    .filter((element, n) => n === 0 || /auto|scroll/.test(getComputedStyle(element).overflowX))
    .filter((element) => element.scrollWidth > element.clientWidth + 1)
    .map((element) => element.className || element.tagName);
}"""


@pytest.fixture
def opened(page: Page, live_site: str) -> Page:
    """The demonstration page with the widget opened by keyboard, welcome said."""
    page.goto(live_site)
    open_by_keyboard(page)
    return page


def open_by_keyboard(page: Page) -> None:
    tab_to(page, LAUNCHER)
    page.keyboard.press("Enter")
    expect(field(page)).to_be_focused()
    expect(messages(page).first).to_contain_text("assistant automatique")


def tab_to(page: Page, name: str, key: str = "Tab", at_most: int = 120) -> None:
    for _ in range(at_most):
        page.keyboard.press(key)
        if name in page.evaluate(FOCUSED):
            return
    pytest.fail(f"«{name}» cannot be reached by keyboard")


def field(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Votre question")


def messages(page: Page) -> Locator:
    return page.get_by_role("log").locator("> ol > li")


def after(page: Page, gesture: Callable[[], None]) -> Locator:
    """The bot's last message once `gesture` got its reply (the person's own message comes first)."""
    before = messages(page).count()
    gesture()
    expect(messages(page).nth(before + 1)).to_be_visible()
    return messages(page).last


def send(page: Page, text: str) -> None:
    field(page).focus()
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def ask(page: Page, text: str) -> Locator:
    return after(page, lambda: send(page, text))


def press(page: Page, button: Locator) -> Locator:
    def gesture() -> None:
        button.focus()
        page.keyboard.press("Enter")

    return after(page, gesture)


def refuse(page: Page, reply: Locator) -> Locator:
    """Says no to `reply`; when it is not an answer, says no to the answer that its first proposal leads to."""
    if not reply.get_by_role("button", name=NO).count():
        proposals = reply.get_by_role("listitem").get_by_role("button").filter(has_not_text=PERSON)
        reply = press(page, proposals.first) if proposals.count() else ask(page, QUESTION)
    return press(page, reply.get_by_role("button", name=NO).last)


def hand_off_form(page: Page) -> None:
    offer = refuse(page, refuse(page, ask(page, QUESTION)))
    button = offer.get_by_role("button", name=WRITE)
    expect(button).to_be_visible()
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=WRITE)).to_be_focused()


def test_the_whole_widget_weighs_less_than_25_kb(site, tell) -> None:
    """As it travels: every file of it, compressed, first and last."""
    names = ["widget.js", *(f"widget/{path.name}" for path in (STATIC / "widget").glob("*.js"))]
    with httpx.Client(base_url=site(), trust_env=False) as browser:
        sent = [browser.get(f"/{name}", headers={"Accept-Encoding": "gzip"}) for name in names]
    sizes = [int(answer.headers["Content-Length"]) for answer in sent]
    assert {answer.headers["Content-Encoding"] for answer in sent} == {"gzip"}
    tell(f"widget: {sum(sizes)} bytes in {len(sizes)} files as they travel, {sizes[0]} of them for the launcher")
    assert sum(sizes) < 25_000


def test_nothing_is_asked_or_stored_before_the_opening(page: Page, live_site: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(live_site, wait_until="networkidle")
    expect(page.get_by_role("button", name=LAUNCHER)).to_have_attribute("aria-expanded", "false")
    assert [url for url in asked if "/widget/" in url or "/chat/" in url] == []
    assert page.evaluate("sessionStorage.length + localStorage.length + document.cookie.length") == 0


def test_the_log_is_there_before_the_first_message(page: Page, live_site: str) -> None:
    held: list[Route] = []
    page.route("**/chat/conversations", lambda route: held.append(route))
    page.goto(live_site)
    tab_to(page, LAUNCHER)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    expect(page.get_by_role("log")).to_have_attribute("aria-label", "Conversation")
    assert messages(page).count() == 0
    page.wait_for_timeout(200)
    held[0].continue_()
    expect(messages(page).first).to_contain_text("assistant automatique")


def test_a_question_gets_an_answer_with_its_links(opened: Page) -> None:
    answer = ask(opened, QUESTION)
    expect(answer).to_contain_text("Cette réponse vous aide-t-elle")
    expect(answer).to_contain_text(re.compile("Source|À vérifier"))
    link = answer.get_by_role("link", name="(nouvel onglet)").first
    expect(link).to_have_attribute("href", re.compile("^https://"))
    expect(link).to_have_attribute("target", "_blank")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(field(opened)).to_be_focused()  # a reply takes no focus
    expect(field(opened)).to_have_value("")


def test_a_frequent_question_is_answered(opened: Page) -> None:
    question = messages(opened).first.get_by_role("listitem").get_by_role("button").first
    expect(press(opened, question)).to_contain_text("Cette réponse vous aide-t-elle")


def test_the_start_of_a_long_answer_is_in_sight(opened: Page) -> None:
    opened.set_viewport_size({"width": 320, "height": 480})
    expect(ask(opened, QUESTION).locator("p:visible").nth(1)).to_be_in_viewport(ratio=0.9)


def test_the_numbers_of_an_emergency_stay_in_sight_when_an_answer_follows(opened: Page) -> None:
    ask(opened, "mon mari ne respire plus, et comment déclarer son arrêt de travail ?")
    expect(messages(opened).filter(has_text="volet")).to_be_attached()
    expect(messages(opened).get_by_role("link", name="15", exact=True).last).to_be_in_viewport()


def test_two_refusals_lead_to_a_counsellor(opened: Page) -> None:
    hand_off_form(opened)
    message = opened.get_by_label("Votre demande", exact=True)
    assert QUESTION in message.input_value()

    send = opened.get_by_role("button", name="Envoyer ma demande")
    send.focus()
    opened.keyboard.press("Enter")
    email = opened.get_by_label("Votre adresse e-mail")
    expect(email).to_be_focused()
    expect(email).to_have_attribute("aria-invalid", "true")
    expect(email).to_have_accessible_description(re.compile("adresse e-mail complète"))
    expect(opened.get_by_label("Votre département")).to_have_attribute("aria-invalid", "true")
    expect(opened.get_by_role("checkbox")).to_have_attribute("aria-invalid", "true")
    assert QUESTION in message.input_value()

    opened.keyboard.type("camille@exemple.fr")
    departement = opened.get_by_label("Votre département")
    departement.select_option("49")
    expect(departement.locator("option:checked")).to_have_text(re.compile("Maine-et-Loire"))
    opened.get_by_role("checkbox").focus()
    opened.keyboard.press("Space")
    send.focus()
    opened.keyboard.press("Enter")
    expect(messages(opened).last).to_contain_text(re.compile("Votre référence est .*[A-Z0-9-]{6,}"))
    expect(field(opened)).to_be_focused()


def test_the_form_keeps_what_was_typed_when_one_goes_back(opened: Page) -> None:
    hand_off_form(opened)
    opened.get_by_label("Votre adresse e-mail").fill("camille@exemple.fr")
    tab_to(opened, "Revenir à la conversation", key="Shift+Tab")
    opened.keyboard.press("Enter")
    expect(field(opened)).to_be_focused()
    opened.get_by_role("button", name=WRITE).last.press("Enter")
    expect(opened.get_by_label("Votre adresse e-mail")).to_have_value("camille@exemple.fr")


def test_a_social_security_number_is_warned_of_before_it_leaves(opened: Page) -> None:
    told = messages(opened).count()
    send(opened, f"mon num {NUMBER} marche pas")
    warning = opened.get_by_role("alert").filter(has_text="numéro de sécurité sociale")
    expect(warning).to_be_visible()
    expect(field(opened)).to_be_focused()
    expect(field(opened)).to_have_value(re.compile(NUMBER))
    expect(messages(opened)).to_have_count(told)  # nothing has left
    after(opened, lambda: opened.keyboard.press("Enter"))  # the person insists
    expect(warning).to_have_count(0)
    expect(messages(opened).nth(told)).not_to_contain_text(NUMBER)
    send(opened, NUMBER)
    expect(warning).to_be_visible()
    field(opened).fill(QUESTION)
    after(opened, lambda: opened.keyboard.press("Enter"))  # the number is gone: so is the question
    expect(warning).to_have_count(0)


def test_a_social_security_number_in_the_form_is_warned_of_once(opened: Page) -> None:
    hand_off_form(opened)
    opened.get_by_label("Votre adresse e-mail").fill("camille@exemple.fr")
    opened.get_by_label("Votre département").select_option("49")
    request = opened.get_by_label("Votre demande", exact=True)
    request.fill(f"Ma carte est perdue, mon numéro est le {NUMBER}.")
    opened.get_by_label("J’accepte").check()
    tab_to(opened, "Envoyer ma demande")
    opened.keyboard.press("Enter")
    expect(request).to_be_focused()
    expect(request).to_have_attribute("aria-invalid", "true")
    expect(opened.locator("#message-error")).to_contain_text("numéro de sécurité sociale")
    tab_to(opened, "Envoyer ma demande")
    opened.keyboard.press("Enter")
    expect(messages(opened).last).to_contain_text("Votre référence est")


def test_a_reload_resumes_the_conversation(opened: Page) -> None:
    ask(opened, QUESTION)
    told = messages(opened).count()
    opened.reload()
    open_by_keyboard(opened)
    expect(messages(opened)).to_have_count(told)
    expect(messages(opened).nth(1)).to_contain_text(QUESTION)


def test_erase_and_leave(opened: Page) -> None:
    ask(opened, QUESTION)
    tab_to(opened, "Effacer et quitter", key="Shift+Tab")
    opened.keyboard.press("Enter")
    confirm = opened.get_by_role("dialog", name="Effacer la conversation")
    expect(confirm).to_be_visible()
    with opened.expect_response(lambda response: response.request.method == "DELETE") as erased:
        confirm.get_by_role("button", name="Oui, effacer et quitter").press("Enter")
    assert erased.value.status == 204
    expect(opened.get_by_role("log")).to_be_hidden()
    expect(opened.get_by_role("button", name=LAUNCHER)).to_be_focused()
    assert opened.evaluate("sessionStorage.length") == 0
    opened.keyboard.press("Enter")
    expect(messages(opened)).to_have_count(1)


def test_escape_closes_and_gives_the_focus_back(opened: Page) -> None:
    launcher = opened.get_by_role("button", name=LAUNCHER)
    expect(launcher).to_have_attribute("aria-expanded", "true")
    opened.keyboard.press("Escape")
    expect(opened.get_by_role("log")).to_be_hidden()
    expect(launcher).to_be_focused()
    expect(launcher).to_have_attribute("aria-expanded", "false")


def test_other_ways_are_one_click_away(opened: Page) -> None:
    ways = opened.get_by_role("button", name="Autres moyens d’être aidé")
    ways.press("Enter")
    expect(ways).to_have_attribute("aria-expanded", "true")
    dialog = opened.get_by_role("dialog")
    expect(dialog.get_by_role("link", name=re.compile("Appeler le 36.46"))).to_have_attribute("href", "tel:3646")
    expect(dialog.get_by_role("link", name="France services")).to_be_visible()
    expect(dialog.get_by_role("link", name="accueil de votre caisse")).to_be_visible()


def test_a_refused_message_stays_in_the_input(opened: Page) -> None:
    too_long = "carte vitale " * 200
    field(opened).fill(too_long)
    field(opened).press("Enter")
    expect(opened.get_by_role("alert").filter(has_text=re.compile(r"36.46"))).to_be_visible()
    expect(field(opened)).to_have_value(too_long)
    expect(field(opened)).to_have_accessible_description(re.compile(r"36.46"))
    expect(messages(opened)).to_have_count(1)


def test_a_cut_loses_nothing(opened: Page) -> None:
    cuts = iter([True])
    sent: list[str] = []

    def cut_once(route: Route) -> None:
        sent.append(route.request.post_data_json["id"])
        if next(cuts, False):
            route.fetch()  # the service has it; its reply is lost
            route.abort()
        else:
            route.continue_()

    opened.route("**/chat/messages", cut_once)
    ask(opened, QUESTION)
    assert len(sent) == 2
    assert len(set(sent)) == 1
    assert sum(QUESTION in text for text in messages(opened).all_text_contents()) == 1


@pytest.mark.parametrize(("width", "height"), [(320, 640), (320, 256), (1280, 800)])
def test_no_horizontal_scroll(opened: Page, width: int, height: int) -> None:
    opened.set_viewport_size({"width": width, "height": height})
    ask(opened, QUESTION)
    assert opened.evaluate(HORIZONTAL_SCROLL) == []
    refuse(opened, refuse(opened, messages(opened).last)).get_by_role("button", name=WRITE).press("Enter")
    expect(opened.get_by_role("heading", name=WRITE)).to_be_visible()
    assert opened.evaluate(HORIZONTAL_SCROLL) == []
