"""Answer, ask or admit: whichever is expected to cost the person least. Pure functions of probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Collection, Dict, List, Sequence, Text, Tuple

__all__ = ["ADMIT", "ANSWER", "ASK", "Choice", "Costs", "cheapest"]

ANSWER, ASK, ADMIT = "answer", "ask", "admit"
MOST = 3  # themes in one question
Ranking = Sequence[Dict[Text, object]]  # [{name, confidence}], the likeliest first


@dataclass(frozen=True)
class Costs:
    """What each mistake costs the person, a wrong answer about rights or money being 1."""

    wrong: float = 1.0  # an answer on another theme than theirs
    chat: float = 0.5  # a greeting, a thanks or a refusal taken for another
    question: float = 0.03  # a question that an answer could have replaced
    reading: float = 0.02  # each theme to read in it
    admission: float = 0.8  # «I did not understand» to a question that is ours, or none of the themes offered
    stranger: float = 0.05  # the same to a question that is not: nobody says whose job it is


@dataclass(frozen=True)
class Choice:
    """`what` to do with which `themes` (the one answered, or those offered), and its expected cost."""

    what: Text
    themes: Tuple[Text, ...]
    cost: float


def cheapest(
    ranking: Ranking,
    outside: float,
    costs: Costs,
    steering: Collection[Text],
    chat: Collection[Text],
    refused: Collection[Text],
) -> Choice:
    """The cheapest of: answer with the first intent; offer the two or three likeliest themes; admit.

    `outside`: how likely the message is none of our business, 0 to 1. `steering`: intents that are no theme, never
    offered; those in `chat` cost little when mistaken. `refused`: themes that are neither answered nor offered again.
    """
    first, sure = str(ranking[0]["name"]), float(ranking[0]["confidence"])  # type: ignore[arg-type]
    options: List[Choice] = [Choice(ADMIT, (), costs.admission * (1.0 - outside) + costs.stranger * outside)]
    if first not in refused:
        options.append(Choice(ANSWER, (first,), (costs.chat if first in chat else costs.wrong) * (1.0 - sure)))
    themes = [row for row in ranking if row["name"] not in steering and row["name"] not in refused][:MOST]
    for count in range(2, len(themes) + 1):
        missed = 1.0 - sum(float(row["confidence"]) for row in themes[:count])  # type: ignore[arg-type]
        cost = costs.question + costs.reading * count + costs.admission * max(0.0, missed)
        options.append(Choice(ASK, tuple(str(row["name"]) for row in themes[:count]), cost))
    return min(options, key=lambda option: option.cost)
