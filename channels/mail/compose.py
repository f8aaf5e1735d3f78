"""Composes the mails of a case: to the caisse's counsellors; the receipt and the replies to the insured person.

What a person typed goes into the body, cleaned, and into no header; the headers that come out are counted before the
message leaves this module, because the BytesGenerator of Python 3.13 does not check them (`verify_generated_headers`
does for strings only).
"""

from __future__ import annotations

from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import SMTP
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from channels.mail.addresses import AddressRefused, mailbox, person_mailbox
from channels.mail.transcript import blocks, plain, read_transcript, themes_answered
from channels.mail.transports import Envelope
from guichet.content import Content
from guichet.moments import day, minute
from guichet.privacy import Vault
from guichet.settings import Settings
from guichet.store.outbox import Mail
from guichet.store.tables import Case, Handoff

__all__ = ["CASE_HEADERS", "RECEIPT_HEADERS", "REPLY_HEADERS", "Composer", "HeadersUnsafe"]

RECEIPT_HEADERS = (
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress", "Content-Language",
    "MIME-Version", "Content-Type",
)  # fmt: skip
CASE_HEADERS = (*RECEIPT_HEADERS, "Reply-To")
REPLY_HEADERS = tuple(name for name in CASE_HEADERS if name != "Auto-Submitted")  # someone wrote it (RFC 3834 §5.1)
SUMMARY_LIMIT = 8_000  # characters
REPLY_SUBJECT = "Réponse à votre demande"
NAME_LIMIT = 120
UNKNOWN_THEME = "sujet à préciser"
UNKNOWN_CAISSE = "à déterminer (le département a plusieurs caisses, ou aucune)"


class HeadersUnsafe(RuntimeError):
    """The message carries other headers than ours: it must not leave."""


