"""A text as the rules read it: folded, with what is masked blacked out, each character knowing where it stood."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

__all__ = ["HIDDEN", "Span", "View", "Window", "windows"]

HIDDEN = "\ue000"  # for each folded character that is masked: no rule reads over it, whatever its length
DROPPED = {"Mn", "Me", "Cf", "Cc"}  # accents, the ring of keycap digits, zero-width characters, controls
QUOTES = {"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'"}
TOKEN = re.compile(r"[a-z0-9]+")
TYPED_DIGITS = re.compile(r"(?=[oil]*\d)(?:2[ab]|[\doil])++")
LETTERS_TO_DIGITS = str.maketrans("oil", "011")
NUMBER = re.compile(r"\d+")
WHOLE_NUMBER = 10  # digits of a group that a word may follow at once
BETWEEN = re.compile(r"(?<=\d[ .-])[oil]{1,3}(?=[ .-][oil]*\d)")  # « 2 OO 12 »
# A date that says so by its separators is no part of a number: « le 05/03/2024 12 boîtes ».
CALENDAR = re.compile(
    r"(?<![\da-z])(?<!\d[/.-])(?:(?:0?[1-9]|[12]\d|3[01])([/.-])(?:0?[1-9]|1[0-2])\1(?:(?:19|20)\d\d|\d\d)"
    r"|(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))(?![\da-z]|[/.-]\d)"
)
# What may stand between two groups of one number: « 06 12 », « 06.12 », « 06 – 12 », « (0) 6 ».
GAP = re.compile(rf"[^a-z0-9{HIDDEN}\n€$%|:×=*]?| [^a-z0-9{HIDDEN}\n€$%|:×=*] |  | \(|\) ")


class Span(NamedTuple):
    """What was found: characters [start, end[ of the text, and their kind."""

    start: int
    end: int
    kind: str


class View:
    """`text` is folded (lower case, no accents, ASCII digits), `cased` the same with its capitals, `numbers` the same
    with O, I and L read as digits where they are typed for them, and without calendar dates."""

    def __init__(self, source: str, marks: Iterable[str]) -> None:
        self.source, self.spans = source, list[Span]()
        self.at: list[int] = []  # for each folded character, where it stands in the source; then the source's length
        cased = []
        for start, piece, is_mark in _pieces(source, marks):
            for offset, char in [(0, HIDDEN)] if is_mark else enumerate(piece):
                folded = HIDDEN if is_mark else fold(char)
                cased.append(folded)
                self.at += [start + offset] * len(folded)
        self.at.append(len(source))
        self.cased = "".join(cased)
        self.text = "".join(low if len(low := char.lower()) == 1 else char for char in self.cased)
        self.numbers = _numbers(self.text)

    def hide(self, kind: str, found: Iterable[tuple[int, int]]) -> bool:
        """Black out [start, end[ spans of the folded text; of two that overlap, the first and the longest."""
        pieces, last = [], 0
        for start, end in sorted(found, key=lambda span: (span[0], -span[1])):
            if start < last or start == end:
                continue
            pieces += [self.text[last:start], HIDDEN * (end - start)]
            last = end
            self.spans.append(Span(self.at[start], max(self.at[end], self.at[end - 1] + 1), kind))
        if last:
            self.text = "".join([*pieces, self.text[last:]])
            self.numbers = _numbers(self.text)
        return last > 0

    def capital(self, at: int) -> bool:
        return self.cased[at].isupper()

    def accented(self, at: int) -> bool:
        return len(unicodedata.normalize("NFD", self.source[self.at[at] : self.at[at + 1]])) > 1


class Window(NamedTuple):
    """Whole groups of digits that follow one another, as one number."""

    start: int
    end: int
    digits: str
    groups: tuple[int, ...]  # their lengths
    joined: bool  # to another group before it


@lru_cache(maxsize=4096)
def fold(char: str) -> str:
    """A character without accent, its compatibility form (NFKD), a digit of any script as 0 to 9. May be empty."""
    if char == HIDDEN:
        return "?"
    if char in QUOTES:
        return QUOTES[char]
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    if char in "\n\t\r":
        return char
    return "".join(filter(None, map(_plain, unicodedata.normalize("NFKD", char))))


def _plain(char: str) -> str:
    category = unicodedata.category(char)
    if category in DROPPED:
        return ""
    return {"Pd": "-", "Zs": " "}.get(category, char)


def windows(text: str, shortest: int, longest: int) -> Iterator[Window]:
    """Every window of `shortest` to `longest` digits: from left to right, from each start the longest first.

    Groups are never cut, so the work is bounded for each group: at most `longest` windows begin there.
    """
    groups = [(found.start(), found.end()) for found in NUMBER.finditer(text) if _stands_alone(text, found)]
    for first, (start, _) in enumerate(groups):
        digits, lengths, here = "", [], []
        joined = first > 0 and bool(GAP.fullmatch(text, groups[first - 1][1], start))
        for at, (begin, end) in enumerate(groups[first : first + longest], start=first):
            if at > first and not GAP.fullmatch(text, groups[at - 1][1], begin):
                break
            digits, lengths = digits + text[begin : min(end, begin + longest + 1)], [*lengths, end - begin]
            if len(digits) > longest:
                break
            if len(digits) >= shortest:
                here.append(Window(start, end, digits, tuple(lengths), joined))
        yield from reversed(here)


def _stands_alone(text: str, found: re.Match[str]) -> bool:
    """Not a part of « S3125 », « 2A004 » or « 12h »; a word may touch it: « tel0612345678 »."""
    before, after = text[max(found.start() - 2, 0) : found.start()], text[found.end() : found.end() + 1]
    cut = after.isalpha() and len(found[0]) < WHOLE_NUMBER
    return not (cut or HIDDEN in before[-1:] + after or (before[-1:].isalpha() and not before[:-1].isalpha()))


def _numbers(text: str) -> str:
    text = TOKEN.sub(lambda token: _as_digits(token) if TYPED_DIGITS.fullmatch(token[0]) else token[0], text)
    return CALENDAR.sub(lambda date: HIDDEN * len(date[0]), BETWEEN.sub(_as_digits, text))


def _as_digits(typed: re.Match[str]) -> str:
    return typed[0].translate(LETTERS_TO_DIGITS)


def _pieces(source: str, marks: Iterable[str]) -> Iterator[tuple[int, str, bool]]:
    """(start, text, whether it is a mark) in order."""
    known = re.compile("|".join(map(re.escape, marks)))
    last = 0
    for mark in known.finditer(source):
        yield last, source[last : mark.start()], False
        yield mark.start(), mark[0], True
        last = mark.end()
    yield last, source[last:], False
