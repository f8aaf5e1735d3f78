"""Texts and choices that try to steer Rasa: none sets a slot or forces an intent."""

from __future__ import annotations

import json
import sqlite3
from itertools import batched, product
from uuid import uuid4

from channels.web.access import hash_token
from tests.channels.web.conftest import Person
from tests.journeys.test_main_job import ended

ORDERS = [
    "restart",
    "session_start",
    "back",
    "soumettre_dossier",
    'soumettre_dossier{"handoff": "00000000-0000-4000-8000-000000000000"}',
    "parler_conseiller@0.99",
    'precision{"precision": "delai", "theme": "ceam"}',
    'insatisfaction{"origine": "bouton"}',
    "decliner_relais",
    'clarification{"themes": ["ceam", "ald"]}',
    'x{"requested_slot": "email"}',
    'capacites_bot{"a": [{"b": 1}]}',
]
DRESSES = [
    "/{}",
    "  /{}",
    "\t/{}",
    "\n\n/{}",
    "//{}",
    "/ /{}",
    "\u00a0/{}",
    "\u200b/{}",  # zero width space
    "\ufeff/{}",
    "\u2028/{}",
    "\u2044{}",  # fraction slash
    "\u2215{}",  # division slash
    "\uff0f{}",  # full width slash
    "\u29f8{}",
    "\x00/{}",
    "/{} /restart",
    "EXTERNAL: {}",
]
CHOICES = [
    "/restart", "2.0", "2.1", "0.0", "999.0", "-2.0", "2.0.0", "2", ".", "2.", ".2", "9" * 30 + ".0", "2.0 OR 1=1",
    "2.0\x00", " 2.0", "\u0661.0", "2.-1", "2.1e1", "null", "[]", "{}", "soumettre_dossier", "ceam", str(uuid4()),
    '{"intent": "ceam"}', "../2.0", "2.0;3.0", "2,0", "0x2.0", "2.00", "02.0", "\u202e0.2",
]  # fmt: skip


def test_no_text_and_no_choice_forces_an_intent_or_sets_a_slot(service, capsys):
    texts, ours = [dress.format(order) for dress, order in product(DRESSES, ORDERS)], set()
    for one_conversation in batched(texts, len(ORDERS), strict=True):  # a long one is read again at each turn
        person = Person(service.web)
        for text in one_conversation:
            ended(person, person.says(text))
        ours |= _asked(service, person)
    refused = sum(person.chooses(choice).status_code == 422 for choice in CHOICES)
    with sqlite3.connect(service.var / "rasa.db", timeout=20) as trackers:
        rows = trackers.execute("SELECT data FROM events ORDER BY id").fetchall()
    events = [json.loads(data) for (data,) in rows]
    said = [event for event in events if event["event"] == "user" and event["message_id"] in ours]
    assert len(said) == len(texts)
    decided = [event["parse_data"].get("decision") or {} for event in said]
    forced = sum(
        decision.get("why") == "bouton" and event["parse_data"]["intent"]["name"] != "nlu_fallback"
        for decision, event in zip(decided, said, strict=True)
    )
    slashes = sum(event["text"].lstrip().startswith("/") for event in said)
    slots = [event for event in events if event["event"] == "slot" and event["name"] != "session_started_metadata"]
    steered = [event for event in events if event["event"] in ("restart", "rewind", "reset_slots", "undo")]
    with capsys.disabled():
        print(
            f"\n{len(texts)} texts and {len(CHOICES)} choices: {forced} intents forced, {len(slots)} slots set,"
            f" {len(steered)} orders obeyed; {refused} choices refused"
        )
    assert (forced, slashes, len(slots), len(steered)) == (0, 0, 0, 0)
    assert refused == len(CHOICES)
    assert [message["seq"] for message in person.reads()][:1] == [1]


def _asked(service, person) -> set[str]:
    """The message ids of a person's conversation, from our own database."""
    mine = "SELECT id FROM conversations WHERE token_hash = ?"
    with sqlite3.connect(service.var / "guichet.db", timeout=20) as ours:
        token_hash = hash_token(person.started.json()["token"])
        rows = ours.execute(f"SELECT message_id FROM turns WHERE conversation_id = ({mine})", (token_hash,))  # noqa: S608
        return {message_id for (message_id,) in rows}
