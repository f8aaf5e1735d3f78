"""The widget on a network that fails: no message is lost or told twice, and the person knows where they stand."""

from __future__ import annotations

import random
import re
import sqlite3
import threading
from contextlib import closing

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from tests.browser.test_widget import field, messages, open_by_keyboard, send, tab_to
from tests.channels.web.conftest import answer
from tests.faults.proxy import Proxy

LOST, BACK, NOT_SENT = "Connexion perdue.", "Connexion rétablie.", "Pas encore envoyé"
RETRY, GIVE_UP = "Réessayer", "Reprendre mon texte"
QUESTION = "g perdu ma carte vital"
# The texts of each side of the log, in its order.
SAID = """() => [...document.querySelector("guichet-chat").shadowRoot.querySelectorAll("[role=log] > ol > li")]
  .map((item) => [item.classList.contains("user"), item.querySelector(".said, .body > p:not(.hidden)").textContent])"""


def connection(page: Page) -> Locator:
    """The place where the state of the connection is announced."""
    return page.get_by_role("dialog").locator(".connection [role=status]")


def sent(page: Page) -> list[dict]:
    """What is posted from now on."""
    bodies: list[dict] = []

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/chat/messages"):
            bodies.append(request.post_data_json)

    page.on("request", note)
    return bodies


