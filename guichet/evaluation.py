"""How well questions are understood: ranks with their intervals, and what the bot would have done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from guichet.safety import Detection
from guichet.understanding import Question

__all__ = ["Evaluation", "Miss", "Rate", "evaluation"]

Z = 1.96  # 95 %
OUT = "hors_sujet"


@dataclass(frozen=True)
class Rate:
    """A proportion with its 95 % interval (Wilson, 1927)."""

    right: int
    total: int

    @property
    def value(self) -> float:
        return self.right / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        if not self.total:
            return 0.0, 1.0
        n, p = self.total, self.value
        centre, spread = p + Z * Z / (2 * n), Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
        return (centre - spread) / (1 + Z * Z / n), (centre + spread) / (1 + Z * Z / n)


@dataclass(frozen=True)
class Miss:
    """A question whose right theme does not come first."""

    text: str
    right: str
    first: str
    third: bool  # the right theme is among the first three


@dataclass(frozen=True)
class Evaluation:
    """`rates`: (questions, measure) -> Rate. What was done: `decisions` in the domain, `outside` out of it."""

    rates: dict[tuple[str, str], Rate]
    decisions: Counter[str]
    outside: Counter[str]
    misses: list[Miss]


def evaluation(
    questions: Sequence[Question], understood: Sequence[dict[str, Any]], detected: Sequence[Detection | None]
) -> Evaluation:
    """Compare what was understood with what was meant; safety reads first, as it does in the web process."""
    rows = []
    decisions: Counter[str] = Counter()
    outside: Counter[str] = Counter()
    misses = []
    for question, reply, detection in zip(questions, understood, detected, strict=True):
        ranking = [row["name"] for row in reply["ranking"]]
        if detection:
            ranking = [detection.theme, *(name for name in ranking if name != detection.theme)]
        first, third = ranking[0] in question.right, bool(question.right & set(ranking[:3]))
        rows.append((question, first, third))
        if not first:
            misses.append(Miss(question.text, " / ".join(sorted(question.right)), ranking[0], third))
        (outside if OUT in question.right else decisions)[_decision(question, reply, detection)] += 1
    return Evaluation(_rates(rows), decisions, outside, misses)


def _rates(rows: list[tuple[Question, bool, bool]]) -> dict[tuple[str, str], Rate]:
    groups = {
        "toutes": lambda question: True,
        "soignées": lambda question: question.noise == "none",
        "bruitées": lambda question: question.noise != "none",
        "de l'Assurance Maladie": lambda question: OUT not in question.right,
        "hors du domaine, proches": lambda question: question.kind == "near",
        "hors du domaine, lointaines": lambda question: question.kind == "far",
    }
    rates = {}
    for name, chosen in groups.items():
        group = [row for row in rows if chosen(row[0])]
        rates[name, "premier"] = Rate(sum(first for _, first, _ in group), len(group))
        rates[name, "parmi trois"] = Rate(sum(third for _, _, third in group), len(group))
    return rates


def _decision(question: Question, reply: dict[str, Any], detection: Detection | None) -> str:
    if detection:
        return "bonne réponse" if detection.theme in question.right else "mauvaise réponse"
    intent, decision = reply["intent"]["name"], reply.get("decision") or {}
    offered = set(decision.get("themes") or ())
    if intent in question.right:
        return "bonne réponse"
    if intent == "clarification":
        return "bonne clarification" if offered & question.right else "clarification à côté"
    if intent == "plusieurs_questions":
        return "bonne réponse" if offered & question.right else "mauvaise réponse"
    return "aveu" if intent == "nlu_fallback" else "mauvaise réponse"
