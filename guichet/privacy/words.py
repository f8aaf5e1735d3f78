"""Words that tell a name from the rest of a sentence; the lists stand beside this file, with their sources."""

from __future__ import annotations

from functools import cache
from pathlib import Path

__all__ = ["PARTICLES", "is_first_name", "is_surname", "is_word"]

PARTICLES = frozenset(
    (
        "de",
        "du",
        "des",
        "la",
        "le",
        "les",
        "l",
        "d",
        "da",
        "das",
        "di",
        "del",
        "della",
        "dos",
        "van",
        "von",
        "der",
        "den",
    )
    + ("el", "al", "ben", "bin", "bint", "abd", "abou", "ould", "saint", "sainte", "st", "ste", "y")
)


@cache
def _listed(name: str) -> frozenset[str]:
    lines = (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
    return frozenset(" ".join(line for line in lines if not line.startswith("#")).split())


def is_word(word: str) -> bool:
    """Whether a folded word belongs to the sentence rather than to a name."""
    return word in _listed("mots.txt")


def is_first_name(word: str) -> bool:
    """Whether a folded word, or the first part of a compound (« jean-paul »), is a first name that many have."""
    return word.split("-")[0] in _listed("prenoms.txt")


def is_surname(word: str) -> bool:
    """Whether a folded word is a surname that many have and nothing else."""
    return word in _listed("noms.txt")
