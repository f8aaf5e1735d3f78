"""Other identifiers: known by the word that announces them, or by a shape that nothing else has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from guichet.privacy.view import HIDDEN, View

__all__ = ["IDENTIFIERS"]

Found = Iterator[tuple[int, int]]

RIGHT = rf"(?![a-z0-9{HIDDEN}])"
LEFT = rf"(?<![a-z0-9{HIDDEN}])"
# Other words of the same sentence, between the announcement and the number.
BETWEEN = rf"(?:(?!\. [a-z])[^\d{HIDDEN}]){{0,40}}?"
CLOSE = rf"(?:(?!\. [a-z])[^\d{HIDDEN}]){{0,20}}?"
NEARBY = rf"[^{HIDDEN}]{{0,40}}?"  # with other figures too
DIGITS = r"\d(?:[ .-]?\d){{{fewest},{most}}}"
DATE = re.compile(r"[0-3]?\d[./ -][01]?\d[./ -](?:19|20)\d\d")
PLAIN_WORD = re.compile(r"[a-z]+|\d+(?:h|e|er|eme|ans|mois|euros?)\d*|[12]\d{3}-\d+")
COVERED = r"(?=(?:[a-z]{0,8}\d){4})[a-z0-9]"  # a code with at least four digits in it


def _announced(words: str, value: str, between: str = BETWEEN) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{words})\b{between}{LEFT}({value}){RIGHT}")


def _said_after(value: str, words: str) -> re.Pattern[str]:
    return re.compile(rf"{LEFT}({value}){RIGHT}[^\d{HIDDEN}.!?;]{{0,20}}\b(?:{words})\b")


def digits(fewest: int, most: int) -> str:
    return DIGITS.format(fewest=fewest - 1, most=most - 1)


# SIV plates (arrêté du 9 février 2009): neither I, O nor U. Before 2009: figures, letters, département.
PLATE = r"[a-hj-np-tv-z]{2}"
CARD_OF_IDENTITY = (
    r"passe?port|carte (?:nationale )?(?:d.?)?identite|carte nationale|cnie?|piece (?:d.?)?identite"
    r"|titre (?:de )?sejour|carte (?:de )?(?:sejour|resident)"
    r"|recepisse|permis(?: de conduire)?|agdref|numero (?:d.)?etranger"
)
IDENTITY_NUMBER = (
    rf"(?=[a-z]{{0,8}}\d[a-z]{{0,8}}\d)(?=\d{{0,12}}[a-z])[a-z0-9]{{8,12}}|\d\d ?[a-z]{{2}} ?\d{{2}} ?\d{{3}}"
    rf"|{digits(9, 15)}"
)
VEHICLE = r"plaque|immatric\w*|voiture|vehicule|auto|taxi|vsl|moto|camion"

OLD_PLATE = r"\d{2,4}[ -]?[a-z]{2,3}[ -]?(?:\d{2,3}|2[ab])"
RPPS = r"\d[\dab](?:[ .-]?\d){7,9}"  # RPPS 11 digits, ADELI and FINESS 9
CARER = r"medecin|docteur|prescripteur|praticien|infirmiere?|kine|identification"
ORGANISATION = r"adherente?|societaire|contrat|client|mutuelle"
OF_ADHERENT = rf"(?:{ORGANISATION}) (?:n|no|num|numero)|(?:n|no|num|numero)\W{{0,2}} ?(?:d.|de )?(?:{ORGANISATION})"
OF_PERSON = (
    r"identifiant|login|pseudo|ipp|ine|matricule|(?:numero|n°|num|no) (?:de |d.)?(?:patient|etudiant|pole emploi"
    r"|france travail|agent|assistance)"
)
CODE = rf"(?:{COVERED}{{5,14}}|{digits(6, 14)})(?:[-/]\d{{1,3}})?"

TABLE: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("caf", _announced(r"caf|allocataires?|num(?:ero)? alloc\w*", rf"{digits(6, 8)}(?:[ -]?[a-z]\b)?")),
    ("piece_identite", re.compile(rf"{LEFT}(\d\d[a-z]{{2}}\d{{5}}){RIGHT}")),  # a French passport
    ("piece_identite", _announced(CARD_OF_IDENTITY, IDENTITY_NUMBER, NEARBY)),
    ("piece_identite", _said_after(IDENTITY_NUMBER, CARD_OF_IDENTITY)),
    ("plaque", re.compile(rf"{LEFT}({PLATE}-\d{{3}}-{PLATE}|{PLATE}\d{{3}}{PLATE}){RIGHT}")),
    ("plaque", _announced(VEHICLE, rf"{PLATE}[ .]?\d{{3}}[ .]?{PLATE}|{OLD_PLATE}", NEARBY)),
    ("professionnel", _announced(r"rpps|adeli|finess", RPPS)),
    ("professionnel", _said_after(RPPS, r"rpps|adeli|finess")),
    ("professionnel", _announced(CARER, r"10\d(?:[ .-]?\d){8}")),
    ("ntt", _announced(r"ntt|numero technique temporaire", r"[12]\d[a-z0-9]*+(?:[ .-](?=[a-z]{0,3}\d)[a-z0-9]++)*+")),
    ("fiscal", _announced(r"fiscal|spi|avis d.imposition", digits(13, 13))),
    ("adherent", _announced(OF_ADHERENT, CODE, CLOSE)),
    ("identifiant", _announced(OF_PERSON, CODE, CLOSE)),
    ("siret", _announced(r"(?:mon|ma|notre) (?:numero (?:de )?)?(?:siret|siren|entreprise)", digits(9, 14))),
)


def _finder(pattern: re.Pattern[str]) -> Callable[[View], Found]:
    def find(view: View) -> Found:
        for found in pattern.finditer(view.text):
            if not DATE.search(found[1]) and not PLAIN_WORD.fullmatch(found[1]):
                yield found.span(1)

    return find


IDENTIFIERS = tuple((kind, _finder(pattern)) for kind, pattern in TABLE)
