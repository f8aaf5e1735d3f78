"""Opening a case: one function for the custom action and, when the brain fails, for the web process (DESIGN §7)."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

from guichet.content import Content
from guichet.privacy import Vault
from guichet.settings import Settings
from guichet.store import Store, conversations, handoffs
from guichet.store.tables import Handoff

__all__ = ["REASONS", "TooManyHandoffs", "UnknownHandoff", "caisse_for", "check_limits", "mailbox_of", "open_case"]

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0/O, 1/I/L, U/V: read aloud on the phone
DEFAULT_CAISSE = "par_defaut"
MAILS = ("case", "receipt")
DAY = timedelta(hours=24)
REASONS = {  # why a counsellor was needed, told when a case is closed; authors read it
    "no_theme": "Aucun thème ne traite ce sujet",
    "wrong_answer": "La réponse du bot est fausse ou dépassée",
    "unclear": "La réponse du bot n’est pas assez claire",
    "teleservice_down": "Un téléservice ne marchait pas",
    "personal": "La question porte sur un dossier personnel",
    "other": "Autre raison",
}
RECEIPTS = 3  # a day to one mailbox: whoever gives another's address cannot flood it with our receipts


class UnknownHandoff(LookupError):
    """No hand-off form has this id."""


class TooManyHandoffs(Exception):
    """A form is refused, and not kept. `what` had its `limit` of forms today: "conversation" or "mailbox"."""

    def __init__(self, what: str, limit: int) -> None:
        super().__init__(what)
        self.what, self.limit = what, limit


def mailbox_of(vault: Vault, email: str) -> str:
    """The fingerprint of the mailbox behind an address: jeanne+1@exemple.fr is Jeanne's, whatever the capitals."""
    local, _, domain = email.strip().casefold().rpartition("@")
    return vault.fingerprint(f"{local.partition('+')[0]}@{domain}")


def check_limits(
    store: Store, settings: Settings, *, handoff_id: str, conversation_id: str, mailbox: str, now: datetime
) -> None:
    """Raises TooManyHandoffs when this conversation, or this mailbox, has had its forms of the day; a repeat passes."""
    if handoffs.handoff(store, handoff_id):
        return
    since = now - DAY
    if handoffs.count(store, since=since, conversation_id=conversation_id) >= settings.handoffs_per_conversation:
        raise TooManyHandoffs("conversation", settings.handoffs_per_conversation)
    if handoffs.count(store, since=since, mailbox=mailbox) >= settings.handoffs_per_mailbox:
        raise TooManyHandoffs("mailbox", settings.handoffs_per_mailbox)


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
        mails = _mails(store, form)
        under_way = handoffs.open_case_of(store, form.conversation_id)
        if under_way:
            handoffs.add_to_case(
                store, case_id=under_way.id, handoff_id=handoff_id, transcript=transcript, mails=mails, now=now
            )
            continue
        opened = handoffs.open_case(
            store,
            reference=_reference(),
            handoff_id=handoff_id,
            caisse=caisse_for(content, form.departement),
            theme=conversations.last_theme(store, form.conversation_id),
            transcript=transcript,
            mails=mails,
            now=now,
        )
        if opened:
            return opened.reference


def _mails(store: Store, form: Handoff) -> tuple[str, ...]:
    """The counsellors' mail always; the receipt, unless this mailbox was told enough today."""
    if form.mailbox is None:
        return MAILS
    told = handoffs.count(store, since=form.consent_at - DAY, mailbox=form.mailbox, before=form)
    return MAILS if told < RECEIPTS else MAILS[:1]


def caisse_for(content: Content, departement: str) -> str:
    """Id of the caisse of a département; the default box when it has several (59, 62, 64, 76) or none."""
    caisse = content.caisse_of(departement)
    return caisse.id if caisse else DEFAULT_CAISSE


def _reference() -> str:
    """Eight letters and digits in two groups: 30^8 (6e11) of them, drawn at random so that none can be guessed."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{drawn[:4]}-{drawn[4:]}"
