"""The numéro de sécurité sociale (NIR), its waiting forms (NIA, 3 4 7 8), and one cut over two messages.

Structure and key: Insee, « Numéro d'inscription au répertoire des personnes physiques » (RNIPP): sex, year, month,
département, commune, order, then 97 less the remainder of the first thirteen by 97, Corsica's 2A and 2B counted as 19
and 18 (décret 82-103; the MOD 97 family of ISO 7064). Months 20, 30 to 42, 50 and above: a birth date not known.
`channels/web/static/widget/nir.js` holds the same rule for the browser; a test compares them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from stdnum.fr import nir, siret

from guichet.privacy.view import HIDDEN, View

__all__ = ["Before", "find_likely", "find_malformed", "find_middle", "find_rest", "find_start", "find_sure"]

Found = Iterator[tuple[int, int]]

GAP = rf"[^a-z0-9{HIDDEN}€$%|=×*+]{{0,5}}"
CLOSE = (
    rf"(?:[^a-z0-9{HIDDEN}€$%|:=×*+\n]| [^a-z0-9{HIDDEN}€$%|:=×*+\n] |  )?"  # where no key says that it is one number
)
KEY = r"(?:clef?|key|c)"
FIRST = rf"(?:[1-478]|[il](?={GAP}\d\d))"
LEFT = rf"(?:(?<![a-z0-9{HIDDEN}])|(?<=nir)|(?<=secu)|(?<=ss)|(?<=no))"
RIGHT = rf"(?![a-z0-9{HIDDEN}])"
PHONE = rf"0[1-9](?:{GAP}\d\d){{4}}(?!\d)"  # one that follows is not the key
NUMBER = re.compile(
    rf"{LEFT}(?=({FIRST}(?:{GAP}\d){{4}}{GAP}(?:\d{GAP}\d|2{GAP}[ab])(?:{GAP}\d){{6}}"
    rf"(?:{GAP}{KEY}?{GAP}(?!{PHONE})\d{GAP}\d|{CLOSE}\d)?{RIGHT}))"
)
KEY_APART = re.compile(
    rf"[^a-z0-9{HIDDEN}]{{0,3}}(?:(?:et|avec|la|ma|puis) ){{0,2}}{KEY}[^\d{HIDDEN}\n]{{0,8}}\d\d{RIGHT}"
)
SPELLED_SEX = re.compile(rf"(?<![a-z0-9{HIDDEN}])(?:un|deux) \Z")
FIGURES_MORE = re.compile(rf"(?:[ .-](?!{PHONE}|15\b|36 46)\d{{1,2}}{RIGHT}){{1,2}}")
GROUPED = re.compile(r"\w\D+\d\d\D+\d\d\D+\d[\dab]\D+\d{3}\D+\d{3}(?:\D+\d\d)?")  # as the card prints it

LISTED = re.compile(r"[,;:]\s|\s[;:]|\n")

ANNOUNCED = re.compile(
    r"\b(?:num(?:ero)?)?(?:(?:secu|sekur|secru|so[cs]ial|immatric|provisoir)\w*|(?:s\.? ?s|nir|nss|nia|insee|vitale?"
    r"|matricule|assuree?)\b)"
)
DIRECTLY = re.compile(
    rf"(?:{ANNOUNCED.pattern}|\b(?:mon|ma|son|sa|notre) (?:numero|n°|no|num|nr|n|identifiant)\b)[^\d]{{0,25}}\Z"
)
NUMBER_SAID = re.compile(rf"\b(?:n|no|num\w*)\b[^\d]{{0,10}}{ANNOUNCED.pattern}[^\d]{{0,15}}\Z")
BEFORE, AFTER = 60, 40  # characters around a number where such a word counts
CHAIN = re.compile(rf"{LEFT}(?=([1-9il](?:{CLOSE}(?:\d|(?<=\d)[ab]|(?<=\d )[ab](?= \d)|clef?|key)){{6,20}}{RIGHT}))")
IN_A_CHAIN = re.compile(rf"\d{CLOSE}\Z")
FEWEST, FEWEST_IF_SAID, FEWEST_IF_NEAR, FEWEST_IF_ALONE, MOST = 6, 9, 11, 12, 17  # digits: some forgotten or added
SPACED_DATE = re.compile(r"(?<!\d)[0-3]?\d\D[01]?\d\D(?:19|20)\d\d(?!\d)")

CUT_TAIL = re.compile(rf"{LEFT}({FIRST}(?:{GAP}\d){{4}}(?:{GAP}[\dab]){{0,9}})\Z")
GLUED_DATE = re.compile(r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d\d")
CARD_GROUPS = re.compile(r"\w([ ./-]|  )\d\d\1(\d\d?)(?:\1\d\w?(?:\1\d{1,4}){0,4})?")
CUT_HEAD = re.compile(
    rf"[^a-z0-9{HIDDEN}]*(?:(?:et|la|suite|puis|ensuite|fin|le|reste|donc|c'est|est)[^a-z0-9{HIDDEN}]{{1,3}}){{0,4}}"
    rf"([\dab](?:{GAP}(?!{PHONE})[\dab]){{0,12}}){RIGHT}"
)
NOTHING_MORE = re.compile(
    rf"(?:[^a-z0-9{HIDDEN}]*(?:voila|merci|svp|stp|ok|c'est tout|et|pardon|desolee?))*+[^a-z0-9{HIDDEN}]*+\Z"
)
ANY_TAIL = re.compile(rf"{LEFT}({FIRST}(?:{GAP}[\dab]){{0,13}})\Z")
CARD_BEGUN = re.compile(r"\d[ ./-]\d\d[ ./-]")
TAIL = 60  # characters at the end of a message where the beginning of a number is looked for
ALNUM = re.compile(rf"[a-z0-9{HIDDEN}]")
EVERYONES = {"15", "17", "18", "112", "114", "115", "119", "3646", "3114", "3919", "3939"}


@dataclass(frozen=True)
class Before:
    """The person's message before, as it is kept: `began` when it ends with the mark of a number that was cut."""

    view: View
    began: bool


