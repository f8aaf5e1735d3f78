"""Spelling, for the classifier only: abbreviations written out, slips mended, accents put back.

«g pa recu mon rembourcement, jattend tjrs» is read «j'ai pas reçu mon remboursement, j'attends toujours». A word that
exists is never touched: only words that neither French nor our own examples know are compared with the words of the
examples, by edit distance and by sound, the more frequent first. The person's own text is kept everywhere else.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from importlib import resources
from pathlib import Path
from typing import Any, Dict, Iterable, List, Optional, Text, Tuple

import rasa.shared.utils.io
from rapidfuzz import process
from rapidfuzz.distance import OSA
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from brain import archive
from brain.component import Component
from brain.words import fold, fold_each, phonetic, shouted, straight

__all__ = ["KNOWN", "READING", "Speller", "Spelling"]

READING = "reading"  # the property of a message that holds it as read
KNOWN = "known"  # whether it has any word that exists
TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W_]+(?:'[^\W_]+)*'?|[?!.,;:€%]")
WORD = re.compile(r"[^\W\d_]+")
ITEM = re.compile(r"\s\+\s(?!de\b)|(?<!\S)[1-4]\s?[/)](?!\d)")  # «l'un + l'autre», «1) l'un 2) l'autre»: a line each
SENTENCE_END = frozenset("?!.;:")
ELIDED = ("qu", "j", "l", "d", "c", "n", "s", "m", "t")  # before a vowel or h, often written without their apostrophe
VOWELS = frozenset("aeiouyh")
SHORTEST = 4  # letters of a word that may be mended
LONG = 7  # letters from which two slips are mended, not one
OURS = 4  # times an unknown word stands in the examples before it counts as a word
RARER = 20  # times rarer than a word one slip away: a slip that several people made, not a word
FOREIGN = 0.5  # share of unknown words from which a message is left as it is: it may not be French
CANDIDATES = 20
REMEMBERED = 50_000  # words read, kept to read them faster the next time


class Speller:
    """Reads messages with the words of French and of the examples; `Speller(...)` learns, `read` applies."""

    def __init__(self, texts: Iterable[Text], abbreviations: Dict[Text, Text], jargon: Iterable[Text] = ()) -> None:
        """`abbreviations`: {as typed, lower case: written out}. `jargon`: words that exist whatever the dictionary."""
        french = _dictionary()
        folded = dict(zip(french, fold_each(list(french)), strict=True))
        known = set(WORD.findall("\n".join(folded.values())))
        # «jé» is an abbreviation and «je» a word: the accents count when the bare form exists
        self._abbreviations = {
            key: straight(long)
            for short, long in abbreviations.items()
            for key in {straight(short.lower()), *([] if fold(short) in known else [fold(short)])}
        }
        written = [straight(text.lower()) for text in texts]
        counts = Counter(word for text in written for word in _words(self._written_out(text)))
        known.update(word for term in jargon for word in _words(term))
        self._known = known | self._our_words(counts, known)
        self._counts = {w: n for w, n in counts.items() if w in self._known and len(w) >= SHORTEST and w.isalpha()}
        self._targets = sorted(self._counts)
        self._sounds: Dict[Text, List[Text]] = {}
        for word in self._targets:
            self._sounds.setdefault(phonetic(word), []).append(word)
        self._accented = _accents(french, folded, written)
        self._read_before: Dict[Tuple[Text, bool], Text] = {}

    def read(self, text: Text) -> Text:
        """The message in lower case, line by line, written as a careful person would. Linear in its length.

        What is listed stands on lines of its own: brain/halves.py cuts there.
        """
        loud = shouted(text)
        lines = (self._read_line(TOKEN.findall(line), loud) for line in ITEM.sub("\n", straight(text)).splitlines())
        return "\n".join(line for line in lines if line)

    def knows(self, text: Text) -> bool:
        """Whether a message, as read, has a word that exists. «gnouf trabilu» has none: nothing can be told of it."""
        words = [fold(token) for token in TOKEN.findall(text) if token[0].isalpha() and len(token) >= 3]
        return any(self._exists(word) for word in words)

    def _read_line(self, tokens: List[Text], loud: bool) -> Text:
        words = [fold(token) for token in tokens if token[0].isalpha() and len(token) >= 3]
        foreign = len(words) > 2 and sum(not self._exists(word) for word in words) > FOREIGN * len(words)
        read, starts = [], True
        for token in tokens:
            name = token[0].isupper() and not starts and not loud
            read.append(self._read_token(token.lower(), mend=not (foreign or name)))
            starts = token in SENTENCE_END
        return " ".join(read)

    def _read_token(self, token: Text, mend: bool) -> Text:
        key = (token, mend)
        if key not in self._read_before:
            if len(self._read_before) >= REMEMBERED:
                self._read_before.clear()
            self._read_before[key] = self._read_new(token, mend)
        return self._read_before[key]

    def _read_new(self, token: Text, mend: bool) -> Text:
        if token in self._abbreviations:
            return self._abbreviations[token]
        short = self._abbreviations.get(fold(token))
        if short:
            return short
        head, apostrophe, last = token.rpartition("'")
        if not last or not last.isalpha():
            return token
        if not mend or fold(last) in self._known:
            return head + apostrophe + self._with_accents(last)
        mended = self._mend(fold(last))
        return head + apostrophe + "'".join(self._with_accents(word) for word in mended.split("'"))

    def _exists(self, word: Text) -> bool:
        return word.rpartition("'")[2] in self._known or word in self._abbreviations

    def _with_accents(self, word: Text) -> Text:
        """Accents as typed, else those that the word usually bears."""
        return word if word != fold(word) else self._accented.get(word, word)

    def _mend(self, word: Text) -> Text:
        """The likeliest word, whole or after a lost apostrophe; the same word when nothing is near."""
        if len(word) < SHORTEST:
            return word
        found = self._near(word)
        for elided in ELIDED:
            rest = word[len(elided) :]
            if word.startswith(elided) and len(rest) >= 3 and rest[0] in VOWELS:
                found += [(cost + 0.5, rare, f"{elided}'{near}") for cost, rare, near in self._after_elision(rest)]
        if word[0] == "j" and word[1] not in VOWELS and word[1:] in self._known:
            found.append((0.5, 0, f"je {word[1:]}"))  # «jprends»
        return min(found)[2] if found else word

    def _after_elision(self, rest: Text) -> List[Tuple[float, int, Text]]:
        if rest in self._counts:
            return [(0.0, -self._counts[rest], rest)]
        return [row for row in self._near(rest) if row[0] <= 1.0] if len(rest) > LONG - 2 else []

    def _near(self, word: Text) -> List[Tuple[float, int, Text]]:
        """[(cost, - frequency, word)] of the words within one slip, or two in a long word, or that sound the same."""
        slips = 1 if len(word) < LONG else 2
        heard = phonetic(word)
        found = {
            near: float(distance)
            for near, distance, _ in process.extract(
                word, self._targets, scorer=OSA.distance, score_cutoff=slips, limit=CANDIDATES
            )
        }
        for near in self._sounds.get(heard, ()):
            if abs(len(near) - len(word)) <= 3:
                found[near] = min(found.get(near, 1.5), 1.5) - 0.5
        return [(cost + 0.3 * (near[0] != word[0]), -self._counts[near], near) for near, cost in found.items()]

    def _our_words(self, counts: Counter, known: Iterable[Text]) -> set:
        """Words of the examples that no dictionary has («ameli»), less the slips that several people made."""
        frequent = {word: n for word, n in counts.items() if n >= OURS and len(word) >= SHORTEST}
        names = sorted(frequent)
        ours = {word for word, n in counts.items() if len(word) < SHORTEST}
        for word in (name for name in names if name not in known):
            near = process.extract(word, names, scorer=OSA.distance, score_cutoff=1, limit=CANDIDATES)
            if all(frequent[other] < RARER * frequent[word] for other, _, _ in near):
                ours.add(word)
        return ours

    def _written_out(self, text: Text) -> Text:
        return " ".join(self._abbreviations.get(token, token) for token in TOKEN.findall(text))


def _words(text: Text) -> List[Text]:
    return WORD.findall(fold(text))


def _dictionary() -> Dict[Text, int]:
    """{word: times seen} of French as pyspellchecker ships it (words of film subtitles, spell-checked)."""
    shipped = resources.files("spellchecker") / "resources" / "fr.json.gz"
    return json.loads(gzip.decompress(shipped.read_bytes()))


def _accents(french: Dict[Text, int], folded: Dict[Text, Text], written: Iterable[Text]) -> Dict[Text, Text]:
    """{folded word: the way it is most often written}, for words of three letters or more that bear an accent.

    `folded`: the words of `french`, each with its folded form.
    """
    seen = {word: count**0.5 for word, count in french.items()}  # films say «du» more than the sick do
    for word, times in Counter(word for text in written for word in WORD.findall(text)).items():
        seen[word] = seen.get(word, 0.0) + 30 * times
    ours = [word for word in seen if word not in folded]
    bare = folded | dict(zip(ours, fold_each(ours), strict=True))
    doubtful = {short for word, short in bare.items() if short != word and len(short) > 2 and short.isalpha()}
    best: Dict[Text, Tuple[float, Text]] = {}
    for word, short in bare.items():
        if short in doubtful:
            best[short] = max(best.get(short, (0.0, "")), (seen[word], word))
    return {short: word for short, (_, word) in best.items() if word != short}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class Spelling(Component):
    """Sets a message's `reading`, which the sentence vector and the classifier read in place of its text."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"lexicon_file": "data/lexique.yml"}

    speller: Optional[Speller] = None

    def restore(self, folder: Path) -> None:
        self.speller = archive.read(folder / "speller.pickle.gz")

    def train(self, training_data: TrainingData) -> Resource:
        lexicon = rasa.shared.utils.io.read_yaml_file(Path(self._config["lexicon_file"]))
        self.speller = Speller(
            [message.get(TEXT) for message in training_data.intent_examples if message.get(TEXT)],
            {str(short): str(long) for short, long in lexicon["abreviations"].items()},
            [str(row["terme"]) for row in lexicon["jargon"]],
        )
        with self._storage.write_to(self._resource) as folder:
            archive.write(folder / "speller.pickle.gz", self.speller)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            if message.get(TEXT):
                reading = self.speller.read(message.get(TEXT))
                message.set(READING, reading, add_to_output=True)
                message.set(KNOWN, self.speller.knows(reading))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        for message in training_data.training_examples:
            if message.get(TEXT):
                message.set(READING, self.speller.read(message.get(TEXT)))
        return training_data
