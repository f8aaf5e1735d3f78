"""What operators stopped, as an insured person sees it, over HTTP (DESIGN §4 and §5)."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pytest

from channels.web.app import create_app
from channels.web.brain import Brain
from guichet.audit import Deed
from guichet.store import Store, conversations, handoffs, open_store, switches
from guichet.switches import PAUSE
from tests.channels.web.conftest import Person, answer, plain
from tests.live import serve

CLOSED = "L'assistant est arrêté pour la journée."
NO_ANSWER = "Les règles viennent de changer : notre réponse est en cours de relecture."
OUTAGE = "La déclaration en ligne est en panne. Appelez le [36 46](tel:3646)."
THEME, SERVICE = "carte_vitale_perte_vol", "perte_vol_carte_vitale"


def deed(action: str = "switch.stopped") -> Deed:
    return Deed("dominique", action, datetime.now(UTC))


def stop(store: Store, what: str, target: str = "", message: str = CLOSED, until: datetime | None = None) -> None:
    switches.stop(store, what=what, target=target, message=message, comment="réunion", until=until, deed=deed())


def kinds(reply: httpx.Response) -> list[str]:
    return [message["kind"] for message in reply.json()["messages"]]


def wait_until(check, limit: float = PAUSE + 3) -> float:
    """Seconds until `check()` is true."""
    began = time.monotonic()
    while not check():
        assert time.monotonic() - began < limit, "too late"
        time.sleep(0.02)
    return time.monotonic() - began


# --- the bot


def test_a_bot_switched_off_says_so_with_the_other_ways_and_asks_the_brain_nothing(store, site, brain):
    stop(store, "bot")
    person = Person(site())
    assert [message["kind"] for message in person.started.json()["messages"]] == ["notice", "handoff_offer"]
    reply = person.says("j'ai perdu ma carte")
    assert kinds(reply) == ["user", "notice", "handoff_offer"]
    assert reply.json()["turn"]["status"] == "done"
    _, told, ways = reply.json()["messages"]
    assert plain(told["text"]) == CLOSED
    assert "tel:3646" in ways["text"]
    assert brain.asked == []


def test_buttons_offered_before_say_it_too(store, site, brain):
    url = site()
    person = Person(url)
    choices = person.says("bonjour").json()["messages"][-1]["choices"]
    stop(store, "bot")
    time.sleep(PAUSE)
    asked = len(brain.asked)
    assert kinds(person.chooses(choices[-1]["id"])) == ["user", "notice", "handoff_offer"]
    assert len(brain.asked) == asked


def test_emergencies_are_answered_first_with_the_bot_off(store, site, brain):
    stop(store, "bot")
    person = Person(site())
    assert kinds(person.says("je veux mourir")) == ["user", "emergency"]
    beside = person.says("mon mari ne respire plus, et comment déclarer son arrêt de travail ?")
    assert kinds(beside)[:2] == ["user", "emergency"]
    wait_until(lambda: not person.http.get("/chat/messages").json()["pending"])
    assert [message["kind"] for message in person.reads()[-3:]] == ["emergency", "notice", "handoff_offer"]
    assert brain.asked == []


def test_the_form_to_a_counsellor_works_with_the_bot_off_and_without_the_brain(store, site, brain):
    stop(store, "bot")
    person, form = Person(site()), str(uuid4())
    reply = person.hands_off(form)
    assert kinds(reply)[-1] == "handoff_done"
    assert handoffs.case_of_handoff(store, form).reference == reply.json()["messages"][-1]["reference"]
    assert brain.asked == []


def test_what_is_masked_is_still_told_with_the_bot_off(store, site):
    stop(store, "bot")
    reply = Person(site()).says("mon adresse est jeanne@exemple.fr, pourquoi ce refus ?")
    assert kinds(reply) == ["user", "notice", "notice", "handoff_offer"]


# --- a theme


@pytest.fixture
def suspended(store, site, brain) -> Person:
    stop(store, "theme", THEME, NO_ANSWER)
    brain.says("perdu", answer(THEME))
    return Person(site())


def test_an_answer_on_a_theme_switched_off_is_replaced_and_cannot_be_refused(suspended, brain):
    told = suspended.says("perdu").json()["messages"][-1]
    assert (told["kind"], told["theme"], told["links"]) == ("notice", THEME, [])
    assert plain(told["text"]).startswith(NO_ANSWER)
    assert "tel:3646" in told["text"]
    labels = [choice["label"] for choice in told["choices"]]
    assert labels[-1] == "Parler à un conseiller"
    assert "Non" not in labels
    assert len(labels) > 1  # near themes


def test_its_buttons_lead_somewhere(suspended, brain):
    brain.says("Parler à un conseiller", {"text": "Oui.", "custom": {"kind": "handoff_offer", "theme": None}})
    choices = suspended.says("perdu").json()["messages"][-1]["choices"]
    suspended.chooses(choices[0]["id"])
    assert brain.asked[-1]["intent"] == choices[0]["theme"]
    assert kinds(suspended.chooses(choices[-1]["id"]))[-1] == "handoff_offer"


def test_a_button_to_it_says_that_it_is_unavailable(suspended, brain):
    offered = [{"label": "Carte perdue", "intent": THEME, "theme": THEME}, {"label": "Autre", "intent": "ceam"}]
    brain.says("ma carte", {"text": "Laquelle ?", "custom": {"kind": "clarify", "choices": offered}})
    brain.says("Carte perdue (indisponible)", answer(THEME))
    choices = suspended.says("ma carte").json()["messages"][-1]["choices"]
    assert [choice["label"] for choice in choices] == ["Carte perdue (indisponible)", "Autre"]
    assert kinds(suspended.chooses(choices[0]["id"])) == ["user", "notice"]


def test_the_welcome_does_not_offer_it(suspended):
    welcome = suspended.started.json()["messages"][0]
    assert THEME not in {choice["theme"] for choice in welcome["choices"]}
    assert welcome["choices"]


def test_of_two_answers_only_the_one_switched_off_is_replaced(suspended, brain):
    brain.says("deux", answer("ceam", "Une."), answer(THEME, "Deux."))
    _, first, second = suspended.says("deux").json()["messages"]
    assert (first["kind"], second["kind"]) == ("answer", "notice")
    assert first["choices"][-1]["label"] == "Non"


def test_a_case_opened_after_it_is_about_it(suspended, store):
    suspended.says("perdu")
    form = str(uuid4())
    suspended.hands_off(form)
    assert conversations.last_theme(store, handoffs.handoff(store, form).conversation_id) == THEME
    assert handoffs.case_of_handoff(store, form).theme == THEME


# --- a téléservice


def test_the_link_to_a_teleservice_switched_off_is_replaced_everywhere(store, site, brain, content):
    stop(store, "teleservice", SERVICE, OUTAGE)
    address = content.teleservices[SERVICE].url
    brain.says("perdu", answer(THEME, f"Sur [votre compte](teleservice:{SERVICE}), ou en agence."))
    brain.says("autre", answer("ceam", f"Voir [ici](teleservice:{SERVICE})."))
    person = Person(site())
    for question in ("perdu", "autre"):
        told = person.says(question).json()["messages"][-1]
        assert told["kind"] == "answer"
        assert SERVICE not in {link["id"] for link in told["links"]}
        assert f"]({address})" not in told["text"]
        assert plain(told["text"]).count(OUTAGE) == 1
        assert told["choices"][-1]["label"] == "Non"
    refused = person.http.post("/chat/clicks", json={"seq": told["seq"], "teleservice": SERVICE})
    assert refused.status_code == 404


def test_other_links_stay(store, site, brain, content):
    stop(store, "teleservice", "nothing_of_that_name", OUTAGE)
    brain.says("perdu", answer(THEME))
    told = Person(site()).says("perdu").json()["messages"][-1]
    assert [link["id"] for link in told["links"]] == list(content.themes[THEME].teleservices)


# --- when


def test_it_ends_at_its_hour(store, site, brain):
    stop(store, "bot", until=datetime(2020, 1, 1, tzinfo=UTC))
    assert kinds(Person(site()).says("bonjour")) == ["user", "answer"]


def test_two_processes_obey_within_seconds(store, site, settings, content, detector, brain, capsys):
    """Both serve already and know the former state; restoring takes no longer."""
    plenty = replace(settings, conversations_per_minute=10_000)
    other = create_app(
        plenty, content=content, store=open_store(settings.database), detector=detector,
        brain=Brain("http://brain", transport=httpx.MockTransport(brain)),
    )  # fmt: skip
    with serve(other) as second:
        urls = (site(conversations_per_minute=10_000), second)

        def all_say(kind: str) -> bool:
            return all(http.post("/chat/conversations").json()["messages"][0]["kind"] == kind for http in https)

        https = [httpx.Client(base_url=url, trust_env=False) for url in urls]
        assert all_say("welcome")
        stop(store, "bot")
        stopped = wait_until(lambda: all_say("notice"))
        switches.restore(store, "bot", "", deed("switch.restored"))
        restored = wait_until(lambda: all_say("welcome"))
        for http in https:
            http.close()
    with capsys.disabled():
        print(f"\nswitch-off, two processes: stopped after {stopped:.2f} s, restored after {restored:.2f} s")
    assert max(stopped, restored) <= PAUSE + 1


def test_the_last_known_state_holds_while_the_database_is_away(store, site, brain):
    url = site()
    person = Person(url)
    stop(store, "theme", THEME, NO_ANSWER)
    brain.says("perdu", answer(THEME))
    time.sleep(PAUSE)
    assert kinds(person.says("perdu")) == ["user", "notice"]
    with store.engine.begin() as connection:  # this reading alone fails: messages can still be written
        connection.exec_driver_sql("ALTER TABLE switches RENAME TO away")
    time.sleep(PAUSE)
    assert kinds(person.says("perdu")) == ["user", "notice"]
    with store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO switches")
    switches.restore(store, "theme", THEME, deed("switch.restored"))
    time.sleep(PAUSE)
    assert kinds(person.says("perdu")) == ["user", "answer"]
