"""Opening a case, and adding to it: one reference a conversation, whatever is repeated."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from guichet import cases
from guichet.content import load_content
from guichet.store import Store, conversations, handoffs
from guichet.store.conversations import Reply
from guichet.store.tables import Case, Outbox

NOON = datetime(2025, 11, 22, 12, 0, tzinfo=UTC)
CONTENT = load_content(Path("data"))


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


def form(store: Store, conversation_id: str, summary: str = "Ma carte est perdue.") -> str:
    handoff_id = str(uuid4())
    handoffs.add_handoff(
        store, handoff_id=handoff_id, conversation_id=conversation_id, contact="x", departement="49", summary=summary,
        verified=False, now=NOON,
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
    shown = handoffs.case(store, first)
    assert [more.handoff.summary for more in shown.additions] == ["J'ai oublié : j'ai déménagé."]
    assert shown.case.transcript[-1]["text"] == "Et ensuite ?"
    assert mails(store) == {"case": 2, "receipt": 2}
    assert [mail.kind for mail in shown.all_mails] == ["case", "receipt", "case", "receipt"]
    assert handoffs.cases(store)[1] == 1


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
    assert handoffs.case(store, reference).case.transcript


def test_an_unknown_form_is_refused(store):
    with pytest.raises(cases.UnknownHandoff):
        cases.open_case(store, CONTENT, str(uuid4()), NOON)
