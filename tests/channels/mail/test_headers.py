"""Header injection: whatever is typed, the headers that are read again are ours, once each, with our values."""

from __future__ import annotations

import email
from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP, compat32
from functools import cache
from unittest.mock import ANY

import pytest

from channels.mail.addresses import AddressRefused
from channels.mail.compose import CASE_HEADERS, RECEIPT_HEADERS, Composer, HeadersUnsafe
from guichet.content.library import Caisse
from guichet.privacy import Vault
from tests.channels.mail.builders import BOX, KEY, PERSON, SENDER, content, dossier, settings
from tests.channels.mail.builders import composer as make_composer

composer = cache(make_composer)  # it keeps nothing of a mail; its templates are compiled once

BREAKS = [
    "\r\n", "\n", "\r", "\n\r", "\r\n\r\n", "\n\n", "\r\r\n", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x1f", "\x85",
    "\u2028", "\u2029", "\x00\r\n", "\r\n ", "\r\n\t", "%0d%0a", "%0A", "\\r\\n", "\\n", "&#13;&#10;", "\u560d\u560a",
    "\uff0d\uff0a", "嘊嘍", "\x00", "\x1b", "\x7f", "\u200b\r\n", "\u202e\n", "\ufeff\r\n", "\x08\r\n",
]  # fmt: skip
PAYLOADS = [f"Jeanne{line_break}Bcc: voleur@exemple.fr" for line_break in BREAKS] + [
    # encoded-words, whole, split, wrong, nested (CVE-2024-6923 and its kin)
    "=?utf-8?q?Jeanne=0D=0ABcc:_voleur=40exemple.fr?=",
    "=?utf-8?b?SmVhbm5lDQpCY2M6IHZvbGV1ckBleGVtcGxlLmZy?=",
    "=?UTF-8?Q?=0ABcc=3A_voleur=40exemple=2Efr?=",
    "=?iso-8859-1?q?=0D=0A=0D=0Acorps?=",
    "=?utf-7?q?+AA0ACg-Bcc: voleur@exemple.fr?=",
    "=?utf-16?b?DQAKAEIAYwBjADoAIAB2AA==?=",
    "=?utf-8?q?a?= =?utf-8?q?=0D=0ABcc=3A_v=40exemple.fr?=",
    "=?utf-8?q?=3D=3Futf-8=3Fq=3F=0D=0ABcc=3A_v?=",
    "=?inconnu?q?=0D=0ABcc=3A_v=40exemple.fr?=",
    "=?utf-8?x?=0D=0ABcc: v@exemple.fr?=",
    "=?utf-8?q?=0D=0A",
    "=?utf-8*fr?q?=0D=0ABcc=3A_v=40exemple.fr?=",
    # long, to force folding where it hurts
    "x" * 5000,
    "é" * 2000,
    "Jeanne " * 500,
    "é" * 70 + "\r\nBcc: voleur@exemple.fr",
    "a" * 77 + "\nBcc: voleur@exemple.fr",
    " " * 997 + "\r\nBcc: voleur@exemple.fr",
    "😀" * 300 + "\u2028Bcc: voleur@exemple.fr",
    "\U000e0001" * 100,
    # names that are addresses, lists, groups, comments, quotes
    '"Jeanne" <voleur@exemple.fr>',
    "voleur@exemple.fr, ",
    "Jeanne, voleur@exemple.fr",
    "équipe: voleur@exemple.fr;",
    "(\r\n Bcc: voleur@exemple.fr)",
    'Jeanne" <voleur@exemple.fr>, "',
    "Jeanne\\\r\nBcc: voleur@exemple.fr",
    "<script>\r\nBcc: voleur@exemple.fr",
    # bodies and parts
    "\r\n.\r\nMAIL FROM:<voleur@exemple.fr>\r\nRCPT TO:<voleur@exemple.fr>\r\nDATA\r\n",
    "\n.\nQUIT\n",
    "\r\n\r\n<h1>autre corps</h1>",
    "--=_5e0a6f9c-0000-4000-8000-000000000001--\r\nBcc: voleur@exemple.fr",
    "\r\n--=_5e0a6f9c-0000-4000-8000-000000000001\r\nContent-Type: text/html\r\n\r\n<h1>faux</h1>",
    "Content-Type: text/html; charset=utf-7",
    "\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD",
    "\r\nSubject: autre sujet\r\nTo: voleur@exemple.fr\r\nReply-To: voleur@exemple.fr",
    "From voleur@exemple.fr Sat Nov 22 12:00:00 2025\r\nBcc: voleur@exemple.fr",
    "{{ 7 * 7 }}{% raw %}\r\nBcc: voleur@exemple.fr",
]
EXPECTED = {
    "case": {
        "To": BOX,
        "Reply-To": PERSON,
        "Subject": "[ABCD-2345] Demande d'un assuré – Carte Vitale perdue ou volée",
    },
    "receipt": {"To": PERSON, "Subject": "[ABCD-2345] Votre demande est enregistrée"},
}