def find_sure(view: View) -> Found:
    """15 characters with a right key."""
    return _pick(NUMBER, view.numbers, lambda number, _: len(number) == 15 and _exists(number) and nir.is_valid(number))


def find_likely(view: View) -> Found:
    """13, or 15 with a wrong key, in the groups of the card, or with the sex and the month that most people have."""
    return _pick(NUMBER, view.numbers, _is_likely)


def find_malformed(view: View) -> Found:
    """About that many digits near a word that announces them, or begun as a NIR: some forgotten, no such month."""

    def is_meant(number: str, found: re.Match[str]) -> bool:
        start, end = found.span(1)
        length, written = len(number), found[1]
        phone = length == 11 and number.startswith("33")
        if (
            phone
            or siret.is_valid(number)
            or _inside(found)
            or not FEWEST <= length <= MOST
            or SPACED_DATE.search(written)
        ):
            return False
        usual = number[0] in "12" and number[1:5].isdigit() and 1 <= int(number[3:5]) <= 12
        groups = CARD_GROUPS.fullmatch(written)
        grouped = bool(groups) and number[0] in "123478" and 1 <= int(groups[2]) <= 12
        said = DIRECTLY.search(view.text[max(start - BEFORE, 0) : start].rpartition(HIDDEN)[2])
        if said and (grouped or length >= FEWEST_IF_SAID):
            return True
        if length >= FEWEST_IF_NEAR and _announced(view, start, end):
            return True
        glued = usual and (written.isalnum() or CARD_BEGUN.match(written)) and FEWEST_IF_ALONE <= length < MOST
        return glued or (grouped and length >= FEWEST_IF_SAID)

    return _pick(CHAIN, view.numbers, is_meant)


