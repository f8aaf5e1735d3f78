"""Passwords and codes, when someone gives theirs; not a word about one that is lost, refused or too short."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guichet.privacy.view import HIDDEN, View

__all__ = ["find_code", "find_loose_password", "find_password"]

Found = Iterator[tuple[int, int]]

WORDS = r"\b(?:mots? ?de ?pass?e?s?|mdp|password|passwd)"
WHOSE = (
    r"(?: (?:ameli|caf|actuel|de connexion|provisoire|france ?connect|du compte|de mon compte|perso|wifi|impots"
    r"|est bien))*"
)
GIVEN = re.compile(
    rf"{WORDS}{WHOSE}\s{{0,2}}(est|etait|c'est|cest|:|=|->|serait|sera)\s{{0,2}}(?:bien |c'est |:\s?)?"
    rf"[\"'«]?\s?([^\s{HIDDEN}]++)"
)
# What is said of a password that one does not give.
SAID = """
a accepte ancien arrive au aussi avec bien bloque bon ca ce cela celle celui change comment complique compose
compromis confidentiel correct court dans de deja demande desactive different dit donc efface egare en encore
enregistre envoye errone et exact expire faible faux fort identique il impossible inconnu incorect incorrect
introuvable invalide j'ai jamais je jete juste la le les long ma mais mal mauvais meme modifie mon n'est ne
necessaire non notre nouveau obligatoire ok on ou oublie par pas perdu perime personnel peut-etre pirate plus
pour provisoire quand que qui quoi reconnu recu redemande refuse refusee reinitialise rejete requis rien sans
secret si simple son souvent sur temporaire toujours tout tres trop un une unique valide verrouille vole votre
vraiment
"""
SAID_OF_ONE = frozenset(SAID.split())
STRONG = rf"(?=\S{{0,30}}\d)(?=\S{{0,30}}[a-z@#!$%&*_])[^\s,;:()\"'«»{HIDDEN}]{{5,40}}"  # letters or signs, and digits
NEAR = (
    re.compile(rf"{WORDS}\b[^\d{HIDDEN}\n.!?]{{0,30}}?(?<!\S)[\"'«(]?({STRONG})"),
    re.compile(rf"(?<!\S)[\"'«]?({STRONG})[\"'»]?,? (?:comme|c'est|est|en|pour)? ?(?:mon |le |ma )?{WORDS[2:]}\b"),
)
NOT_ONE = re.compile(
    r"\d[\d.,/h-]*(?:mn|min|e|er|eme|j|ans|€|eur|kg|mg|fois|%)?|[a-z]\d{1,5}|covid-?19|[a-z]+'?[.?!]+|\d+(?:chiffres"
    r"|lettres)"
)
CODE = re.compile(
    r"\b(?:codes? (?:(?:confidentiel|provisoire|secret|temporaire|ameli|sms|pin|personnel|d'acces|d.activation"
    r"|de (?:connexion|verification|securite|confirmation|validation|ma carte|carte)|a usage unique|d'authentification"
    r"|france ?connect|recu|mon compte|du compte|cb) ?){1,3}|mon code (?:est|c'est|:)|(?:crypto\w*|cvv\d?|cvc\d?"
    r"|pin)\b(?: visuel)?)"
    rf"[^\d{HIDDEN}\n.;?!]{{0,30}}?(?<![a-z0-9])(\d{{2,4}}(?:[ -]\d{{2,4}}){{1,3}}|(?=[a-z]{{0,9}}\d)[a-z0-9]{{3,12}})"
    rf"(?![a-z0-9{HIDDEN}]|[ -]?(?:chiffres|caracteres|h\b|heures|jours|minutes|min\b|mn\b|euros|€|fois|semaines|mois))"
)
NOT_A_CODE = re.compile(r"(?:19|20)\d\d|36 ?46|15|112|114|\d{1,2}(?:h\d*|mn|j|e|er|eme)|\D*")


def find_password(view: View) -> Found:
    """The word after « mon mot de passe est », to the next space, whatever it is made of."""
    for found in GIVEN.finditer(view.text):
        word = found[2].rstrip(".,;:?»\"')")
        plain = word.isalpha() or "'" in word
        if not word or (plain and ({word, word.partition("'")[0]} & SAID_OF_ONE)):
            continue
        participle = plain and view.accented(found.start(2) + len(word) - 1)  # « est oublié », « est refusé »
        if not participle or found[1] in (":", "=", "->"):
            yield found.start(2), found.start(2) + len(word)


def find_loose_password(view: View) -> Found:
    """Letters and digits mixed, near those words: « mdp ameli Soleil2024 », « Soleil2024 comme mot de passe »."""
    for pattern in NEAR:
        for found in pattern.finditer(view.text):
            word = found[1].rstrip(".,;:?")
            if not NOT_ONE.fullmatch(word):
                yield found.start(1), found.start(1) + len(word)


def find_code(view: View) -> Found:
    for found in CODE.finditer(view.text):
        if not NOT_A_CODE.fullmatch(found[1]):
            yield found.span(1)
