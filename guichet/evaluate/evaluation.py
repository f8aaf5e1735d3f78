"""All the measures of a set of questions, drawn from what the bot made of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from guichet.evaluate.measures import (
    Bin,
    Point,
    Rate,
    Score,
    aurc,
    auroc,
    coverage_at,
    ece,
    macro_f1,
    reliability,
    risk_coverage,
    scores,
)
from guichet.evaluate.outcome import CLARIFIED_WELL, MISTAKEN, REFUSED, RIGHT, Outcome

__all__ = [
    "ALL",
    "BOTH",
    "CAREFUL",
    "FAR",
    "HALF",
    "INSIDE",
    "NEAR",
    "NOISY",
    "RISKS",
    "Confusion",
    "Evaluation",
    "Trust",
]

# Groups of questions; those out of the domain that are neither near nor far are in ALL only.
INSIDE, CAREFUL, NOISY, NEAR, FAR, ALL = "in_domain", "in_domain_careful", "in_domain_noisy", "near", "far", "all"
# What can be done of two questions in one message, beside the decisions.
BOTH, HALF = "les deux réponses", "une bonne réponse et une mauvaise"
RISKS = (0.02, 0.05)  # shares of wrong answers at which coverage is told


@dataclass(frozen=True)
class Confusion:
    """The questions about `theme` for which `taken_for` came first."""

    theme: str
    taken_for: str
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True)
class Trust:
    """What the confidence of the first theme is worth. `bins` leave out crisis messages, recognised without one."""

    bins: list[Bin]
    curve: list[Point]

    @property
    def ece(self) -> float | None:
        return ece(self.bins)

    @property
    def aurc(self) -> float | None:
        return aurc(self.curve)

    @property
    def coverage(self) -> dict[float, float]:
        """Largest share of questions answered, by share of wrong answers accepted (0..1)."""
        return {risk: coverage_at(self.curve, risk) for risk in RISKS}


@dataclass(frozen=True)
class Evaluation:
    """`part` is the part of the file that was read, "" for a file without parts."""

    outcomes: tuple[Outcome, ...]
    part: str = ""

    @cached_property
    def groups(self) -> dict[str, tuple[Outcome, ...]]:
        inside = tuple(one for one in self.outcomes if not one.question.outside)
        return {
            INSIDE: inside,
            CAREFUL: tuple(one for one in inside if one.question.noise == "none"),
            NOISY: tuple(one for one in inside if one.question.noise != "none"),
            NEAR: self.outside(NEAR),
            FAR: self.outside(FAR),
            ALL: self.outcomes,
        }

    def outside(self, kind: str | None = None) -> tuple[Outcome, ...]:
        """The questions out of the domain, of one kind when given."""
        questions = (one for one in self.outcomes if one.question.outside)
        return tuple(one for one in questions if kind is None or one.question.kind == kind)

    def first(self, group: str) -> Rate:
        """How often a right theme comes first."""
        return _rate(one.first for one in self.groups[group])

    def third(self, group: str) -> Rate:
        """How often a right theme is among the first three."""
        return _rate(one.third for one in self.groups[group])

    @cached_property
    def noises(self) -> dict[str, tuple[Outcome, ...]]:
        """The questions of the domain by kind of noise, in the order of the file."""
        kinds = dict.fromkeys(one.question.noise for one in self.groups[INSIDE])
        return {kind: tuple(one for one in self.groups[INSIDE] if one.question.noise == kind) for kind in kinds}

    @cached_property
    def themes(self) -> dict[str, Score]:
        """The score of each theme that some question is about, `hors_sujet` included."""
        return scores([(one.question.theme, one.taken_for) for one in self.outcomes])

    @property
    def macro_f1(self) -> float | None:
        return macro_f1(self.themes)

    @cached_property
    def confusions(self) -> list[Confusion]:
        """Pairs of themes confused, the most frequent first."""
        pairs: dict[tuple[str, str], list[Outcome]] = {}
        for one in self.outcomes:
            if not one.first:
                pairs.setdefault((one.question.theme, one.taken_for), []).append(one)
        found = [Confusion(theme, taken_for, tuple(rows)) for (theme, taken_for), rows in pairs.items()]
        return sorted(found, key=lambda pair: (-len(pair.outcomes), pair.theme, pair.taken_for))

    @cached_property
    def trust(self) -> dict[str, Trust]:
        """By group: the questions of the domain, and all of them."""
        return {group: _trust(self.groups[group]) for group in (INSIDE, ALL)}

    def auroc(self, kind: str) -> float | None:
        """How well questions out of the domain, of one kind, are told from all those of the domain."""
        inside = [one.out_of_domain for one in self.groups[INSIDE]]
        return auroc([one.out_of_domain for one in self.groups[kind]], inside)

    @property
    def decisions(self) -> Counter[str]:
        """What was done of the questions of the domain."""
        return Counter(one.decision for one in self.groups[INSIDE])

    @property
    def refusals(self) -> dict[str, Counter[str]]:
        """What was done of the questions out of the domain, by kind ("" when the file does not say)."""
        kinds = sorted({one.question.kind for one in self.outside()}, reverse=True)
        return {kind: Counter(one.decision for one in self.outside(kind)) for kind in kinds}

    @property
    def seconds(self) -> Counter[str]:
        """What was done of the messages that ask two questions: BOTH, HALF, or a decision (RIGHT: one is answered)."""
        doubles = [one for one in self.groups[INSIDE] if one.question.second]
        return Counter(BOTH if one.both else HALF if one.half else one.decision for one in doubles)

    @property
    def one_too_many(self) -> Rate:
        """In the domain, of messages that ask one question: two answers given, of which one at most was wanted."""
        singles = (one for one in self.groups[INSIDE] if not one.question.second)
        return _rate(one.half or (one.twice and one.decision == MISTAKEN) for one in singles)

    @property
    def well_done(self) -> Rate:
        """In the domain: a right answer, or a clarification that offers one."""
        return _rate(one.decision in (RIGHT, CLARIFIED_WELL) for one in self.groups[INSIDE])

    @property
    def mistaken(self) -> Rate:
        """In the domain: a wrong answer, «hors sujet» included."""
        return _rate(one.decision == MISTAKEN for one in self.groups[INSIDE])

    @property
    def turned_away(self) -> Rate:
        """In the domain: «hors sujet» said wrongly; a part of `mistaken`."""
        return _rate(one.turned_away for one in self.groups[INSIDE])

    @property
    def served(self) -> Rate:
        """In the domain: an answer or a clarification, rather than «hors sujet» or an admission."""
        return _rate(one.served for one in self.groups[INSIDE])

    def refused(self, kind: str) -> Rate:
        """Out of the domain: «hors sujet» said, or not understood admitted."""
        return _rate(one.decision == REFUSED for one in self.groups[kind])


def _rate(rights: Iterable[bool]) -> Rate:
    rights = list(rights)
    return Rate(sum(rights), len(rights))


def _trust(rows: Sequence[Outcome]) -> Trust:
    by_model = [(one.confidence, one.first) for one in rows if not one.by_rule]
    return Trust(reliability(by_model), risk_coverage([(one.confidence, one.first) for one in rows]))
