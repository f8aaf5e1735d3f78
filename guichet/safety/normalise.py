"""One spelling for the many ways people write: the words of a message, folded and expanded."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

__all__ = ["Normaliser", "fold", "stem"]

ASIDE = {"œ": "oe", "æ": "ae", "ı": "i"}  # no accent to take off, and yet a usual spelling
INVISIBLE = frozenset({"Mn", "Me", "Cf"})  # combining marks and zero-width characters
REPEATED_LETTER = re.compile(r"([^\W\d_])\1{2,}")
DOUBLED_LETTER = re.compile(r"([^\W\d_])\1")
DIGITS_OR_LETTERS = re.compile(r"\d+|[^\W\d_]+")
MOST_LETTERS = 4  # of a single character such as «ﬃ»; a few characters stand for whole sentences
SPELT_OUT = 4  # « s u i c i d e »: at least this many lone letters in a row make one word
ELISIONS = ("d", "j", "l", "m", "n", "qu", "s", "t")
VOWELS = frozenset("aeiouyh")
SHORTEST_ELIDED = 4
SILENT = frozenset({"ne", "n"})  # half of a French negation: left out as often as written, so never read


def fold(text: str) -> str:
    """`text` in lower case without accents; everything but letters and digits becomes a space.

    Works one character at a time (canonical reordering of a long run of combining marks takes quadratic time).
    """
    return "".join(map(_fold_character, text))


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    if unicodedata.category(character) in INVISIBLE:
        return ""
    folded = unicodedata.normalize("NFKD", character)[:MOST_LETTERS].casefold()
    folded = "".join(ASIDE.get(c, c) for c in folded if unicodedata.category(c) not in INVISIBLE)
    return "".join(c if c.isalnum() else " " for c in folded) or " "


def stem(word: str) -> str:
    """`word` (folded) as it sounds, roughly: no doubled letters, no final s, «é», «er» and «ez» alike.

    «frapper», «frappé», «frappées», «frappez» and «frape» are all «frape».
    """
    if len(word) >= 5 and word.endswith("s"):
        word = word[:-1]
    word = DOUBLED_LETTER.sub(r"\1", word)
    if len(word) >= 4 and word.endswith(("er", "ez")):
        word = word[:-1]
    return word


class Normaliser:
    """Cuts a text into comparable words. Time grows linearly with the text.

    Arguments:
        sms: what is typed -> what to read.
        elided: words (stemmed) to recognise behind a forgotten apostrophe («setouffe» is «s'étouffe»).
        real: words (stemmed) that are not such an oversight («dose» is not «d'ose»).
    """

    def __init__(self, sms: Mapping[str, str], *, elided: Iterable[str] = (), real: Iterable[str] = ()) -> None:
        self._elided = frozenset(word for word in elided if len(word) >= SHORTEST_ELIDED and word[0] in VOWELS)
        self._real = frozenset(real)
        self._expansions = {tuple(_cut(short)): tuple(_cut(long)) for short, long in sms.items()}
        self._longest = max(map(len, self._expansions), default=0)

    def words(self, text: str) -> list[str]:
        """The words of `text`: folded, squeezed, expanded, without « ne », stemmed."""
        stems = (stem(word) for word in self._expand(_cut(text)) if word not in SILENT)
        return [part for word in stems for part in self._split_elision(word)]

    def _split_elision(self, word: str) -> tuple[str, ...]:
        if word in self._real or word in self._elided:
            return (word,)
        for elision in ELISIONS:
            rest = word[len(elision) :]
            if word.startswith(elision) and rest in self._elided:
                return (rest,) if elision in SILENT else (elision, rest)
        return (word,)

    def _expand(self, words: list[str]) -> Iterable[str]:
        position = 0
        while position < len(words):
            for length in range(self._longest, 0, -1):
                expansion = self._expansions.get(tuple(words[position : position + length]))
                if expansion is not None:
                    yield from expansion
                    position += length
                    break
            else:
                yield words[position]
                position += 1


def _cut(text: str) -> list[str]:
    squeezed = REPEATED_LETTER.sub(r"\1", fold(text))
    return _join_spelt_out(DIGITS_OR_LETTERS.findall(squeezed))


def _join_spelt_out(words: list[str]) -> list[str]:
    joined: list[str] = []
    letters: list[str] = []
    for word in [*words, ""]:
        if len(word) == 1 and word.isalpha():
            letters.append(word)
            continue
        joined.extend(["".join(letters)] if len(letters) >= SPELT_OUT else letters)
        letters = []
        joined.append(word)
    return joined[:-1]
