"""How people spoil a careful sentence: one pure function a habit, always the same result for the same text.

Digits are never touched (an amount or a date is part of the question), and a text that is not blank never becomes so. A
text on which a habit has no hold comes back as it was.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from types import MappingProxyType

__all__ = ["NOISES", "accents", "apostrophes", "capitals", "learner", "slip", "sms", "two_slips"]

APOSTROPHES = re.compile("['’ʼ‘`´]")
LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "Œ": "OE", "Æ": "AE"})
MISTYPED = 4  # letters of the shortest word in which a finger slips: shorter ones would become another word
ROWS = ("azertyuiop", "qsdfghjklm", "wxcvbn")  # of a French keyboard

# Spellings seen in any French message thread. None holds a digit, for digits are not to be added either.
SMS = MappingProxyType({
    "aujourd'hui": "ajd", "aussi": "ossi", "avec": "ac", "beaucoup": "bcp", "bonjour": "bjr", "bonsoir": "bsr",
    "c'est": "c", "c'était": "ct", "combien": "cb", "comment": "cmt", "dans": "ds", "demain": "dmain", "depuis": "dp",
    "est-ce que": "esk", "est-ce qu'": "esk", "faut": "fo", "il faut": "fo", "il y a": "ya", "j'ai": "g",
    "je n'ai": "g", "je ne": "jne", "je ne suis": "jsui", "je suis": "jsui", "je voudrais": "jvoudrai", "jamais": "jms",
    "longtemps": "lgtps", "maintenant": "mtn", "merci": "mrc", "message": "msg", "mot de passe": "mdp",
    "même": "mm", "numéro": "num", "parce que": "pcq", "pas": "pa", "pendant": "pdt", "plus": "plu",
    "pour": "pr", "pourquoi": "pk", "problème": "pb", "qu'est-ce que": "keske", "quand": "qd", "que": "ke",
    "quel": "kel", "quelle": "kel", "quelqu'un": "qqn", "quelque": "qq", "qui": "ki", "quoi": "koi",
    "rendez-vous": "rdv", "s'il vous plaît": "svp", "salut": "slt", "suis": "sui", "sécurité sociale": "sécu",
    "temps": "tps", "toujours": "tjs", "tous": "ts", "tout": "tt", "toute": "tte", "toutes": "ttes",
    "téléphone": "tel", "vous": "vs",
})  # fmt: skip

# A beginner's French: what carries no meaning of its own is left out, verbs stay as in the dictionary.
LEARNER = MappingProxyType({
    **dict.fromkeys(("le", "la", "les", "l'", "un", "une", "des", "du", "de", "d'", "au", "aux"), ""),
    **dict.fromkeys(("me", "m'", "te", "t'", "se", "s'", "il", "elle", "on", "nous", "vous"), ""),
    **dict.fromkeys(("y", "en", "ne", "n'", "que", "qu'", "est-ce que", "est-ce qu'", "c'", "ce"), ""),
    **dict.fromkeys(("qu'est-ce que", "qu'est-ce qu'"), "quoi"),
    **dict.fromkeys(("je", "j'"), "moi"),
    **dict.fromkeys(("suis", "es", "est", "sommes", "êtes", "sont", "était"), "être"),
    **dict.fromkeys(("ai", "as", "a", "avons", "avez", "ont", "avait", "aurai"), "avoir"),
    **dict.fromkeys(("peux", "peut", "pouvez", "pouvons", "peuvent", "pourrais", "pourriez", "pourrait"), "pouvoir"),
    **dict.fromkeys(("dois", "doit", "devons", "devez", "doivent", "devrais"), "devoir"),
    **dict.fromkeys(("veux", "veut", "voulons", "voulez", "veulent", "voudrais", "voudrait"), "vouloir"),
    **dict.fromkeys(("vais", "va", "allons", "allez", "vont"), "aller"),
    **dict.fromkeys(("fais", "fait", "faites"), "faire"),
    **dict.fromkeys(("pouvez-vous", "pourriez-vous"), "pouvoir"),
    "puis-je": "moi pouvoir", "dois-je": "moi devoir", "ai-je": "moi avoir", "suis-je": "moi être",
    "quelqu'un": "personne", "jusqu'au": "jusque",
    "s'il vous plaît": "s'il vous plaît",
})  # fmt: skip


def accents(text: str) -> str:
    """Accents and cedillas are dropped, ligatures spelt out."""
    # NFD, not NFKD: that one would turn «²» into a digit
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return _kept(unicodedata.normalize("NFC", bare).translate(LIGATURES), text)


def apostrophes(text: str) -> str:
    """Apostrophes are left out: «jai perdu lattestation»."""
    return _kept(APOSTROPHES.sub("", text), text)


def capitals(text: str) -> str:
    """All in capitals."""
    return text.upper()


def slip(text: str) -> str:
    """One slip of the finger in a word of four letters or more."""
    return _slip(text, _draws("slip", text))


def two_slips(text: str) -> str:
    """Two slips, the second anywhere in what the first one left."""
    draws = _draws("two slips", text)
    return _slip(_slip(text, draws), draws)


def sms(text: str) -> str:
    """The usual abbreviations, no capital, accent, apostrophe or final mark."""
    short = _rewritten(text.lower(), SMS)
    return _kept(apostrophes(accents(short)).rstrip(" .?!"), text)


def learner(text: str) -> str:
    """A beginner's French: articles, most pronouns and «ne» dropped, the commonest verbs in the infinitive."""
    return _kept(" ".join(_rewritten(text, LEARNER).split()), text)


