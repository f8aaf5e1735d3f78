"""One question and what the bot made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from guichet.questions import OUT, Question
from guichet.safety import Detection

__all__ = [
    "ADMITTED",
    "ANSWERED",
    "CLARIFIED",
    "CLARIFIED_ASIDE",
    "CLARIFIED_WELL",
    "MISTAKEN",
    "REFUSED",
    "RIGHT",
    "Outcome",
    "outcomes",
]

# What can be done of a question of the domain ...
RIGHT, CLARIFIED_WELL = "bonne réponse", "bonne clarification"
MISTAKEN, CLARIFIED_ASIDE, ADMITTED = "mauvaise réponse", "clarification à côté", "aveu"
# ... and of a question out of it.
REFUSED, CLARIFIED, ANSWERED = "refusée", "clarification", "réponse à tort"

CLARIFICATION, SEVERAL, FALLBACK = "clarification", "plusieurs_questions", "nlu_fallback"  # intents of the decision


@dataclass(frozen=True)
class Outcome:
    """`ranking`: intents, the likeliest first. `confidence` of the first and `out_of_domain` are in 0..1.

    `intent` is the decided one, `offered` the themes offered together in a clarification or answered together.
    `by_rule`: a crisis message, recognised by guichet/safety before the model as in the web process; its theme is then
    first and decided, with a confidence of 1.
    """

    question: Question
    ranking: tuple[str, ...]
    confidence: float
    intent: str
    offered: frozenset[str]
    out_of_domain: float
    by_rule: bool = False

    @property
    def first(self) -> bool:
        """Whether a right theme comes first."""
        return self.ranking[0] in self.question.right

    @property
    def third(self) -> bool:
        """Whether a right theme is among the first three."""
        return bool(self.question.right & set(self.ranking[:3]))

    @property
    def taken_for(self) -> str:
        """The theme that comes first; an acceptable one stands for the question's own."""
        return self.question.theme if self.first else self.ranking[0]

    @property
    def decision(self) -> str:
        """What was done: one of the five words in the domain, of the three out of it.

        Two questions answered together are a right answer when one of them is right. Out of the domain, an acceptable
        theme counts as refused, and so does an admission: nothing wrong was said.
        """
        answered = {self.intent} | (self.offered if self.intent == SEVERAL else set())
        right = bool(answered & self.question.right)
        if self.question.outside:
            if right or self.intent == FALLBACK:
                return REFUSED
            return CLARIFIED if self.intent == CLARIFICATION else ANSWERED
        if right:
            return RIGHT
        if self.intent == CLARIFICATION:
            return CLARIFIED_WELL if self.offered & self.question.right else CLARIFIED_ASIDE
        return ADMITTED if self.intent == FALLBACK else MISTAKEN

    @property
    def twice(self) -> bool:
        """Whether two answers were given."""
        return self.intent == SEVERAL

    @property
    def both(self) -> bool:
        """Whether the two questions of a message are answered together."""
        to_the_second = {self.question.second} & self.offered
        return self.twice and bool(to_the_second) and bool(self.offered & self.question.right - to_the_second)

    @property
    def half(self) -> bool:
        """Whether two answers were given, and only one of them is right."""
        return self.twice and len(self.offered & self.question.right) == 1

    @property
    def turned_away(self) -> bool:
        """Whether a question of the domain was said to be out of it."""
        return self.intent == OUT and self.decision == MISTAKEN

    @property
    def served(self) -> bool:
        """Whether a question of the domain got an answer or a clarification, good or bad, rather than a refusal."""
        return self.decision != ADMITTED and not self.turned_away


def outcomes(
    questions: Sequence[Question], understood: Sequence[dict[str, Any]], detected: Sequence[Detection | None]
) -> tuple[Outcome, ...]:
    """`understood`: what `guichet.understanding.ask` gives, one a question; `detected`: what safety says of each."""
    return tuple(
        _by_rule(question, reply, detection) if detection else _by_model(question, reply)
        for question, reply, detection in zip(questions, understood, detected, strict=True)
    )


def _by_rule(question: Question, reply: dict[str, Any], detection: Detection) -> Outcome:
    others = (row["name"] for row in reply["ranking"] if row["name"] != detection.theme)
    return Outcome(question, (detection.theme, *others), 1.0, detection.theme, frozenset(), 0.0, by_rule=True)


def _by_model(question: Question, reply: dict[str, Any]) -> Outcome:
    ranking = reply["ranking"] or [reply["intent"]]
    return Outcome(
        question,
        tuple(row["name"] for row in ranking),
        ranking[0]["confidence"],
        reply["intent"]["name"],
        frozenset((reply.get("decision") or {}).get("themes") or ()),
        _out_of_domain(reply, ranking),
    )


def _out_of_domain(reply: dict[str, Any], ranking: list[dict[str, Any]]) -> float:
    """How far from the domain (0..1): what the model says of it, else from the confidences of the ranking.

    Without its own word on it, the mean of the confidence in `hors_sujet` and of the lack of confidence in the best of
    the other intents.
    """
    for said in (reply.get("out_of_domain"), (reply.get("decision") or {}).get("out_of_domain")):
        if said is not None:
            return float(said)
    confidences = {row["name"]: row["confidence"] for row in ranking}
    out = confidences.pop(OUT, 0.0)
    return (out + 1 - max(confidences.values(), default=0.0)) / 2
