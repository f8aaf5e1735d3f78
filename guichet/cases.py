"""Opening a case: one function for the custom action and, when the brain fails, for the web process (DESIGN §7)."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from guichet.content import Content
from guichet.store import Store, conversations, handoffs

__all__ = ["UnknownHandoff", "caisse_for", "open_case"]

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0/O, 1/I/L, U/V: read aloud on the phone
DEFAULT_CAISSE = "par_defaut"
MAILS = ("case", "receipt")


class UnknownHandoff(LookupError):
    """No hand-off form has this id."""


def open_case(store: Store, content: Content, handoff_id: str, now: datetime | None = None) -> str:
    """Open the case of a hand-off, with its mails, in one transaction; returns its reference.

    A conversation whose case is still open adds to it instead: the person keeps one reference. However often and from
    whatever process it is called, a hand-off is in one case. Raises UnknownHandoff, and
    StoreUnavailable when the database cannot be used.
    """
    now = now or datetime.now(UTC)
    form = handoffs.handoff(store, handoff_id)
    if form is None:
        raise UnknownHandoff(handoff_id)
    while True:
        known = handoffs.case_of_handoff(store, handoff_id)
        if known:
            return known.reference
        transcript = conversations.transcript(store, form.conversation_id)
        under_way = handoffs.open_case_of(store, form.conversation_id)
        if under_way:
            handoffs.add_to_case(
                store, case_id=under_way.id, handoff_id=handoff_id, transcript=transcript, mails=MAILS, now=now
            )
            continue
        opened = handoffs.open_case(
            store,
            reference=_reference(),
            handoff_id=handoff_id,
            caisse=caisse_for(content, form.departement),
            theme=conversations.last_theme(store, form.conversation_id),
            transcript=transcript,
            mails=MAILS,
            now=now,
        )
        if opened:
            return opened.reference


def caisse_for(content: Content, departement: str) -> str:
    """Id of the caisse of a département; the default box when it has several (59, 62, 64, 76) or none."""
    caisse = content.caisse_of(departement)
    return caisse.id if caisse else DEFAULT_CAISSE


def _reference() -> str:
    """Eight letters and digits in two groups: 30^8 (6e11) of them, drawn at random so that none can be guessed."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{drawn[:4]}-{drawn[4:]}"
