"""Postal addresses: a number, a kind of street and its name, to the town; or a street followed by its postcode.

A postcode, a town or a département alone are no address: many questions need them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from guichet.privacy.view import HIDDEN, View
from guichet.privacy.words import is_word

__all__ = ["find_address", "find_other_address"]

Found = Iterator[tuple[int, int]]

# « 3 rue » begins an address; « 3 cours » or « 1 résidence » may not.
SURE = (
    r"(?:grande? )?rue?|avenue?|aven|ave|av|boull?evard?|blvd|bvd|bld|bd|all?ees?|imp+as+e|imp|chemin|chem|ruelle"
    r"|venelle"
    r"|faubourg|fg|fbg|lotissement|lieu.?dit|hameau|esplanade|promenade|sentier|sente|rond.?point|square|chaussee|rte"
)
DOUBTFUL = (
    r"place|pl|cours|quai|passage|mail|clos|domaine|parc|cote|port|che|ch|r|galerie|mas|ferme|tour|bourg|residence|res"
    r"|cite|parvis|traverse|corniche|digue|voie|villa|hlm|immeuble|route|montee|all|lot|zac|za|zi|zone|quartier|batiment"
    r"|bat|ehpad"
)
SPELLED = r"deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingt|trente|quarante"
NUMBER = (
    rf"(?:(?:n°|num(?:ero)?|no) ?)?(?:\d{{1,4}}|{SPELLED})(?: ?(?:bis|ter|quater|[a-e]\b))?"
    r"(?: ?[/&-] ?\d{1,4}(?: ?(?:bis|ter))?)?"
)
STREET = re.compile(
    rf"(?<![a-z0-9{HIDDEN}/.-]){NUMBER}(?:[,;]? {{0,2}}(?:de la |du |de l')?|\n)(?:(?P<sure>{SURE})"
    rf"|(?:{DOUBTFUL}))\b\.?(?=[ ,])"
)
NUMBERLESS = re.compile(rf"\b(?:(?:la |le |les |l')?)(?:(?P<sure>{SURE})|{DOUBTFUL})\b\.?(?= )")
AT_HOME = re.compile(
    r"\b(?:habit\w+|adresse|domicili\w*|demeur\w+|loge\w*|demenag\w+)(?: est| postale|:| :| au| a| dans la| sur la"
    r"| sur)*[ :]{1,2}\Z"
)
PLACE_BEFORE = re.compile(
    r"(?<![a-z0-9])(?:(?:residence|res|bat(?:iment)?|appt?|appart(?:ement)?|apt|esc(?:alier)?|porte|etage|chez"
    r"|immeuble|hlm|lotissement|villa|chambre|studio|ehpad|ccas|crous|foyer|hotel|camping|centre|association|c/o)"
    r"\b\.? ?(?:n° ?)?(?:[a-z0-9'-]{1,15} ?){0,4}[,\n-]{0,2} {0,2}){1,3}\Z"
)
ABROAD = re.compile(
    r"(?<![a-z0-9])(?:\d{1,4}[a-z]?,? (?:[a-z'-]{2,15} ){1,3}(?:street|road|rd|grove|lane|drive|close|gardens|terrace"
    r"|avenue)|[a-z]{3,20}(?:strasse|straat|weg|platz"
    r"|gasse) \d{1,4}[a-z]?)\b(?:,? [a-z]{3,15}){0,2}(?:,? [a-z]{1,2}\d{1,2}[a-z]? ?\d[a-z]{2}"
    r"|,? \d{4,5} [a-z]{3,20})?\b"
)
POSTCODE = re.compile(
    rf"[\s,;.(-]{{1,4}}(?:a )?(?:f-)?(?:\d{{5}}|\d\d \d{{3}}|2[ab]\d{{3}})(?![a-z0-9{HIDDEN}]| ?(?:€|euros?\b)|[.,]\d)"
)
BOX = re.compile(
    rf"\b(?:bp|cs|tsa)\.? ?\d{{1,6}}{POSTCODE.pattern}(?: (?!cedex)[a-z'-]{{2,20}}){{1,4}}(?: cedex(?: \d{{1,2}})?)?"
)
LIVING = re.compile(
    r"\b(?:adresses?|coordonnees|j?habit\w+|domicili?\w*|demeur\w+|vi[st]|loge\w*|reside|demenag\w*|emmenag\w*|chez|situee?"
    r"|installee?|envoy\w+|vivons|courrier)\b[^\d]{0,40}\Z"
)
WORD = re.compile(r"(?:,? {1,2}|['-]|\. ?)([a-z]+|\d{1,4}(?:er|e|eme)?)\b\.?")
EXTRA = re.compile(
    r"[\s,;.(-]{1,4}(?:(?:bat(?:iment)?|appt?|appart(?:ement)?|apt|esc(?:alier)?|porte|bal|boite(?: aux lettres)?|no?"
    r"|num|numero|lot"
    r"|entree|hall|tour|bp|cs|tsa|chambre|studio|etg|etage|logement|immeuble|residence|res"
    r"|cedex)\b\.? ?[°:]? ?[a-z]?-?\d{0,5}[a-z]?\b"
    r"|(?:\d{1,2}(?:er|e|eme|nd)|rdc|premier|deuxieme|troisieme|dernier) ?(?:etage|etg)?\b(?: (?:gauche|droite|face"
    r"|porte \w{1,3}\b))?|\(?(?:2[ab]|\d{2,3})\))"
)
TOWN_WORD = re.compile(r"[\s,)'-]{1,3}([a-z]+)\b")
COMMA_TOWN = re.compile(r"(?:, ?|\n| - | \()([a-z]+)\b")
CEDEX = re.compile(r"[\s,-]{1,2}cedex(?: \d{1,2})?\b")
LINKS = frozenset(
    ("de", "du", "des", "la", "le", "les", "l", "d", "en", "sur", "sous", "aux", "au", "a")
    + ("saint", "sainte", "st", "ste")
)
# Words of sentences that streets and towns are named after.
IN_STREETS = LINKS | frozenset(
    ("janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre", "octobre", "novembre")
    + ("decembre", "bon", "bonne", "grand", "grande", "gros", "hopital", "travail", "retraite", "premier", "deux")
    + ("docteur", "mere", "pere", "sage", "assurance", "securite", "sante", "vieux", "enfants", "medecin", "france")
)
# Words that begin another sentence, capital or not.
BEGINS = frozenset(
    ("je", "j", "c", "il", "elle", "mon", "ma", "est", "et", "mais", "pour", "que", "quand", "puis")
    + ("comment", "pouvez", "bonjour", "merci", "cordialement")
)
MOST_WORDS, MOST_TOWN_WORDS = 6, 5  # without the link words


def find_address(view: View) -> Found:
    last = 0
    for street in sorted([*STREET.finditer(view.text), *NUMBERLESS.finditer(view.text)], key=re.Match.start):
        if street.start() >= last:
            end, postcode = _end(view, street.end(), nameless=street.re is STREET)
            numbered = street.re is STREET and (street[0][0].isdigit() or bool(street["sure"]))
            meant = street["sure"] if numbered else _is_named(view, street, town=" a " in view.text[street.end() : end])
            if end > street.end() and (postcode or meant or (numbered and _is_meant(view, street))):
                begin = PLACE_BEFORE.search(view.text, max(street.start() - 60, last), street.start())
                yield begin.start() if begin else street.start(), end
                last = end


def find_other_address(view: View) -> Found:
    """« 221 Elm Grove, Leeds LS6 2BT », « Hauptstrasse 12, 10115 Berlin », « BP 127, 97204 Fort-de-France »"""
    return (found.span() for pattern in (ABROAD, BOX) for found in pattern.finditer(view.text))


def _is_named(view: View, street: re.Match[str], *, town: bool) -> bool:
    """« j'habite rue des Lilas à Angers »"""
    return bool(street["sure"] and town and AT_HOME.search(view.text[max(street.start() - 30, 0) : street.start()]))


