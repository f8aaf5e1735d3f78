"""The widget when the service refuses: what was written is kept, and the numbers of a crisis are told all the same."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.test_network import BACK, LOST, NOT_SENT, QUESTION, SAID, connection, sent
from tests.browser.test_widget import FOCUSED, field, messages, send

CRISIS = {
    "kind": "emergency",
    "theme": "urgence_suicide",
    "text": "Appelez le **[3114](tel:3114)**, jour et nuit.\n\nSi la vie est en danger : [15](tel:15).",
    "links": [],
    "choices": [],
}


def refuse_with(page: Page, status: int, code: str, message: str, *urgent: dict) -> None:
    body = {"error": {"code": code, "message": message}} | ({"urgent": list(urgent)} if urgent else {})
    page.route("**/chat/messages", lambda route: route.fulfill(status=status, json=body))


@pytest.mark.parametrize("status", [401, 413, 422, 429, 503])
def test_the_numbers_of_a_crisis_are_told_even_when_the_message_is_refused(opened, status):
    expect(messages(opened)).to_have_count(1)
    refuse_with(opened, status, "x", "Refusé.", CRISIS)
    send(opened, "je vais mal")
    urgent = messages(opened).filter(has_text="jour et nuit")
    expect(opened.get_by_role("alert").filter(has_text=re.compile("Refusé|a expiré"))).to_be_visible()
    expect(urgent).to_have_count(1)
    expect(urgent.get_by_role("link", name="3114", exact=True)).to_have_attribute("href", "tel:3114")
    expect(urgent.get_by_role("link", name="3114", exact=True)).to_be_in_viewport()
    expect(field(opened)).to_have_value("je vais mal")
    field(opened).press("Enter")
    expect(field(opened)).to_have_value("je vais mal")
    expect(urgent).to_have_count(1)  # said once, and in sight

    opened.unroute_all()
    field(opened).fill("bonjour")
    field(opened).press("Enter")
    expect(messages(opened).filter(has_text="La réponse.")).to_be_visible()
    texts = [text for _, text in opened.evaluate(SAID)]
    assert texts.index("La réponse.") == len(texts) - 1
    assert texts.index("bonjour") == len(texts) - 2


def test_a_crisis_told_to_a_conversation_that_has_expired_is_answered(opened, settings):
    expect(messages(opened)).to_have_count(1)
    with closing(sqlite3.connect(settings.database.removeprefix("sqlite:///"))) as database:
        database.execute("update conversations set expires_at = '2000-01-01 00:00:00'")
        database.commit()
    send(opened, "je veux mourir")
    expect(messages(opened).first.get_by_role("link", name="3114", exact=True)).to_be_in_viewport()
    expect(messages(opened)).to_have_count(2)  # the numbers, and the welcome of a new conversation
    expect(opened.get_by_role("alert").filter(has_text="a expiré")).to_be_visible()
    expect(field(opened)).to_have_value("je veux mourir")


def test_the_numbers_that_refuse_a_form_are_in_the_log_too(opened, brain):
    brain.says("conseiller", {"text": "Un conseiller peut vous répondre.", "custom": {"kind": "handoff_offer"}})
    send(opened, "conseiller")
    opened.get_by_role("button", name="Écrire à un conseiller").press("Enter")
    opened.get_by_label("Votre demande", exact=True).fill("je veux mourir")
    opened.get_by_role("button", name="Envoyer ma demande").press("Enter")
    expect(opened.get_by_role("alert").get_by_role("link", name="3114", exact=True)).to_be_in_viewport()
    opened.get_by_role("button", name="Revenir à la conversation").press("Enter")
    expect(messages(opened).last.get_by_role("link", name="3114", exact=True)).to_be_in_viewport()


def test_an_expired_conversation_keeps_the_draft_and_sends_nothing_by_itself(opened, brain):
    send(opened, "bonjour")
    expect(messages(opened)).to_have_count(3)
    posts = sent(opened)
    refused = iter([True])

    def expire(route: Route) -> None:
        if next(refused, False):
            route.fulfill(status=401, json={"error": {"code": "session", "message": "Expirée."}})
        else:
            route.continue_()

    opened.route("**/chat/messages*", expire)
    send(opened, QUESTION)
    expect(opened.get_by_role("alert").filter(has_text="a expiré")).to_contain_text("envoyez-le de nouveau")
    expect(field(opened)).to_have_value(QUESTION)
    expect(messages(opened)).to_have_count(1)
    opened.wait_for_timeout(2000)
    assert len(posts) == 1
    field(opened).press("Enter")
    expect(messages(opened)).to_have_count(3)
    assert [body["text"] for body in brain.asked] == ["bonjour", QUESTION]


def test_a_conversation_that_expired_during_a_cut_gives_the_words_back(opened, network, brain):
    network.refuse()
    send(opened, QUESTION)
    expect(messages(opened).filter(has_text=QUESTION)).to_contain_text(NOT_SENT)
    opened.route(
        "**/chat/messages*",
        lambda route: route.fulfill(status=401, json={"error": {"code": "session", "message": "Expirée."}}),
        times=1,
    )
    expect(field(opened)).to_have_value(QUESTION)
    network.accept()
    expect(connection(opened)).to_have_text(BACK)
    expect(messages(opened)).to_have_count(1)
    opened.wait_for_timeout(1500)
    assert brain.asked == []


def test_what_was_erased_while_it_waited_is_not_given_back(opened, network):
    network.refuse()
    send(opened, QUESTION)
    expect(connection(opened)).to_contain_text(LOST)
    opened.get_by_role("button", name="Effacer et quitter").press("Enter")
    confirm = opened.get_by_role("dialog", name="Effacer la conversation")
    confirm.get_by_role("button", name="Oui, effacer et quitter").press("Enter")
    confirm.get_by_role("button", name="Effacer sur cet appareil seulement").press("Enter")
    network.accept()
    assert "Poser une question" in opened.evaluate(FOCUSED)
    opened.keyboard.press("Enter")
    expect(messages(opened)).to_have_count(1)
    expect(field(opened)).to_have_value("")
    opened.wait_for_timeout(1500)
    expect(messages(opened)).to_have_count(1)
