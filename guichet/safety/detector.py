"""The detector of crisis messages: the rules of data/urgences.yml, and the likeness learned from its examples."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from guichet.safety.likeness import Likeness, LikenessUnreadable, read_likeness
from guichet.safety.normalise import Normaliser, fold
from guichet.safety.patterns import Automaton, Match, PatternError, Sequence, expand

__all__ = ["Detection", "Detector", "load"]

SECTIONS = {
    "sms",
    "negations",
    "fautes_pardonnees",
    "mots_voisins",
    "listes",
    "demarches",
    "questions",
    "politesses",
    "detections",
}
SURE, LIKELY, AMBIGUOUS, EXCEPTION = "phrases_sures", "phrases", "phrases_ambigues", "sauf"
PAPERWORK, ASKING, UNANSWERED = "demarches", "questions", "sans_reponse"
# Where one thing said ends and another begins; what separates them stays with what comes before.
CLAUSE = re.compile(
    r"[^.!?;:,\n…]+?(?:[.!?;:,\n…]+\s*|\s+(?=(?:et|mais|sinon|puis|par ailleurs|au fait|comment|combien)\s)|$)", re.I
)
SHORTEST_QUESTION = 3  # words
SHORTEST_LIKENESS = 4  # letters: «m» is like nothing; the short cries («sos») are rules
# Probabilities of the learned likeness; chosen on tests/guichet/safety/seuils.yml (ADR 8).
ALARM = 0.31  # from here it is a crisis, whatever the rules say
CERTAIN = 0.8  # under it the message may well be an ordinary question: it is answered after the numbers
SUPPORT = 0.12  # under it a rule raises no alarm amid paperwork or past facts ...
BARE_SUPPORT = 0.05  # ... and under this none at all: the message is known to be calm
DENIED = 0.8  # under it, no alarm when an exception cancelled a rule («je ne veux pas mourir»)
DOUBT = 0.03  # from here the numbers are given beside the answer


@dataclass(frozen=True)
class Detection:
    """A crisis was recognised: the theme that answers it, the rule (or the likeness) that says so, and whether a doubt
    is left: then what else the message asks is answered too."""

    theme: str
    phrase: str
    doubtful: bool = False


class Rule(NamedTuple):
    """One line of the data file. `theme` is empty for the lines that serve all themes."""

    theme: str
    kind: str
    phrase: str


class Detector:
    """Reads free texts. Pure: the same text always gives the same answer; no text makes it raise."""

    def __init__(
        self,
        rules: list[Rule],
        automaton: Automaton,
        normaliser: Normaliser,
        politeness: Iterable[Iterable[str]] = (),
        likeness: Likeness | None = None,
    ) -> None:
        self.likeness = likeness
        self._politeness = {tuple(words) for words in politeness}
        self._longest_politeness = max(map(len, self._politeness), default=0)
        self._rules = rules
        self._automaton = automaton
        self._normaliser = normaliser
        self._themes = list(dict.fromkeys(rule.theme for rule in rules if rule.theme))
        self._guarded = {rule.theme for rule in rules if rule.kind == UNANSWERED}

    def detect(self, text: str) -> Detection | None:
        """The crisis in `text`, the most urgent when there are several, or None.

        A sure rule is enough; so is a strong likeness. Another rule needs some likeness, when one was learned: more of
        it when the message speaks of paperwork or of past facts.
        """
        followed, needed, cancelled = self._rule(text)
        if followed and not self.likeness:
            return followed
        theme, probability = self._resembles(text)
        if followed:
            return followed if probability >= needed else None
        if probability < (DENIED if cancelled else ALARM):  # the numbers may still stand beside the answer
            return None
        return Detection(theme, f"ressemblance {probability:.2f}".replace(".", ","), doubtful=probability < CERTAIN)

    def doubt(self, text: str) -> str | None:
        """The theme whose numbers should stand beside the answer: `text` may be a crisis, or may not."""
        followed, _, _ = self._rule(text)
        theme, probability = self._resembles(text)
        return followed.theme if followed else theme if probability >= DOUBT else None

    def matter(self, text: str) -> list[str]:
        """The words of `text` that say something: what likeness is learned from, and reads. Greetings are left out."""
        words, kept, position = self._normaliser.words(text), [], 0
        while position < len(words):
            sizes = range(self._longest_politeness, 0, -1)
            polite = next((n for n in sizes if tuple(words[position : position + n]) in self._politeness), 0)
            kept += words[position : position + 1] if not polite else []
            position += polite or 1
        return kept

    def _rule(self, text: str) -> tuple[Detection | None, float, bool]:
        """(what the rules find, the likeness it needs, whether an exception cancelled one)."""
        found = self._read(text)
        paperwork, cancelled = bool(found["", PAPERWORK]), False
        for theme in self._themes:
            exceptions = Exceptions(found[theme, EXCEPTION])
            open_to_doubt = found[theme, LIKELY] + ([] if paperwork else found[theme, AMBIGUOUS])
            kept = found[theme, SURE] + [match for match in open_to_doubt if not exceptions.touch(match)]
            if kept:
                needed = 0.0 if found[theme, SURE] else SUPPORT if paperwork else BARE_SUPPORT
                return Detection(theme, self._rules[min(match.rule for match in kept)].phrase), needed, False
            cancelled = cancelled or bool(open_to_doubt)
        return None, 1.0, cancelled

    def _resembles(self, text: str) -> tuple[str, float]:
        words = self.matter(text) if self.likeness else []
        letters = sum(letter.isalpha() for word in words for letter in word)
        return self.likeness.read(words) if self.likeness and letters >= SHORTEST_LIKENESS else ("", 0.0)

    def question_beside(self, text: str) -> str | None:
        """The insurance question that stands beside the crisis in `text`, or None.

        «mon mari respire plus, et comment déclarer son arrêt ?» holds one: the clauses that speak of no crisis, when
        they ask something (« questions » of the data file) about some paperwork (« demarches »). Without any, those
        that leave a doubt are read too: «mon mari me frappe. Si je pars il garde la carte vitale des enfants, comment
        faire ?» Some questions must not be answered beside some crises (« sans_reponse »): what one's death would pay.
        """
        crisis = self.detect(text)
        theme = crisis.theme if crisis else ""
        clauses = CLAUSE.findall(text)
        found = [self.detect(clause) for clause in clauses]
        calm = [one is None for one in found]
        open_to_doubt = [one is None or self._is_open(one) for one in found]
        return self._question(calm, clauses, theme) or self._question(open_to_doubt, clauses, theme)

    def is_guarded(self, text: str, theme: str) -> bool:
        """Whether `text` holds what must not be answered beside a crisis of `theme` (« sans_reponse »)."""
        return bool(self._read(text)[theme, UNANSWERED])

    def is_asking(self, text: str) -> bool:
        """Whether `text` asks anything at all (« questions »)."""
        return "?" in text or bool(self._read(text)["", ASKING])

    def _question(self, kept: list[bool], clauses: list[str], theme: str) -> str | None:
        """The first run of kept clauses that asks something."""
        runs = groupby(zip(kept, clauses, strict=True), key=lambda row: row[0])
        beside = ["".join(clause for _, clause in run).strip(" ,;:\n") for chosen, run in runs if chosen]
        return next((said for said in beside if self._asks(said, theme)), None)

    def _asks(self, said: str, theme: str) -> bool:
        if len(said.split()) < SHORTEST_QUESTION or not self.is_asking(said):
            return False
        found = self._read(said)
        if not found["", PAPERWORK] or found[theme, UNANSWERED]:
            return False
        crisis = self.detect(said)
        return crisis is None or self._is_open(crisis)

    def _is_open(self, crisis: Detection) -> bool:
        """Whether a clause taken for a crisis may be a question too; never for a theme with « sans_reponse »."""
        return crisis.doubtful and crisis.theme not in self._guarded

    def _read(self, text: str) -> defaultdict[tuple[str, str], list[Match]]:
        found: defaultdict[tuple[str, str], list[Match]] = defaultdict(list)
        for match in self._automaton.matches(self._normaliser.words(text)):
            rule = self._rules[match.rule]
            found[rule.theme, rule.kind].append(match)
        return found


class Exceptions:
    """The places of a message where a « sauf » applies."""

    def __init__(self, matches: list[Match]) -> None:
        self._ends: defaultdict[int, set[int]] = defaultdict(set)
        for match in matches:
            self._ends[match.start].add(match.end)
        self._longest = max((match.end - match.start for match in matches), default=0)

    def touch(self, match: Match) -> bool:
        """True when an exception shares a word with `match`."""
        first = max(0, match.start - self._longest)
        return any(end > match.start for start in range(first, match.end) for end in self._ends.get(start, ()))


def load(path: Path, learned: Path | None = None) -> Detector:
    """The detector `path` describes, with the likeness `learned` holds; the rules work alone when it holds none.

    Raises PatternError, with the line and what to do, when `path` cannot be read.
    """
    document = _read_yaml(path)
    sms = _sms(path, document["sms"])
    plain = Normaliser(sms)
    rules, compiled = _compile(path, document, plain)
    neighbours = _words(document["mots_voisins"], plain)
    automaton = Automaton(
        compiled,
        barriers=_words(document["negations"], plain),
        forgiven=_words(document["fautes_pardonnees"], plain),
        neighbours=neighbours,
    )
    real = automaton.vocabulary.union(neighbours)
    normaliser = Normaliser(sms, elided=automaton.vocabulary, real=real)
    politeness = [normaliser.words(str(line)) for line in document["politesses"]]
    return Detector(rules, automaton, normaliser, politeness, _likeness(learned))


def _likeness(learned: Path | None) -> Likeness | None:
    try:
        return read_likeness(learned)[0] if learned else None
    except LikenessUnreadable:
        return None


def _compile(
    path: Path, document: Mapping[str, Any], normaliser: Normaliser
) -> tuple[list[Rule], list[tuple[int, list[Sequence]]]]:
    lists = {name: list(entries) for name, entries in document["listes"].items()}
    rules: list[Rule] = []
    compiled = []
    for line, rule in _rules(document):
        try:
            compiled.append((len(rules), expand(rule.phrase, lists, normaliser.words)))
        except PatternError as error:
            raise PatternError(f"{path}:{line} — {error}") from None
        rules.append(rule)
    return rules, compiled


def _sms(path: Path, table: Mapping[object, object]) -> dict[str, str]:
    """The table, after checking that no two lines read alike once the accents are gone («je» and «jé»)."""
    seen: dict[str, str] = {}
    for short, long in table.items():
        folded = " ".join(fold(str(short)).split())
        if not folded or seen.get(folded, long) != long:
            line = table.lc.key(short)[0] + 1
            raise PatternError(f"{path}:{line} — « {short} » se lit comme une ligne plus haut. Retirez-le.")
        seen[folded] = str(long)
    return seen


def _words(entries: Iterable[object], normaliser: Normaliser) -> list[str]:
    """The words of lines such as « mourir, suicider »."""
    return [word for entry in entries for word in normaliser.words(str(entry))]


def _read_yaml(path: Path) -> Mapping[str, Any]:
    try:
        document = YAML().load(path.read_text(encoding="utf-8"))
    except (OSError, YAMLError, UnicodeDecodeError) as error:
        raise PatternError(
            f"{path} — fichier illisible ({error}). Corrigez-le, ou rétablissez-le depuis git."
        ) from None
    missing = SECTIONS - set(document or ())
    if missing:
        raise PatternError(f"{path} — il manque {', '.join(sorted(missing))}. Rétablissez ces rubriques depuis git.")
    return document


def _rules(document: Mapping[str, Any]) -> Iterator[tuple[int, Rule]]:
    """(line in the file, rule) for all lines, the most urgent theme first."""
    for theme, kinds in document["detections"].items():
        for kind in (SURE, LIKELY, AMBIGUOUS, EXCEPTION, UNANSWERED):
            for index, phrase in enumerate(kinds.get(kind, ())):
                yield kinds[kind].lc.item(index)[0] + 1, Rule(theme, kind, str(phrase))
    for kind in (PAPERWORK, ASKING):
        for index, phrase in enumerate(document[kind]):
            yield document[kind].lc.item(index)[0] + 1, Rule("", kind, str(phrase))
