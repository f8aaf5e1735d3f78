"""Masks what identifies a person, before anything is stored, logged, understood or mailed (DESIGN §8).

Rules run in order: each blacks out what it finds, so that a later, looser one cannot read a part of it. What a key
proves comes first, then shapes, then what words around announce. The list is gone through until it finds nothing more:
masking twice is masking once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from guichet.privacy import accounts, addresses, contacts, dates, names, nir, passwords
from guichet.privacy.identifiers import IDENTIFIERS
from guichet.privacy.view import Span, View

__all__ = ["MARKS", "Redacted", "find", "redact", "unmarked"]

# Each kind also has its French name in data/textes.yml: cache_<kind>.
MARKS = {
    "nir": "[numéro de sécurité sociale]",
    "nir_debut": "[début d'un numéro de sécurité sociale]",
    "ntt": "[numéro technique temporaire]",
    "iban": "[numéro de compte bancaire]",
    "carte": "[numéro de carte]",
    "carte_sante": "[numéro de carte d'assurance maladie]",
    "email": "[adresse e-mail]",
    "telephone": "[numéro de téléphone]",
    "naissance": "[date de naissance]",
    "adresse": "[adresse postale]",
    "nom": "[nom]",
    "mot_de_passe": "[mot de passe]",
    "code": "[code confidentiel]",
    "caf": "[numéro d'allocataire]",
    "piece_identite": "[numéro de pièce d'identité]",
    "plaque": "[plaque d'immatriculation]",
    "professionnel": "[numéro de professionnel de santé]",
    "fiscal": "[numéro fiscal]",
    "identifiant": "[identifiant]",
    "adherent": "[numéro d'adhérent]",
    "siret": "[numéro SIRET]",
}

_MARK = "(?:" + "|".join(map(re.escape, MARKS.values())) + ")"
# «mon numéro de sécu c'est [...]», «je suis le [...]», where a sentence begins and three words follow: what announces
# a mark, and asks nothing of it as «changer mon adresse mail : [...]» does. Bounded repeats: linear in the text.
_THE = r"(?:(?:mon|ma|le|la|voici|voil[àa])\s{1,3}){0,3}"
_NUMBER = (
    r"(?:(?:num[ée]ro|num|n°)(?:\s{1,3}de)?(?:\s{1,3}(?:t[ée]l\w{0,12}|portable))?|nss|nir|(?:adresse\s)?e?-?mail"
    r"|t[ée]l\w{0,12}|portable|iban|rib)(?:\s{1,3}(?:de\s{1,3})?s[ée]cu\w{0,12}(?:\s{1,3}sociale)?)?\s{0,3}"
)
_IS = r"(?:c\s?['’]?\s?est|est|cest|:|=)\s{0,3}(?:le\s{1,3})?"
_HERE = r"(?:je\s(?:suis|m['’\s]appelle)|c['’]\s?est|voici|voil[àa])\s{1,3}"
ANNOUNCED = re.compile(
    rf"(?:^|(?<=[.!?;,\n]))\s{{0,3}}(?:{_THE}{_NUMBER}{_IS}|{_HERE}{_THE}(?:{_NUMBER})?)?{_MARK}"
    r"[\s.,;:!]{0,3}(?=(?:[^\s\[\]]{1,40}\s{1,3}){2}[^\s\[\]])",
    re.IGNORECASE,
)
QUESTION = 4  # words, without which what is left beside a mark asks nothing
MOST_ROUNDS = 8  # two are enough, the second to find nothing, for all but texts made to be long

Rule = tuple[str, Callable[[View], Iterable[tuple[int, int]]]]


@dataclass(frozen=True)
class Redacted:
    """A text without identifiers, and the kinds that were masked, in order of appearance, once each."""

    text: str
    kinds: tuple[str, ...]


def redact(text: str, before: str = "") -> Redacted:
    """Mask what identifies a person. Idempotent; what is not masked is left byte for byte.

    `before`: the person's message before, as it is kept (redacted): a number may begin there and end here.
    """
    pieces, last, spans = [], 0, find(text, before)
    for span in spans:
        pieces += [text[last : span.start], MARKS[span.kind]]
        last = span.end
    return Redacted("".join([*pieces, text[last:]]), tuple(dict.fromkeys(span.kind for span in spans)))


def unmarked(text: str) -> str:
    """A redacted text as it is understood: without its marks, when words enough are left to be a question.

    A mark is made of words («numéro de sécurité sociale») that would weigh more than those the person wrote; so are the
    words that announce it («mon numéro c'est»).
    """
    asked = ANNOUNCED.sub(" ", text)
    bare = " ".join(re.sub(_MARK, " ", asked).split())
    return text if bare == text or (asked == text and len(bare.split()) < QUESTION) else bare


def find(text: str, before: str = "") -> list[Span]:
    """What `redact` masks: [start, end[ in characters of the text, in order, none over another."""
    view = View(text, MARKS.values())
    rules = _rules(before)
    for _ in range(MOST_ROUNDS):
        if not sum([view.hide(kind, rule(view)) for kind, rule in rules]):
            break
    return sorted(view.spans)


def _rules(before: str) -> list[Rule]:
    kept = nir.Before(View(before, MARKS.values()), before.rstrip(" \n\t.,;:…-").endswith(MARKS["nir_debut"]))
    return [
        ("mot_de_passe", passwords.find_password),
        ("email", contacts.find_email),
        ("iban", accounts.find_iban),
        ("iban", accounts.find_mistyped_iban),
        ("nir", nir.find_sure),
        ("iban", accounts.find_rib),
        ("nir_debut", partial(nir.find_middle, before=kept)),
        ("nir", partial(nir.find_rest, before=kept)),
        ("carte_sante", accounts.find_health_card),
        ("carte", accounts.find_card),
        ("nir", nir.find_likely),
        ("iban", accounts.find_said_iban),
        *IDENTIFIERS,
        ("nir_debut", partial(nir.find_start, before=kept)),
        ("nir", nir.find_malformed),
        ("telephone", contacts.find_phone),
        ("telephone", contacts.find_spelled_phone),
        ("naissance", dates.find_birth_date),
        ("mot_de_passe", passwords.find_loose_password),
        ("code", passwords.find_code),
        ("adresse", addresses.find_address),
        ("adresse", addresses.find_other_address),
        ("nom", names.find_name),
    ]
