"""Builders: settings, a small content, a case with its hand-off, in memory or in a database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

from cryptography.fernet import Fernet

from channels.mail.compose import Composer
from channels.mail.relay import Relay
from guichet.content import Content
from guichet.content.library import Caisse
from guichet.privacy import Vault
from guichet.settings import Settings
from guichet.store import Store, handoffs
from guichet.store.outbox import Mail
from guichet.store.tables import Case, Handoff

NOON = datetime(2025, 11, 22, 12, 0, tzinfo=UTC)
KEY = Fernet.generate_key().decode()
PERSON = "jeanne.martin@exemple.fr"
BOX = "accueil@cpam-49.exemple.fr"
DEFAULT_BOX = "conseillers@exemple.fr"
SENDER = "guichet@service.exemple.fr"
TALK = [
    {"seq": 1, "from": "bot", "kind": "welcome", "theme": None, "text": "Bonjour. **N’écrivez pas** votre numéro."},
    {"seq": 2, "from": "user", "kind": "text", "theme": None, "text": "j'ai perdu ma carte\nque faire ?"},
    {"seq": 3, "from": "bot", "kind": "answer", "theme": "carte_vitale_perte_vol",
     "text": "Déclarez la perte dans votre compte.\n\nSinon, appelez le [36 46](tel:3646)."},
    {"seq": 4, "from": "user", "kind": "choice", "theme": None, "text": "Non"},
]  # fmt: skip


def settings(**changes: Any) -> Settings:
    """Settings of a test; PostgreSQL or SQLite, maildir and keys are given where they matter."""
    values = {
        "mail_from": SENDER,
        "mail_default_box": DEFAULT_BOX,
        "mail_boxes": (f"cpam_49={BOX}",),
        "contact_keys": (KEY,),
        "service_name": "Guichet, un service de démonstration",
    }
    return Settings(**(values | changes))


def content() -> Content:
    """The three registries that mails read: other fields of Content come and go without breaking these tests."""
    return cast(
        Content,
        SimpleNamespace(
            themes={"carte_vitale_perte_vol": SimpleNamespace(titre="Carte Vitale perdue ou volée")},
            caisses=(Caisse("cpam_49", "49", "CPAM de Maine-et-Loire"),),
            departements={"49": "Maine-et-Loire"},
        ),
    )


def composer(**changes: Any) -> Composer:
    return Composer(settings(**changes), content(), Vault([KEY]))


def dossier(**changes: Any) -> tuple[Mail, Case, Handoff]:
    """A claimed mail with its case and hand-off, in memory. Changes: kind, email, name, summary, transcript,
    verified, theme, caisse, departement."""
    given = {
        "kind": "case", "email": PERSON, "name": "Jeanne Martin", "summary": "Ma carte est perdue.", "transcript": TALK,
        "verified": False, "theme": "carte_vitale_perte_vol", "caisse": "cpam_49", "departement": "49",
    } | changes  # fmt: skip
    handoff = Handoff(
        id="h", conversation_id="c", contact=Vault([KEY]).seal({"email": given["email"], "name": given["name"]}),
        departement=given["departement"], summary=given["summary"], verified=given["verified"], consent_at=NOON,
    )  # fmt: skip
    case = Case(
        id=7, reference="ABCD-2345", handoff_id="h", caisse=given["caisse"], theme=given["theme"], state="open",
        transcript=given["transcript"], created_at=NOON,
    )  # fmt: skip
    mail = Mail(
        id=1, case_id=7, handoff_id="h", kind=given["kind"], attempts=1,
        message_id="5e0a6f9c-0000-4000-8000-000000000001", created_at=NOON, lease="l",
        leased_until=NOON + timedelta(seconds=120), swept=False,
    )  # fmt: skip
    return mail, case, handoff


def open_cases(
    store: Store, count: int = 1, mails: tuple[str, ...] = ("case",), email: str = PERSON, now: datetime = NOON
) -> list[str]:
    """Cases with their outbox rows, due at once; returns their references."""
    references = []
    for _ in range(count):
        handoff_id = str(uuid4())
        handoffs.add_handoff(
            store,
            handoff_id=handoff_id,
            conversation_id=str(uuid4()),
            contact=Vault([KEY]).seal({"email": email, "name": "Jeanne Martin"}),
            departement="49",
            summary="Ma carte est perdue.",
            verified=False,
            now=now,
        )
        case = handoffs.open_case(
            store, reference=uuid4().hex[:12], handoff_id=handoff_id, caisse="cpam_49", theme=None, transcript=TALK,
            mails=mails, now=now,
        )  # fmt: skip
        references.append(case.reference)
    return references


class Clock:
    """The present, moved by hand."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def relay(store: Store, transport: Any, clock: Callable[[], datetime], **changes: Any) -> Relay:
    """A relay without waits and with the longest back-off."""
    return Relay(
        store, transport, composer(), settings(**changes), clock=clock, random=lambda: 1.0, sleep=lambda _: None
    )
