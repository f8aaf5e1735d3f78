"""Opening a case, and adding to it: one reference a conversation, whatever is repeated."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet

from guichet import cases
from guichet.content import load_content
from guichet.privacy import Vault
from guichet.settings import Settings
from guichet.store import Store, conversations, handoffs, inbox
from guichet.store.conversations import Reply
from guichet.store.tables import Case, Outbox

NOON = datetime(2025, 11, 22, 12, 0, tzinfo=UTC)
CONTENT = load_content(Path("data"))
VAULT = Vault([Fernet.generate_key().decode()])
SETTINGS = Settings(handoffs_per_conversation=3, handoffs_per_mailbox=5)
JEANNE = "jeanne@exemple.fr"


def talk(store: Store) -> str:
    """A conversation with one message."""
    conversation_id = str(uuid4())
    conversations.create(
        store, conversation_id=conversation_id, token_hash=uuid4().hex, now=NOON, expires_at=NOON, departement=None,
        identity=None, welcome=[message("Bonjour.")],
    )  # fmt: skip
    return conversation_id


def message(text: str) -> Reply:
    return Reply({"kind": "smalltalk", "theme": None, "text": text, "links": [], "choices": []})


def form(
    store: Store, conversation_id: str, summary: str = "Ma carte est perdue.", email: str = "", now: datetime = NOON
) -> str:
    handoff_id = str(uuid4())
    handoffs.add_handoff(
        store, handoff_id=handoff_id, conversation_id=conversation_id, contact="x", departement="49", summary=summary,
        verified=False, now=now, mailbox=cases.mailbox_of(VAULT, email) if email else None,
    )  # fmt: skip
    return handoff_id


def mails(store: Store) -> Counter[str]:
    with store.begin() as session:
        return Counter(row.kind for row in session.query(Outbox))


def test_a_second_form_of_the_conversation_is_added_to_its_case(store):
    conversation = talk(store)
    first = cases.open_case(store, CONTENT, form(store, conversation), NOON)
    conversations.begin_turn(store, conversation, str(uuid4()), {"text": ""}, message("Et ensuite ?"), NOON)
    added = form(store, conversation, "J'ai oublié : j'ai déménagé.")
    for _ in range(3):
        assert cases.open_case(store, CONTENT, added, NOON) == first
    shown = inbox.case(store, None, first)
    assert [more.handoff.summary for more in shown.additions] == ["J'ai oublié : j'ai déménagé."]
    assert shown.case.transcript[-1]["text"] == "Et ensuite ?"
    assert mails(store) == {"case": 2, "receipt": 2}
    assert [mail.kind for mail in shown.all_mails] == ["case", "receipt", "case", "receipt"]
    assert inbox.cases(store, None)[1] == 1


def test_a_case_keeps_what_was_understood_offered_and_followed_and_no_other_evidence(store):
    conversation = talk(store)
    turn = conversations.begin_turn(store, conversation, str(uuid4()), {"text": ""}, message("ma carte"), NOON)
    body = {"kind": "answer", "theme": "ceam", "text": "Voici.", "choices": [{"label": "Oui"}, {"label": "Non"}]}
    links = [{"id": one, "label": one.upper(), "url": "https://x.example", "login": False} for one in ("un", "deux")]
    evidence = {"intent": "ceam", "reason": "compris comme *ceam* (0,91)", "ranking": [], "about": {"x": "typed"}}
    conversations.finish_turn(store, turn.id, "done", [Reply(body | {"links": links}, ({}, {}))], evidence, NOON)
    conversations.add_click(store, conversation, 3, "deux", NOON)
    reference = cases.open_case(store, CONTENT, form(store, conversation), NOON)
    welcome, said, answered = inbox.case(store, None, reference).case.transcript
    assert not {"understood", "links", "choices"} & set(welcome)
    assert said["understood"] == {"intent": "ceam", "reason": "compris comme *ceam* (0,91)"}
    assert answered["links"] == [{"label": "UN", "followed": False}, {"label": "DEUX", "followed": True}]
    assert answered["choices"] == ["Oui", "Non"]


def test_another_conversation_has_its_own_case(store):
    references = {cases.open_case(store, CONTENT, form(store, talk(store)), NOON) for _ in range(2)}
    assert len(references) == 2


def test_a_closed_case_is_not_added_to(store):
    conversation = talk(store)
    first = cases.open_case(store, CONTENT, form(store, conversation), NOON)
    with store.begin() as session:
        session.query(Case).one().state = "closed"
    assert cases.open_case(store, CONTENT, form(store, conversation), NOON) != first


def test_erasing_the_conversation_takes_nothing_from_its_case(store):
    conversation = talk(store)
    reference = cases.open_case(store, CONTENT, form(store, conversation), NOON)
    conversations.erase(store, conversation)
    cases.open_case(store, CONTENT, form(store, conversation), NOON)
    assert inbox.case(store, None, reference).case.transcript


def test_an_unknown_form_is_refused(store):
    with pytest.raises(cases.UnknownHandoff):
        cases.open_case(store, CONTENT, str(uuid4()), NOON)


# --- how often


def test_a_mailbox_gets_three_receipts_a_day_and_the_counsellors_every_case(store):
    """Ten conversations that give the same person's address, written in ten ways."""
    for n in range(10):
        address = ("Jeanne@Exemple.FR", " jeanne@exemple.fr", f"jeanne+{n}@exemple.fr")[n % 3]
        now = NOON + timedelta(minutes=n)
        cases.open_case(store, CONTENT, form(store, talk(store), email=address, now=now), now)
    assert mails(store) == {"case": 10, "receipt": cases.RECEIPTS}


