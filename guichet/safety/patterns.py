"""The small pattern language of data/urgences.yml, compiled into one automaton for all rules.

The language is documented for authors, in French, at the top of that file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from guichet.safety.normalise import fold, stem

__all__ = ["Automaton", "Match", "PatternError", "expand"]

GAPS = {"*": 3, "**": 8}  # the most words each star may skip
TOKEN = re.compile(r"\([^()]*\)|\S+")
LIST = re.compile(r"<([a-z0-9_]+)>")
SIGNS = frozenset("<>()*^$~")
SHORTEST_PREFIX = 3
LONG_WORD = 6  # a slip in a shorter word too often makes another word
LONGEST_WORD = 25  # beyond, nothing is a French word with a slip
MOST_SEQUENCES = 5_000  # one rule may not expand further: a list inside a list inside a list


class PatternError(ValueError):
    """A rule cannot be read. The message, in French, says what to do."""


class Step(NamedTuple):
    """One word of a rule: the terms that suit (« mot », or « début~ »), after at most `gap` other words."""

    terms: frozenset[str]
    gap: int


class Sequence(NamedTuple):
    """A rule without lists: its steps, and whether it must open or close the message."""

    steps: tuple[Step, ...]
    opens: bool
    closes: bool


class Match(NamedTuple):
    """Words `start` to `end` (excluded) of a message follow the rule number `rule`."""

    start: int
    end: int
    rule: int


def expand(rule: str, lists: Mapping[str, Iterable[str]], words: Callable[[str], list[str]]) -> list[Sequence]:
    """Every sequence `rule` stands for, once its lists are written out.

    `words` cuts plain text the way messages are cut. Raises PatternError.
    """
    text = rule.strip()
    opens, closes = text.startswith("^"), text.endswith("$")
    body = text.removeprefix("^").removesuffix("$")
    sequences = [Sequence(steps, opens, closes) for steps in _expand(body, lists, words, ())]
    if not all(sequence.steps for sequence in sequences):
        raise PatternError(f"« {rule} » ne contient aucun mot. Écrivez au moins un mot.")
    if any(sequence.steps[0].gap for sequence in sequences):
        raise PatternError(f"« {rule} » commence par une étoile. Commencez par un mot.")
    return sequences


def _expand(
    text: str, lists: Mapping[str, Iterable[str]], words: Callable[[str], list[str]], inside: tuple[str, ...]
) -> list[tuple[Step, ...]]:
    parts: list[list[tuple[Step, ...]]] = []
    gap = 0
    for token in TOKEN.findall(text):
        if token in GAPS:
            gap = GAPS[token]
            continue
        choices = _choices(token, lists, words, inside)
        if gap:
            choices = [(Step(steps[0].terms, gap), *steps[1:]) for steps in choices if steps]
        if choices != [()]:
            gap = 0
        parts.append(choices)
    if gap:
        raise PatternError(f"« {text.strip()} » finit par une étoile. Finissez par un mot.")
    sequences = [tuple(step for part in choice for step in part) for choice in product(*parts)]
    if len(sequences) > MOST_SEQUENCES:
        raise PatternError(f"« {text.strip()} » combine trop de listes. Partagez cette phrase en deux.")
    return sequences


def _choices(
    token: str, lists: Mapping[str, Iterable[str]], words: Callable[[str], list[str]], inside: tuple[str, ...]
) -> list[tuple[Step, ...]]:
    named = LIST.fullmatch(token)
    if named:
        name = named[1]
        if name not in lists:
            raise PatternError(f"La liste « {name} » n'existe pas. Ajoutez-la sous « listes », ou corrigez son nom.")
        if name in inside:
            raise PatternError(f"La liste « {name} » se contient elle-même. Retirez-la de ses propres lignes.")
        return _either((str(entry) for entry in lists[name]), lists, words, (*inside, name))
    if token.startswith("(") and token.endswith(")"):
        return _either(token[1:-1].split("|"), lists, words, inside)
    if "|" in token:
        return _either(token.split("|"), lists, words, inside)
    if token.endswith("~"):
        return [(Step(frozenset({_prefix(token)}), 0),)]
    if any(sign in token for sign in SIGNS):
        raise PatternError(f"« {token} » : signe mal placé. Mettez une espace de chaque côté.")
    return [tuple(Step(frozenset({word}), 0) for word in words(token))]


def _either(
    phrases: Iterable[str],
    lists: Mapping[str, Iterable[str]],
    words: Callable[[str], list[str]],
    inside: tuple[str, ...],
) -> list[tuple[Step, ...]]:
    """The sequences of all `phrases`; those of one word share one step."""
    phrases = list(phrases)
    if not all(phrase.strip() for phrase in phrases):
        raise PatternError("Un choix est vide. Retirez la barre ou la ligne en trop.")
    sequences = [steps for phrase in phrases for steps in _expand(phrase, lists, words, inside)]
    single = frozenset[str]().union(*(steps[0].terms for steps in sequences if len(steps) == 1))
    longer = [steps for steps in sequences if len(steps) > 1]
    return ([(Step(single, 0),)] if single else []) + longer


def _prefix(token: str) -> str:
    found = fold(token[:-1]).split()
    if len(found) != 1 or len(found[0]) < SHORTEST_PREFIX:
        raise PatternError(f"« {token} » : avant ~, écrivez un début de mot d'au moins {SHORTEST_PREFIX} lettres.")
    return stem(found[0]) + "~"  # messages are stemmed: « dossier~ » must meet « dossie »


@dataclass(eq=False)
class Node:
    """A place in the automaton: what has been read so far of the rules that share this beginning."""

    gap: int = 0
    edges: dict[str, list[Node]] = field(default_factory=dict)
    waits: dict[int, Node] = field(default_factory=dict)
    shared: dict[frozenset[str], Node] = field(default_factory=dict)
    rules: list[int] = field(default_factory=list)
    last_word_rules: list[int] = field(default_factory=list)

    def follow(self, step: Step) -> Node:
        """The node after `step`, made when it is not there yet."""
        origin = self if not step.gap else self.waits.setdefault(step.gap, Node(gap=step.gap))
        if step.terms not in origin.shared:
            node = origin.shared[step.terms] = Node()
            for term in step.terms:
                origin.edges.setdefault(term, []).append(node)
        return origin.shared[step.terms]


class Automaton:
    """All rules read side by side, one pass over the words.

    Each place is kept once, whatever the text, so the time is linear in the number of words.

    Arguments:
        rules: (number, sequences) of each rule; the number comes back in the matches.
        barriers: words no star may skip (negations).
        forgiven: words of the rules in which one typing slip is forgiven.
        neighbours: real words never taken for such a slip.
    """

    def __init__(
        self,
        rules: Iterable[tuple[int, Iterable[Sequence]]],
        *,
        barriers: Iterable[str] = (),
        forgiven: Iterable[str] = (),
        neighbours: Iterable[str] = (),
    ) -> None:
        self._anywhere, self._opening = Node(), Node()
        self._barriers = frozenset(barriers)
        self._words: set[str] = set()
        self._prefixes: set[str] = set()
        for number, sequences in rules:
            for sequence in sequences:
                self._add(number, sequence)
        self._prefix_lengths = sorted({len(prefix) for prefix in self._prefixes})
        self._real = self._words | frozenset(neighbours)
        self._slips = _slip_index(word for word in forgiven if len(word) >= LONG_WORD)
        self._terms = lru_cache(maxsize=20_000)(self._find_terms)

    def _add(self, number: int, sequence: Sequence) -> None:
        node = self._opening if sequence.opens else self._anywhere
        for step in sequence.steps:
            node = node.follow(step)
            for term in step.terms:
                if term.endswith("~"):
                    self._prefixes.add(term[:-1])
                else:
                    self._words.add(term)
        rules = node.last_word_rules if sequence.closes else node.rules
        if number not in rules:
            rules.append(number)

    @property
    def vocabulary(self) -> frozenset[str]:
        """The whole words the rules name."""
        return frozenset(self._words)

    def matches(self, words: list[str]) -> Iterator[Match]:
        """Where the rules are followed in `words`, in the order of the last word."""
        active: dict[Node, tuple[int, int]] = {}  # node -> (words it may still skip, first word of the match)
        last = len(words) - 1
        for position, word in enumerate(words):
            terms = self._terms(word)
            reached: dict[Node, int] = {}
            following: dict[Node, tuple[int, int]] = {}
            for node, (gap, start) in active.items():
                if gap and word not in self._barriers:
                    following[node] = (gap - 1, start)
                _advance(node, terms, start, reached)
            _advance(self._anywhere, terms, position, reached)
            if position == 0:
                _advance(self._opening, terms, position, reached)
            for node, start in reached.items():
                for rule in node.rules:
                    yield Match(start, position + 1, rule)
                if position == last:
                    for rule in node.last_word_rules:
                        yield Match(start, position + 1, rule)
                following[node] = (0, start)
                for waiting in node.waits.values():
                    following[waiting] = (waiting.gap, start)
            active = following

    def slips(self, word: str) -> frozenset[str]:
        """The forgiven words of which `word` may be a typing slip."""
        if not LONG_WORD - 1 <= len(word) <= LONGEST_WORD or word in self._real:
            return frozenset()
        near = {known for cut in _cuts(word) for known in self._slips.get(cut, ())}
        return frozenset(known for known in near if _one_slip(word, known))

    def _find_terms(self, word: str) -> tuple[str, ...]:
        terms = {word} if word in self._words else set(self.slips(word))
        terms.update(f"{word[:n]}~" for n in self._prefix_lengths if n <= len(word) and word[:n] in self._prefixes)
        return tuple(sorted(terms))


def _advance(node: Node, terms: tuple[str, ...], start: int, reached: dict[Node, int]) -> None:
    for term in terms:
        for following in node.edges.get(term, ()):
            reached[following] = max(start, reached.get(following, start))


def _slip_index(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    index: dict[str, tuple[str, ...]] = {}
    for word in words:
        for cut in _cuts(word):
            index[cut] = (*index.get(cut, ()), word)
    return index


def _cuts(word: str) -> set[str]:
    """`word` and what is left of it without one letter; two words one slip apart share at least one."""
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


def _one_slip(typed: str, meant: str) -> bool:
    """One letter missing, added, changed or swapped with the next; never the first one."""
    if typed[0] != meant[0]:
        return False
    start = 0
    while start < min(len(typed), len(meant)) and typed[start] == meant[start]:
        start += 1
    end = 0
    while end < min(len(typed), len(meant)) - start and typed[-1 - end] == meant[-1 - end]:
        end += 1
    left, right = typed[start : len(typed) - end], meant[start : len(meant) - end]
    return max(len(left), len(right)) <= 1 or (len(left) == 2 and left == right[::-1])
