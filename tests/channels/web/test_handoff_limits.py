"""How many forms are taken: by conversation, by mailbox and by address. A refusal keeps nothing and says what to do."""

from __future__ import annotations

from collections import Counter
from uuid import uuid4

from guichet.store.tables import Handoff, Outbox
from tests.channels.web.conftest import Person, plain


def refused(answer, code: str) -> None:
    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == code
    assert "36 46" in plain(answer.json()["error"]["message"])
    assert "votre texte est gardé" in plain(answer.json()["error"]["message"]).lower()
    assert int(answer.headers["Retry-After"]) > 0


def kept(store) -> int:
    with store.begin() as session:
        return session.query(Handoff).count()


def test_a_conversation_sends_so_many_forms(site, store):
    person = Person(site(handoffs_per_conversation=2))
    sent = [str(uuid4()), str(uuid4())]
    for handoff_id in sent:
        assert person.hands_off(handoff_id).status_code == 200
    refused(person.hands_off(), "demandes_conversation")
    assert person.hands_off(sent[0]).status_code == 200, "a repeat passes"
    assert kept(store) == 2


def test_one_mailbox_is_given_so_many_forms_and_gets_three_receipts(site, store):
    url = site(handoffs_per_mailbox=5)
    for n in range(5):
        assert Person(url).hands_off(email=f"victime+{n}@exemple.fr").status_code == 200
    refused(Person(url).hands_off(email="Victime@exemple.fr"), "demandes_boite")
    assert Person(url).hands_off(email="autre@exemple.fr").status_code == 200
    with store.begin() as session:
        mails = Counter(kind for (kind,) in session.query(Outbox.kind))
    assert mails == {"case": 6, "receipt": 4}


def test_one_address_sends_so_many_forms_an_hour(site, store):
    url = site(handoffs_per_hour=3)
    for n in range(3):
        assert Person(url).hands_off(email=f"p{n}@exemple.fr").status_code == 200
    refused(Person(url).hands_off(email="p9@exemple.fr"), "demandes_connexion")
    assert kept(store) == 3


def test_an_emergency_in_a_form_that_is_refused_gets_its_numbers(site):
    person = Person(site(handoffs_per_conversation=1))
    person.hands_off()
    answer = person.hands_off(message="je vais me suicider ce soir")
    refused(answer, "demandes_conversation")
    assert "3114" in answer.json()["urgent"][0]["text"]