NOISES: Mapping[str, Callable[[str], str]] = MappingProxyType({
    "accents": accents, "slip": slip, "two_slips": two_slips, "sms": sms, "capitals": capitals,
    "apostrophes": apostrophes, "learner": learner,
})  # fmt: skip


def _slip(text: str, draws: Iterator[int]) -> str:
    """The slip is one of: two letters exchanged, a letter forgotten, a letter doubled, a neighbouring key."""
    words = [match.span() for match in re.finditer(r"[^\W\d_]+", text) if match[0].isalpha()]
    words = [(start, end) for start, end in words if end - start >= MISTYPED]
    if not words:
        return text
    start, end = words[next(draws) % len(words)]
    at = start + 1 + next(draws) % (end - start - 2)  # the first letter is seldom missed
    letter, follower = text[at], text[at + 1]
    spoilt = [follower + letter, follower, letter + letter + follower]
    spoilt = [*spoilt, *(key + follower for key in _neighbours(letter))]
    spoilt = [pair for pair in spoilt if pair != letter + follower]
    return text[:at] + spoilt[next(draws) % len(spoilt)] + text[at + 2 :]


def _neighbours(letter: str) -> str:
    """The letters beside it on a French keyboard, in its own case; none for an accented one, which has its own key."""
    row = next((row for row in ROWS if letter.lower() in row), "")
    at = row.find(letter.lower())  # -1 gives no neighbour of an empty row
    near = row[max(0, at - 1) : at] + row[at + 1 : at + 2]
    return near.upper() if letter.isupper() else near


def _draws(*seed: str) -> Iterator[int]:
    """Numbers that depend on the seed alone: neither on the process, as hash() does, nor on the version of Python."""
    for n in count():
        yield int.from_bytes(hashlib.sha256("\0".join((*seed, str(n))).encode("utf-8", "replace")).digest()[:8])


def _rewritten(text: str, table: Mapping[str, str]) -> str:
    """Each whole word or phrase of `table` replaced, the longest first; an entry ending in «'» stands before a word."""
    straight = APOSTROPHES.sub("'", text)
    entries = sorted(table, key=len, reverse=True)
    ends = (re.escape(entry) + (r"(?=\w)" if entry.endswith("'") else r"(?![\w'-])") for entry in entries)
    found = re.compile(r"(?<![\w-])(?:" + "|".join(ends) + ")", re.IGNORECASE)
    return found.sub(lambda match: _replaced(match[0], table), straight)


def _replaced(written: str, table: Mapping[str, str]) -> str:
    """What replaces an elided word stands apart from the next: «j'avais» is «moi avais»."""
    word = table.get(written.lower(), written)  # re.IGNORECASE knows letters that lower() leaves alone, such as «ſ»
    return f"{word} " if word and written.endswith("'") else word


def _kept(spoilt: str, text: str) -> str:
    return spoilt if spoilt.strip() else text
