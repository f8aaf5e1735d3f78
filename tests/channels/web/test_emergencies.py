"""Safety before everything (DESIGN §5): the numbers come first, whatever else is down, refused or asked beside."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
from ruamel.yaml import YAML

from tests.channels.web.conftest import Person, answer


def test_an_emergency_is_answered_without_the_brain(person, brain):
    brain.broken = httpx.ConnectError("down")
    reply = person.says("je veux mourir").json()
    assert reply["turn"]["status"] == "done"
    assert (reply["messages"][1]["kind"], reply["messages"][1]["theme"]) == ("emergency", "urgence_suicide")
    assert "3114" in reply["messages"][1]["text"]
    assert brain.asked == []


def finished(person):
    """All that was said once no turn is under way."""
    while person.http.get("/chat/messages").json()["pending"]:
        time.sleep(0.02)
    return person.reads()


def test_an_insurance_question_beside_an_emergency_is_answered_after_the_numbers(person, brain):
    brain.gate.clear()  # the brain takes its time: the numbers do not wait for it
    brain.says("et comment déclarer son arrêt de travail ?", answer("arret_travail_envoi"))
    reply = person.says("mon mari ne respire plus, et comment déclarer son arrêt de travail ?").json()
    assert reply["turn"]["status"] == "pending"
    assert [message["kind"] for message in reply["messages"]] == ["user", "emergency"]
    brain.gate.set()
    assert [message["kind"] for message in finished(person)[-2:]] == ["emergency", "answer"]
    assert brain.asked == [
        {key: brain.asked[0][key] for key in ("sender", "message_id")}
        | {"text": "et comment déclarer son arrêt de travail ?", "answers_only": True}
    ]


def test_a_question_beside_an_emergency_that_is_not_understood_may_be_asked_again(person, brain):
    brain.says("et comment faire pour mon truc ameli ?")  # nothing was clear enough to be run
    person.says("je veux mourir, et comment faire pour mon truc ameli ?")
    said = finished(person)
    assert [message["kind"] for message in said[-3:]] == ["user", "emergency", "notice"]
    assert "Écrivez-la de nouveau" in said[-1]["text"]
    assert [choice["label"] for choice in said[-1]["choices"]] == ["Parler à un conseiller"]


def test_a_doubtful_emergency_without_a_question_gets_the_numbers_alone(person, brain, detector):
    text = "jveux pas rentrer le soir. cest tout. chez mon pere cest pas possible"
    assert detector.detect(text).doubtful
    brain.says(text)  # the whole text is read, for it might be a question; nothing was clear enough to be run
    person.says(text)
    assert [message["kind"] for message in finished(person)[-2:]] == ["user", "emergency"]
    assert len(brain.asked) == 1


def test_a_doubtful_suicide_that_asks_nothing_is_not_told_that_it_asked(person, brain, detector):
    text = "mes enfants toucheront le capital, c'est mieux comme ça"
    assert detector.detect(text).doubtful
    person.says(text)
    assert [message["kind"] for message in finished(person)[-2:]] == ["user", "emergency"]
    assert brain.asked == []


def test_what_a_death_would_pay_is_not_answered_beside_a_suicide_even_a_doubtful_one(person, brain, detector):
    text = "Le capital décès, il est versé vite ? Et c'est pareil quelle que soit la façon dont on part ?"
    assert detector.detect(text).doubtful
    person.says(text)
    said = finished(person)
    assert [message["kind"] for message in said[-3:]] == ["user", "emergency", "notice"]
    assert [choice["label"] for choice in said[-1]["choices"]] == ["Parler à un conseiller"]
    assert brain.asked == []


def test_an_emergency_with_a_question_is_answered_with_the_brain_down(person, brain):
    brain.broken = httpx.Response(500)
    person.says("mon mari ne respire plus, et comment déclarer son arrêt de travail ?")
    assert [message["kind"] for message in finished(person)[-2:]] == ["emergency", "notice"]


def test_a_message_that_may_be_a_crisis_gets_the_numbers_beside_its_answer_once(person, brain, detector):
    written = YAML(typ="safe").load(Path("data/urgences_exemples/calmes/violences.yml").read_text(encoding="utf-8"))
    doubtful = next(
        text for group in written.values() for text in group if detector.doubt(text) and not detector.detect(text)
    )
    for _ in range(2):
        person.says(doubtful)
    kinds = [message["kind"] for message in person.reads()]
    assert kinds == ["welcome", "user", "notice", "answer", "user", "answer"]
    assert "](tel:" in person.reads()[2]["text"]


def test_an_emergency_is_heard_before_length_and_rate(site, brain):
    person = Person(site(turns_per_minute=1, text_limit=100))
    person.says("bonjour")
    assert person.says("bonjour").status_code == 429
    for text in ("mon mari ne respire plus", "aidez moi " * 3000 + " je veux mourir"):
        reply = person.says(text)
        assert reply.status_code == 200, reply.text
        assert reply.json()["messages"][1]["kind"] == "emergency"
