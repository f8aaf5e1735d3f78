"""E-mail addresses and phone numbers, as people write them; never the numbers and addresses of services."""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers

from guichet.privacy.view import HIDDEN, View, Window, windows

__all__ = ["find_email", "find_phone", "find_spelled_phone"]

Found = Iterator[tuple[int, int]]

IN_NAME = r"a-z0-9._%+'-"
PROVIDER = (
    r"(?:gmail|hotmail|outlook|live|yahoo|orange|wanadoo|free|sfr|neuf|laposte|icloud|bbox|numericable|protonmail|msn)"
)
ENDING = r"(?:fr|com|net|org|eu|be|ch|re|info|pro|edu|gouv|asso|io|me|ca|de|it|es|pt|uk|co)\b"
DOT = r"(?:point|dot)"
BRACKETED_DOT = rf"\s?[\[({{]\s?(?:{DOT}|\.)\s?[\])}}]\s?"
JOINED = rf"(?:\s(?:{DOT}|tiret(?:\sdu\s(?:bas|haut|6|8))?|underscore|moins|\.|-|_)\s|{BRACKETED_DOT})"
NAME = rf"(?<![{IN_NAME}])[{IN_NAME}]++(?:{JOINED}[{IN_NAME}]++){{0,4}}"
AT = r"\s?(?:@|[\[({<]\s?(?:@|at|a|arr?obase?s?)\s?[\])}>]|\barr?obase?s?\b)\s?"
DOMAIN = rf"[a-z0-9-]++(?:(?:\.(?=[a-z])|\s?[.,]\s?(?={ENDING})|\s(?:{DOT}|tiret)\s|{BRACKETED_DOT})[a-z0-9-]++){{0,5}}"
EMAIL = re.compile(rf"({NAME}){AT}({DOMAIN})")
SAID_EMAIL = re.compile(
    rf"({NAME})\s(?:at|chez|a)\s({PROVIDER}(?:\s?\.\s?|\s{DOT}\s){ENDING}|[a-z0-9-]++(?:\s{DOT}\s"
    rf"|{BRACKETED_DOT}){ENDING})"
)
SERVICES = ("info.ameli.fr", "ameli.fr")  # data/themes names maladie@info.ameli.fr

# Numbers of services, from data/ and shared/content/referentiel*.yml: the 36 46 from abroad, 39 60 from a box, the
# centres antipoison, aide aux aidants. 08 numbers (ARCEP: numéros à valeur ajoutée) are never a person's.
PUBLIC = {
    "184903646", "971103960", "140054848", "241482121", "556964080", "383225050", "472116911", "561777447",
    "180523376", "980980930", "970660660", "973888888", "153732222", "969390000", "491752525", "388373737",
}  # fmt: skip
PHONE_SAID = re.compile(
    rf"\b(?:tel|telephone|portable|mobile|fixe|gsm|whatsapp|joignable|joindre|rappel\w*|appel\w*|contact\w*"
    rf"|sms)\b[^\d{HIDDEN}]{{0,25}}\Z"
)
DATE = re.compile(r"(?<!\d)[0-3]?\d\D{1,3}[01]?\d\D{1,3}(?:19|20)\d\d(?!\d)")
PLUS = re.compile(r"\+ ?\(?\Z")
JOINED_TO = re.compile(r"\d[/.,-]\Z")  # the middle of something longer
UNITS = "un|une|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|zero"
TENS = "vingts?|trente|quarante|cinquante|soixante"
SPELLED = re.compile(
    rf"\b(?:(?:zero|0)[ -]?(?:{UNITS}|[1-9])|plus trente[ -]trois)\b"
    rf"(?:[ ,;.-]{{1,3}}(?:et[ -])?(?:{UNITS}|{TENS}|\d\d?)\b){{4,20}}"
)


def find_email(view: View) -> Found:
    for pattern in (EMAIL, SAID_EMAIL):
        for found in pattern.finditer(view.text):
            name, end = found[1], found.end()
            start = found.start() + len(name) - len(name.lstrip("'.-+%"))
            if found[2] not in SERVICES and start < found.end(1):
                yield start, end


def find_phone(view: View) -> Found:
    last = 0
    for window in windows(view.numbers, 8, 16):
        if window.start < last:
            continue
        plus = PLUS.search(view.text, max(window.start - 3, 0), window.start)
        national = _national(window.digits, bool(plus))
        if national in PUBLIC or national.startswith("8"):
            last = window.end
        elif _is_phone(view, window, national, plus=bool(plus)):
            yield plus.start() if plus else window.start, window.end
            last = window.end


def find_spelled_phone(view: View) -> Found:
    """« zéro six douze trente-quatre … »"""
    for found in SPELLED.finditer(view.text):
        if any(map(str.isalpha, found[0])):
            yield found.span()


def _is_phone(view: View, window: Window, national: str, *, plus: bool) -> bool:
    number = window.digits
    before = view.numbers[max(window.start - 2, 0) : window.start]
    if JOINED_TO.search(before) or DATE.search(view.numbers[window.start : window.end]):
        return False
    if national:
        return True
    if plus or number.startswith("00"):
        return _abroad(number.removeprefix("00"))
    if window.groups == (1, 2, 2, 2, 2):
        return number[0] in "67"
    said = len(number) < 10 or (len(number) == 10 and number[0] in "679")
    return said and bool(PHONE_SAID.search(view.text[max(window.start - 40, 0) : window.start]))


def _national(number: str, plus: bool) -> str:
    """The nine figures of a French number (ARCEP's numbering plan: 01 to 09, overseas included), or nothing."""
    if len(number) == 10 and number[0] == "0" and number[1] != "0":
        return number[1:]
    for prefix in ("0033", "33"):
        rest = number.removeprefix(prefix)
        if rest != number:
            rest = rest.removeprefix("0")
            bare = prefix == "33" and not plus
            if len(rest) == 9 and rest[0] != "0" and (not bare or rest[0] in "67"):
                return rest
    return ""


def _abroad(number: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(f"+{number}"))
    except phonenumbers.NumberParseException:
        return False