def test_there_are_at_least_sixty_payloads() -> None:
    assert len(set(PAYLOADS)) >= 60


@pytest.mark.parametrize("kind", ["case", "receipt"])
@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_typed_text_adds_and_changes_no_header(kind: str, payload: str) -> None:
    said = [{"from": "user", "text": payload}, {"from": "bot", "text": payload}]
    message, envelope = composer().compose(
        *dossier(kind=kind, name=payload, summary=payload, transcript=said, departement=payload)
    )
    _check(kind, message)
    assert envelope.recipient == EXPECTED[kind]["To"]


@pytest.mark.parametrize("kind", ["case", "receipt"])
@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
@pytest.mark.parametrize("shape", ["{}@exemple.fr", "jeanne@{}", "{}", "jeanne@exemple.fr{}", "{}<jeanne@exemple.fr>"])
def test_an_address_that_carries_a_payload_is_refused_or_harmless(kind: str, payload: str, shape: str) -> None:
    address = shape.format(payload)
    try:
        message, envelope = composer().compose(*dossier(kind=kind, email=address))
    except AddressRefused:
        return
    header = "Reply-To" if kind == "case" else "To"
    _check(kind, message, **{header: message[header]})
    assert len(message[header].addresses) == 1
    assert "voleur" not in message[header].addresses[0].domain
    assert str(message[header]).isascii()
    assert str(message[header]).isprintable()
    assert kind == "case" or envelope.recipient == message["To"]


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_even_a_setting_with_a_payload_adds_no_header(payload: str) -> None:
    message, _ = composer(service_name=payload).compose(*dossier())
    _check("case", message)


@pytest.mark.parametrize("kind", ["case", "receipt"])
@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
@pytest.mark.parametrize("field", ["titre", "caisse", "reference", "theme", "message_id"])
def test_what_is_ours_but_spoiled_adds_no_header_either(kind: str, payload: str, field: str) -> None:
    """A content file, a caisse's name or a row that someone has spoiled: the headers are ours, or nothing leaves."""
    mail, case, handoff = dossier(kind=kind)
    known = content()
    if field == "titre":
        known.themes[case.theme].titre = payload
    elif field == "caisse":
        known.caisses = (Caisse("cpam_49", "49", payload),)
    elif field == "message_id":
        mail = replace(mail, message_id=payload)
    else:
        setattr(case, field, payload)
    try:
        message, envelope = Composer(settings(), known, Vault([KEY])).compose(mail, case, handoff)
    except (HeadersUnsafe, ValueError):
        return
    free = {"Subject": ANY} if field in ("titre", "reference", "theme") else {}
    _check(kind, message, **free | ({"Message-ID": ANY, "Content-Type": ANY} if field == "message_id" else {}))
    assert envelope.recipient == EXPECTED[kind]["To"]


def _check(kind: str, message: EmailMessage, **instead: str) -> None:
    """Exact header set and values, read by the new parser and by the old one, and two parts."""
    written = message.as_bytes()
    expected = sorted(CASE_HEADERS if kind == "case" else RECEIPT_HEADERS)
    for policy in (SMTP, compat32):
        read = email.message_from_bytes(written, policy=policy)
        assert sorted(read.keys()) == expected
        assert [p.get_content_type() for p in read.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    read = email.message_from_bytes(written, policy=SMTP)
    for name, value in (EXPECTED[kind] | instead).items():
        assert read[name] == value
    assert len(read["From"].addresses) == 1
    assert read["From"].addresses[0].addr_spec == SENDER
    assert not any("voleur" in value for name, value in read.items() if name != "From" and name not in instead)