def _is_meant(view: View, street: re.Match[str]) -> bool:
    """« 3 place de la Mairie », where someone lives; not « 2 places » nor « 3 cours par semaine »."""
    following = WORD.match(view.text, street.end())
    while following and following[1] in LINKS:  # «9 quai de la Fosse»
        following = WORD.match(view.text, following.end())
    named = following and view.capital(following.start(1)) and not view.capital(street.end() - 1)
    return bool(named or LIVING.search(view.text[max(street.start() - 60, 0) : street.start()]))


def _end(view: View, at: int, *, nameless: bool) -> tuple[int, bool]:
    """Where an address ends that goes on at `at`, and whether a postcode was found in it."""
    start, at = at, _words(view, at, WORD, MOST_WORDS)
    if at == start and not (nameless and POSTCODE.match(view.text, at)):
        return start, False
    at = _extras(view, at)
    postcode = POSTCODE.match(view.text, at)
    if postcode:
        at = _words(view, postcode.end(), TOWN_WORD, MOST_TOWN_WORDS)
        cedex = CEDEX.match(view.text, at)
        return _extras(view, cedex.end() if cedex else at), True
    town = COMMA_TOWN.match(view.text, at)
    if town and view.capital(town.start(1)) and (town[1] in LINKS or not is_word(town[1])):
        at = _words(view, town.end(1), TOWN_WORD, MOST_TOWN_WORDS)
        if after := POSTCODE.match(view.text, at):  # «…, Le Pecq 78230»
            return after.end(), True
    return _extras(view, at), False


def _extras(view: View, at: int) -> int:
    """Past « bât. B, 3e étage » and the like."""
    for _ in range(5):
        extra = EXTRA.match(view.text, at)
        if not extra:
            break
        at = extra.end()
    return at


def _words(view: View, at: int, pattern: re.Pattern[str], most: int) -> int:
    """Where the words that follow end: to the first that no street or town is made of, or to a postcode."""
    end = at
    while most and (word := pattern.match(view.text, at)):
        if POSTCODE.match(view.text, at) or EXTRA.match(view.text, at) or not _may_name(view, word):
            break
        at = word.end()
        if word[1] not in LINKS:
            end, most = at, most - 1
    return end


def _may_name(view: View, word: re.Match[str]) -> bool:
    capital = view.capital(word.start(1)) and not view.capital(word.end(1) - 1)
    if "," in word[0] or "\n" in word[0]:
        return view.capital(word.start(1)) and not is_word(word[1])
    return word[1] in IN_STREETS or not is_word(word[1]) or (capital and word[1] not in BEGINS)