def chats(page: Page) -> list[str]:
    """Requests to the service from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/chat/" in request.url else None)
    return asked


# --- nothing lost, nothing twice


@pytest.mark.timeout(1500)
def test_cuts_at_random_bytes_lose_and_repeat_nothing(opened, network, brain, settings, chance, many, tell):
    cuts, failed = many(50, 5), []
    questions = [f"ma carte vitale est perdue, message {n}" for n in range(cuts + 1)]
    answers = [f"La réponse {n}." for n in range(cuts + 1)]
    for question, reply in zip(questions, answers, strict=True):
        brain.says(question, answer("ceam", reply))
    opened.on("requestfailed", lambda request: failed.append(request.url))

    def ask(n: int) -> None:
        send(opened, questions[n])
        expect(messages(opened).filter(has_text=re.compile(re.escape(answers[n]))), f"message {n}").to_be_visible()
        expect(opened.get_by_role("dialog").get_by_text(NOT_SENT)).to_have_count(0)

    before = dict(network.passed)
    ask(0)
    sizes = {way: network.passed[way] - before[way] for way in before}
    for n in range(1, cuts + 1):
        slow = chance.random() < 0.3  # the reply is then read with ?after=
        if slow:
            brain.gate.clear()
            threading.Timer(chance.uniform(0.5, 2.5), brain.gate.set).start()
        break_at_random(n, network, chance, sizes, slow)
        ask(n)
        brain.gate.set()
    expect(opened.get_by_text("Un instant")).to_have_count(0)

    told = opened.evaluate(SAID)
    log = [text for _, text in told[1:]]  # without the welcome
    due = [text for pair in zip(questions, answers, strict=True) for text in pair]
    missing, repeated = [text for text in due if text not in log], len(log) - len(set(log))
    with closing(sqlite3.connect(settings.database.removeprefix("sqlite:///"))) as database:
        turns = database.execute(
            "select count(*), count(distinct message_id), sum(status = 'done') from turns"
        ).fetchone()
    tell(
        f"network: {network.fired} faults at random bytes, {len(failed)} requests failed in the browser, "
        f"{len(due)} messages: {len(missing)} missing, {repeated} repeated; turns {turns[0]}, run {len(brain.asked)}"
    )
    assert network.fired == cuts
    assert (missing, repeated) == ([], 0)
    assert log == due
    assert [is_mine for is_mine, _ in told[1:]] == [True, False] * (cuts + 1)
    assert turns == (cuts + 1,) * 3
    assert [body["text"] for body in brain.asked] == questions


def break_at_random(n: int, network: Proxy, chance: random.Random, sizes: dict[str, int], slow: bool) -> None:
    """A fault at a byte of the message or of its reply; every kind in its turn."""
    way = "down" if n % 2 else "up"
    at = chance.randint(0, sizes[way] // (3 if slow else 1))  # what a slow reply's first request is sure to reach
    if n % 5 == 4:
        network.stall(way, at, chance.uniform(0.2, 1.5))
    else:  # without an absence, Chromium itself sends again what was cut before the first byte of its reply
        network.cut(way, at, away=0 if n % 5 == 2 else chance.uniform(0.2, 3))


# --- what the person knows and can do


def test_offline_is_told_politely_and_the_draft_is_kept(opened):
    expect(connection(opened)).to_have_text("")  # there before it speaks
    field(opened).fill("Ma carte")
    opened.context.set_offline(True)
    expect(connection(opened)).to_contain_text(LOST)
    for name, address in (("15", "tel:15"), ("112", "tel:112"), ("36\u00a046", "tel:3646")):
        expect(connection(opened).get_by_role("link", name=name, exact=True)).to_have_attribute("href", address)
    expect(field(opened)).to_have_value("Ma carte")
    opened.context.set_offline(False)
    expect(connection(opened)).to_have_text(BACK)
    expect(field(opened)).to_have_value("Ma carte")
    expect(connection(opened)).to_have_text("", timeout=15_000)


def test_what_was_sent_offline_leaves_by_itself_with_one_id(opened, brain):
    posts = sent(opened)
    opened.context.set_offline(True)
    send(opened, QUESTION)
    waiting = messages(opened).filter(has_text=QUESTION)
    expect(waiting).to_contain_text(NOT_SENT)
    expect(connection(opened)).to_contain_text("Votre message est gardé")
    opened.wait_for_timeout(1500)
    opened.context.set_offline(False)
    expect(messages(opened)).to_have_count(3)
    expect(waiting).to_have_count(1)
    expect(waiting).not_to_contain_text(NOT_SENT)
    expect(connection(opened)).to_have_text(BACK)
    assert len({post["id"] for post in posts}) == 1
    assert len(brain.asked) == 1


def test_a_service_that_comes_back_without_a_word_of_the_browser_is_found(opened, network, brain):
    network.refuse()
    send(opened, QUESTION)
    expect(connection(opened)).to_contain_text(LOST)
    opened.wait_for_timeout(1500)
    network.accept()
    expect(messages(opened)).to_have_count(3)
    expect(connection(opened)).to_have_text(BACK)
    assert len(brain.asked) == 1


def test_messages_missed_during_a_cut_are_read_when_it_ends(opened, network, brain):
    brain.gate.clear()
    send(opened, QUESTION)
    expect(opened.get_by_text("L’assistant prépare sa réponse…")).to_be_visible()
    opened.wait_for_timeout(600)  # the service has said «pending»
    network.refuse()
    expect(connection(opened)).to_contain_text(LOST)
    expect(opened.get_by_text("L’assistant prépare sa réponse…")).to_have_count(0)
    brain.gate.set()
    opened.wait_for_timeout(500)
    network.accept()
    expect(messages(opened)).to_have_count(3)


def test_by_keyboard_one_tries_again_or_takes_the_words_back(opened, network, brain):
    posts = sent(opened)
    network.refuse()
    send(opened, QUESTION)
    tab_to(opened, RETRY, key="Shift+Tab")
    tries = len(posts)
    opened.keyboard.press("Enter")
    expect(connection(opened)).to_contain_text("Nouvel essai")
    expect(connection(opened)).to_contain_text(LOST)
    assert len(posts) > tries
    tab_to(opened, GIVE_UP)
    opened.keyboard.press("Enter")
    expect(field(opened)).to_be_focused()
    expect(field(opened)).to_have_value(QUESTION)
    expect(messages(opened)).to_have_count(1)
    expect(connection(opened)).to_contain_text(LOST)

    network.accept()
    expect(connection(opened)).to_have_text(BACK)
    opened.wait_for_timeout(300)
    assert brain.asked == []  # what was taken back leaves at the person's wish only
    opened.keyboard.press("Enter")
    expect(messages(opened)).to_have_count(3)
    assert len({post["id"] for post in posts}) == 1
    assert len(brain.asked) == 1


def test_a_message_taken_back_that_had_arrived_is_told_once(opened, network, brain):
    send(opened, "bonjour")
    expect(messages(opened)).to_have_count(3)
    network.cut("down", 1, away=3600)  # the service has it; its reply is lost
    send(opened, QUESTION)
    expect(connection(opened)).to_contain_text("Votre message est gardé")
    opened.get_by_role("button", name=GIVE_UP).click()
    expect(field(opened)).to_have_value(QUESTION)
    network.accept()
    expect(messages(opened)).to_have_count(5)  # read with ?after=
    field(opened).press("Enter")
    expect(field(opened)).to_have_value("")
    opened.wait_for_timeout(500)
    assert messages(opened).filter(has_text=QUESTION).count() == 1
    assert len(brain.asked) == 2


def test_the_focus_is_not_lost_with_the_button_that_goes_away(opened, network):
    network.refuse()
    send(opened, QUESTION)
    tab_to(opened, RETRY, key="Shift+Tab")
    network.accept()
    expect(connection(opened)).to_have_text(BACK)
    expect(field(opened)).to_be_focused()


def test_the_form_insists_too_and_can_be_taken_back(opened, network, brain):
    brain.says("conseiller", {"text": "Un conseiller peut vous répondre.", "custom": {"kind": "handoff_offer"}})
    send(opened, "conseiller")
    opened.get_by_role("button", name="Écrire à un conseiller").press("Enter")
    opened.get_by_label("Votre adresse e-mail").fill("camille@exemple.fr")
    opened.get_by_label("Votre département").select_option("49")
    opened.get_by_role("checkbox").check()
    network.refuse()
    opened.get_by_role("button", name="Envoyer ma demande").press("Enter")
    expect(connection(opened)).to_contain_text("Votre message est gardé")
    opened.get_by_role("button", name=GIVE_UP).press("Enter")
    expect(opened.get_by_role("button", name="Envoyer ma demande")).to_be_focused()
    expect(opened.get_by_label("Votre adresse e-mail")).to_have_value("camille@exemple.fr")
    opened.get_by_role("button", name="Envoyer ma demande").press("Enter")
    network.accept()
    expect(messages(opened).last).to_contain_text("référence")


def test_nothing_is_asked_when_the_panel_was_never_opened_or_is_closed(page, network):
    asked = chats(page)
    page.goto(network.url)
    page.context.set_offline(True)
    page.context.set_offline(False)
    page.wait_for_timeout(300)
    assert asked == []
    open_by_keyboard(page)
    network.refuse()
    page.evaluate("dispatchEvent(new Event('offline'))")
    expect(connection(page)).to_contain_text(LOST)
    page.keyboard.press("Escape")
    page.wait_for_timeout(2500)  # a look that was under way
    before = len(asked)
    page.wait_for_timeout(3000)
    assert len(asked) == before
    network.accept()
    page.keyboard.press("Enter")
    expect(connection(page)).to_have_text(BACK)


@pytest.mark.parametrize("module", ["panel", "view"])
def test_a_widget_that_cannot_be_opened_gives_the_numbers_and_opens_later(page, network, module):
    page.goto(network.url)
    launcher = page.get_by_role("button", name="Poser une question")
    expect(launcher).to_be_visible()
    page.route(f"**/widget/{module}.js", lambda route: route.abort())
    launcher.press("Enter")
    broken = page.get_by_role("alert")
    for name, address in (("15", "tel:15"), ("112", "tel:112"), ("36\u00a046", "tel:3646")):
        expect(broken.get_by_role("link", name=name, exact=True)).to_have_attribute("href", address)
    page.unroute_all()
    launcher.press("Enter")
    expect(messages(page)).to_have_count(1)
