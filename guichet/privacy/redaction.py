"""Masks personal identifiers in a text: NIR, IBAN, payment cards, e-mails, phone numbers.

First version: what a checksum or a fixed shape proves. Order matters: the longest shapes first, so that a NIR's digits
are not taken for a phone number. Numbers everyone may say (36 46, 15, amounts, form numbers) are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import phonenumbers
from stdnum import iban, luhn
from stdnum.fr import nir

__all__ = ["MARKS", "Redacted", "redact"]

MARKS = {
    "nir": "[numéro de sécurité sociale]",
    "iban": "[numéro de compte bancaire]",
    "carte": "[numéro de carte]",
    "email": "[adresse e-mail]",
    "telephone": "[numéro de téléphone]",
}

GAP = r"[\s.\-_/\u00a0\u202f]{0,3}"
# sex, year, month, département (2A/2B included), commune, order, key: 13 characters, the key (2) optional
NIR = re.compile(
    rf"(?<![0-9A-Za-z])[12378]{GAP}\d{GAP}\d{GAP}\d{GAP}\d{GAP}\d{GAP}[\dABab]"
    rf"(?:{GAP}\d){{6}}(?:{GAP}(?:cl[eé]|key)?{GAP}\d{GAP}\d)?(?![0-9A-Za-z])",
    re.IGNORECASE,
)
IBAN = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]{2}\s?\d{2}(?:[\s.\-\u00a0\u202f]?[0-9A-Za-z]){11,30}(?![0-9A-Za-z])")
CARD = re.compile(r"(?<!\d)\d(?:[\s.\-\u00a0\u202f]?\d){12,18}(?!\d)")
EMAIL = re.compile(r"[A-Za-z0-9À-ÿ._%+'-]{1,64}\s?@\s?[A-Za-z0-9À-ÿ-]{1,63}(?:\.[A-Za-z0-9À-ÿ-]{1,63}){1,5}")
SHORT = {"3646", "3114", "3919"}


@dataclass(frozen=True)
class Redacted:
    """A text without identifiers, and the kinds that were masked, in order of appearance, once each."""

    text: str
    kinds: tuple[str, ...]


def redact(text: str) -> Redacted:
    """Mask what identifies a person. Idempotent; what is not masked is left byte for byte."""
    kinds: list[str] = []
    for kind, mask in (("nir", _mask_nir), ("iban", _mask_iban), ("carte", _mask_card), ("email", _mask_email)):
        text = mask(text, _marker(kind, kinds))
    text = _mask_phones(text, _marker("telephone", kinds))
    return Redacted(text, tuple(dict.fromkeys(kinds)))


def _marker(kind: str, kinds: list[str]) -> Callable[[], str]:
    def mark() -> str:
        kinds.append(kind)
        return MARKS[kind]

    return mark


def _mask_nir(text: str, mark: Callable[[], str]) -> str:
    return NIR.sub(lambda match: mark() if _is_nir(match.group()) else match.group(), text)


def _is_nir(written: str) -> bool:
    """15 characters with a right key, or 13 whose month and département exist (source: Insee, structure of the NIR)."""
    compact = "".join(c for c in written.upper() if c.isdigit() or c in "AB")
    if len(compact) == 15 and nir.is_valid(compact):
        return True
    month = compact[3:5]
    plausible = month.isdigit() and (1 <= int(month) <= 12 or 20 <= int(month) <= 42 or 50 <= int(month) <= 99)
    return len(compact) in (13, 15) and plausible and compact[5:7] not in ("00",)


def _mask_iban(text: str, mark: Callable[[], str]) -> str:
    def replace(match: re.Match[str]) -> str:
        found = match.group()
        for end in range(len(found), 14, -1):  # words that follow may have been swallowed
            if (end == len(found) or not found[end].isalnum()) and iban.is_valid(found[:end], check_country=False):
                return mark() + found[end:]
        return found

    return IBAN.sub(replace, text)


def _mask_card(text: str, mark: Callable[[], str]) -> str:
    def replace(match: re.Match[str]) -> str:
        digits = re.sub(r"\D", "", match.group())
        return mark() if luhn.is_valid(digits) and set(digits) != {"0"} else match.group()

    return CARD.sub(replace, text)


def _mask_email(text: str, mark: Callable[[], str]) -> str:
    return EMAIL.sub(lambda _: mark(), text)


def _mask_phones(text: str, mark: Callable[[], str]) -> str:
    parts, last = [], 0
    for match in phonenumbers.PhoneNumberMatcher(text, "FR", leniency=phonenumbers.Leniency.POSSIBLE, max_tries=1000):
        digits = re.sub(r"\D", "", match.raw_string)
        french = match.number.country_code == 33 and len(str(match.number.national_number)) == 9
        starts = match.raw_string.lstrip("(").startswith(("0", "+", "00"))
        if digits in SHORT or not starts or not (french or match.raw_string.startswith(("+", "00"))):
            continue
        parts.append(text[last : match.start] + mark())
        last = match.end
    return "".join([*parts, text[last:]])
