"""How a message is read before it is compared: case, accents, apostrophes, repeated letters."""

from __future__ import annotations

import re
import unicodedata
from typing import Dict, List, Text

__all__ = ["expand", "fold", "phonetic", "segments", "spoken"]

APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'"})
CUT = re.compile(
    r"[.?!;\n]+|,?\s+(?:et aussi|et puis|et sinon|et comment|et combien|et o[uù]|et est[- ]ce|et je|et j'|aussi|"
    r"par ailleurs|autre question|sinon)\s+",
    re.IGNORECASE,
)


def fold(text: Text) -> Text:
    """Lower case, no accents, plain apostrophes, letters repeated three times or more cut to two."""
    plain = unicodedata.normalize("NFKD", text.translate(APOSTROPHES).lower())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"(.)\1{2,}", r"\1\1", " ".join(plain.split()))


def expand(text: Text, abbreviations: Dict[Text, Text]) -> Text:
    """Folded words, with the abbreviations of data/lexique.yml written out: «g pa recu» is «j'ai pas recu»."""
    return " ".join(abbreviations.get(word, word) for word in re.findall(r"[\w']+", fold(text)))


# Spellings that French hears alike, longest first; then the endings it does not hear.
SOUNDS = (
    ("eau", "o"), ("au", "o"), ("ph", "f"), ("qu", "k"), ("ck", "k"), ("ss", "s"), ("ai", "e"), ("ei", "e"),
    ("ez ", "e "), ("er ", "e "), ("es ", "e "), ("ent ", " "), ("en", "an"), ("em", "am"), ("c", "k"), ("ke", "se"),
    ("ki", "si"), ("y", "i"), ("ts ", "t "), ("s ", " "), ("t ", " "), ("d ", " "), ("x ", " "), ("e ", " "), ("h", ""),
    ("mm", "m"), ("nn", "n"), ("ll", "l"), ("tt", "t"), ("pp", "p"), ("rr", "r"), ("ff", "f"),
)  # fmt: skip


def phonetic(plain: Text) -> Text:
    """A rough reading aloud of expanded words, so that «aret» meets «arrêt» and «jatten» meets «j'attends»."""
    heard = f" {re.sub(r'[^a-z0-9 ]', ' ', plain)} "
    for written, said in SOUNDS:
        heard = heard.replace(written, said)
    return " ".join(heard.split())


def spoken(text: Text) -> Text:
    """The message for the sentence encoder, which reads capitals as other words: shouting is lowered."""
    letters = [c for c in text if c.isalpha()]
    shouted = len(letters) > 3 and sum(c.isupper() for c in letters) > 0.6 * len(letters)
    return " ".join((text.lower() if shouted else text).split())


def segments(text: Text) -> List[Text]:
    """Parts of a message that may each be a question; one part means there is nothing to split."""
    parts = [part.strip(" ,") for part in CUT.split(text)]
    return [part for part in parts if len(part.split()) >= 3]
