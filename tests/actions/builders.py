"""Trackers made of words: `history("ceam", "non", ...)` instead of blobs of JSON."""

from __future__ import annotations

from typing import Any

__all__ = ["history", "tracker", "turn"]

# What each word of a history means: (intent, kind of the bot's reply, theme of its answer).
WORDS = {
    "non": ("insatisfaction", "retry", None),
    "?": ("nlu_fallback", "retry", None),
    "aucune": ("insatisfaction", "retry", None),
    "oui": ("satisfaction", "smalltalk", None),
    "bonjour": ("salutation", "smalltalk", None),
    "merci": ("remerciement", "smalltalk", None),
    "clarifier": ("clarification", "clarify", None),
    "urgence": ("urgence_medicale", "emergency", None),
    "caf": ("hors_sujet", "out_of_scope", None),
    "insulte": ("insulte", "smalltalk", None),
    "conseiller": ("parler_conseiller", "handoff_offer", None),
    "decline": ("decliner_relais", "smalltalk", None),
    "formulaire": ("soumettre_dossier", "handoff_done", None),
}


def turn(word: str) -> list[dict[str, Any]]:
    """The events of one turn. A word not in WORDS is a theme asked for and answered; `delai:ceam` a precision.

    `!non` is a turn that broke: the person's words, and nothing of the bot.
    """
    if word.startswith("!"):
        return turn(word[1:])[:2]
    precision, _, theme = word.rpartition(":")
    intent, kind, answered = WORDS.get(word, ("precision" if precision else theme, "answer", theme))
    entities = [{"entity": "precision", "value": precision}] if precision else []
    return [
        {"event": "user", "text": word, "parse_data": {"intent": {"name": intent}, "entities": entities}},
        {"event": "action", "name": "action_x"},
        {"event": "bot", "text": f"réponse à {word}", "data": {"custom": {"kind": kind, "theme": answered}}},
    ]


def history(words: str) -> list[dict[str, Any]]:
    return [event for word in words.split() for event in turn(word)]


def tracker(events: list[dict[str, Any]], latest: dict[str, Any] | None = None) -> Any:
    """A rasa-sdk tracker whose latest message is the last user event's, completed by `latest`."""
    from rasa_sdk import Tracker

    said = next(event for event in reversed(events) if event["event"] == "user")
    message = said["parse_data"] | {"text": said["text"]} | (latest or {})
    return Tracker("someone", {}, message, events, False, None, {}, "action_listen")
