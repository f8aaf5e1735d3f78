"""How a message is read before it is compared: case, accents, apostrophes, repeated letters, sounds."""

from __future__ import annotations

import re
import unicodedata
from typing import List, Sequence, Text

__all__ = ["fold", "fold_each", "phonetic", "plain", "shouted", "straight"]

APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'"})
BARE = {  # the letters of Europe without their accents: a table is quicker than looking each of them up
    **{code: unicodedata.normalize("NFKD", chr(code))[0] for code in range(0xC0, 0x180)},
    **APOSTROPHES,
    **str.maketrans({"œ": "oe", "æ": "ae"}),
}
REPEATED = re.compile(r"(.)\1{2,}")


def straight(text: Text) -> Text:
    """The text with every kind of apostrophe made plain."""
    return text.translate(APOSTROPHES)


def fold(text: Text) -> Text:
    """Lower case, no accents, plain apostrophes, letters repeated three times or more cut to two."""
    if text.isascii() and text.isalpha():  # a plain word, as most are: nothing to translate, nothing to split
        return REPEATED.sub(r"\1\1", text.lower())
    bare = text.lower().translate(BARE)
    if not bare.isascii():  # letters typed as a base and an accent, other alphabets
        bare = "".join(c for c in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(c))
    return REPEATED.sub(r"\1\1", " ".join(bare.split()))


def fold_each(words: Sequence[Text]) -> List[Text]:
    """`fold` of each word, none with a space in it: several times quicker on the words of a language."""
    bare = "\n".join(words).lower()
    for letter in set(bare).intersection(map(chr, BARE)):
        bare = bare.replace(letter, BARE[ord(letter)])
    if not bare.isascii():
        bare = "".join(c for c in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(c))
    return REPEATED.sub(r"\1\1", bare).split("\n") if words else []


def plain(text: Text) -> Text:
    """Folded words only, apostrophes kept: what spelling features are counted on."""
    return " ".join(re.findall(r"[\w']+", fold(text)))


def shouted(text: Text) -> bool:
    """Whether a message is written in capitals."""
    letters = [c for c in text if c.isalpha()]
    return len(letters) > 3 and sum(c.isupper() for c in letters) > 0.6 * len(letters)


# Spellings that French hears alike, longest first; then the endings it does not hear.
SOUNDS = (
    ("eau", "o"), ("au", "o"), ("ph", "f"), ("qu", "k"), ("ck", "k"), ("ss", "s"), ("ai", "e"), ("ei", "e"),
    ("ez ", "e "), ("er ", "e "), ("es ", "e "), ("ent ", " "), ("en", "an"), ("em", "am"), ("c", "k"), ("ke", "se"),
    ("ki", "si"), ("y", "i"), ("ts ", "t "), ("s ", " "), ("t ", " "), ("d ", " "), ("x ", " "), ("e ", " "), ("h", ""),
    ("mm", "m"), ("nn", "n"), ("ll", "l"), ("tt", "t"), ("pp", "p"), ("rr", "r"), ("ff", "f"),
)  # fmt: skip


def phonetic(folded: Text) -> Text:
    """A rough reading aloud of folded words, so that «aret» meets «arrêt» and «jatten» meets «j'attends»."""
    heard = f" {re.sub(r'[^a-z0-9 ]', ' ', folded)} "
    for written, said in SOUNDS:
        heard = heard.replace(written, said)
    return " ".join(heard.split())
