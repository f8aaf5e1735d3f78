"""Bank accounts, payment cards and health cards: what a key proves, or a shape that nothing else has.

Keys: IBAN by ISO 13616 (97), RIB by the Comité français d'organisation et de normalisation bancaires (Banque de
France: 97 less the remainder of 89·bank + 15·branch + 3·account by 97), cards by Luhn (ISO/IEC 7812).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stdnum import iban, luhn

from guichet.privacy.view import HIDDEN, View, Window, windows

__all__ = ["find_card", "find_health_card", "find_iban", "find_mistyped_iban", "find_rib", "find_said_iban"]

Found = Iterator[tuple[int, int]]

GAP = rf"[^a-z0-9{HIDDEN}€$%|=×*+]{{0,3}}"
LEFT, RIGHT = rf"(?<![a-z0-9{HIDDEN}])(?:iban)?", rf"(?![a-z0-9{HIDDEN}])"
FRENCH_IBAN = re.compile(rf"{LEFT}(fr(?:{GAP}[\doil]){{12}}(?:{GAP}[a-z0-9]){{11}}(?:{GAP}[\doil]){{2}}){RIGHT}")
CUT_IBAN = re.compile(rf"{LEFT}(fr{GAP}\d\d(?:{GAP}(?=[a-z]{{0,2}}\d)[a-z0-9]{{1,30}}){{2,9}}){RIGHT}")
ANY_IBAN = re.compile(rf"{LEFT}(?=([a-z]{{2}}{GAP}\d\d(?:{GAP}[a-z0-9]){{11,30}}{RIGHT}))")
# By fours, whatever the key; countries of the euro payments area (ISO 3166).
BY_FOURS = re.compile(
    rf"{LEFT}((?:fr|be|de|es|it|pt|lu|nl|ch|gb|ie|at|mc|pl|ro|gr|fi|se|dk|no|cz|sk|hu|bg|hr|si|lt|lv|ee|mt|cy|ma|tn)"
    rf"[ -]?\d\d(?:[ -][a-z0-9]{{4}}){{3,7}}(?:[ -][a-z0-9]{{1,3}})?){RIGHT}"
)
SAID_IBAN = re.compile(
    rf"\b(?:iban|rib)\b[^\d{HIDDEN}]{{0,15}}?(?<![a-z0-9])((?:[a-z]{{2}}{GAP})?\d\d(?:{GAP}(?=[a-z]{{0,4}}\d"
    rf"|[a-z]{{4}} ?\d)[a-z0-9]{{1,30}}){{1,10}}){RIGHT}"
)
VAT = re.compile(r"fr ?\d\d ?\d{9}(?![\d ])")  # two digits and a SIREN: a company's number, not an account
RIB = re.compile(
    rf"(?<![a-z0-9{HIDDEN}])(\d{{5}}){GAP}(?:(?:code )?guichet{GAP})?(\d{{5}}){GAP}"
    rf"(?:(?:(?:numero|num|no|n)?{GAP}(?:de )?)?compte{GAP})?([a-z0-9](?:{GAP}[a-z0-9]){{10}}){GAP}"
    rf"(?:cle(?: rib)?{GAP})?(\d{{2}}){RIGHT}"
)
LABELS = re.compile(r"guichet|compte|cle")
RIB_GROUPS = re.compile(r"\d{5}\W+\d{5}\W+\d{3,5}[a-z0-9]{6,8}\W+\d{2}")
ACCOUNT = re.compile(
    rf"\b(?:compte(?: bancaire| courant)?"
    rf"|rib)\b[^\d{HIDDEN}\n]{{0,25}}(?<![a-z0-9])(\d(?:[ .-]?[a-z0-9]){{9,10}}){RIGHT}"
)
# The values of letters in an account number: A to I and J to R count 1 to 9, S to Z 2 to 9.
LETTERS = {chr(97 + n): str(n % 9 + 1 if n < 18 else n - 16) for n in range(26)}
EXPIRY = re.compile(
    r"[\s,;-]{1,3}(?:(?:exp\w*|val\w*|fin|date)[\s:.]{1,3}){0,2}(?:0[1-9]|1[0-2]) ?[/-] ?(?:20)?\d\d(?![\d/-])"
)
CARD_SAID = re.compile(r"\b(?:carte (?:bancaire|bleue|de (?:credit|paiement))|cb|visa|mastercard|amex|paiement)\b")
HEALTH_CARD_SAID = re.compile(
    r"\b(?:ceam|(?:numero|n.?|num) (?:de |sur )?(?:ma |la |sa )?(?:carte (?:vitale|europeenne)|serie)"
    r"|derniers chiffres)\b"
)
NEAR = 50
CARD_SHAPES = {(16,), (4, 4, 4, 4), (15,), (4, 6, 5), (19,), (4, 4, 4, 4, 3)}  # lengths of the groups
CARD_STARTS = ("22", "23", "24", "25", "26", "27", "3", "4", "5", "6")  # ISO/IEC 7812, the networks of payment


def find_iban(view: View) -> Found:
    """IBANs with a right key."""
    text = view.numbers
    for found in ANY_IBAN.finditer(text):
        start, end = found.span(1)
        for cut in range(end, start + 14, -1):  # words that follow may have been swallowed
            whole = text[cut - 1].isalnum() and (cut == end or not text[cut].isalnum())
            if whole and iban.is_valid(_plain(text[start:cut]), check_country=False):
                yield start, cut
                break


def find_mistyped_iban(view: View) -> Found:
    """French IBANs whose key is wrong or that were cut short; others written by fours."""
    return _ibans(view, FRENCH_IBAN, CUT_IBAN, BY_FOURS)


def find_said_iban(view: View) -> Found:
    """What comes after « IBAN » or « RIB »."""
    return _ibans(view, SAID_IBAN)


def _ibans(view: View, *patterns: re.Pattern[str]) -> Found:
    for pattern in patterns:
        for found in pattern.finditer(view.numbers):
            written = _plain(found[1])
            if sum(char.isdigit() for char in written) >= 11 and not VAT.match(found[1]):
                yield found.span(1)


def find_rib(view: View) -> Found:
    """Bank, branch, account and key, with or without their names; an account number announced as such."""
    for text in (view.text, view.numbers):  # an account may hold the letters O, I and L
        for found in RIB.finditer(text):
            bank, branch, account, key = map(_plain, found.groups())
            if rib_key(bank, branch, account) == key or LABELS.search(found[0]) or RIB_GROUPS.fullmatch(found[0]):
                yield found.span()
    for found in ACCOUNT.finditer(view.numbers):
        if sum(char.isdigit() for char in found[1]) >= 8:
            yield found.span(1)


def rib_key(bank: str, branch: str, account: str) -> str:
    digits = "".join(LETTERS.get(char, char) for char in account)
    return f"{97 - (89 * int(bank) + 15 * int(branch) + 3 * int(digits)) % 97:02}"


def find_card(view: View) -> Found:
    """Payment cards: right by Luhn in their own shapes, 16 digits by fours, or announced."""
    last = 0
    for window in windows(view.numbers, 13, 19):
        meant = not window.joined and len(window.digits) in (15, 16) and _near(view, window, CARD_SAID)
        if window.start >= last and (meant or _is_card(window)):
            expiry = EXPIRY.match(view.text, window.end)
            last = expiry.end() if expiry else window.end
            yield window.start, last


def _is_card(window: Window) -> bool:
    if window.groups == (4, 4, 4, 4) and window.digits[0] in "45":
        return True
    shaped = window.groups in CARD_SHAPES or (len(window.digits) == 16 and not window.joined)
    return shaped and window.digits.startswith(CARD_STARTS) and luhn.is_valid(window.digits)


def find_health_card(view: View) -> Found:
    """The 20 digits of the European card (80 for health, 250 for France, then others), the serial of a carte Vitale."""
    last = 0
    for window in windows(view.numbers, 7, 21):
        known = len(window.digits) == 20 and window.digits.startswith("80")
        meant = not window.joined and window.digits[0] != "0" and _near(view, window, HEALTH_CARD_SAID)
        if window.start >= last and (known or meant):
            yield window.start, window.end
            last = window.end


def _near(view: View, window: Window, said: re.Pattern[str]) -> bool:
    before = view.text[max(window.start - NEAR, 0) : window.start].rpartition(HIDDEN)[2]
    return bool(said.search(before) or said.search(view.text[window.end : window.end + 10].partition(HIDDEN)[0]))


def _plain(written: str) -> str:
    return "".join(char for char in written if char.isalnum())
