"""The hand-off form: what is asked, and one French sentence a field when something is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from email_validator import EmailNotValidError, validate_email

from channels.web.replies import Replies
from guichet.privacy import redact

__all__ = ["Form", "FormInvalid", "read_form"]

NAME_LIMIT = 80
SUMMARY_LIMIT = 2000


@dataclass(frozen=True)
class Form:
    """A valid form. `summary` is redacted; `email` is the only identifier that is kept as typed."""

    email: str
    departement: str
    name: str
    summary: str


class FormInvalid(ValueError):
    """`errors`: field -> French sentence."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


def read_form(replies: Replies, body: dict[str, Any]) -> Form:
    """The form of a request body. Raises FormInvalid with every field that must be mended."""
    say = replies.display.say
    errors: dict[str, str] = {}
    text = {key: _line(body.get(key)) for key in ("email", "departement", "name")}
    summary = body.get("message").strip() if isinstance(body.get("message"), str) else ""
    email = _email(text["email"])
    if email is None:
        errors["email"] = say("champ_email")
    if text["departement"] not in replies.content.departements:
        errors["departement"] = say("champ_departement")
    if len(text["name"]) > NAME_LIMIT:
        errors["name"] = say("champ_nom")
    if not summary:
        errors["message"] = say("champ_message")
    elif len(summary) > SUMMARY_LIMIT:
        errors["message"] = say("champ_message_long", limite=str(SUMMARY_LIMIT))
    if body.get("consent") is not True:
        errors["consent"] = say("champ_consentement")
    if errors or email is None:
        raise FormInvalid(errors)
    return Form(email, text["departement"], text["name"], redact(summary).text)


def _line(value: object) -> str:
    """One line of text: control characters and line breaks become spaces."""
    if not isinstance(value, str):
        return ""
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())


def _email(written: str) -> str | None:
    """The address in its normal form, or None. Syntax only: asking the DNS would make the form depend on it."""
    try:
        return validate_email(written, check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError:
        return None