def find_start(view: View, before: Before) -> Found:
    """The beginning of a number at the end of a message: the rest may come in the next one."""
    end = _last(view.text)
    found = CUT_TAIL.search(view.numbers, max(end - TAIL, 0), end)
    if not found or _inside(found):
        return
    number, grouped = compact(found[1]), bool(CARD_GROUPS.fullmatch(found[1]))
    alone = not ALNUM.search(view.text[: found.start(1)]) and not GLUED_DATE.fullmatch(number)
    direct = bool(NUMBER_SAID.search(view.text[: found.start(1)]))
    near = _announced(view, *found.span(1)) or bool(ANNOUNCED.search(before.view.text[-BEFORE:]))
    usual = found[1].isalnum() and number[0] in "12" and 1 <= int(number[3:5]) <= 12
    if (alone or near) and _month(number) and (grouped or usual and len(number) >= (5 if direct else 6 if near else 7)):
        yield found.span(1)


def find_rest(view: View, before: Before) -> Found:
    """Digits at the beginning of a message that go on from the message before."""
    head = CUT_HEAD.match(view.numbers)
    if not head or compact(head[1]) in EVERYONES:
        return
    alone = bool(NOTHING_MORE.match(view.text, head.end()))
    if before.began and (len(compact(head[1])) >= 6 or alone):
        yield head.span(1)
        return
    end = _last(before.view.text)
    tail = ANY_TAIL.search(before.view.numbers, max(end - TAIL, 0), end)
    number = compact(tail[1] + head[1]) if tail else ""
    if len(number) in (13, 15) and _exists(number):
        near = ANNOUNCED.search(before.view.text[-BEFORE:]) or alone
        if nir.is_valid(number) or near and _is_likely(number, None):
            yield head.span(1)


def find_middle(view: View, before: Before) -> Found:
    """A message of a few digits between the beginning of a number and its end."""
    for start, end in find_rest(view, before):
        if before.began and end - start < 6 and not ALNUM.search(view.text[:start] + view.text[end:]):
            yield start, end


def compact(written: str) -> str:
    """The characters of the number, without what separates them."""
    letters = re.sub(KEY, "", written).replace("i", "1").replace("l", "1")
    return "".join(char for char in letters if char in "0123456789ab").upper()


def _pick(pattern: re.Pattern[str], text: str, accept: Callable[[str, re.Match[str]], bool]) -> Found:
    """The numbers that are accepted, with a key or odd figures that follow them."""
    last = 0
    for found in pattern.finditer(text):
        if found.start(1) >= last and accept(number := compact(found[1]), found):
            more = KEY_APART.match(text, found.end(1))
            if not more and not (len(number) == 15 and nir.is_valid(number)):
                more = FIGURES_MORE.match(text, found.end(1))
            last = more.end() if more else found.end(1)
            sex = SPELLED_SEX.search(text, max(found.start(1) - 6, 0), found.start(1))
            yield sex.start() if sex else found.start(1), last


def _month(number: str) -> bool:
    """Source: Insee. 01 to 12, or the ranges of those whose birth date is not known."""
    month = int(number[3:5])
    return 1 <= month <= 12 or 20 <= month <= 42 or month >= 50


def _exists(number: str) -> bool:
    return _month(number) and number[5:7] != "00"


def _is_likely(number: str, found: re.Match[str] | None) -> bool:
    if not _exists(number):
        return False
    if found and GROUPED.fullmatch(found[1]):
        return True
    if found and (LISTED.search(re.split(KEY, found[1])[0]) or _inside(found)):  # « 112, 114, 3114 »
        return False
    return number[0] in "12" and int(number[3:5]) <= 12


def _inside(found: re.Match[str]) -> bool:
    """Whether figures stand right before: it is then a part of something longer."""
    return bool(IN_A_CHAIN.search(found.string, max(found.start(1) - 4, 0), found.start(1)))


def _announced(view: View, start: int, end: int) -> bool:
    """Whether a word says what a number is: some way before it, or after."""
    before = view.text[max(start - BEFORE, 0) : start].rpartition(HIDDEN)[2]
    return bool(ANNOUNCED.search(before) or ANNOUNCED.search(view.text[end : end + AFTER].partition(HIDDEN)[0]))


def _last(text: str) -> int:
    """Where the last letter or digit of a text ends."""
    end = len(text)
    while end and not (text[end - 1].isalnum() or text[end - 1] == HIDDEN):
        end -= 1
    return end
