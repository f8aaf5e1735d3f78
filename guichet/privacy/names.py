"""People's names, when something introduces them: « je m'appelle », a title, a kinship, a signature."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guichet.privacy.introductions import BELONGS, CLOSING, LABEL, LIKELY, PAIR, SAID, SURE, TITLED
from guichet.privacy.view import HIDDEN, View
from guichet.privacy.words import PARTICLES, is_first_name, is_surname, is_word

__all__ = ["find_name"]

Found = Iterator[tuple[int, int]]

LINE = re.compile(rf"(?:\A|\n|[(\n{HIDDEN}]|[,;:.!?] | -)[ \t-]*(?=[a-z])")
ENDS = re.compile(
    rf"\s*(?:[.!]*\s*\Z|[.!]\s|\n|[,;(:-]|{HIDDEN}|\d|(?:tel|portable|num\w*|ne|nee|mail|assuree?|a l'appareil|ici)\b)"
)
BOTH = re.compile(
    r"(?<![a-z'-])(?=([a-z][a-z'-]+) (?:(?:de|da|dos|el|al|ben|ould|le|la|van|von|del|di|abd) ){0,2}([a-z][a-z'-]+))"
)
BORNE_BY = re.compile(
    r"\b(?:hopita\w+|cliniques?|polyclinique|chu|chr|ch|centres?|instituts?|fondation|lycee|college|ecole|rue|avenue"
    r"|av|bd|boulevard|place|quai|cours"
    r"|pharmacie|maison|residence|ehpad|laboratoires?|labo|cabinet|universite|groupe|hospitalier|stade|parc|pont|ile"
    r"|foyer|creche|association|prix|loi|plan"
    r"|syndrome|maladie|saint|sainte|st|ste|station|arret|metro|allee|square|impasse|chemin|site|espace|salle"
    r"|societe|entreprise|mutuelle|agence)\W+(?:de |d'|du |la |le )?\Z"
)
WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
SPACE = re.compile(r"[ \t]{1,2}")
AND = re.compile(r"(?:,| et| &)\s(?:de )?(?=[a-z])")
INITIAL = re.compile(r"[a-z]\.[ -]?(?:[a-z]\.)?\s?(?=[a-z])")
ONE_LETTER = re.compile(r"[a-w]\.?(?![a-z'-])")
ELIDED = re.compile(r"(?:[jcstnmld]|qu|jusqu|lorsqu|puisqu|quelqu|aujourd|presqu)'")
ROMAN = re.compile(r"[ivx]+")
MOST = 5  # words of a name
ACRONYM = 4  # letters; « mon mari ALD »


def find_name(view: View) -> Found:
    reader = _Reader(view)
    found = {
        *reader.introduced(),
        *reader.said(),
        *reader.titled(),
        *reader.signed(),
        *reader.lines(),
        *reader.spotted(),
    }
    yield from found
    yield from reader.again(found)


def _is_known(word: str) -> bool:
    return is_first_name(word) or is_surname(word)


KNOWN_AFTER = {"pour": is_first_name, "les": is_surname}  # « pour Lucas », not « pour Brest »


class _Reader:
    """Reads names in one text. `shouted`: it is all in capitals, which then say nothing."""

    def __init__(self, view: View) -> None:
        self.view, self.text = view, view.text
        letters = [char for char in view.cased if char.isalpha()]
        self.shouted = sum(map(str.isupper, letters)) > 0.7 * max(len(letters), 1)
        seen = [word.span() for word in WORD.finditer(self.text)]
        self.first, self.last = (seen[0][0], seen[-1][1]) if seen else (0, 0)

    def introduced(self) -> Found:
        for found in SURE.finditer(self.text):
            yield from self._listed(found.end(), self.read(found.end(), sure=True, surname=True))
        for found in LABEL.finditer(self.text):
            end = self.read(found.end(), sure=True, surname=True)
            if ENDS.match(self.text, end) or self.read(found.end()) > found.end():
                yield from self._listed(found.end(), end)
        for found in PAIR.finditer(self.text):
            for at in (found.start(1), found.start(2)):
                yield at, self.read(at, sure=True)
        for found in LIKELY.finditer(self.text):
            yield from self._listed(found.end(), self.read(found.end(), surname=True))
            yield from self._after_one_word(found.end())
        for found in BELONGS.finditer(self.text):
            word = WORD.match(self.text, found.end())
            if word and is_first_name(word[0]):
                yield from self._listed(found.end(), self.read(found.end()))

    def _after_one_word(self, at: int) -> Found:
        """« mon épouse ukrainienne Oksana »"""
        word = WORD.match(self.text, at)
        if not word or self._capital(at) or is_word(word[0]):
            return
        following = WORD.match(self.text, word.end() + 1)
        if following and self._capital(following.start()) and is_first_name(following[0]):
            yield from self._listed(following.start(), self.read(following.start()))

    def said(self) -> Found:
        """After « c'est » or « je suis », which much else follows: a known name, or two words written as one."""
        for found in SAID.finditer(self.text):
            at, me = found.end(), found["me"]
            end = self.read(at, surname=bool(me))
            words = self._words(at, end)
            if not words:
                continue
            known = KNOWN_AFTER.get(found[0].split()[0], _is_known)(words[0])
            whole = len(words) > 1 and (known or me)
            if whole or (known and (self._capital(at) or found[0].startswith("moi"))):
                yield from self._listed(at, end)

    def titled(self) -> Found:
        for found in TITLED.finditer(self.text):
            title, at = found[1], found.end()
            if title in ("m", "pr") and not (found[2] or self._capital(found.start())):
                continue
            letter = ONE_LETTER.match(self.text, at)
            if letter and self._capital(at):
                yield found.start(), letter.end()
            short = title in ("mme", "mlle", "melle", "mr", "m")
            for start, end in self._listed(at, self.read(at, sure=short, surname=short)):
                yield found.start() if start == at else start, end

    def signed(self) -> Found:
        for found in CLOSING.finditer(self.text):
            at = found.end()
            formal = bool(found["formal"])
            end = self.read(at, sure=formal, surname=True)
            words = self._words(at, end)
            known = formal or len(words) > 1 or any(map(is_first_name, words))
            if end > at and known and (ENDS.match(self.text, end) or (formal and self._capital(at))):
                yield at, end

    def lines(self) -> Found:
        """« Marie Dupont » between commas, or alone on its line."""
        for found in LINE.finditer(self.text):
            listed = list(self._listed(found.end(), self.read(found.end())))
            end = listed[-1][1] if listed else found.end()
            words = self._words(found.end(), end)
            known = words and (is_first_name(words[0]) or is_first_name(words[-1]))
            first, last = found.end() == self.first, end == self.last
            alone = self._capital(found.end()) and first != last and (last or self.text[end : end + 1] == ",")
            if known and ENDS.match(self.text, end) and (len(words) > 1 or alone):
                yield from listed

    def spotted(self) -> Found:
        """A first name and a surname side by side: both known, or both with capitals, unless a place bears them."""
        for found in BOTH.finditer(self.text):
            words = found[1], found[2]
            if not any(map(is_first_name, words)) or any(map(is_word, words)):
                continue
            known = all(map(_is_known, words))
            capitals = self._capital(found.start(1)) and self._capital(found.start(2))
            shouted_last = self.view.cased[found.start(1) : found.end(1)].isupper()
            likely = capitals and not self.shouted and (is_first_name(words[0]) or shouted_last)
            if (known or likely) and not BORNE_BY.search(self.text[max(found.start() - 30, 0) : found.start()]):
                end = self.read(found.start(1))
                if end >= found.end(2):
                    yield found.start(1), end

    def again(self, found: set[tuple[int, int]]) -> Found:
        """The same names elsewhere in the text."""
        words = {part for start, end in found for word in self._words(start, end) for part in word.split("-")}
        said = {word for word in words if len(word) > 2 and _is_known(word)}
        for word in WORD.finditer(self.text):
            if word[0] in said and (self._capital(word.start()) or is_surname(word[0])):
                yield word.span()

    def _words(self, start: int, end: int) -> list[str]:
        return WORD.findall(self.text[start:end])

    def read(self, at: int, *, sure: bool = False, surname: bool = False) -> int:
        """Where the name that begins at `at` ends; `at` when there is none.

        `sure`: a name is there, however it is written. `surname`: after a first name, one more word in small letters.
        """
        end, count, plain, known = at, 0, 0, False
        initial = INITIAL.match(self.text, at)
        here = initial.end() if initial and self._capital(at) else at
        while count < MOST and (word := WORD.match(self.text, here)):
            if self._is_particle(word, first=count == 0, small=sure or (surname and count > 0)):
                here = word.end()
            else:
                if not self._is_name(word, first=word.start() == at):
                    plain += 1
                    room = (sure and plain <= 2) or (surname and known and plain <= 1)
                    if not room or not self._may_be_plain(word, first=count == 0):
                        break
                known = known or _is_known(word[0])
                here = end = word.end()
                count += 1
            gap = SPACE.match(self.text, here)
            if not gap:
                break
            here = gap.end()
        return end

    def _listed(self, start: int, end: int) -> Found:
        """The name, and those that follow it: « Tom, Zoé et Lina »."""
        while end > start:
            yield start, end
            following = AND.match(self.text, end)
            if not following:
                return
            start = following.end()
            end = self.read(start)

    def _is_name(self, word: re.Match[str], *, first: bool) -> bool:
        text = word[0]
        if ELIDED.match(text) and not is_surname(text.replace("'", "")):
            inner = word.start() + text.index("'") + 1
            whole = self._capital(word.start()) and self._capital(inner)
            return whole and text[0] in "dlnmo" and not is_word(text[inner - word.start() :])
        if is_word(text) or is_word(text.partition("-")[0]):
            return False
        if _is_known(text) or _is_known(text.replace("'", "")):
            return True
        whole = self.view.cased[word.start() : word.end()]
        if not first and ROMAN.fullmatch(text):  # a king's number
            return False
        acronym = first and len(text) <= ACRONYM and whole.isupper() and not self._capital_follows(word)
        return self._capital(word.start()) and not acronym

    def _capital_follows(self, word: re.Match[str]) -> bool:
        following = WORD.match(self.text, word.end() + 1)
        return bool(following) and self._capital(following.start()) and not is_word(following[0])

    def _may_be_plain(self, word: re.Match[str], *, first: bool) -> bool:
        """A word in small letters, or in a text all in capitals, that may be a name."""
        text = word[0]
        if is_word(text) or is_word(text.partition("-")[0]) or len(text) < 2:
            return False
        if ELIDED.match(text):  # « n'diaye », not « n'ai »
            inner = text.partition("'")[2]
            return text[0] in "nd" and len(inner) > 3 and not is_word(inner)
        participle = text.endswith(("e", "ee", "es")) and self.view.accented(word.start() + len(text.rstrip("es")))
        return not (first and (participle or text.endswith("ment")))

    def _is_particle(self, word: re.Match[str], *, first: bool, small: bool) -> bool:
        if word[0] not in PARTICLES:
            return False
        gap = SPACE.match(self.text, word.end())
        following = WORD.match(self.text, gap.end()) if gap else None
        if following and following[0] in ("la", "le") and word[0] == "de":
            return self._is_particle(following, first=False, small=small)
        if not following or is_word(following[0]) or following[0] in PARTICLES:
            return False
        if self._capital(following.start()):
            return not first or self._capital(word.start()) or small
        return small and word[0] not in ("y", "des", "du", "d", "l") and self._may_be_plain(following, first=False)

    def _capital(self, at: int) -> bool:
        return self.view.capital(at) and not self.shouted
