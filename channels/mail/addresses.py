"""Mail addresses on their way into a header or an envelope: checked once more, whatever the form let through."""

from __future__ import annotations

import re
from email.headerregistry import Address

from email_validator import EmailNotValidError, validate_email

__all__ = ["AddressRefused", "mailbox", "person_mailbox"]

# RFC 5322 dot-atom, then a host name. "=?" is refused apart: Python would decode an encoded-word in a local part.
LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
DOMAIN = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*")

NAME_LIMIT = 80


class AddressRefused(ValueError):
    """An address must not reach a header. The text says why, in French, without the address."""


def mailbox(written: str, name: str = "") -> Address:
    """An address in plain ASCII, with the display name of an operator's setting; raises AddressRefused.

    Nothing is mended: an address with a space, a line break, a control character, quotes or a comment is refused.
    """
    local, at, domain = written.rpartition("@")
    if not at or len(local) > 64 or len(written) > 254:
        raise AddressRefused("Adresse e-mail incomplète ou trop longue.")
    if "=?" in local or not LOCAL.fullmatch(local) or not DOMAIN.fullmatch(domain):
        raise AddressRefused("Adresse e-mail avec des caractères interdits.")
    return Address(display_name=_display_name(name), username=local, domain=domain)


def person_mailbox(written: str) -> Address:
    """An insured person's address; a domain with accents is turned into its ASCII form. Raises AddressRefused.

    A local part with accents needs SMTPUTF8, which most servers still refuse: better said at once than bounced.
    """
    try:
        checked = validate_email(written, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise AddressRefused("Adresse e-mail refusée : la forme n'est pas valable.") from None
    return mailbox(checked.ascii_email or "")


def _display_name(text: str) -> str:
    """Words only: Python 3.13 reads encoded-words, quotes and brackets of a display name again when it folds it."""
    words = "".join(c if c.isalnum() or c in "-'’.," else " " for c in text).split()
    return " ".join(words)[:NAME_LIMIT]
