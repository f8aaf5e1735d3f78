"""Builders: a case in the database, a browser, a clock moved by hand, and a page as a reader finds it."""

from __future__ import annotations

import html
import re
import secrets
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import uuid4

import httpx
import pyotp
from sqlalchemy import select

from guichet import staff
from guichet.audit import CLI, Deed
from guichet.cases import mailbox_of
from guichet.privacy import Vault
from guichet.store import Store, handoffs, inbox, sessions
from guichet.store import staff as rows
from guichet.store.tables import Audit, Outbox, Staff
from tests.live import NO_TLS

__all__ = [
    "LIMITS",
    "NOON",
    "PASSWORD",
    "SECRET",
    "TALK",
    "Browser",
    "Clock",
    "add_staff",
    "digits",
    "entries",
    "open_case",
    "set_mail",
    "text_of",
    "token_of",
]

NOON = datetime(2025, 11, 22, 12, 0, tzinfo=UTC)
PASSWORD = "quatre mots sans lien"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # of a telephone
LIMITS = sessions.Limits(idle=timedelta(minutes=30), lifetime=timedelta(hours=10))
TALK = [
    {"seq": 1, "from": "bot", "kind": "welcome", "theme": None, "text": "Bonjour. **N’écrivez pas** votre numéro.",
     "at": "2025-11-22T11:50:00+00:00"},
    {"seq": 2, "from": "user", "kind": "user", "theme": None, "text": "j'ai perdu ma carte",
     "at": "2025-11-22T11:51:00+00:00"},
    {"seq": 3, "from": "bot", "kind": "answer", "theme": "carte_vitale_perte_vol",
     "text": "Déclarez la perte.\n\nSinon, appelez le [36 46](tel:3646).", "at": "2025-11-22T11:51:01+00:00"},
]  # fmt: skip


class Clock:
    """The present, moved by hand."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **delta: float) -> None:
        self.now += timedelta(**delta)


class Browser:
    """Keeps cookies, follows no redirect, sends forms with the token that their page holds."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, trust_env=False, verify=NO_TLS, timeout=30)

    def get(self, path: str) -> httpx.Response:
        return self.http.get(path)

    def send(self, page: str, path: str, **fields: str) -> httpx.Response:
        """POST `fields` to `path` with the token found on `page`."""
        return self.http.post(path, data={"jeton": token_of(self.get(page).text)} | fields)

    def sign_in(self, login: str = "camille", password: str = PASSWORD, **more: str) -> httpx.Response:
        return self.send("/connexion", "/connexion", identifiant=login, secret=password, **more)

    def is_signed_in(self, store: Store, person: Staff, *, second_factor: bool = True) -> str:
        """A session as signing in makes one, without the cost of a password; returns its token for forms."""
        token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        sessions.open_one(
            store, staff_id=person.id, token=token, csrf=csrf, second_factor=second_factor, now=NOON, limits=LIMITS
        )
        self.http.cookies.set("guichet_console", token, domain="127.0.0.1")
        return csrf

    def sign_out(self) -> httpx.Response:
        return self.send("/", "/deconnexion")


def token_of(page: str) -> str:
    found = re.search(r'name="jeton" value="([^"]+)"', page)
    assert found, page
    return found[1]


def text_of(response: httpx.Response) -> str:
    """What a reader sees of a page's main part: no tags, one space between words (non-breaking ones included)."""
    main = response.text.partition("<main")[2].partition(">")[2]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", main)).split())


@cache
def hashed(password: str) -> str:
    return staff.hash_password(password)


def add_staff(
    store: Store, login: str = "camille", *, role: str = "agent", caisses: tuple[str, ...] = (staff.EVERY_CAISSE,),
    name: str = "Camille Durand", must_change: bool = False, password: str = PASSWORD, vault: Vault | None = None,
) -> Staff:  # fmt: skip
    """Someone with an account; with a `vault`, whose telephone holds SECRET."""
    added = Deed(CLI, "staff.added", NOON, target=login)
    person = rows.add(
        store, login=login, name=name, role=role, caisses=caisses, password_hash=hashed(password),
        must_change=must_change, now=NOON, deed=added,
    )  # fmt: skip
    assert person
    if vault:
        enrolled = Deed(login, "totp.enrolled", NOON)
        rows.enrol(store, person.id, sealed=vault.seal({"totp": SECRET}), step=0, code_hashes=(), deed=enrolled)
        person = rows.find(store, login)
    return person


def digits(clock: Clock, *, later: float = 0, secret: str = SECRET) -> str:
    """What a telephone shows, `later` seconds from now."""
    return pyotp.TOTP(secret).at(clock() + timedelta(seconds=later))


def entries(store: Store) -> list[Audit]:
    """The audit table, oldest first."""
    with store.begin() as session:
        return list(session.scalars(select(Audit).order_by(Audit.id)))


def open_case(store: Store, vault: Vault, **changes: Any) -> str:
    """A case with its two mails; returns its reference.

    Changes: reference, email, name, summary, transcript, verified, theme, caisse, departement, now.
    """
    given = {
        "reference": "ABCD-2345", "email": "jeanne@exemple.fr", "name": "Jeanne Martin", "verified": False,
        "summary": "Ma carte est perdue.", "transcript": TALK, "theme": "carte_vitale_perte_vol", "caisse": "cpam_49",
        "departement": "49", "now": NOON,
    } | changes  # fmt: skip
    handoff_id = str(uuid4())
    handoffs.add_handoff(
        store, handoff_id=handoff_id, conversation_id=str(uuid4()), departement=given["departement"],
        contact=vault.seal({"email": given["email"], "name": given["name"]}), summary=given["summary"],
        verified=given["verified"], now=given["now"],
        mailbox=mailbox_of(vault, given["email"]) if isinstance(vault, Vault) else None,
    )  # fmt: skip
    case = handoffs.open_case(
        store, reference=given["reference"], handoff_id=handoff_id, caisse=given["caisse"], theme=given["theme"],
        transcript=given["transcript"], mails=("case", "receipt"), now=given["now"],
    )  # fmt: skip
    assert case
    return case.reference


def set_mail(store: Store, reference: str, kind: str, **values: Any) -> None:
    """Put one mail of a case in a state."""
    row = inbox.case(store, None, reference)
    assert row
    with store.begin() as session:
        mail = session.get_one(Outbox, row.mails[kind].id)
        for name, value in values.items():
            setattr(mail, name, value)
