"""How much a message resembles the crisis messages of data/urgences_exemples: what no rule could list.

A linear model over pieces of words, learned by guichet/safety/learn.py and read here without any library: the same text
always gives the same number, Rasa stopped or not.
"""

from __future__ import annotations

import base64
import gzip
import json
import math
import sys
import zlib
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import mul
from pathlib import Path

__all__ = [
    "WORDS",
    "Likeness",
    "LikenessUnreadable",
    "in_word",
    "read_likeness",
    "sequence",
    "sequences",
    "windows",
    "write_likeness",
]

VERSION = 2  # of the file
WORDS = (1, 2, 3)  # words side by side
LETTERS = (3, 4, 5, 6)  # letters side by side, inside a word
MOST_WORDS = 4_000  # read at each end of a message: no one writes more, and a hostile text must not keep others waiting
WINDOW, STEP = 40, 20  # words read at once: a crisis in the middle of a long message must not be diluted


class LikenessUnreadable(ValueError):
    """The file is absent, cut, or of another version."""


def sequence(words: Sequence[str]) -> int:
    """The number of words side by side: the CRC-32 of their text.

    Of half a million sequences some thirty share theirs with another: it costs nothing.
    """
    return zlib.crc32(b"m" + " ".join(words).encode())


def sequences(words: Sequence[str]) -> Counter[int]:
    """The word sequences of a message already cut into words, as numbers."""
    return Counter(sequence(words[start : start + size]) for size in WORDS for start in range(len(words) - size + 1))


def in_word(word: str) -> tuple[int, ...]:
    """The letter sequences of one word, as numbers."""
    edged = f" {word} "
    return tuple(
        zlib.crc32(b"l" + edged[start : start + size].encode())
        for size in LETTERS
        for start in range(max(1, len(edged) - size + 1))
    )


@dataclass(frozen=True)
class Likeness:
    """The learned numbers. `pieces`: the sequences that were learned, ascending. `idf`: one a piece.
    `weights`: theme -> one a piece; `bias`: theme -> number.

    "" among the themes is «no crisis».
    """

    pieces: array[int]
    idf: array[float]
    weights: dict[str, array[float]]
    bias: dict[str, float]

    def read(self, words: Sequence[str]) -> tuple[str, float]:
        """(the crisis theme that the words resemble most, probability between 0 and 1 that it is a crisis at all).

        Of a long message the most alarming window counts.
        """
        if len(words) > 2 * MOST_WORDS:
            words = [*words[:MOST_WORDS], *words[-MOST_WORDS:]]
        return max((self._read_window(part) for part in windows(words)), key=lambda found: found[1])

    def _read_window(self, words: Sequence[str]) -> tuple[str, float]:
        places, values = self.vector(words)
        scores = {
            theme: self.bias[theme] + sum(map(mul, values, map(weights.__getitem__, places)))
            for theme, weights in self.weights.items()
        }
        top = max(scores.values())
        shares = {theme: math.exp(score - top) for theme, score in scores.items()}
        likeliest = max((theme for theme in scores if theme), key=scores.__getitem__)
        return likeliest, 1 - shares[""] / sum(shares.values())

    def vector(self, words: Sequence[str]) -> tuple[list[int], list[float]]:
        """(places among the pieces, their values) of a message: tf-idf with damped counts, each of the two families of
        unit length. What was not learned is left out."""
        places: list[int] = []
        values: list[float] = []
        for counts in (sequences(words), Counter(piece for word in words for piece in in_word(word))):
            known = [(place, often) for piece, often in counts.items() if (place := self._place(piece)) is not None]
            weighed = [(1 + math.log(often)) * self.idf[place] for place, often in known]
            length = math.hypot(*weighed) or 1.0
            places += [place for place, _ in known]
            values += [value / length for value in weighed]
        return places, values

    @cached_property
    def _place(self) -> Callable[[int], int | None]:
        return {piece: place for place, piece in enumerate(self.pieces)}.get


def windows(words: Sequence[str]) -> Iterator[Sequence[str]]:
    yield words[:WINDOW]
    for start in range(STEP, len(words) - STEP, STEP):
        yield words[start : start + WINDOW]


def write_likeness(path: Path, likeness: Likeness, made_from: str) -> None:
    """Write it whole or not at all. `made_from`: the fingerprint of what it was learned from."""
    document = {
        "version": VERSION,
        "made_from": made_from,
        "pieces": _pack(likeness.pieces),
        "idf": _pack(likeness.idf),
        "weights": {theme: _pack(weights) for theme, weights in likeness.weights.items()},
        "bias": likeness.bias,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".tmp")
    unfinished.write_bytes(gzip.compress(json.dumps(document).encode(), 6, mtime=0))
    unfinished.replace(path)


def read_likeness(path: Path) -> tuple[Likeness, str]:
    """(the learned numbers, the fingerprint of what they were learned from). Raises LikenessUnreadable."""
    try:
        document = json.loads(gzip.decompress(path.read_bytes()))
        if document["version"] != VERSION:
            raise ValueError("another version")
        pieces = _unpack("I", document["pieces"])
        idf = _unpack("f", document["idf"])
        weights = {theme: _unpack("f", packed) for theme, packed in document["weights"].items()}
        if any(len(numbers) != len(pieces) for numbers in (idf, *weights.values())):
            raise ValueError("cut short")
        return Likeness(pieces, idf, weights, document["bias"]), document["made_from"]
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise LikenessUnreadable(f"{path} : {error}") from None


def _pack[Number: (int, float)](numbers: array[Number]) -> str:
    return base64.b64encode(_little_endian(numbers[:]).tobytes()).decode()


def _unpack(kind: str, packed: str) -> array:
    return _little_endian(array(kind, base64.b64decode(packed)))


def _little_endian[Number: (int, float)](numbers: array[Number]) -> array[Number]:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