def test_receipts_are_counted_for_each_mailbox_and_each_day(store):
    for day in (NOON, NOON + timedelta(hours=25)):
        for email in (JEANNE, "paul@exemple.fr"):
            for n in range(5):
                now = day + timedelta(seconds=n)
                cases.open_case(store, CONTENT, form(store, talk(store), email=email, now=now), now)
    assert mails(store) == {"case": 20, "receipt": 4 * cases.RECEIPTS}


def test_receipts_opened_at_once_are_not_more(store, database):
    forms = [form(store, talk(store), email=JEANNE) for _ in range(12)]
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda handoff_id: cases.open_case(store, CONTENT, handoff_id, NOON), forms))
    assert mails(store) == {"case": 12, "receipt": cases.RECEIPTS}


def refused(store: Store, conversation_id: str, email: str, now: datetime = NOON, handoff_id: str = "") -> str | None:
    """Which limit refuses one more form."""
    try:
        cases.check_limits(
            store, SETTINGS, handoff_id=handoff_id or str(uuid4()), conversation_id=conversation_id,
            mailbox=cases.mailbox_of(VAULT, email), now=now,
        )  # fmt: skip
    except cases.TooManyHandoffs as refusal:
        return refusal.what
    return None


def test_a_conversation_sends_so_many_forms_a_day(store):
    conversation = talk(store)
    sent = [form(store, conversation, email=f"a{n}@exemple.fr") for n in range(3)]
    assert refused(store, conversation, "a9@exemple.fr") == "conversation"
    assert refused(store, talk(store), "a9@exemple.fr") is None
    assert refused(store, conversation, "a9@exemple.fr", NOON + timedelta(hours=24)) is None
    assert refused(store, conversation, "a0@exemple.fr", handoff_id=sent[0]) is None, "a repeat is no further form"


def test_a_mailbox_is_given_so_many_forms_a_day_whatever_the_conversations(store):
    for n in range(5):
        form(store, talk(store), email=f"Jeanne+{n}@exemple.fr")
    assert refused(store, talk(store), JEANNE) == "mailbox"
    assert refused(store, talk(store), "paul@exemple.fr") is None
    assert refused(store, talk(store), JEANNE, NOON + timedelta(hours=24)) is None


def test_the_fingerprint_of_a_mailbox_says_nothing_without_the_key():
    other = Vault([Fernet.generate_key().decode()])
    assert cases.mailbox_of(VAULT, JEANNE) != cases.mailbox_of(other, JEANNE)
    assert "jeanne" not in cases.mailbox_of(VAULT, JEANNE)
