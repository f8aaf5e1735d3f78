"""The failure count of a conversation: a pure function of the tracker's events (DESIGN §5.4 and §5.5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

__all__ = ["LIMIT", "Exchange", "Progress", "exchanges", "progress"]

LIMIT = 2  # failures after which the hand-off is offered

FAILURES = {"nlu_fallback", "insatisfaction"}
RESETS = {"satisfaction", "decliner_relais", "soumettre_dossier"}
NEUTRAL = {
    "clarification",
    "salutation",
    "remerciement",
    "au_revoir",
    "identite_bot",
    "capacites_bot",
    "insulte",
    "hors_sujet",
    "parler_conseiller",
    "urgence_medicale",
    "urgence_suicide",
    "urgence_violences",
}


@dataclass
class Exchange:
    """One turn as the tracker tells it: what the person did, and what the bot said."""

    intent: str
    entities: dict[str, Any] = field(default_factory=dict)
    kinds: list[str] = field(default_factory=list)
    themes: list[str] = field(default_factory=list)  # of its answers
    texts: list[str] = field(default_factory=list)


@dataclass
class Progress:
    """Where a conversation stands after its last turn.

    `failures`: how many, the current turn included. `theme`: of the last answer. `refused`: themes refused since the
    last reset. `texts`: what the bot said in the turn before.
    """

    failures: int = 0
    theme: str | None = None
    refused: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    last_kind: str | None = None


def progress(events: Iterable[dict[str, Any]]) -> Progress:
    """Read the count off the events of a tracker, in the form rasa-sdk gives them.

    - «not understood» and «refused» are failures, one a turn at most;
    - satisfaction, an offer declined and a hand-off sent reset;
    - an answer on another theme than the failed turn's resets once a further question or satisfaction follows it;
    - small talk, emergencies, other bodies' questions, clarifications and a person asked for neither count nor reset;
    - an earlier turn without a word of the bot broke on the way: the person never heard of it, so it is nothing.
    """
    now = Progress()
    failed_on: str | None = None
    other_theme_answered = False
    refused: list[str] = []
    turns = exchanges(events)
    for turn in [turn for turn in turns[:-1] if turn.kinds] + turns[-1:]:
        if turn.intent in FAILURES:
            now.failures += 1
            other_theme_answered = False
            failed_on = now.theme
            if turn.intent == "insatisfaction" and now.theme and now.last_kind == "answer":
                refused.append(now.theme)
        elif turn.intent in RESETS:
            now.failures, other_theme_answered = 0, False
            refused.clear()
        elif turn.intent not in NEUTRAL:
            if other_theme_answered:
                now.failures, other_theme_answered = 0, False
                refused.clear()
            if now.failures and turn.themes and turn.themes[-1] != failed_on:
                other_theme_answered = True
        if turn.themes:
            now.theme = turn.themes[-1]
        if turn.kinds:
            now.last_kind, now.texts = turn.kinds[-1], tuple(turn.texts)
    now.refused = tuple(dict.fromkeys(refused))
    return now


def exchanges(events: Iterable[dict[str, Any]]) -> list[Exchange]:
    """Events of a tracker, grouped by turn."""
    turns: list[Exchange] = []
    for event in events:
        if event.get("event") == "user":
            said = event.get("parse_data") or {}
            turns.append(
                Exchange(
                    intent=(said.get("intent") or {}).get("name") or "nlu_fallback",
                    entities={row["entity"]: row.get("value") for row in said.get("entities") or ()},
                )
            )
        elif event.get("event") == "bot" and turns:
            custom = (event.get("data") or {}).get("custom") or {}
            turns[-1].kinds.append(custom.get("kind") or "smalltalk")
            turns[-1].texts.append(event.get("text") or "")
            if custom.get("kind") == "answer" and custom.get("theme"):
                turns[-1].themes.append(custom["theme"])
    return turns
