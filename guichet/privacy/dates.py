"""Birth dates, in any form, when something says that they are; dates of care are left alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guichet.privacy.view import HIDDEN, View
from guichet.privacy.words import is_first_name

__all__ = ["find_birth_date"]

Found = Iterator[tuple[int, int]]

MONTHS = (
    r"(?:janv?\w{0,4}|f[ev]v?r?\w{0,5}|mars?|avri?l?|mai|juin|juil\w{0,4}|aou?t?|sept?\w{0,6}|sete\w{0,5}|oct\w{0,5}|nov\w{0,6}"
    r"|dec\w{0,6}"
    r"|gennaio|febbraio|marzo|maggio|giugno|luglio|agosto|settembre|ottobre|dicembre|enero|mayo|junio|julio|march|may"
    r"|june|july|august)"
    r"(?![a-z])\.?"
)
LONG_MONTHS = r"(?:janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre)(?![a-z])"
NUMBERS = (
    r"(?:premier|un|une|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingts?"
    r"|trente|quarante|cinquante|soixante|cents?|mille|mil)"
)
SPELLED = rf"{NUMBERS}(?:[ -](?:et[ -])?{NUMBERS}){{0,9}}"
SPELLED_DATE = rf"{NUMBERS}(?:[ -](?:et[ -])?{NUMBERS}){{2,10}}"  # « trois sept soixante-quatorze »
DAY, MONTH = r"(?:[0o]?[1-9]|[12]\d|3[01])", r"(?:[0o]?[1-9]|1[0-2])"
LONG_YEAR = r"(?:19|20)\d\d"
SEPARATOR = r"(?: ?[/.,\-_|] ?| {1,2})"


def _whole(year: str) -> str:
    """The ways to write a day, its month and its year, for any years that the pattern `year` matches."""
    return (
        rf"{DAY}(?:er)?{SEPARATOR}{MONTH}{SEPARATOR}{year}|{MONTH}/{DAY}/{year}|{year}[-/.]{MONTH}[-/.]{DAY}"
        rf"|jour :? ?{DAY},? mois :? ?{MONTH},? an(?:nee)? :? ?{year}|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2]){year}"
        rf"|{year},? (?:le |un )?{DAY} {MONTHS}"
    )


FULL = rf"{_whole(LONG_YEAR)}|\d\d[/.]\d\d[/.]19\d\d"
SHORT = rf"{DAY}{SEPARATOR}{MONTH}{SEPARATOR}'?\d\d|{DAY} (?:du )?{MONTH} (?:de )?(?:19|20)?\d\d|{SPELLED_DATE}"
GLUED = r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d\d"
YEAR = rf"(?:[ ,-]{{0,2}}(?:de |en )?(?:l'an(?:nee)? )?(?:{LONG_YEAR}|'?\d\d|{SPELLED}))"
WRITTEN = (
    rf"{DAY} ?(?:er|ier|eme)?[ -]?(?:jour )?(?:du mois )?(?:de )?{MONTHS}{YEAR}"
    rf"|{SPELLED} (?:du mois de )?{LONG_MONTHS}{YEAR}"
    rf"|{MONTHS}{YEAR},? le {DAY}|{MONTHS} {DAY}(?:st|nd|rd|th)?,? {LONG_YEAR}"
)
EDGES = rf"(?<![a-z0-9{HIDDEN}])({{}})(?![a-z0-9{HIDDEN}]|[/.-]\d)"
DATE = EDGES.format(f"{FULL}|{SHORT}|{WRITTEN}|{GLUED}")

# After « né » a day without its year, or a month with it, says enough.
DATE_OR_DAY = EDGES.format(
    f"{FULL}|{SHORT}|{WRITTEN}|{GLUED}|{DAY} ?(?:er)? {LONG_MONTHS}|{LONG_MONTHS} {LONG_YEAR}|{MONTH}/{LONG_YEAR}"
)
GAP = rf"((?:[^{HIDDEN}.!?;]|\bst\.){{0,45}}?)"
NEARBY = rf"([^{HIDDEN}!?;]{{0,45}}?)"
BORN = re.compile(
    rf"\b(ne\(e\)|nees?|nes?|nai?tre|nait|naquit|vue? le jour|venue?s? au monde|born|nacid[oa]|nat[oa] il"
    rf"|(?:a|ai|vient d'|viens d')\s?accouchee?r?)(?![a-z]){GAP}{DATE_OR_DAY}"
)
NOT_ONES_BIRTH = (
    r"(?<!acte de )(?<!conge de )(?<!conge-de-)(?<!prime de )(?<!extrait de )(?<!certificat de )(?<!declaration de )"
    r"(?<!declarer la )"
)
BIRTH = re.compile(
    rf"{NOT_ONES_BIRTH}\b(?:dates? ?(?:de? )?(?:ma |sa |la )?naiss\w*|date of birth|dob|ddn|d\.d\.n|dn(?= ?[:=])"
    rf"|naiss(?:ance)?(?![a-z-])"
    rf"|anniversaire|anniv){NEARBY}{DATE}"
)
AFTER = re.compile(rf"{DATE}[^{HIDDEN}.!?;\d]{{0,60}}\b(?:dates? de (?:ma |sa )?|(?:de )?(?:ma|sa) )naissance\b")
OWN = re.compile(
    rf"\b(?:(?:je|j'|moi) ?suis|date de naissance(?: est| :)?|ddn|anniversaire)[ :]{{1,2}}(?:nee? )?(?:le )?"
    rf"(?<![a-z0-9{HIDDEN}])({DAY} ?(?:er)? {LONG_MONTHS})(?![a-z0-9])"
)
CHILD = r"(?:enfants?|fils|filles?|bebe|bb|petite?s?|jumeaux|jumelles|ainee?|cadette?|garcons?)"
KIN = rf"(?:{CHILD}|mere|pere|maman|papa|mari|femme|conjointe?|frere|soeur|neveu|niece|compagnon|compagne)"
OF = re.compile(
    rf"\b(?:(?:je suis|j'?suis|elle est|il est|qui est|{KIN} est) (?:du|de|d')|{CHILD},? du|{CHILD}[ :,(]{{1,3}}) ?"
    rf"{DATE_OR_DAY}"
)
NEXT = re.compile(rf"(?:\s?(?:,|et|puis|/|&|;|\+)\s?){{1,2}}([^\d{HIDDEN}.!?;]{{0,30}}?){DATE}")
STATED = re.compile(r"(?:suis?|chui|est|etait|sont|es|:|,|^|\bm|\bmme)\s*\Z")
EVENTS = re.compile(
    r"\b(?:depuis|attestations?|courriers?|arrets?|consultations?|recue?s?|envoyee?s?|demandee?s?|deposee?s?"
    r"|declaree?s?"
    r"|prevue?s?|termes?|jusqu\w*|a partir|rendez|rdv|conges?|acte|des le|avant le|apres le|faite?|faire|operee?"
    r"|operation"
    r"|pas|plus|jamais|valable|delivree?|expir\w*|mis|mise|effet)\b"
)
OF_AN_EVENT = re.compile(r"\b(?:du|au|des|avant|apres)\W{1,2}\Z")
FROM_OR_TO = re.compile(r"\b(?:du|au|depuis|jusqu'au|entre|et)\W{1,2}(?:le )?\Z")
LONG_AGO = r"(?:19\d\d|200\d)"  # years that a chat about today's care does not speak of, but a birth does
OLD = re.compile(
    EDGES.format(
        rf"{_whole(LONG_AGO)}|{DAY} (?:du {MONTH}|{MONTHS}) '?[3-9]\d"
        rf"|{DAY} ?(?:er)?[ -]?(?:de )?{MONTHS}[ -]?(?:de )?{LONG_AGO}|{DAY}/{MONTH}/[3-9]\d"
        rf"|{MONTHS} (?:{LONG_AGO}|[3-9]\d),? le {DAY}|{SPELLED} {LONG_MONTHS} (?:mille?|dix)[ -]neuf[ -]{SPELLED}"
    )
)
RECENT = re.compile(EDGES.format(rf"{DAY}[/.-]{MONTH}[/.-]201\d|{DAY} ?(?:er)? {MONTHS} ?201\d"))
NAMED = re.compile(  # «Milo (29/10/2026)»
    rf"\b([a-z]+(?:-[a-z]+)?)[\s,:(-]{{1,3}}({DAY}[/.-]{MONTH}[/.-]{LONG_YEAR}|{DAY} ?(?:er)? {MONTHS} ?{LONG_YEAR})"
    r"(?![a-z0-9])"
)
LIFETIME = re.compile(r"\b19[0-8]\d|\b[3-8]\d\Z")  # «du 7 février 1951»: nothing but a birth is that old
ALONE_AFTER = re.compile(rf"(?:\A|[,;:(\n{HIDDEN}-])\s*\Z")
NAMED_BEFORE = re.compile(rf"{HIDDEN}[\s,:(-]*\Z")
HAPPENED = re.compile(
    r"\b(?:depuis|arrets?|jusqu\w*|a partir|rendez|rdv|conges?|acte|operee?|operation|valable|delivree?|expir\w*|effet"
    r"|retraite|accident|maladie|deces|decede\w*|mort\w*|marie\w*|mariage|divorce\w*"
    r"|embauche\w*|contrat"
    r"|entree?|arrive\w*|soins?|facture|ald|invalid\w*|pension\w*|diagnosti\w*|hospitalis\w*|chirurgie|vaccin\w*|loi"
    r"|decret|code|article|version|paie\w*|vers\w+|date d\w*)\b"
)


def find_birth_date(view: View) -> Found:
    yield from _introduced(view)
    yield from _bare(view)
    yield from (found.span(2) for found in NAMED.finditer(view.text) if is_first_name(found[1]))


def _introduced(view: View) -> Found:
    text = view.text
    for pattern in (BORN, BIRTH, OF, OWN, AFTER):
        for found in pattern.finditer(text):
            if pattern is BORN and not _is_born(view, found):
                continue
            gap = found.group(found.lastindex - 1) if pattern in (BORN, BIRTH) else ""
            if EVENTS.search(gap) or OF_AN_EVENT.search(gap):
                continue
            yield found.span(found.lastindex or 1)
            yield from _following(text, found.end())


def _is_born(view: View, found: re.Match[str]) -> bool:
    """« né », not the « ne » of a negation: accented, or stated (« je suis ne le ») right before its date."""
    if found[1] != "ne" or view.accented(found.end(1) - 1):
        return True
    return bool(STATED.search(view.text[max(found.start() - 12, 0) : found.start()]))


def _following(text: str, end: int) -> Found:
    """« nés le 3 avril 2012 et le 5 juin 2015 »"""
    while (found := NEXT.match(text, end)) and not EVENTS.search(found[1]):
        yield found.span(2)
        end = found.end()


def _bare(view: View) -> Found:
    """A whole date of long ago that no event explains; a less old one when it stands alone, after a name or a comma."""
    for pattern in (OLD, RECENT):
        for found in pattern.finditer(view.text):
            before = view.text[max(found.start() - 40, 0) : found.start()]
            after = view.text[found.end() : found.end() + 30]
            happened = HAPPENED.search(before) or (FROM_OR_TO.search(before) and not LIFETIME.search(found[1]))
            alone = pattern is OLD or len(found[0]) == len(view.text.strip())
            apart = ALONE_AFTER if alone else NAMED_BEFORE
            unexplained = pattern is OLD and (LIFETIME.search(found[1]) or not HAPPENED.search(after))
            if not happened and (unexplained or apart.search(before)):
                yield found.span(1)