class Composer:
    """Makes messages out of cases. Pure: the same mail composed again is the same message, byte for byte."""

    def __init__(self, settings: Settings, content: Content, vault: Vault) -> None:
        """Raises AddressRefused when a box or the sender of the settings cannot be written to."""
        self._content = content
        self._vault = vault
        self._service = settings.service_name
        self._sender = mailbox(settings.mail_from, settings.service_name)
        self._default_box = mailbox(settings.mail_default_box)
        self._boxes = {caisse: mailbox(box) for caisse, box in settings.boxes.items()}
        boxes = (self._sender, self._default_box, *self._boxes.values())
        self._own = {box.addr_spec.casefold() for box in boxes}
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def compose(self, mail: Mail, case: Case, handoff: Handoff, reply: str = "") -> tuple[EmailMessage, Envelope]:
        """The message of an outbox row, and where it goes; `reply`: the sealed text of a reply.

        Raises AddressRefused on a contact that cannot be written to, SettingsError when no key opens the contact,
        HeadersUnsafe when the headers are not exactly ours, KeyError on an unknown kind of mail.
        """
        if mail.kind == "reply":
            return self._reply(mail, case, handoff, reply)
        write = {"case": self._case, "receipt": self._receipt}[mail.kind]
        return write(mail, case, handoff)

    def _case(self, mail: Mail, case: Case, handoff: Handoff) -> tuple[EmailMessage, Envelope]:
        contact = self._vault.open(handoff.contact)
        person = person_mailbox(contact["email"])
        box = self._boxes.get(case.caisse, self._default_box)
        title = self._title(case.theme)
        values = {
            "reference": case.reference,
            "caisse": self._caisse(case),
            "departement": self._departement(handoff),
            "theme": title,
            "name": " ".join(plain(contact.get("name") or "", NAME_LIMIT).split()),
            "address": person.addr_spec,
            "verified": handoff.verified,
            "written": f"{day(mail.created_at)} à {minute(mail.created_at)}",
            "summary": blocks(plain(handoff.summary, SUMMARY_LIMIT)),
            "answered": self._answered(case),
            "transcript": read_transcript(case.transcript),
            "addition": handoff.id != case.handoff_id,
        }
        what = "Complément" if values["addition"] else "Demande"
        message = self._envelope_headers(mail, box, case, f"{what} d'un assuré – {title}")
        message["Reply-To"] = person
        message["Auto-Submitted"] = "auto-generated"
        return self._finish(message, mail, box, values, CASE_HEADERS)

    def _receipt(self, mail: Mail, case: Case, handoff: Handoff) -> tuple[EmailMessage, Envelope]:
        person = self._person(handoff)
        addition = handoff.id != case.handoff_id
        what = "Votre complément est enregistré" if addition else "Votre demande est enregistrée"
        values = {"reference": case.reference, "verified": handoff.verified, "addition": addition, "what": what}
        message = self._envelope_headers(mail, person, case, what)
        message["Auto-Submitted"] = "auto-replied"
        return self._finish(message, mail, person, values, RECEIPT_HEADERS)

    def _reply(self, mail: Mail, case: Case, handoff: Handoff, sealed: str) -> tuple[EmailMessage, Envelope]:
        """From the service; whoever answers it writes to the box of the caisse. Only what the counsellor wrote."""
        person = self._person(handoff)
        caisse = next((caisse.nom for caisse in self._content.caisses if caisse.id == case.caisse), "")
        values = {
            "reference": case.reference,
            "verified": handoff.verified,
            "caisse": caisse,
            "reply": blocks(plain(self._vault.open(sealed)["text"])),
        }
        message = self._envelope_headers(mail, person, case, REPLY_SUBJECT)
        message["Reply-To"] = self._boxes.get(case.caisse, self._default_box)
        return self._finish(message, mail, person, values, REPLY_HEADERS)

    def _person(self, handoff: Handoff) -> Address:
        person = person_mailbox(self._vault.open(handoff.contact)["email"])
        if person.addr_spec.casefold() in self._own:
            raise AddressRefused("L'adresse donnée est une boîte du service : le mail y tournerait en boucle.")
        return person

    def _envelope_headers(self, mail: Mail, to: Address, case: Case, subject: str) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = self._sender
        message["To"] = to
        message["Subject"] = f"[{case.reference}] {subject}"
        message["Date"] = mail.created_at
        message["Message-ID"] = f"<{mail.message_id}@{self._sender.domain}>"
        message["X-Auto-Response-Suppress"] = "All"
        return message

    def _finish(
        self, message: EmailMessage, mail: Mail, to: Address, values: dict[str, Any], headers: Sequence[str]
    ) -> tuple[EmailMessage, Envelope]:
        values = values | {"service": self._service}
        text = self._templates.get_template(f"{mail.kind}.txt").render(values)
        html = self._templates.get_template(f"{mail.kind}.html").render(values)
        message.set_content(text, cte="quoted-printable")
        message.add_alternative(html, subtype="html", cte="quoted-printable")
        message.set_boundary(f"=_{mail.message_id}")
        message["Content-Language"] = "fr"  # last: set_content removes every Content- header
        check_headers(message, headers)
        return message, Envelope(self._sender.addr_spec, to.addr_spec)

    def _title(self, theme_id: str | None) -> str:
        theme = self._content.themes.get(theme_id or "")
        return " ".join(plain(theme.titre).split()) if theme else UNKNOWN_THEME

    def _answered(self, case: Case) -> list[str]:
        """Titles of the themes that the bot gave its answer on; a theme that is gone is left out."""
        return [self._title(theme) for theme in themes_answered(case.transcript) if theme in self._content.themes]

    def _caisse(self, case: Case) -> str:
        return next((caisse.nom for caisse in self._content.caisses if caisse.id == case.caisse), UNKNOWN_CAISSE)

    def _departement(self, handoff: Handoff) -> str:
        name = self._content.departements.get(handoff.departement)
        return f"{name} ({handoff.departement})" if name else plain(handoff.departement)


def check_headers(message: EmailMessage, expected: Sequence[str]) -> None:
    """Raises HeadersUnsafe unless the written message, read again, has exactly these headers, once each."""
    written = message.as_bytes()
    found = BytesHeaderParser(policy=SMTP).parsebytes(written)
    if sorted(found.keys()) != sorted(expected):
        raise HeadersUnsafe("Les en-têtes du mail ne sont pas ceux attendus.")
    for name in ("From", "To", "Reply-To"):
        if name in expected and len(found[name].addresses) != 1:
            raise HeadersUnsafe(f"L'en-tête {name} ne contient pas une adresse et une seule.")
